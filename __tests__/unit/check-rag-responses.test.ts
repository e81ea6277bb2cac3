import { expect, it } from 'vitest';
import { ragResponses } from '../../src/assert/checks/rag-responses.js';
import { contextFor, CORPUS, FakeStack, runCheck } from '../helpers/fake-stack.js';
import { failureOf, httpFailure } from '../helpers/failures.js';

const { answer, question, sentence } = CORPUS.target.fact;
const found = { type: 'file_search_call', results: [{ file_id: 'file-1', text: CORPUS.target.text }] };
const message = (text: string) => ({ type: 'message', content: [{ type: 'output_text', text }] });
const responding = (...output: unknown[]) => ({ 'POST /responses': () => ({ output }) });

it('passes where file_search ran, found something, and the answer has the fact', async () => {
  const api = new FakeStack();
  expect(await ragResponses.run(contextFor(api))).toEqual({
    expected: `an answer with ${answer}`,
    got: `2 chunks; ${sentence}`,
  });
  expect(api.sent('POST /responses')).toEqual([
    expect.objectContaining({ model: 'maas/acme/chat-1.5', input: question }),
  ]);
});

it('passes where the model writes the number with a separator', async () => {
  const written = `${answer.slice(0, 2)},${answer.slice(2)}`;
  expect((await runCheck(ragResponses, responding(found, message(written)))).got).toBe(`1 chunks; ${written}`);
});

it('a model that did not call file_search is blamed, even if it knows the answer', async () => {
  const failure = await failureOf(() => runCheck(ragResponses, responding(message(`It is ${answer}.`))));
  expect(failure.hop).toBe('model service');
  expect(failure.message).toContain('the model never called file_search');
  expect(failure.fix).toContain('calls tools');
});

it.each([
  ['zero results', { type: 'file_search_call', results: [] }],
  ['no results at all', { type: 'file_search_call', results: null }],
])('a search with %s is blamed on the vector store, even if the answer has the fact', async (_, search) => {
  const failure = await failureOf(() => runCheck(ragResponses, responding(search, message(answer))));
  expect(failure.hop).toBe('vector store');
  expect(failure.message).toBe('file_search found nothing in a store that holds the answer');
  expect(failure.fix).toContain('database');
});

it('chunks without the fact are blamed on the vector store, even if the answer has it', async () => {
  const other = { type: 'file_search_call', results: [{ text: CORPUS.distractor.text }, { text: `1${answer}` }] };
  const failure = await failureOf(() => runCheck(ragResponses, responding(other, message(answer))));
  expect(failure.hop).toBe('vector store');
  expect(failure.message).toMatch(/brought 2 chunks, none with \d{5}$/);
});

it.each([
  ['without the fact', [found, message('I do\nnot know.')], /is "I do not know\.", without \d+, although file_search/],
  ['with a longer number', [found, message(`It is 1${answer}.`)], /is "It is \d{6}\.", without \d{5},/],
  ['that is missing', [found], /is "", without \d+/],
])('an answer %s is blamed on the model', async (_, output, cause) => {
  const failure = await failureOf(() => runCheck(ragResponses, responding(...output)));
  expect(failure.hop).toBe('model service');
  expect(failure.message).toMatch(cause);
});

it.each<[string, () => unknown, RegExp]>([
  ['an empty output', () => ({ output: [] }), /unknown form.*an output/],
  [
    'an error',
    () => {
      throw httpFailure(500, 'no agents');
    },
    /no agents/,
  ],
])('%s is blamed on the stack', async (_, route, cause) => {
  const failure = await failureOf(() => runCheck(ragResponses, { 'POST /responses': route }));
  expect(failure.hop).toBe('stack');
  expect(failure.message).toMatch(cause);
});
