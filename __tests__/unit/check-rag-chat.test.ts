import { expect, it } from 'vitest';
import { ragChat } from '../../src/assert/checks/rag-chat.js';
import { at, items, text } from '../../src/json.js';
import { chunk, contextFor, CORPUS, FakeStack, hit, runCheck } from '../helpers/fake-stack.js';
import { failureOf, httpFailure } from '../helpers/failures.js';

const { answer, question, sentence } = CORPUS.target.fact;
const SEARCH = 'POST /vector_stores/vs-1/search';
const CHAT = 'STREAM /chat/completions';

it('passes where the streamed answer has the fact that the search put into the prompt', async () => {
  const api = new FakeStack();
  expect(await ragChat.run(contextFor(api))).toEqual({ expected: `an answer with ${answer}`, got: sentence });
  const [body] = api.sent(CHAT);
  const prompt = text(at(items(at(body, 'messages'))[0], 'content'));
  expect(prompt).toContain(`CONTEXT:\n${CORPUS.target.text}`);
  expect(prompt).toMatch(/QUERY:\nWhat is the /);
});

it('gives the model all chunks, also where the fact is not in the first', async () => {
  const api = new FakeStack({ [SEARCH]: () => ({ data: [hit('nothing here', 'file-2'), hit(sentence, 'file-1')] }) });
  expect((await ragChat.run(contextFor(api))).got).toBe(sentence);
});

it.each([
  ['nothing', []],
  ['other chunks', [hit(CORPUS.distractor.text, 'file-2')]],
])('a search that brings %s is blamed on the vector store, and no model is asked', async (_, data) => {
  const api = new FakeStack({ [SEARCH]: () => ({ data }) });
  const failure = await failureOf(() => ragChat.run(contextFor(api)));
  expect(failure.hop).toBe('vector store');
  expect(failure.message).toBe(`the search for "${question}" no longer brings ${answer}`);
  expect(api.sent(CHAT)).toEqual([]);
});

it('an answer without the fact is blamed on the model', async () => {
  const chunks = [chunk('I can not\n'), chunk('say.'), chunk('', 'stop')];
  const failure = await failureOf(() => runCheck(ragChat, { [CHAT]: () => chunks }));
  expect(failure.hop).toBe('model service');
  expect(failure.message).toMatch(/is "I can not say\.", without \d+, although the prompt holds it$/);
  expect(failure.fix).toContain('context');
});

it('a longer number is another one', async () => {
  const chunks = [chunk(`It is ${answer}0.`, 'stop')];
  expect((await failureOf(() => runCheck(ragChat, { [CHAT]: () => chunks }))).hop).toBe('model service');
});

it.each([
  ['is cut', [chunk(`It is ${answer}`)], /the stream ended without a finish_reason: it was cut/],
  ['is empty', [], /it was cut/],
  ['carries an error', [chunk('It'), { error: { message: 'overloaded' } }], /error in the stream.*overloaded/],
])('a stream that %s is blamed on the model service, even if the fact came', async (_, chunks, message) => {
  const failure = await failureOf(() => runCheck(ragChat, { [CHAT]: () => chunks }));
  expect(failure.hop).toBe('model service');
  expect(failure.message).toMatch(message);
});

it('a search that fails is blamed on the vector store', async () => {
  const fail = () => {
    throw httpFailure(500, 'relation does not exist');
  };
  const failure = await failureOf(() => runCheck(ragChat, { [SEARCH]: fail }));
  expect(failure.hop).toBe('vector store');
  expect(failure.message).toContain('relation does not exist');
});
