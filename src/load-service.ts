import { createOpenAi } from './adapters/openai.js';
import { messageOf } from './errors.js';
import { asking } from './maas/chat.js';
import { Calls } from './maas/calls.js';
import { Pace } from './maas/pace.js';
import { createServiceChat } from './maas/service.js';
import { RetryBudget } from './retry/budget.js';
import { createRedactor } from './secrets/redact.js';
import { apiKeySecret } from './secrets/secret.js';

/** Deadline of one answer, in ms. */
const ANSWER_MS = 60_000;

export interface Load {
  /** Chat questions in all, and at a time. */
  questions: number;
  parallel: number;
  /** undefined: the service tells its limit by refusing. */
  requestsPerMinute: number | undefined;
}

/** Direct chat questions to a model service, as a run asks them: for the load test. Gives the messages of those that failed. */
export async function loadService(
  service: { baseUrl: string; apiKey: string; model: string },
  { questions, parallel, requestsPerMinute }: Load,
): Promise<{ errors: string[]; ms: number }> {
  const { baseUrl, apiKey, model } = service;
  const { redact } = createRedactor([apiKeySecret(apiKey)]);
  const signal = new AbortController().signal;
  const calls = new Calls({ pace: new Pace(requestsPerMinute, signal), budget: new RetryBudget(), signal });
  const api = createOpenAi({ baseUrl, apiKey, timeoutMs: ANSWER_MS }, signal, redact);
  const chat = createServiceChat(api, baseUrl, { model, calls });
  const errors: string[] = [];
  const began = performance.now();
  let next = 0;
  const asker = async () => {
    for (; next < questions;) {
      next += 1;
      await chat.complete(asking('Reply with OK')).catch((error: unknown) => errors.push(redact(messageOf(error))));
    }
  };
  await Promise.all(Array.from({ length: parallel }, asker));
  return { errors, ms: performance.now() - began };
}
