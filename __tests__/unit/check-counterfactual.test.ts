import { expect, it } from 'vitest';
import { counterfactual } from '../../src/assert/checks/counterfactual.js';
import { member } from '../../src/json.js';
import { alwaysSaying, CORPUS, hit } from '../helpers/fake-stack.js';
import { failing, failureOf, httpFailure } from '../helpers/failures.js';
import { trial } from '../helpers/trial.js';

const SEARCH = 'POST /vector_stores/vs-1/search';
const ATTACH = 'POST /vector_stores/vs-1/files';
const REMOVE = 'DELETE /vector_stores/vs-1/files/file-1';
const CHAT = 'STREAM /chat/completions';
const { first } = CORPUS;
/** The number that the document says afterwards. */
const CHANGED = trial(counterfactual).context.inventor.number();
const SENTENCE = first.sentence.replace(first.answer, CHANGED);

it('passes where the answer follows the document', async () => {
  const { api, context, done } = trial(counterfactual);
  expect(await done()).toEqual({ expected: `${CHANGED} in place of ${first.answer}`, got: SENTENCE });
  expect((await context.indexed()).fileIds.get(first.fileName)).toBe('file-8');
  const routes = api.calls.map(({ route }) => route);
  expect(routes.slice(routes.indexOf(REMOVE))).toEqual([REMOVE, 'UPLOAD', ATTACH, SEARCH, CHAT]);
  const uploaded = api.sent('UPLOAD').at(-1);
  expect(member(uploaded, 'name')).toBe(first.fileName);
  expect(member(uploaded, 'content')).toContain(SENTENCE);
  expect(member(uploaded, 'content')).not.toContain(first.answer);
  const prompt = JSON.stringify(api.sent(CHAT)[0]);
  expect(prompt).toContain(SENTENCE);
  expect(prompt).not.toContain(first.sentence);
});

const WRONG = [
  ['the old number', first.answer, /the document now says \d+, and the answer is still \d+: "It is \d+\."/],
  ['both numbers', `${CHANGED}, before that ${first.answer}`, /is still/],
  ['neither', '12', /the answer to ".*\?" is "It is 12\.", without \d+/],
] as const;

it.each(WRONG)('%s is blamed on the model where the service says it too, asked once', async (_, said, message) => {
  const wrong = alwaysSaying(`It is ${said}.`);
  const { api, direct, done } = trial(counterfactual, { stack: wrong, service: wrong });
  const failure = await failureOf(done);
  expect([failure.code, failure.hop]).toEqual(['E_WRONG_ANSWER', 'model service']);
  expect(failure.message).toMatch(message);
  expect([api.sent(CHAT).length, direct.sent(CHAT).length]).toEqual([1, 1]);
});

it.each(WRONG)('%s is blamed on the stack where the service answers well', async (_, said, message) => {
  const failure = await failureOf(trial(counterfactual, { stack: alwaysSaying(`It is ${said}.`) }).done);
  expect([failure.code, failure.hop]).toEqual(['E_STACK_CHANGES', 'stack']);
  expect(failure.message).toMatch(message);
});

it.each([
  ['the old chunk alone', [hit(first.sentence, 'file-1')], /no longer brings/],
  ['nothing', [], /the search found nothing/],
])('a search that brings %s is blamed on the vector store, and no model is asked', async (_, data, message) => {
  const { api, done } = trial(counterfactual, { stack: { [SEARCH]: () => ({ data }) } });
  const failure = await failureOf(done);
  expect([failure.code, failure.hop]).toEqual(['E_RETRIEVAL', 'vector store']);
  expect(failure.message).toMatch(message);
  expect(api.sent(CHAT)).toEqual([]);
});

it('a file that can not be taken out is blamed on the vector store', async () => {
  const failure = await failureOf(
    trial(counterfactual, { stack: { [REMOVE]: failing(httpFailure(500, 'locked')) } }).done,
  );
  expect([failure.code, failure.hop]).toEqual(['E_VECTOR_STORE', 'vector store']);
  expect(failure.message).toContain('locked');
});
