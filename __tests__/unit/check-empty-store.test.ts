import { expect, it } from 'vitest';
import { emptyStore } from '../../src/assert/checks/empty-store.js';
import { member } from '../../src/json.js';
import { CORPUS, hit, runCheck } from '../helpers/fake-stack.js';
import { failing, failureOf, httpFailure } from '../helpers/failures.js';
import { trial, WORD } from '../helpers/trial.js';

it('passes where a store without files finds nothing, beside one that has files', async () => {
  const { api, context, done } = trial(emptyStore);
  await context.indexed();
  expect(await done()).toEqual({ expected: 'nothing', got: 'nothing' });
  expect(member(api.sent('POST /vector_stores')[1], 'name')).toBe(`maas-e2e empty ${WORD}`);
  expect(api.sent('POST /vector_stores/vs-2/search')).toEqual([{ query: CORPUS.first.question, max_num_results: 5 }]);
  expect(api.sent('POST /vector_stores/vs-1/search')).toEqual([]);
});

it.each([
  ['its name', hit('x', 'file-1', 'notes.txt'), 'notes.txt'],
  ['its id where it has no name', hit('', 'file-1', ''), 'file-1'],
])('a chunk in an empty store is blamed on the vector store, by %s', async (_, found, told) => {
  const routes = { 'POST /vector_stores/vs-1/search': () => ({ data: [found] }) };
  const failure = await failureOf(() => runCheck(emptyStore, routes));
  expect([failure.code, failure.hop]).toEqual(['E_RETRIEVAL', 'vector store']);
  expect(failure.message).toBe(`a new store without files brought a chunk of ${told}`);
  expect(failure.fix).toContain('share one table');
});

it.each(['POST /vector_stores', 'POST /vector_stores/vs-1/search'])(
  'an error of %s does not pass for nothing',
  async (route) => {
    const failure = await failureOf(() => runCheck(emptyStore, { [route]: failing(httpFailure(500, 'broken')) }));
    expect([failure.code, failure.hop]).toEqual(['E_VECTOR_STORE', 'vector store']);
    expect(failure.message).toContain('broken');
  },
);
