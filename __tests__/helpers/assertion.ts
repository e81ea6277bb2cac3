import { assertStack, type AssertInputs, type Inference, type Subject } from '../../src/assert/assert.js';
import { STACK_CHECKS, UI_CHECKS } from '../../src/assert/suite.js';
import { Calls } from '../../src/maas/calls.js';
import { Pace } from '../../src/maas/pace.js';
import type { ApiTarget, Web } from '../../src/ports.js';
import { Progress } from '../../src/progress.js';
import { newRecord } from '../../src/report/record.js';
import { RetryBudget } from '../../src/retry/budget.js';
import { Meter } from '../../src/spend/meter.js';
import type { SpendInputs, UsageRow } from '../../src/spend/spend.js';
import { contextFor, FakeStack, MODEL_ID, type Route } from './fake-stack.js';
import { recordedLog } from './memory.js';
import type { FakeServer } from './servers.js';
import { FINISHED, shown } from './streamlit.js';

export const STACK_NAMES = STACK_CHECKS.map(({ name }) => name);
export const UI_NAMES = UI_CHECKS.map(({ name }) => name);
const WEB: Web = {
  get: (url) => Promise.resolve({ status: 200, text: url.endsWith('health') ? 'ok' : '<html>' }),
  converse: () => Promise.resolve([shown(MODEL_ID), FINISHED]),
};

export interface Case {
  stack?: Record<string, Route>;
  /** A server of another kind, in the place of that stack. */
  server?: FakeServer;
  service?: Record<string, Route>;
  checks?: string[];
  inference?: Inference;
  subject?: Partial<Subject>;
  signal?: AbortSignal;
  spend?: Partial<SpendInputs>;
  /** What was asked of models before. */
  rows?: UsageRow[];
}

/** A run of the checks against a stack of which some routes are replaced, and all that comes of it. */
export function assertion({
  stack = {},
  server,
  service = {},
  checks,
  inference = 'required',
  subject,
  signal = new AbortController().signal,
  spend = {},
  rows = [],
}: Case = {}) {
  const [api, log, record] = [server?.stack ?? new FakeStack(stack), recordedLog(), newRecord()];
  Object.assign(record.spend, spend, { rows });
  const meter = new Meter(record.spend, (line) => log.warning(line));
  const targets: ApiTarget[] = [];
  const deadlines: number[] = [];
  const openAi = (target: ApiTarget) => {
    targets.push(target);
    return server ? server.open(target) : api;
  };
  const judged: Subject = {
    stackUrl: 'http://127.0.0.1:8321',
    uiUrl: 'http://127.0.0.1:8501',
    tested: {
      modelKey: 'maas',
      model: 'acme/chat-1.5',
      serviceWithin: (timeoutMs) => {
        deadlines.push(timeoutMs);
        return contextFor(api, { meter }, new FakeStack(service)).service;
      },
    },
    rolledOut: Promise.resolve(),
    ...subject,
  };
  judged.rolledOut.catch(() => undefined);
  // as in a run: all inputs are handed over, of which some have names that checks know too
  const of = { model: 'as the user wrote it', chart: 'x' };
  const wanted = { checks: checks ?? [...STACK_NAMES, ...UI_NAMES], minRecall: 0.9, parallel: 2, inference };
  const inputs: AssertInputs = { ...wanted, ...of };
  const progress = new Progress(log);
  const calls = new Calls({ pace: new Pace(undefined, signal), budget: new RetryBudget(), signal, meter });
  const means = { ports: { openAi, web: WEB }, progress, record, signal, calls, meter };
  const verdicts = () => record.checks.map(({ name, verdict }) => `${name} ${verdict}`);
  const done = () => assertStack(judged, inputs, means);
  return { api, log, record, progress, targets, deadlines, meter, verdicts, done };
}
