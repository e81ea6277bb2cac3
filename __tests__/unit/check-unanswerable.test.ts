import { expect, it } from 'vitest';
import { unanswerable } from '../../src/assert/checks/unanswerable.js';
import { alwaysSaying, CORPUS, hit, runCheck } from '../helpers/fake-stack.js';
import { failing, failureOf, httpFailure } from '../helpers/failures.js';
import { judged, trial } from '../helpers/trial.js';

const SEARCH = 'POST /vector_stores/vs-1/search';
const CHAT = 'STREAM /chat/completions';
const { name, question } = CORPUS.unanswerable;
const { answer, sentence } = CORPUS.first;
const found = (...texts: string[]) => ({ [SEARCH]: () => ({ data: texts.map((text) => hit(text, 'file-1')) }) });
const BOTH = found(sentence, CORPUS.other.sentence);

it('passes where the model, with chunks about others before it, takes no value from them', async () => {
  const { api, direct, done } = trial(unanswerable, { stack: BOTH });
  expect(await done()).toEqual({
    expected: `no value of another: none of ${answer}, ${CORPUS.other.answer}`,
    got: 'I do not know.',
  });
  const prompt = JSON.stringify(api.sent(CHAT)[0]);
  for (const part of [question, sentence, CORPUS.other.sentence]) expect(prompt).toContain(part);
  expect(api.sent(SEARCH)).toEqual([{ query: question, max_num_results: 5 }]);
  expect(direct.calls).toEqual([]);
});

it('passes as a whole: the store has values to take', async () => {
  expect((await runCheck(unanswerable)).expected).toMatch(/none of \d{5}/);
});

it.each([
  ['a number of its own', 'It is 12.', 'It is 12.'],
  ['a longer number', `It is ${answer}1.`, `It is ${answer}1.`],
  [
    'that it has only the number of another',
    `I don't know: ${answer} is another's.`,
    `I don't know: ${answer} is another's.`,
  ],
])('passes where it says %s', async (_, said, got) => {
  expect((await runCheck(unanswerable, { ...BOTH, ...alwaysSaying(said) })).got).toBe(got);
});

it.each([answer, CORPUS.other.answer, `${answer.slice(0, 2)},${answer.slice(2)}`])(
  'a value of another name, %s, is blamed on the model where the service takes it too, and asked for once',
  async (taken) => {
    const wrong = alwaysSaying(`It is ${taken}.`);
    const { api, direct, done } = trial(unanswerable, { stack: { ...BOTH, ...wrong }, service: wrong });
    const failure = await failureOf(done);
    expect([failure.code, failure.hop]).toEqual(['E_WRONG_ANSWER', 'model service']);
    expect(failure.message).toBe(
      `asked about ${name}, which no document holds, the model says ${taken.replace(',', '')}: "It is ${taken}."`,
    );
    expect(failure.fix).toContain('tells one name from another');
    expect([api.sent(CHAT).length, direct.sent(CHAT).length]).toEqual([1, 1]);
  },
);

it('an empty answer proves nothing, and does not pass', async () => {
  const failure = await failureOf(() => runCheck(unanswerable, { ...BOTH, ...alwaysSaying('') }, alwaysSaying('')));
  expect([failure.code, failure.hop]).toEqual(['E_WRONG_ANSWER', 'model service']);
  expect(failure.message).toContain('is nothing (finish_reason "stop")');
});

it('a value of another name is blamed on the stack where the service does not take it', async () => {
  const failure = await failureOf(() => runCheck(unanswerable, { ...BOTH, ...alwaysSaying(answer) }));
  expect([failure.code, failure.hop]).toEqual(['E_STACK_CHANGES', 'stack']);
  expect(failure.message).toContain(`the model says ${answer}: "${answer}"; asked directly`);
});

it('a chunk with the name that no document holds is blamed on the vector store, and no model is asked', async () => {
  const { api, done } = trial(unanswerable, { stack: found(sentence, `${name} is here.`) });
  const failure = await failureOf(done);
  expect([failure.code, failure.hop]).toEqual(['E_RETRIEVAL', 'vector store']);
  expect(failure.message).toBe(`a chunk holds ${name}, which no document does`);
  expect(failure.fix).toContain('fills the store');
  expect(api.sent(CHAT)).toEqual([]);
});

it('zero results do not pass for not knowing', async () => {
  const { api, done } = trial(unanswerable, { stack: found() });
  expect((await failureOf(done)).hop).toBe('vector store');
  expect(api.sent(CHAT)).toEqual([]);
});

it('chunks without any value prove nothing, and do not pass', async () => {
  expect((await judged(unanswerable, found('Tea is served when the wind is cold.'))).verdict).not.toBe('passed');
});

it('a chat that fails does not pass for not knowing', async () => {
  const result = await judged(unanswerable, { ...BOTH, [CHAT]: failing(httpFailure(500, 'boom')) });
  expect(result).toMatchObject({ verdict: 'failed', code: 'E_STACK_TO_SERVICE', hop: 'stack' });
});
