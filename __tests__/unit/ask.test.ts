import { describe, expect, it } from 'vitest';
import { ask, askFeature, type ModelQuestion } from '../../src/assert/ask.js';
import type { CheckContext, CheckResult } from '../../src/assert/check.js';
import { runChecks } from '../../src/assert/runner.js';
import { asking } from '../../src/maas/chat.js';
import { alwaysSaying, chunk, contextFor, FakeStack, type Route } from '../helpers/fake-stack.js';
import { failing, failureOf, httpFailure, noAnswer } from '../helpers/failures.js';
import { notApplicable } from '../helpers/trial.js';

const CHAT = 'POST /chat/completions';
const STREAM = 'STREAM /chat/completions';
const QUESTION: ModelQuestion = {
  request: asking('Say yes'),
  wrong: ({ text }) => (text === 'yes' ? undefined : `it says "${text}"`),
  fix: 'Take another model.',
};

type Behaviour = string | Error | Record<string, Route>;

/** A stack and a service that say one thing each, or fail with an error, or have other routes. */
function between(stack: Behaviour, service: Behaviour) {
  const routes = (said: Behaviour) => {
    if (typeof said === 'string') return alwaysSaying(said);
    return said instanceof Error ? { [CHAT]: failing(said), [STREAM]: failing(said) } : said;
  };
  const [api, direct] = [new FakeStack(routes(stack)), new FakeStack(routes(service))];
  return { api, direct, context: contextFor(api, {}, direct) };
}

/** What the runner makes of it, which asks the service whose fault a failed call is. */
async function judgedIn(context: CheckContext, run: () => Promise<unknown>): Promise<CheckResult | undefined> {
  const check = { name: 'it', hop: 'UI', proves: '', cannot: '', needs: [], asksModel: true } as const;
  const checks = [{ ...check, needs: [], run: async () => ({ expected: '', got: JSON.stringify(await run()) }) }];
  return (await runChecks(checks, context, [], () => undefined, new AbortController().signal))[0];
}

/** Failures that say nothing about the request; by whom they are told, and by which words. */
const OF_NO_REQUEST: [string, Behaviour, string, string][] = [
  ['the key (401)', httpFailure(401, 'who?'), 'stack', 'refuses the key'],
  ['the key (403)', httpFailure(403, 'who?'), 'stack', 'refuses the key'],
  ['the rate (429)', httpFailure(429, 'slowly'), 'model service', 'limits the rate'],
  ['the rate (under another status)', httpFailure(400, 'Too Many Requests'), 'model service', 'limits the rate'],
  ['a redirect', httpFailure(302, 'elsewhere'), 'stack', 'HTTP 302'],
  ['a deadline', noAnswer('timeout'), 'stack', 'does not answer in time'],
  ['the connection', noAnswer('connection', 'ECONNREFUSED'), 'stack', 'ECONNREFUSED'],
  ['the form of the answer', { [CHAT]: () => ({ choices: [] }) }, 'stack', 'unknown form'],
];

const SERVICE = 'the model service at https://maas.example.com/v1';
const OF_REQUEST = [400, 404, 405, 408, 409, 415, 422, 500, 501, 502, 503];

describe('a question to the model', () => {
  it('gives the answer, and leaves the service alone where it is right', async () => {
    const { context, api, direct } = between('yes', 'no');
    expect(await ask(context, QUESTION)).toMatchObject({ text: 'yes', finishReason: 'stop' });
    expect([api.calls.length, direct.calls.length]).toEqual([1, 0]);
  });

  it.each([
    ['no', 'model service', 'it says "no"', 'Take another model.'],
    ['nay', 'model service', 'it says "no"', 'Take another model.'],
    [
      'yes',
      'stack',
      'through the stack, it says "no"; asked directly, the model service does it right',
      "stack's provider",
    ],
  ])('answered wrongly is put to the service once: where that says "%s", the %s is to blame', async (said, ...told) => {
    const { context, api, direct } = between('no', said);
    const { hop, message, fix } = await failureOf(() => ask(context, QUESTION));
    expect([hop, message]).toEqual(told.slice(0, 2));
    expect(fix).toContain(told[2]);
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
    const { hop, message, fix } = await failureOf(() => ask(context, QUESTION));
    expect(hop).toBe('model service');
    expect(message.startsWith(SERVICE)).toBe(true);
    expect(message).toContain('nay (asked directly; through the stack: ');
    expect(message).toContain(`HTTP ${status} (no))`);
    expect(fix).not.toBe('');
    expect([api.calls.length, direct.sent(CHAT).length, direct.calls.length]).toEqual([1, 1, 1]);
  });

  it.each(OF_REQUEST)('that the stack alone fails to take with HTTP %i is blamed on the stack', async (status) => {
    const { context, api, direct } = between(httpFailure(status, 'no'), 'yes');
    const { hop, message } = await failureOf(() => ask(context, QUESTION));
    expect(hop).toBe('stack');
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
    const { hop, message } = await failureOf(() => ask(context, QUESTION));
    expect([hop, message]).toEqual(['stack', `the stack reports an error: ${CHAT}: HTTP 400 (no)`]);
    expect(direct.calls).toHaveLength(1);
  });

  it.each(OF_NO_REQUEST)('that fails because of %s is not put to the service', async (_, stack, hop, cause) => {
    const { context, api, direct } = between(stack, 'yes');
    const failure = await failureOf(() => ask(context, QUESTION));
    expect(failure.hop).toBe(hop);
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
    expect(failure.message).toContain('the streamed answer broke off');
    expect(direct.calls).toEqual([]);
  });

  it.each<[string, Behaviour, string]>([
    ['is failing', httpFailure(500, 'boom'), `${SERVICE} is failing (HTTP 500): boom`],
    ['refuses the key', httpFailure(401), `${SERVICE} refuses the key (HTTP 401)`],
    ['limits the rate', httpFailure(429), `${SERVICE} limits the rate (HTTP 429)`],
    ['does not answer', noAnswer('timeout'), `${SERVICE} did not answer in time`],
    ['has another form', { [CHAT]: () => ({}) }, `${SERVICE} does not answer like an OpenAI API: `],
  ])('that is answered wrongly is blamed on a service that %s', async (_, service, cause) => {
    const failure = await failureOf(() => ask(between('no', service).context, QUESTION));
    expect(failure.hop).toBe('model service');
    expect(failure.message.startsWith(cause)).toBe(true);
    expect(failure.message).toMatch(/ \(asked directly; through the stack: it says "no"\)$/);
  });

  it.each<[string, Behaviour, Behaviour, string]>([
    ['both fail', httpFailure(503, 'no'), httpFailure(503, 'nay'), 'model service'],
    ['the service fails', 'no', httpFailure(503, 'nay'), 'model service'],
    ['the service limits the rate', httpFailure(400, 'no'), httpFailure(429, 'nay'), 'model service'],
    ['the stack fails', httpFailure(503, 'no'), 'yes', 'stack'],
    ['the stack answers wrongly', 'no', 'yes', 'stack'],
    ['both answer wrongly', 'no', 'no', 'model service'],
  ])('is put to the service once, and its failure not located again, where %s', async (_, stack, service, hop) => {
    const { context, api, direct } = between(stack, service);
    const result = await judgedIn(context, () => ask(context, QUESTION));
    expect(result).toMatchObject({ verdict: 'failed', hop });
    expect(result?.cause.match(/asked directly/g) ?? []).toHaveLength(service === 'no' ? 0 : 1);
    expect([api.calls.length, direct.calls.length]).toEqual([1, 1]);
  });

  it('lets what is no answer pass, of the stack and of the service: the run was cancelled', async () => {
    const cancelled = new Error('cancelled');
    await expect(ask(between(cancelled, 'yes').context, QUESTION)).rejects.toBe(cancelled);
    await expect(ask(between('no', cancelled).context, QUESTION)).rejects.toBe(cancelled);
  });
});

const FEATURE = { name: 'consent', request: QUESTION.request, wrong: QUESTION.wrong };

describe('a question about a feature', () => {
  it('gives the answer where it is right', async () => {
    const { context, direct } = between('yes', 'no');
    expect(await askFeature(context, FEATURE)).toMatchObject({ text: 'yes' });
    expect(direct.calls).toEqual([]);
  });

  it.each<[string, string | Error, string | Error, string]>([
    ['both are wrong', 'no', 'nay', 'it says "nay"'],
    [
      'both refuse',
      httpFailure(400, 'what?'),
      httpFailure(422, 'hm?'),
      `${SERVICE} refuses a plain request (HTTP 422): hm?`,
    ],
    ['one refuses, the other is wrong', httpFailure(404), 'nay', 'it says "nay"'],
    ['one is wrong, the other refuses', 'no', httpFailure(501), `${SERVICE} is failing (HTTP 501)`],
    [
      'the stack fails, the service refuses',
      httpFailure(500),
      httpFailure(404),
      `${SERVICE} has nothing at that path (HTTP 404)`,
    ],
  ])('is not offered where %s; what the service says is told', async (_, stack, service, told) => {
    expect(await notApplicable(() => askFeature(between(stack, service).context, FEATURE))).toBe(
      `not offered: asked directly for consent, the model service fails too: ${told}`,
    );
  });

  it.each<[string, string | Error, RegExp]>([
    ['is wrong', 'no', /^through the stack, it says "no"; asked directly, the model service does it right$/],
    ['refuses', httpFailure(405, 'nope'), /HTTP 405 \(nope\); asked directly/],
  ])('is a fault of a stack that %s where the service does it', async (_, stack, message) => {
    const failure = await failureOf(() => askFeature(between(stack, 'yes').context, FEATURE));
    expect(failure.hop).toBe('stack');
    expect(failure.message).toMatch(message);
  });

  it.each([400, 404, 405, 415, 422, 501])('is not offered where both refuse it with HTTP %i', async (status) => {
    const { context, api, direct } = between(httpFailure(status, 'no'), httpFailure(status, 'nay'));
    expect(await notApplicable(() => askFeature(context, FEATURE))).toContain(`HTTP ${status}): nay`);
    expect([api.calls.length, direct.calls.length]).toEqual([1, 1]);
  });

  it.each([408, 409, 500, 502, 503])('is never "not offered" because of HTTP %i: both are asked', async (status) => {
    const { context, api, direct } = between(httpFailure(status, 'no'), httpFailure(status, 'nay'));
    const { hop, message } = await failureOf(() => askFeature(context, FEATURE));
    expect(hop).toBe('model service');
    expect(message).toContain(`(HTTP ${status}): nay (asked directly; through the stack: `);
    expect(message).toContain(`HTTP ${status} (no))`);
    expect([api.calls.length, direct.calls.length]).toEqual([1, 1]);
  });

  it.each([401, 403, 408, 409, 429, 500, 502, 503])(
    'is never "not offered" where the stack does it wrongly and the service fails with HTTP %i',
    async (status) => {
      const { hop, message } = await failureOf(() => askFeature(between('no', httpFailure(status)).context, FEATURE));
      expect(hop).toBe('model service');
      expect(message).toMatch(/ \(asked directly; through the stack: it says "no"\)$/);
    },
  );

  it.each(OF_NO_REQUEST)(
    'is not asked of the service where the stack fails because of %s',
    async (_, stack, hop, cause) => {
      const { context, api, direct } = between(stack, 'no');
      const failure = await failureOf(() => askFeature(context, FEATURE));
      expect(failure.hop).toBe(hop);
      expect(failure.message).toContain(cause);
      expect([api.calls.length, direct.calls.length]).toEqual([1, 0]);
    },
  );

  it('is put in the same manner to both', async () => {
    const { context, api, direct } = between('no', 'no');
    await notApplicable(() => askFeature(context, { ...FEATURE, by: 'completeStreamed' }));
    expect([...api.calls, ...direct.calls].map((call) => call.route)).toEqual([STREAM, STREAM]);
  });

  it('is a fault of a service that does it wrongly, where it is one that all have to do right', async () => {
    const { context, api, direct } = between('no', 'no');
    const { hop, message, fix } = await failureOf(() => askFeature(context, { ...FEATURE, fix: 'Ask for it.' }));
    expect([hop, message, fix]).toEqual(['model service', 'it says "no"', 'Ask for it.']);
    expect([api.calls.length, direct.calls.length]).toEqual([1, 1]);
  });

  it('is not offered by a service that refuses it, though all that take it have to do it right', async () => {
    const { context } = between('no', httpFailure(400, 'nay'));
    expect(await notApplicable(() => askFeature(context, { ...FEATURE, fix: 'Ask for it.' }))).toContain(': nay');
  });

  it('lets what is no answer pass: the run was cancelled', async () => {
    await expect(askFeature(between(new Error('cancelled'), 'yes').context, FEATURE)).rejects.toThrow(/^cancelled$/);
  });

  it('tells a long answer on one line of 300 characters', async () => {
    const why = await notApplicable(() => askFeature(between('no', 'a\nb '.repeat(400)).context, FEATURE));
    expect(why).not.toContain('\n');
    expect(why.length).toBeLessThan(400);
  });
});
