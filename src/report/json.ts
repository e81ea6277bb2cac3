import type { StageTime } from '../progress.js';
import { modeOf, resultOf, totalTokens, type RunRecord } from './record.js';

/** The machine-readable report. `version` grows when a field changes its meaning. */
export function reportOf(record: RunRecord, stages: StageTime[]): object {
  const {
    skipped,
    failure,
    untested,
    model,
    service,
    tools,
    docker,
    stackUrl,
    uiUrl,
    checks,
    securityNotes,
    wiring,
    dryRun,
    standIn,
    notes,
  } = record;
  return {
    version: 1,
    result: resultOf(record),
    ...(skipped !== undefined && { skipped }),
    ...(failure && { failure }),
    mode: modeOf(record),
    ...(untested !== undefined && { untested }),
    model,
    totalTokens: totalTokens(record),
    checks,
    service,
    access: { apiUrl: record.apiUrl, stackUrl, uiUrl },
    tools,
    docker,
    ...(wiring && { wiring }),
    ...(dryRun && { dryRun }),
    ...(standIn !== undefined && { standIn }),
    notes,
    securityNotes,
    stages,
  };
}
