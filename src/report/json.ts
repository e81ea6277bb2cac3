import type { StageTime } from '../progress.js';
import { resultOf, totalTokens, type RunRecord } from './record.js';

/** The machine-readable report. `version` grows when a field changes its meaning. */
export function reportOf(record: RunRecord, stages: StageTime[]): object {
  const { skipped, failure, untested, model, service, tools, docker, stackUrl, uiUrl, checks, securityNotes } = record;
  return {
    version: 1,
    result: resultOf(record),
    ...(skipped !== undefined && { skipped }),
    ...(failure && { failure }),
    mode: untested === undefined ? 'full' : 'basic',
    ...(untested !== undefined && { untested }),
    model,
    totalTokens: totalTokens(record),
    checks,
    service,
    access: { stackUrl, uiUrl },
    tools,
    docker,
    securityNotes,
    stages,
  };
}
