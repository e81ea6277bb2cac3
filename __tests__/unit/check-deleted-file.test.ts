import { expect, it } from 'vitest';
import { deletedFile } from '../../src/assert/checks/deleted-file.js';
import { CORPUS, hit, runCheck } from '../helpers/fake-stack.js';
import { failing, failureOf, httpFailure } from '../helpers/failures.js';
import { trial } from '../helpers/trial.js';

const SEARCH = 'POST /vector_stores/vs-1/search';
const DELETE = 'DELETE /vector_stores/vs-1/files/file-7';
const { name, content, facts } = CORPUS.disposable;
const [gone, kept] = [hit(content as string, 'file-7', name), hit(CORPUS.first.sentence, 'file-1')];

/** What the search brings, one time after the other. */
function finding(...times: object[][]) {
  const left = [...times];
  return { [SEARCH]: () => ({ data: left.shift() ?? [] }) };
}

it('passes where the chunks of the file are gone, and the others are not', async () => {
  const { api, context, done } = trial(deletedFile);
  expect(await done()).toEqual({ expected: 'nothing of the deleted file', got: '1 chunks before, 0 after' });
  expect(api.sent(DELETE)).toHaveLength(1);
  expect(api.calls.map(({ route }) => route).slice(-3)).toEqual([SEARCH, DELETE, SEARCH]);
  expect(api.sent(SEARCH)).toEqual(Array(2).fill({ query: facts[0]!.question, max_num_results: 50 }));
  expect(CORPUS.questions.map(({ fileName }) => fileName)).not.toContain(context.corpus.disposable.name);
});

it.each([
  [
    'chunks that stay',
    [
      [gone, kept],
      [kept, gone, gone],
    ],
    `${name} was deleted, and 2 of its chunks are still found`,
  ],
  ['a file that was never found', [[kept], [kept]], `${name} could not be found before it was deleted`],
])('%s are blamed on the vector store', async (_, times, message) => {
  const failure = await failureOf(() => runCheck(deletedFile, finding(...times)));
  expect([failure.code, failure.hop]).toEqual(['E_RETRIEVAL', 'vector store']);
  expect(failure.message).toBe(message);
  expect(failure.fix).toContain('deletes the chunks');
});

it('a deletion that takes everything with it does not pass', async () => {
  const failure = await failureOf(() => runCheck(deletedFile, finding([gone, kept], [])));
  expect([failure.code, failure.hop]).toEqual(['E_RETRIEVAL', 'vector store']);
  expect(failure.message).toContain('it has lost what it held');
});

it.each([SEARCH, DELETE])('an error of %s is blamed on the vector store', async (route) => {
  const failure = await failureOf(() => runCheck(deletedFile, { [route]: failing(httpFailure(500, 'locked')) }));
  expect([failure.code, failure.hop]).toEqual(['E_VECTOR_STORE', 'vector store']);
  expect(failure.message).toContain('locked');
});
