import { expect, it } from 'vitest';
import { embeddings } from '../../src/assert/checks/embeddings.js';
import { CHAT_MODEL, FakeStack, contextFor, CORPUS, listedModel, runCheck } from '../helpers/fake-stack.js';
import { failureOf, httpFailure } from '../helpers/failures.js';

const vectors = (...all: unknown[]) => ({
  'POST /embeddings': () => ({ data: all.map((embedding) => ({ embedding })) }),
});

it('passes with two different vectors of the declared dimension, for the two documents', async () => {
  const api = new FakeStack(vectors([1, 2, 3], [1, 2, 4]));
  const evidence = await embeddings.run(contextFor(api));
  expect(evidence).toEqual({
    expected: 'two different vectors of 3',
    got: 'two different vectors of 3 by st/nomic',
  });
  expect(api.sent('POST /embeddings')).toEqual([
    { model: 'st/nomic', input: [CORPUS.target.text, CORPUS.distractor.text] },
  ]);
});

it.each([
  [
    'constant vectors',
    [
      [1, 2, 3],
      [1, 2, 3],
    ],
    /gives the same vector for different texts/,
  ],
  [
    'vectors that are too short',
    [
      [1, 2],
      [3, 4],
    ],
    /st\/nomic gives 2 dimensions and declares 3/,
  ],
  [
    'one vector that is too long',
    [
      [1, 2, 3],
      [1, 2, 3, 4],
    ],
    /gives 4 dimensions and declares 3/,
  ],
  ['one vector for two texts', [[1, 2, 3]], /gives 0 dimensions and declares 3/],
  ['no vectors', [], /a list of vectors/],
  [
    'vectors that are no numbers',
    [
      ['a', 'b', 'c'],
      [1, 2, 3],
    ],
    /a list of vectors/,
  ],
])('%s are blamed on the embedder', async (_, all, message) => {
  const failure = await failureOf(() => runCheck(embeddings, vectors(...all)));
  expect(failure.hop).toBe('embedder');
  expect(failure.message).toMatch(message);
  expect(failure.fix).not.toBe('');
});

it('an error of the embedder is blamed on it', async () => {
  const fail = () => {
    throw httpFailure(500, 'no weights');
  };
  const failure = await failureOf(() => runCheck(embeddings, { 'POST /embeddings': fail }));
  expect(failure.hop).toBe('embedder');
  expect(failure.message).toContain('no weights');
});

it.each([
  ['no embedding model', [CHAT_MODEL]],
  ['one without a dimension', [CHAT_MODEL, listedModel('e', 'embedding', 'p', 'm')]],
])('%s in the list is blamed on the embedder', async (_, data) => {
  const failure = await failureOf(() => runCheck(embeddings, { 'GET /models': () => ({ data }) }));
  expect(failure.hop).toBe('embedder');
  expect(failure.message).toContain('no embedding model with a dimension');
});
