import type { StageTime } from '../../src/progress.js';
import { VERDICTS, type RunRecord } from '../../src/report/record.js';
import { usageRow } from './meter.js';
import { checkResult, planOf, record, RED, section, serviceFacts } from './record.js';

/** Says what a text of the record is; each is asked for by itself. */
export type Say = () => string;

/** A red run in which everything that can be there is, and in which every text is what `say` says. */
export function wholeRecord(say: Say): RunRecord {
  const prices = [{ model: say(), prompt: 1, completion: 2 }];
  return record({
    origin: originOf(say),
    failure: { ...RED, cause: say(), fix: say(), evidence: several(say), chain: several(say), place: placeOf(say) },
    untested: say(),
    standIn: say(),
    model: say(),
    plan: planOf({ endpoint: say(), chart: say(), nodeImage: say(), release: say() }),
    places: { json: say(), junit: say(), diagnostics: say(), baseline: '' },
    service: serviceFacts({
      baseUrl: say(),
      model: say(),
      models: several(say),
      headersNeeded: several(say),
      rateLimits: { [say()]: say() },
      embeddings: { offered: true, model: say(), dimension: 8 },
    }),
    tools: { helm: { path: say(), version: say(), verified: 'pinned digest', fromCache: false } },
    docker: say(),
    apiUrl: say(),
    stackUrl: say(),
    uiUrl: say(),
    checks: checksOf(say),
    spend: {
      prices,
      limits: { tokens: 10, requests: 10, cost: 10 },
      onBudget: 'warn',
      rows: [usageRow({ check: say(), model: say(), promptTokens: 3 }), usageRow({ check: say(), unreported: 1 })],
      traffic: { retries: 1, rateLimited: 1, waitedMs: 1, limitHeaders: { [say()]: say() } },
      stopped: say(),
    },
    ownTests: { tests: 1, failed: 1, skipped: 0, failures: [{ name: say(), message: say(), place: placeOf(say) }] },
    wiring: { name: say(), because: say() },
    notes: several(say),
    securityNotes: several(say),
    trend: {
      baseline: say(),
      newFailures: several(say),
      fixed: several(say),
      changes: [{ check: say(), measure: 'ms', from: 1, to: 2 }],
      notCompared: say(),
    },
    dryRun: {
      objects: 1,
      stubs: several(say),
      rendered: [{ kind: say(), names: several(say) }],
      injected: { values: several(say), objects: several(say), places: several(say) },
      tests: { checks: several(say), command: say(), report: say() },
      missing: several(say),
    },
    diagnostics: [section('events', ['head', `Warning   ${say()}`], say())],
  });
}

/** Of what GitHub says only the names of its own servers and repositories are not anybody's. */
function originOf(say: Say): RunRecord['origin'] {
  return {
    serverUrl: 'https://github.com',
    repository: 'acme/rag',
    workflow: say(),
    ref: say(),
    runId: '7',
    event: 'workflow_dispatch',
    dispatchInputs: { [say()]: say() },
    action: 'acme/maas-e2e-action@v1',
    given: { chart: say(), values: say() },
  };
}

function checksOf(say: Say): RunRecord['checks'] {
  return VERDICTS.flatMap((verdict) => {
    const its = { name: say(), verdict, cause: say(), fix: say(), chain: several(say) };
    const evidence = { expected: say(), got: say(), warning: say() };
    return [checkResult({ ...its, evidence }), checkResult({ ...its, name: say(), evidence: undefined })];
  });
}

function several(say: Say): string[] {
  return [say(), say()];
}

function placeOf(say: Say): { file: string; line: number } {
  return { file: say(), line: 7 };
}

/** Stages whose names are what `say` says: one that failed, one of no time at all. */
export function stagesOf(say: Say): StageTime[] {
  return [
    { name: say(), startMs: 0, endMs: 1500, ok: true },
    { name: say(), startMs: 500, endMs: 500, ok: true },
    { name: say(), startMs: 700, endMs: 9000, ok: false },
  ];
}
