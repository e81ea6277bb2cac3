import { describe, expect, it } from 'vitest';
import { mustFind, whyNothing } from '../../src/assert/search.js';
import type { ErrorCode } from '../../src/error-codes.js';
import type { Hop, RunError } from '../../src/errors.js';
import { member } from '../../src/json.js';
import { contextFor, CORPUS, FakeStack, hit, type Route } from '../helpers/fake-stack.js';
import { failing, failureOf, httpFailure } from '../helpers/failures.js';
import { WORD } from '../helpers/trial.js';

const LOST = { 'POST /vector_stores/vs-1/search': () => ({ data: [] }) };
const QUERY = CORPUS.first.question;
const FOUND = 'the search found nothing in a store that holds the answer';

describe('a search in a store that holds what it is for', () => {
  it('gives its hits, and looks no further', async () => {
    const api = new FakeStack();
    const hits = await mustFind(contextFor(api), QUERY, 3);
    expect(hits).toHaveLength(3);
    expect(hits[0]?.text).toContain(CORPUS.first.sentence);
    expect(api.sent('POST /vector_stores/vs-1/search')).toEqual([{ query: QUERY, max_num_results: 3 }]);
    expect(api.sent('POST /embeddings')).toEqual([]);
    expect(api.sent('POST /vector_stores')).toHaveLength(1);
  });

  it('that fails is told as it is', async () => {
    const api = new FakeStack({ 'POST /vector_stores/vs-1/search': failing(httpFailure(500, 'no table')) });
    const failure = await failureOf(() => mustFind(contextFor(api), QUERY, 3));
    expect(failure.message).toContain('no table');
    expect(api.sent('POST /embeddings')).toEqual([]);
  });
});

describe('a search that finds nothing', () => {
  const why = (routes: Record<string, Route>): Promise<RunError> =>
    failureOf(() => mustFind(contextFor(new FakeStack({ ...LOST, ...routes })), QUERY, 5));

  it('tries the embedder with the query, then a store of its own with a random word', async () => {
    const api = new FakeStack(LOST);
    await failureOf(() => mustFind(contextFor(api), QUERY, 5));
    expect(api.sent('POST /embeddings')).toEqual([{ model: 'st/nomic', input: [QUERY] }]);
    expect(api.sent('UPLOAD').at(-1)).toMatchObject({ name: `${WORD}.txt`, content: `This is about ${WORD}.\n` });
    expect(api.sent('POST /vector_stores/vs-2/search')).toEqual([
      { query: `What is about ${WORD}?`, max_num_results: 1 },
    ]);
    expect(member(api.sent('POST /vector_stores')[1], 'name')).toContain(WORD);
  });

  it('in a store that was emptied: what is stored now is found', async () => {
    const failure = await why({});
    expect([failure.code, failure.hop]).toEqual(['E_RETRIEVAL', 'vector store']);
    expect(failure.message).toBe(`${FOUND}, and finds what is stored now: it has lost what it held`);
    expect(failure.fix).toContain('volume');
  });

  it('in any store: nothing that is stored is found', async () => {
    const failure = await why({ 'POST /vector_stores/vs-2/search': () => ({ data: [] }) });
    expect([failure.code, failure.hop]).toEqual(['E_VECTOR_STORE', 'vector store']);
    expect(failure.message).toBe(`${FOUND}, nor what is stored now`);
    expect(failure.fix).toContain('must be restarted after the database was away');
  });

  it.each<[string, string, Route, ErrorCode, Hop, RegExp]>([
    [
      'the embedder fails',
      'POST /embeddings',
      failing(httpFailure(500, 'no weights')),
      'E_EMBEDDING',
      'embedder',
      /no weights/,
    ],
    [
      'the embedder gives no vectors',
      'POST /embeddings',
      () => ({ data: [] }),
      'E_STACK_FORM',
      'embedder',
      /a list of vectors/,
    ],
    [
      'nothing new can be searched',
      'POST /vector_stores/vs-2/search',
      failing(httpFailure(500, 'away')),
      'E_VECTOR_STORE',
      'vector store',
      /away/,
    ],
    [
      'nothing new can be stored',
      'POST /vector_stores/vs-2/files',
      () => ({ status: 'failed', last_error: { message: 'insert refused' } }),
      'E_VECTOR_STORE',
      'vector store',
      /indexing \w+\.txt ended as "failed": insert refused/,
    ],
  ])('because %s', async (_, route, handler, code, hop, told) => {
    const failure = await why({ [route]: handler });
    expect([failure.code, failure.hop]).toEqual([code, hop]);
    expect(failure.message).toMatch(new RegExp(`^${FOUND}; `));
    expect(failure.message).toMatch(told);
    expect(failure.fix).not.toBe('');
  });

  it('does not hide what ends the run', async () => {
    const cancelled = { ...LOST, 'POST /embeddings': failing(new Error('cancelled')) };
    const context = contextFor(new FakeStack(cancelled));
    await expect(mustFind(context, QUERY, 5)).rejects.toThrow(/^cancelled$/);
  });
});

it('what it makes is deleted with the rest', async () => {
  const api = new FakeStack({ 'POST /vector_stores/vs-2/search': () => ({ data: [hit('x', 'file-8')] }) });
  const context = contextFor(api);
  await whyNothing(context, await context.indexed(), QUERY);
  expect(await context.stack.deleteAll()).toEqual([]);
  expect(api.sent('DELETE /vector_stores/vs-2')).toHaveLength(1);
  expect(api.sent('DELETE /files/file-8')).toHaveLength(1);
});
