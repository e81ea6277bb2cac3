import { expect, it } from 'vitest';
import { chatStream } from '../../src/assert/checks/chat-stream.js';
import { alwaysSaying, chunk, runCheck } from '../helpers/fake-stack.js';
import { failing, failureOf, httpFailure } from '../helpers/failures.js';
import { judged, trial, WORD } from '../helpers/trial.js';

const STREAM = 'STREAM /chat/completions';
const streaming = (...chunks: unknown[]) => ({ [STREAM]: () => chunks });

it('passes where the stream is whole and has the random word', async () => {
  const { api, direct, done } = trial(chatStream);
  expect(await done()).toEqual({ expected: `a stream with "${WORD}"`, got: `${WORD} (stop)` });
  expect(api.calls.map(({ route }) => route)).toEqual([STREAM]);
  expect(api.sent(STREAM)).toMatchObject([{ messages: [{ role: 'user', content: `Repeat this word: ${WORD}` }] }]);
  expect(direct.calls).toEqual([]);
});

it('puts the word together from its pieces', async () => {
  const chunks = [chunk(WORD.slice(0, 4)), chunk(WORD.slice(4)), chunk('', 'stop')];
  expect((await runCheck(chatStream, streaming(...chunks))).got).toBe(`${WORD} (stop)`);
});

const LOST = [
  ['that loses a piece', [chunk(WORD.slice(0, 4)), chunk('', 'stop')], `"${WORD.slice(0, 4)}"`],
  [
    'that has its pieces in another order',
    [chunk(WORD.slice(4)), chunk(WORD.slice(0, 4), 'stop')],
    `"${WORD.slice(4)}${WORD.slice(0, 4)}"`,
  ],
  ['with no text', [chunk('', 'stop')], 'nothing (finish_reason "stop")'],
  ['with no text but thoughts', [chunk('', 'length')], 'nothing (finish_reason "length")'],
] as const;

it.each(LOST)('a stream %s is blamed on the stack where the service streams well', async (_, chunks, said) => {
  const failure = await failureOf(() => runCheck(chatStream, streaming(...chunks)));
  expect([failure.code, failure.hop]).toEqual(['E_STACK_CHANGES', 'stack']);
  const what = `the streamed answer to "Repeat this word: ${WORD}" is ${said}`;
  expect(failure.message).toBe(`through the stack, ${what}; asked directly, the model service does it right`);
});

it.each(LOST)('a stream %s is blamed on the service where that does the same', async (_, chunks, said) => {
  const { api, direct, done } = trial(chatStream, { stack: streaming(...chunks), service: streaming(...chunks) });
  const failure = await failureOf(done);
  expect([failure.code, failure.hop]).toEqual(['E_WRONG_ANSWER', 'model service']);
  expect(failure.message).toBe(`the streamed answer to "Repeat this word: ${WORD}" is ${said}`);
  expect(failure.fix).toContain('proxies');
  expect([api.calls.length, direct.sent(STREAM).length, direct.calls.length]).toEqual([1, 1, 1]);
});

const BROKEN = [
  ['is cut, though the word came', [chunk(WORD)], /ended without a finish_reason: it was cut/],
  ['is empty', [], /it was cut/],
  ['carries an error', [chunk(WORD), { error: { message: 'overloaded' } }], /error in the stream.*overloaded/],
] as const;

it.each(BROKEN)('a stream that %s is blamed on the stack where the service streams well', async (_, chunks, cause) => {
  const result = await judged(chatStream, streaming(...chunks));
  expect(result).toMatchObject({ verdict: 'failed', code: 'E_STREAM_CUT', hop: 'stack' });
  expect(result.cause).toMatch(cause);
  expect(result.cause).toMatch(/asked directly, the model service answers$/);
});

it.each(BROKEN)('a stream that %s is blamed on the service where its own does the same', async (_, chunks, cause) => {
  const result = await judged(chatStream, streaming(...chunks), streaming(...chunks));
  expect(result).toMatchObject({ verdict: 'failed', code: 'E_STREAM_CUT', hop: 'model service' });
  expect(result.cause).toMatch(cause);
  expect(result.cause).toContain('breaks off');
});

it('a stack that refuses to stream is to blame where the service streams', async () => {
  const result = await judged(chatStream, { [STREAM]: failing(httpFailure(400, 'no streams')) });
  expect(result).toMatchObject({ verdict: 'failed', code: 'E_STACK_ERROR', hop: 'stack' });
  expect(result.cause).toMatch(/^the stack .*\(no streams\); asked directly, the model service answers$/);
});

it('a service that refuses to stream is to blame, though it answers without', async () => {
  const refuse = { [STREAM]: failing(httpFailure(400, 'no streams')) };
  const { api, direct, done } = trial(chatStream, { stack: refuse, service: refuse });
  const failure = await failureOf(done);
  expect([failure.code, failure.hop]).toEqual(['E_REQUEST_REFUSED', 'model service']);
  expect(failure.message).toContain('no streams (asked directly; through the stack: ');
  expect([...api.calls, ...direct.calls].map(({ route }) => route)).toEqual([STREAM, STREAM]);
});

it('an answer that is right without a stream does not pass', async () => {
  const whole = { 'POST /chat/completions': alwaysSaying(WORD)['POST /chat/completions']!, ...streaming() };
  expect((await judged(chatStream, whole)).verdict).toBe('failed');
});
