import { expect, it } from 'vitest';
import { chat } from '../../src/assert/checks/chat.js';
import type { ErrorCode } from '../../src/error-codes.js';
import { alwaysSaying, completion, runCheck } from '../helpers/fake-stack.js';
import { failing, failureOf, httpFailure } from '../helpers/failures.js';
import { judged, trial, WORD } from '../helpers/trial.js';

const CHAT = 'POST /chat/completions';

it('passes where the model repeats the random word, and asks once, the stack alone', async () => {
  const { api, direct, done } = trial(chat);
  expect(await done()).toEqual({ expected: `an answer with "${WORD}"`, got: WORD });
  expect(api.sent(CHAT)).toEqual([
    { model: 'maas/acme/chat-1.5', messages: [{ role: 'user', content: `Repeat this word: ${WORD}` }], temperature: 0 },
  ]);
  expect(direct.calls).toEqual([]);
});

it('asks for another word each time', async () => {
  const { api, done } = trial(chat);
  await done();
  await done();
  const [one, other] = api.sent(CHAT).map((body) => JSON.stringify(body));
  expect(one).not.toBe(other);
});

it('passes where the model says it in its own way, and shows that on one line', async () => {
  const word = WORD.toUpperCase();
  expect((await runCheck(chat, alwaysSaying(`Sure!\n**${word}**`))).got).toBe(`Sure! **${word}**`);
});

const WRONG = [
  ['a fixed answer', 'Hello, how can I help?', '"Hello, how can I help?"'],
  ['an empty answer', '', 'nothing (finish_reason "stop")'],
  ['a longer word', `${WORD}s`, `"${WORD}s"`],
  ['a part of the word', WORD.slice(1), `"${WORD.slice(1)}"`],
] as const;

it.each(WRONG)('%s of the service too is blamed on it', async (_, said, quoted) => {
  const failure = await failureOf(() => runCheck(chat, alwaysSaying(said), alwaysSaying(said)));
  expect([failure.code, failure.hop]).toEqual(['E_WRONG_ANSWER', 'model service']);
  expect(failure.message).toBe(`the model was asked to repeat "${WORD}" and said ${quoted}`);
  expect(failure.fix).toContain('chat model');
});

it.each(WRONG)('%s of the stack alone is blamed on the stack', async (_, said, quoted) => {
  const failure = await failureOf(() => runCheck(chat, alwaysSaying(said)));
  expect([failure.code, failure.hop]).toEqual(['E_STACK_CHANGES', 'stack']);
  expect(failure.message).toContain(`and said ${quoted}; asked directly, the model service does it right`);
  expect(failure.fix).toContain("stack's provider");
});

it('a wrong answer is asked for once of each, with the same words, and never again', async () => {
  const { api, direct, done } = trial(chat, { stack: alwaysSaying('no'), service: alwaysSaying('no') });
  await failureOf(done);
  const messages = [{ role: 'user', content: `Repeat this word: ${WORD}` }];
  expect(api.calls.map(({ body }) => body)).toEqual([{ model: 'maas/acme/chat-1.5', messages, temperature: 0 }]);
  expect(direct.calls.map(({ body }) => body)).toEqual([{ model: 'acme/chat-1.5', messages, temperature: 0 }]);
});

it('a key that does not reach the stack is blamed on the stack', async () => {
  const result = await judged(chat, { [CHAT]: failing(httpFailure(401, 'Invalid token')) });
  expect(result).toMatchObject({ verdict: 'failed', code: 'E_STACK_KEY', hop: 'stack' });
  expect(result.cause).toMatch(/refuses the key.*Invalid token.*asked directly, the model service answers$/);
});

it('a service that fails while the stack answers wrongly is to blame', async () => {
  const result = await judged(chat, alwaysSaying('no'), { [CHAT]: failing(httpFailure(503, 'no node')) });
  expect(result).toMatchObject({ verdict: 'failed', code: 'E_SERVICE_DOWN', hop: 'model service' });
  expect(result.cause).toContain('no node');
});

it('an answer without text, of a model that used all its tokens for thinking, says how it ended', async () => {
  const thought = { [CHAT]: () => completion('', undefined, 'length') };
  const failure = await failureOf(() => runCheck(chat, thought, thought));
  expect(failure.message).toBe(`the model was asked to repeat "${WORD}" and said nothing (finish_reason "length")`);
  expect(failure.fix).toContain('tokens');
});

it.each<[number, ErrorCode]>([
  [400, 'E_REQUEST_REFUSED'],
  [404, 'E_SERVICE_FORM'],
  [422, 'E_REQUEST_REFUSED'],
  [500, 'E_SERVICE_DOWN'],
  [503, 'E_SERVICE_DOWN'],
])('a service that fails with HTTP %i, as the stack does, is to blame', async (status, code) => {
  const broken = { [CHAT]: failing(httpFailure(status, 'boom')) };
  const result = await judged(chat, broken, broken);
  expect(result).toMatchObject({ verdict: 'failed', code, hop: 'model service' });
  expect(result.cause).toContain('boom (asked directly; through the stack: ');
});

it.each([400, 404, 422, 500, 503])(
  'a stack that fails with HTTP %i where the service answers is to blame',
  async (status) => {
    const result = await judged(chat, { [CHAT]: failing(httpFailure(status, 'boom')) });
    expect(result).toMatchObject({
      verdict: 'failed',
      code: status >= 500 ? 'E_STACK_TO_SERVICE' : 'E_STACK_ERROR',
      hop: 'stack',
    });
    expect(result.cause).toMatch(/^the stack .*\(boom\); asked directly, the model service answers$/);
  },
);

it('an answer in another form is blamed on the stack', async () => {
  const failure = await failureOf(() => runCheck(chat, { [CHAT]: () => ({ choices: [] }) }));
  expect([failure.code, failure.hop]).toEqual(['E_STACK_FORM', 'stack']);
  expect(failure.message).toContain('unknown form');
});
