import type { StageTime } from '../progress.js';
import { budgetsOf, costOf, totalsOf, type Spend } from '../spend/spend.js';
import { modeOf, resultOf, type RunRecord } from './record.js';
import type { Samples } from './trend.js';

/** Version of the report: it grows when a field changes its meaning. docs/report.schema.json */
export const REPORT_VERSION = 1;

/**
 * The machine-readable report; docs/report.md tells of each field.
 * @param samples of this run and of earlier ones, for the next one to compare with
 */
export function reportOf(record: RunRecord, stages: StageTime[], samples: Samples): object {
  const { skipped, failure, untested, wiring, dryRun, standIn, trend } = record;
  const { apiUrl, stackUrl, uiUrl, model, checks, service, tools, docker, notes, securityNotes, ownTests } = record;
  return {
    version: REPORT_VERSION,
    result: resultOf(record),
    ...(skipped !== undefined && { skipped }),
    ...(failure && { failure }),
    ...(resultOf(record) !== 'skipped' && { mode: modeOf(record) }),
    ...(untested !== undefined && { untested }),
    ...(standIn !== undefined && { standIn }),
    model,
    totalTokens: totalsOf(record.spend.rows).totalTokens,
    usage: usageOf(record.spend),
    checks,
    ...(ownTests && { ownTests }),
    samples,
    ...(trend && { trend }),
    ...(service && { service }),
    access: { apiUrl, stackUrl, uiUrl },
    tools,
    docker,
    ...(wiring && { wiring }),
    ...(dryRun && { dryRun }),
    notes,
    securityNotes,
    stages,
  };
}

function usageOf(spend: Spend): object {
  const { rows, traffic, prices, onBudget, stopped } = spend;
  const cost = costOf(spend);
  return {
    ...totalsOf(rows),
    ...(cost && { cost }),
    rows,
    ...traffic,
    prices,
    budgets: budgetsOf(spend),
    onBudget,
    ...(stopped !== undefined && { stopped }),
  };
}
