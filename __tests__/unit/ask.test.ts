import { describe, expect, it } from 'vitest';
import { ask } from '../../src/assert/ask.js';
import type { CheckContext, CheckResult } from '../../src/assert/check.js';
import { runChecks } from '../../src/assert/runner.js';
import type { ErrorCode } from '../../src/error-codes.js';
import type { Hop } from '../../src/errors.js';
import { chunk } from '../helpers/fake-stack.js';
import { failureOf, httpFailure, noAnswer } from '../helpers/failures.js';
import {
  between,
  CHAT,
  OF_NO_REQUEST,
  OF_SERVICE,
  QUESTION,
  SERVICE,
  STREAM,
  type Behaviour,
} from '../helpers/question.js';
import { UNHEARD } from '../helpers/trial.js';

/** What the runner makes of it, which asks the service whose fault a failed call is. */
async function judgedIn(context: CheckContext, run: () => Promise<unknown>): Promise<CheckResult | undefined> {
  const check = { name: 'it', hop: 'UI', proves: '', cannot: '', needs: [], asksModel: true } as const;
  const checks = [{ ...check, needs: [], run: async () => ({ expected: '', got: JSON.stringify(await run()) }) }];
  return (await runChecks(checks, context, [], UNHEARD, new AbortController().signal))[0];
}

const OF_REQUEST = [400, 404, 405, 408, 409, 415, 422, 500, 501, 502, 503];
describe('a question to the model', () => {
  it('gives the answer, and leaves the service alone where it is right', async () => {
    const { context, api, direct } = between('yes', 'no');
    expect(await ask(context, QUESTION)).toMatchObject({ text: 'yes', finishReason: 'stop' });
    expect([api.calls.length, direct.calls.length]).toEqual([1, 0]);
  });

  it.each([
    ['no', 'model service', 'E_WRONG_ANSWER', 'it says "no"', 'Take another model.'],
    ['nay', 'model service', 'E_WRONG_ANSWER', 'it says "no"', 'Take another model.'],
    [
      'yes',
      'stack',
      'E_STACK_CHANGES',
      'through the stack, it says "no"; asked directly, the model service does it right',
      "stack's provider",
    ],
  ])('answered wrongly is put to the service once: where that says "%s", the %s is to blame', async (said, ...told) => {
    const { context, api, direct } = between('no', said);
    const { code, hop, message, fix } = await failureOf(() => ask(context, QUESTION));
    expect([hop, code, message]).toEqual(told.slice(0, 3));
    expect(fix).toContain(told[3]);
    expect([api.calls.length, direct.calls.length]).toEqual([1, 1]);
  });

  it.each([
    ['complete', CHAT],
    ['completeStreamed', STREAM],
  ] as const)('is put in the same manner to both: %s', async (by, route) => {
    const { context, api, direct } = between('no', 'no');
    await failureOf(() => ask(context, { ...QUESTION, by }));
    expect([...api.calls, ...direct.calls].map((call) => call.route)).toEqual([route, route]);
  });

  it.each(OF_REQUEST)('that both fail to take with HTTP %i is blamed on the service', async (status) => {
    const { context, api, direct } = between(httpFailure(status, 'no'), httpFailure(status, 'nay'));
    const { code, hop, message, fix } = await failureOf(() => ask(context, QUESTION));
    expect([code, hop]).toEqual([OF_SERVICE[status] ?? 'E_REQUEST_REFUSED', 'model service']);
    expect(message.startsWith(SERVICE)).toBe(true);
    expect(message).toContain('nay (asked directly; through the stack: ');
    expect(message).toContain(`HTTP ${status} (no))`);
    expect(fix).not.toBe('');
    expect([api.calls.length, direct.sent(CHAT).length, direct.calls.length]).toEqual([1, 1, 1]);
  });

  it.each(OF_REQUEST)('that the stack alone fails to take with HTTP %i is blamed on the stack', async (status) => {
    const { context, api, direct } = between(httpFailure(status, 'no'), 'yes');
    const { code, hop, message } = await failureOf(() => ask(context, QUESTION));
    expect([code, hop]).toEqual([status >= 500 ? 'E_STACK_TO_SERVICE' : 'E_STACK_ERROR', 'stack']);
    expect(message).toMatch(/^the stack .*; asked directly, the model service answers$/);
    expect(message).toContain(`HTTP ${status} (no)`);
    expect([api.calls.length, direct.calls.length]).toEqual([1, 1]);
  });

  it.each([
    [400, "Read the stack's log"],
    [502, 'pods reach maas-endpoint'],
  ])('that the stack alone fails to take comes with what helps against HTTP %i', async (status, fix) => {
    expect((await failureOf(() => ask(between(httpFailure(status), 'yes').context, QUESTION))).fix).toContain(fix);
  });

  it('that the stack fails to take, and the service answers wrongly, is told by the error of the stack', async () => {
    const { context, direct } = between(httpFailure(400, 'no'), 'nay');
    const { code, hop, message } = await failureOf(() => ask(context, QUESTION));
    expect([code, hop]).toEqual(['E_STACK_ERROR', 'stack']);
    expect(message).toBe(`the stack reports an error: ${CHAT}: HTTP 400 (no)`);
    expect(direct.calls).toHaveLength(1);
  });

  it.each(OF_NO_REQUEST)('that fails because of %s is not put to the service', async (_, stack, code, hop, cause) => {
    const { context, api, direct } = between(stack, 'yes');
    const failure = await failureOf(() => ask(context, QUESTION));
    expect([failure.code, failure.hop]).toEqual([code, hop]);
    expect(failure.message).toContain(cause);
    expect(failure.message).not.toContain('asked directly');
    expect([api.calls.length, direct.calls.length]).toEqual([1, 0]);
  });

  it.each([
    ['is cut', [chunk('yes')]],
    ['carries an error', [{ error: { message: 'overloaded', code: 500 } }]],
  ])('whose stream %s is not put to the service', async (_, chunks) => {
    const { context, direct } = between({ [STREAM]: () => chunks }, 'yes');
    const failure = await failureOf(() => ask(context, { ...QUESTION, by: 'completeStreamed' }));
    expect(failure.code).toBe('E_STREAM_CUT');
    expect(failure.message).toContain('the streamed answer broke off');
    expect(direct.calls).toEqual([]);
  });

  it.each<[string, Behaviour, ErrorCode, string]>([
    ['is failing', httpFailure(500, 'boom'), 'E_SERVICE_DOWN', `${SERVICE} is failing (HTTP 500): boom`],
    ['refuses the key', httpFailure(401), 'E_AUTH', `${SERVICE} refuses the key (HTTP 401)`],
    ['limits the rate', httpFailure(429), 'E_RATE_LIMITED', `${SERVICE} limits the rate (HTTP 429): `],
    ['does not answer', noAnswer('timeout'), 'E_SERVICE_TIMEOUT', `${SERVICE} did not answer in time`],
    ['has another form', { [CHAT]: () => ({}) }, 'E_SERVICE_FORM', `${SERVICE} does not answer like an OpenAI API: `],
  ])('that is answered wrongly is blamed on a service that %s', async (_, service, code, cause) => {
    const failure = await failureOf(() => ask(between('no', service).context, QUESTION));
    expect([failure.code, failure.hop]).toEqual([code, 'model service']);
    expect(failure.message.startsWith(cause)).toBe(true);
    expect(failure.message).toMatch(/ \(asked directly; through the stack: it says "no"\)$/);
  });

  it.each<[string, Behaviour, Behaviour, ErrorCode, Hop]>([
    ['both fail', httpFailure(503, 'no'), httpFailure(503, 'nay'), 'E_SERVICE_DOWN', 'model service'],
    ['the service fails', 'no', httpFailure(503, 'nay'), 'E_SERVICE_DOWN', 'model service'],
    ['the service limits the rate', httpFailure(400, 'no'), httpFailure(429, 'nay'), 'E_RATE_LIMITED', 'model service'],
    ['the stack fails', httpFailure(503, 'no'), 'yes', 'E_STACK_TO_SERVICE', 'stack'],
    ['the stack answers wrongly', 'no', 'yes', 'E_STACK_CHANGES', 'stack'],
    ['both answer wrongly', 'no', 'no', 'E_WRONG_ANSWER', 'model service'],
  ])(
    'is put to the service once, and its failure not located again, where %s',
    async (_, stack, service, code, hop) => {
      const { context, api, direct } = between(stack, service);
      const result = await judgedIn(context, () => ask(context, QUESTION));
      expect(result).toMatchObject({ verdict: 'failed', code, hop });
      expect(result?.cause.match(/asked directly/g) ?? []).toHaveLength(service === 'no' ? 0 : 1);
      expect([api.calls.length, direct.calls.length]).toEqual([1, 1]);
    },
  );

  it('lets what is no answer pass, of the stack and of the service: the run was cancelled', async () => {
    const cancelled = new Error('cancelled');
    await expect(ask(between(cancelled, 'yes').context, QUESTION)).rejects.toBe(cancelled);
    await expect(ask(between('no', cancelled).context, QUESTION)).rejects.toBe(cancelled);
  });
});
