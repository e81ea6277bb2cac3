import { expect, it } from 'vitest';
import { chat } from '../../src/assert/checks/chat.js';
import { completion, CORPUS, runCheck } from '../helpers/fake-stack.js';
import { failureOf, httpFailure } from '../helpers/failures.js';

const saying = (text: string) => ({ 'POST /chat/completions': () => completion(text) });

it('passes where the model repeats the random word', async () => {
  const evidence = await runCheck(chat);
  expect(evidence).toEqual({ expected: `an answer with "${CORPUS.word}"`, got: CORPUS.word });
});

it('passes where the model says it in its own way, and shows that on one line', async () => {
  const word = CORPUS.word.toUpperCase();
  expect((await runCheck(chat, saying(`Sure!\n**${word}**`))).got).toBe(`Sure! **${word}**`);
});

it.each([
  ['a fixed answer', 'Hello, how can I help?'],
  ['an empty answer', ''],
  ['a longer word', `${CORPUS.word}s`],
  ['a part of the word', CORPUS.word.slice(1)],
])('%s is blamed on the model service', async (_, text) => {
  const failure = await failureOf(() => runCheck(chat, saying(text)));
  expect(failure.hop).toBe('model service');
  expect(failure.message).toBe(`the model was asked to repeat "${CORPUS.word}" and said "${text}"`);
  expect(failure.fix).toContain('chat model');
});

it('a key that does not reach the stack is blamed on the stack', async () => {
  const refuse = () => {
    throw httpFailure(401, 'Invalid token');
  };
  const failure = await failureOf(() => runCheck(chat, { 'POST /chat/completions': refuse }));
  expect(failure.hop).toBe('stack');
  expect(failure.message).toMatch(/refuses the key.*Invalid token/);
});

it('an answer in another form is blamed on the stack', async () => {
  const failure = await failureOf(() => runCheck(chat, { 'POST /chat/completions': () => ({ choices: [] }) }));
  expect(failure.hop).toBe('stack');
  expect(failure.message).toContain('unknown form');
});
