import { expect, it } from 'vitest';
import { ragChat } from '../../src/assert/checks/rag-chat.js';
import { at, items, text } from '../../src/json.js';
import { alwaysSaying, chunk, CORPUS, hit, runCheck } from '../helpers/fake-stack.js';
import { failing, failureOf, httpFailure } from '../helpers/failures.js';
import { judged, trial } from '../helpers/trial.js';

const { answer, question, sentence, fileName } = CORPUS.first;
const SEARCH = 'POST /vector_stores/vs-1/search';
const CHAT = 'STREAM /chat/completions';
const messagesOf = (body: unknown) => items(at(body, 'messages')).map((message) => text(at(message, 'content')));

it('passes where the streamed answer has the fact that the search put into the prompt', async () => {
  const { api, direct, done } = trial(ragChat);
  expect(await done()).toEqual({ expected: `an answer with ${answer}`, got: sentence });
  const [system, prompt] = messagesOf(api.sent(CHAT)[0]);
  expect(system).toContain('You are a helpful assistant');
  expect(prompt).toContain(`CONTEXT:\n[Source: ${fileName}]: `);
  expect(prompt).toContain(sentence);
  expect(prompt).toMatch(new RegExp(`\n\nQUERY:\n${question.replace('?', '\\?')}$`));
  expect(direct.calls).toEqual([]);
});

it('gives the model all chunks, also where the fact is not in the first', async () => {
  const found = { [SEARCH]: () => ({ data: [hit('nothing here', 'file-2'), hit(sentence, 'file-1')] }) };
  expect((await runCheck(ragChat, found)).got).toBe(sentence);
});

it('passes where the model writes the number with a separator', async () => {
  const written = `${answer.slice(0, 2)},${answer.slice(2)}`;
  expect((await runCheck(ragChat, alwaysSaying(written))).got).toBe(written);
});

it('a search that no longer brings the fact is blamed on the vector store, and no model is asked', async () => {
  const { api, done } = trial(ragChat, { stack: { [SEARCH]: () => ({ data: [hit('Tea is served.', 'file-2')] }) } });
  const failure = await failureOf(done);
  expect([failure.code, failure.hop]).toEqual(['E_RETRIEVAL', 'vector store']);
  expect(failure.message).toBe(`the search for "${question}" no longer brings ${answer}`);
  expect(failure.fix).toContain('database keeps running');
  expect(api.sent(CHAT)).toEqual([]);
});

it('zero results are blamed on the vector store, and no model is asked', async () => {
  const { api, done } = trial(ragChat, { stack: { [SEARCH]: () => ({ data: [] }) } });
  const failure = await failureOf(done);
  expect([failure.code, failure.hop]).toEqual(['E_RETRIEVAL', 'vector store']);
  expect(failure.message).toContain('the search found nothing');
  expect(api.sent(CHAT)).toEqual([]);
});

const WRONG = [
  ['without the fact', 'I can not\nsay.'],
  ['with a longer number', `It is ${answer}0.`],
  ['with another fact', `It is ${CORPUS.other.answer}.`],
  ['without a word', ''],
];

it.each(WRONG)(
  'an answer %s is blamed on the model where the service, asked the same, gives it too',
  async (_, said) => {
    const { api, direct, done } = trial(ragChat, { stack: alwaysSaying(said), service: alwaysSaying(said) });
    const failure = await failureOf(done);
    expect([failure.code, failure.hop]).toEqual(['E_WRONG_ANSWER', 'model service']);
    expect(failure.message).toContain(
      said
        ? `the answer to "${question}" is "${said.replace('\n', ' ')}", without ${answer}, although the prompt holds it`
        : `the answer to "${question}" is nothing (finish_reason "stop")`,
    );
    expect(failure.fix).toContain('context');
    expect([api.sent(CHAT).length, direct.sent(CHAT).length]).toEqual([1, 1]);
    expect(messagesOf(direct.sent(CHAT)[0])).toEqual(messagesOf(api.sent(CHAT)[0]));
  },
);

it.each(WRONG)('an answer %s is blamed on the stack where the service answers well', async (_, said) => {
  const failure = await failureOf(() => runCheck(ragChat, alwaysSaying(said)));
  expect([failure.code, failure.hop]).toEqual(['E_STACK_CHANGES', 'stack']);
  expect(failure.message).toContain('asked directly, the model service does it right');
});

it.each([
  ['is cut', [chunk(`It is ${answer}`)], /the stream ended without a finish_reason: it was cut/],
  ['is empty', [], /it was cut/],
  ['carries an error', [chunk('It'), { error: { message: 'overloaded' } }], /error in the stream.*overloaded/],
])('a stream that %s never passes, even if the fact came', async (_, chunks, cause) => {
  const cut = { [CHAT]: () => chunks };
  const [alone, both] = [await judged(ragChat, cut), await judged(ragChat, cut, cut)];
  expect([alone.hop, both.hop]).toEqual(['stack', 'model service']);
  expect([alone.code, both.code]).toEqual(['E_STREAM_CUT', 'E_STREAM_CUT']);
  for (const result of [alone, both]) expect(result.cause).toMatch(cause);
});

it('a search that fails is blamed on the vector store', async () => {
  const stack = { [SEARCH]: failing(httpFailure(500, 'relation does not exist')) };
  const failure = await failureOf(() => runCheck(ragChat, stack));
  expect([failure.code, failure.hop]).toEqual(['E_VECTOR_STORE', 'vector store']);
  expect(failure.message).toContain('relation does not exist');
});
