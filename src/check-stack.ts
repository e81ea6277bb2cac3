import { createOpenAi } from './adapters/openai.js';
import { createLog } from './adapters/runner.js';
import { createWeb } from './adapters/web.js';
import { assertStack, testedModel, type AssertInputs } from './assert/assert.js';
import type { Declared } from './assert/stack/server.js';
import { STACK_CHECKS, UI_CHECKS } from './assert/suite.js';
import { toFailure } from './errors.js';
import { Calls } from './maas/calls.js';
import { Pace } from './maas/pace.js';
import { Progress } from './progress.js';
import type { Log } from './ports.js';
import { RetryBudget } from './retry/budget.js';
import { newRecord, redactRecord, type RunRecord } from './report/record.js';
import { createRedactor } from './secrets/redact.js';
import { apiKeySecret } from './secrets/secret.js';
import { Meter } from './spend/meter.js';
import type { SpendInputs } from './spend/spend.js';

/** A stack, or another server, that runs already. URLs are without /v1; the model is its `global.models` key and its id. */
export interface Target extends Declared {
  stackUrl: string;
  uiUrl?: string;
  modelKey: string;
  model: string;
  /** The model service: its base URL with /v1, as this process reaches it. */
  service: { baseUrl: string; apiKey: string };
}

/** The names of all checks, in their order. */
export const CHECK_NAMES = [...STACK_CHECKS, ...UI_CHECKS].map(({ name }) => name);

/**
 * The checks alone: for the demo without docker, for the kill matrix, and for trying a check by hand.
 *
 * @param over what is not as by default: all checks, recall@5 of 0.9, four questions in parallel, no limit of the rate
 * @param log where the lines of its progress go
 */
export async function checkStack(
  target: Target,
  over: Partial<AssertInputs> & { requestsPerMinute?: number; spend?: SpendInputs } = {},
  log?: Log,
): Promise<RunRecord> {
  const { redact } = createRedactor([apiKeySecret(target.service.apiKey)]);
  const signal = new AbortController().signal;
  const record = newRecord();
  const { spend, requestsPerMinute, ...chosen } = over;
  Object.assign(record.spend, spend);
  const shown = log ?? createLog(redact);
  const meter = new Meter(record.spend, (line) => shown.warning(line));
  const pace = new Pace(requestsPerMinute, signal, (ms) => meter.waited(ms));
  const calls = new Calls({ pace, budget: new RetryBudget(), signal, meter });
  const ports = {
    openAi: (to: Parameters<typeof createOpenAi>[0]) => createOpenAi(to, signal, redact),
    web: createWeb(signal),
  };
  const { model, modelKey, stackUrl, uiUrl, api, basePath, service } = target;
  const tested = testedModel({ modelKey, model, ...service }, ports, meter);
  const subject = { stackUrl, uiUrl, api, basePath, tested, rolledOut: Promise.resolve() };
  const inputs: AssertInputs = { checks: CHECK_NAMES, minRecall: 0.9, parallel: 4, inference: 'required', ...chosen };
  try {
    await assertStack(subject, inputs, { ports, progress: new Progress(shown), record, signal, calls, meter });
    meter.throwIfOverspent();
  } catch (error) {
    record.failure = toFailure(error);
  }
  return redactRecord(record, redact);
}
