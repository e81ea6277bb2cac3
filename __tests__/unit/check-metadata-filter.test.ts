import { expect, it } from 'vitest';
import { metadataFilter } from '../../src/assert/checks/metadata-filter.js';
import { member } from '../../src/json.js';
import { CORPUS, hit, runCheck } from '../helpers/fake-stack.js';
import { failing, failureOf, httpFailure } from '../helpers/failures.js';
import { notApplicable, trial } from '../helpers/trial.js';

const SEARCH = 'POST /vector_stores/vs-1/search';
const { question, sentence, fileName } = CORPUS.first;
/** What comes with the filter, and what without it. */
const finding = (filtered: object[], all: object[] = [hit(sentence, 'file-1')]) => ({
  [SEARCH]: (body: unknown) => ({ data: member(body, 'filters') ? filtered : all }),
});
const onShelf = (shelf: unknown, name = fileName) => hit(sentence, 'file-1', name, { shelf });

it('passes where a filter brings chunks with its value alone', async () => {
  const { api, done } = trial(metadataFilter);
  expect(await done()).toEqual({ expected: 'chunks with shelf "notes"', got: '1 of them, and no others' });
  const filters = { type: 'eq', key: 'shelf', value: 'notes' };
  expect(api.sent(SEARCH)).toEqual([{ query: question, max_num_results: 5, filters }]);
  const attached = api.sent('POST /vector_stores/vs-1/files').map((body) => member(body, 'attributes'));
  expect(attached.filter((attributes) => member(attributes, 'shelf') === 'notes')).toHaveLength(1);
});

it.each([
  ['of another value', onShelf('letter', 'b.txt'), 'b.txt, whose shelf is "letter"'],
  ['without the attribute', hit(sentence, 'file-1'), 'a.txt, whose shelf is "undefined"'],
  ['of a longer value', onShelf('notes-2'), `${fileName}, whose shelf is "notes-2"`],
])('a chunk %s among those that fit is blamed on the vector store', async (_, wrong, said) => {
  const failure = await failureOf(() => runCheck(metadataFilter, finding([onShelf('notes'), wrong])));
  expect([failure.code, failure.hop]).toEqual(['E_RETRIEVAL', 'vector store']);
  expect(failure.message).toBe(`a search for shelf "notes" brought a chunk of ${said}`);
  expect(failure.fix).toContain('ignores filters');
});

const version = (value: string) => ({ 'GET /version': () => ({ version: value }) });

it('is not offered where the filter brings nothing, search without it does, and the stack is known to have none', async () => {
  const { api, done } = trial(metadataFilter, { stack: { ...finding([]), ...version('0.6.1') } });
  expect(await notApplicable(done)).toMatch(/^not offered: a filter that fits brings nothing/);
  expect(api.sent(SEARCH)).toHaveLength(2);
  expect(api.sent(SEARCH)[1]).toEqual({ query: question, max_num_results: 5 });
});

it.each(['0.7.3', '1.0.0', '0.60.0', 'unknown'])(
  'a filter that brings nothing is a fault of stack %s',
  async (value) => {
    const failure = await failureOf(() => runCheck(metadataFilter, { ...finding([]), ...version(value) }));
    expect([failure.code, failure.hop]).toEqual(['E_RETRIEVAL', 'vector store']);
    expect(failure.message).toBe('a filter that fits brings nothing, while search without it does');
  },
);

it('nothing with and without the filter is no missing offer, but a store that lost what it held', async () => {
  const failure = await failureOf(() => runCheck(metadataFilter, finding([], [])));
  expect([failure.code, failure.hop]).toEqual(['E_RETRIEVAL', 'vector store']);
  expect(failure.message).toContain('it has lost what it held');
});

it('a search that fails is blamed on the vector store', async () => {
  const failure = await failureOf(() => runCheck(metadataFilter, { [SEARCH]: failing(httpFailure(500, 'no jsonb')) }));
  expect([failure.code, failure.hop]).toEqual(['E_VECTOR_STORE', 'vector store']);
  expect(failure.message).toContain('no jsonb');
});
