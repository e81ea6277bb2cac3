import { expect, it } from 'vitest';
import { chatLimit } from '../../src/assert/checks/chat-limit.js';
import { at, items, text } from '../../src/json.js';
import { alwaysSaying, completion, runCheck, type Route } from '../helpers/fake-stack.js';
import { failureOf } from '../helpers/failures.js';
import { isJudgedAsFeature } from '../helpers/feature.js';
import { trial, WORD } from '../helpers/trial.js';

const CHAT = 'POST /chat/completions';
const promptOf = (body: unknown) => text(at(items(at(body, 'messages'))[0], 'content'));
const wordsOf = (body: unknown) => promptOf(body).replace('Repeat this text: ', '').split(' ');
const saying = (route: Route) => ({ [CHAT]: route });

isJudgedAsFeature(
  chatLimit,
  'max_tokens',
  saying((body) => completion(wordsOf(body).join(' '))),
);

it('passes where an answer of 20 random words is cut at 8 tokens and says so', async () => {
  const { api, done } = trial(chatLimit);
  const evidence = await done();
  const [body] = api.sent(CHAT);
  expect(body).toMatchObject({ max_tokens: 8 });
  expect(new Set(wordsOf(body)).size).toBe(20);
  expect(wordsOf(body)[0]).toBe(WORD);
  expect(evidence).toEqual({
    expected: 'an answer of at most 8 tokens',
    got: `${wordsOf(body).slice(0, 8).join(' ')} (length)`,
  });
});

it('passes where all tokens go into thinking, and no text is left', async () => {
  const route = () => completion('', { prompt_tokens: 90, completion_tokens: 8 }, 'length');
  expect((await runCheck(chatLimit, saying(route))).got).toBe(' (length)');
});

it('passes where the tokens are not counted', async () => {
  await expect(
    runCheck(
      chatLimit,
      saying(() => completion('a b', undefined, 'length')),
    ),
  ).resolves.toBeDefined();
});

const USAGE = (tokens: number) => ({ prompt_tokens: 90, completion_tokens: tokens });
it.each<[string, Route, RegExp]>([
  ['goes to its last word', (body) => completion(wordsOf(body).join(' '), USAGE(8), 'length'), /was not cut: "/],
  ['takes one token more', () => completion('a b', USAGE(9), 'length'), /limited to 8 tokens was not cut: "a b"/],
  [
    'says that it ended by itself',
    () => completion('a b', USAGE(8), 'stop'),
    /a limited answer ended by "stop": "a b"/,
  ],
  ['does not say how it ended', () => completion('a b', USAGE(8), ''), /a limited answer ended by "": "a b"/],
])('an answer that %s was not limited', async (_, route, cause) => {
  const failure = await failureOf(() => runCheck(chatLimit, saying(route)));
  expect([failure.code, failure.hop]).toEqual(['E_STACK_CHANGES', 'stack']);
  expect(failure.message).toMatch(cause);
});

it('a fixed answer is no limited one', async () => {
  const failure = await failureOf(() => runCheck(chatLimit, alwaysSaying('Hello.')));
  expect([failure.code, failure.hop]).toEqual(['E_STACK_CHANGES', 'stack']);
});
