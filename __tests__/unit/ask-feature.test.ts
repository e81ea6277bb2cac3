import { describe, expect, it } from 'vitest';
import { askFeature } from '../../src/assert/ask.js';
import { failureOf, httpFailure } from '../helpers/failures.js';
import { between, OF_NO_REQUEST, OF_SERVICE, QUESTION, SERVICE, STREAM } from '../helpers/question.js';
import { notApplicable } from '../helpers/trial.js';

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

  it.each<[string, string | Error, string, RegExp]>([
    [
      'is wrong',
      'no',
      'E_STACK_CHANGES',
      /^through the stack, it says "no"; asked directly, the model service does it right$/,
    ],
    ['refuses', httpFailure(405, 'nope'), 'E_STACK_ERROR', /HTTP 405 \(nope\); asked directly/],
  ])('is a fault of a stack that %s where the service does it', async (_, stack, code, message) => {
    const failure = await failureOf(() => askFeature(between(stack, 'yes').context, FEATURE));
    expect([failure.code, failure.hop]).toEqual([code, 'stack']);
    expect(failure.message).toMatch(message);
  });

  it.each([400, 404, 405, 415, 422, 501])('is not offered where both refuse it with HTTP %i', async (status) => {
    const { context, api, direct } = between(httpFailure(status, 'no'), httpFailure(status, 'nay'));
    expect(await notApplicable(() => askFeature(context, FEATURE))).toContain(`HTTP ${status}): nay`);
    expect([api.calls.length, direct.calls.length]).toEqual([1, 1]);
  });

  it.each([408, 409, 500, 502, 503])('is never "not offered" because of HTTP %i: both are asked', async (status) => {
    const { context, api, direct } = between(httpFailure(status, 'no'), httpFailure(status, 'nay'));
    const { code, hop, message } = await failureOf(() => askFeature(context, FEATURE));
    expect([code, hop]).toEqual([OF_SERVICE[status] ?? 'E_REQUEST_REFUSED', 'model service']);
    expect(message).toContain(`(HTTP ${status}): nay (asked directly; through the stack: `);
    expect(message).toContain(`HTTP ${status} (no))`);
    expect([api.calls.length, direct.calls.length]).toEqual([1, 1]);
  });

  it.each([401, 403, 408, 409, 429, 500, 502, 503])(
    'is never "not offered" where the stack does it wrongly and the service fails with HTTP %i',
    async (status) => {
      const { context } = between('no', httpFailure(status));
      const { code, hop, message } = await failureOf(() => askFeature(context, FEATURE));
      expect([code, hop]).toEqual([OF_SERVICE[status] ?? 'E_REQUEST_REFUSED', 'model service']);
      expect(message).toMatch(/ \(asked directly; through the stack: it says "no"\)$/);
    },
  );

  it.each(OF_NO_REQUEST)(
    'is not asked of the service where the stack fails because of %s',
    async (_, stack, code, hop, cause) => {
      const { context, api, direct } = between(stack, 'no');
      const failure = await failureOf(() => askFeature(context, FEATURE));
      expect([failure.code, failure.hop]).toEqual([code, hop]);
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
    const { code, hop, message, fix } = await failureOf(() => askFeature(context, { ...FEATURE, fix: 'Ask for it.' }));
    expect([code, hop, message, fix]).toEqual(['E_WRONG_ANSWER', 'model service', 'it says "no"', 'Ask for it.']);
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
