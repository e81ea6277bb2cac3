import { describe, expect, it } from 'vitest';
import { ask, askFeature, type ModelQuestion } from '../../src/assert/ask.js';
import { RunError } from '../../src/errors.js';
import { asking } from '../../src/maas/chat.js';
import { alwaysSaying, contextFor, FakeStack } from '../helpers/fake-stack.js';
import { failing, failureOf, httpFailure } from '../helpers/failures.js';
import { notApplicable } from '../helpers/trial.js';

const CHAT = 'POST /chat/completions';
const STREAM = 'STREAM /chat/completions';
const QUESTION: ModelQuestion = {
  request: asking('Say yes'),
  wrong: ({ text }) => (text === 'yes' ? undefined : `it says "${text}"`),
  fix: 'Take another model.',
};

/** A stack and a service that say one thing each, or fail with an error. */
function between(stack: string | Error, service: string | Error) {
  const routes = (said: string | Error) =>
    typeof said === 'string' ? alwaysSaying(said) : { [CHAT]: failing(said), [STREAM]: failing(said) };
  const [api, direct] = [new FakeStack(routes(stack)), new FakeStack(routes(service))];
  return { api, direct, context: contextFor(api, {}, direct) };
}

describe('a question to the model', () => {
  it('gives the answer, and leaves the service alone where it is right', async () => {
    const { context, api, direct } = between('yes', 'no');
    expect(await ask(context, QUESTION)).toMatchObject({ text: 'yes', finishReason: 'stop' });
    expect([api.calls.length, direct.calls.length]).toEqual([1, 0]);
  });

  it.each([
    ['no', 'model service', 'it says "no"', 'Take another model.'],
    ['nay', 'model service', 'it says "no"', 'Take another model.'],
    ['yes', 'stack', 'through the stack, it says "no"; asked directly, the model service does it', "stack's provider"],
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

  it('that the stack fails to put is not put to the service: whose fault that is, locate finds out', async () => {
    const { context, direct } = between(httpFailure(400, 'no'), 'yes');
    expect((await failureOf(() => ask(context, QUESTION))).message).toContain('HTTP 400 (no)');
    expect(direct.calls).toEqual([]);
  });

  it('that the service fails to answer is blamed on it', async () => {
    const failure = await failureOf(() => ask(between('no', httpFailure(500, 'boom')).context, QUESTION));
    expect(failure.hop).toBe('model service');
    expect(failure.message).toContain('boom');
  });
});

describe('a question about a feature', () => {
  it('gives the answer where it is right', async () => {
    const { context, direct } = between('yes', 'no');
    expect(await askFeature(context, 'consent', QUESTION)).toMatchObject({ text: 'yes' });
    expect(direct.calls).toEqual([]);
  });

  it.each<[string, string | Error, string | Error, string]>([
    ['both are wrong', 'no', 'nay', 'it says "nay"'],
    ['both refuse', httpFailure(400, 'what?'), httpFailure(422, 'hm?'), 'POST /chat/completions: HTTP 422 (hm?)'],
    ['one refuses, the other is wrong', httpFailure(404), 'nay', 'it says "nay"'],
    ['one is wrong, the other refuses', 'no', httpFailure(501), 'POST /chat/completions: HTTP 501'],
  ])('is not offered where %s; what the service says is told', async (_, stack, service, told) => {
    expect(await notApplicable(() => askFeature(between(stack, service).context, 'consent', QUESTION))).toBe(
      `not offered: asked directly for consent, the model service fails too: ${told}`,
    );
  });

  it.each<[string, string | Error, RegExp]>([
    ['is wrong', 'no', /^through the stack, it says "no"; asked directly, the model service does it$/],
    ['refuses', httpFailure(405, 'nope'), /^through the stack, .*HTTP 405 \(nope\); asked directly/],
  ])('is a fault of a stack that %s where the service does it', async (_, stack, message) => {
    const failure = await failureOf(() => askFeature(between(stack, 'yes').context, 'consent', QUESTION));
    expect(failure.hop).toBe('stack');
    expect(failure.message).toMatch(message);
  });

  it.each([401, 403, 408, 409, 429, 500, 502, 503])('is never "not offered" because of HTTP %i', async (status) => {
    const { context, direct } = between(httpFailure(status), httpFailure(status));
    expect(await failureOf(() => askFeature(context, 'consent', QUESTION))).toBeInstanceOf(RunError);
    expect(direct.calls).toEqual([]);
    const wrong = between('no', httpFailure(status)).context;
    expect((await failureOf(() => askFeature(wrong, 'consent', QUESTION))).hop).toBe('model service');
  });

  it('is never "not offered", nor a fault of the stack, because of a limit of the rate under another status', async () => {
    const limited = between(httpFailure(400, 'Too Many Requests'), 'yes').context;
    const failure = await failureOf(() => askFeature(limited, 'consent', QUESTION));
    expect(failure.hop).toBe('model service');
    expect(failure.message).toContain('limits the rate');
  });

  it('lets what is no answer pass: the run was cancelled', async () => {
    await expect(askFeature(between(new Error('cancelled'), 'yes').context, 'consent', QUESTION)).rejects.toThrow(
      /^cancelled$/,
    );
  });

  it('tells a long answer on one line of 300 characters', async () => {
    const why = await notApplicable(() => askFeature(between('no', 'a\nb '.repeat(400)).context, 'consent', QUESTION));
    expect(why).not.toContain('\n');
    expect(why.length).toBeLessThan(400);
  });
});
