import { expect, it } from 'vitest';
import { files } from '../../src/assert/checks/files.js';
import type { ErrorCode } from '../../src/error-codes.js';
import type { Hop } from '../../src/errors.js';
import { CORPUS, hit, runCheck, type Route } from '../helpers/fake-stack.js';
import { failing, failureOf, httpFailure } from '../helpers/failures.js';
import { trial } from '../helpers/trial.js';

const SEARCH = 'POST /vector_stores/vs-1/search';
const NAMES = CORPUS.files.map(({ name }) => name);
const idOf = (suffix: string) => `file-${NAMES.findIndex((name) => name.endsWith(suffix)) + 1}`;

/** What the healthy stack finds, changed: file id and text of each chunk. */
const finding = (change: (fileId: string, text: string) => string | undefined): Record<string, Route> => ({
  [SEARCH]: () => ({
    data: CORPUS.files.flatMap(({ holds, chunks }, index) => {
      const id = `file-${index + 1}`;
      return Array.from({ length: chunks }, () => change(id, holds.join('\n'))).flatMap((text) =>
        text === undefined ? [] : [hit(text, id)],
      );
    }),
  }),
});

it('passes where every file comes back with its sentences, the long one in several chunks', async () => {
  const { api, done } = trial(files);
  const { expected, got } = await done();
  expect(expected).toBe('7 files with their sentences');
  expect(got.split(', ')).toHaveLength(7);
  expect(got).toMatch(/-notes\.txt in 1, .*-handbook\.md in 1, .*-report\.pdf in 1, .*-register\.txt in \d+, /);
  expect(Number(/-register\.txt in (\d+)/.exec(got)?.[1])).toBeGreaterThanOrEqual(3);
  expect(api.sent('UPLOAD')).toHaveLength(7);
  expect(api.sent(SEARCH)).toEqual([expect.objectContaining({ max_num_results: 50 })]);
});

it('passes where sentences are broken over lines', async () => {
  const broken = finding((_, text) => text.replaceAll(' ', '\n'));
  await expect(runCheck(files, broken)).resolves.toBeDefined();
});

it.each([
  ['notes.txt', 'a text'],
  ['handbook.md', 'Markdown'],
  ['report.pdf', 'a PDF'],
  ['letter.txt', 'other scripts'],
])('a file of which nothing comes back is blamed on the file processing: %s (%s)', async (suffix) => {
  const failure = await failureOf(() =>
    runCheck(
      files,
      finding((id, text) => (id === idOf(suffix) ? undefined : text)),
    ),
  );
  expect([failure.code, failure.hop]).toEqual(['E_FILE_PROCESSING', 'file processing']);
  expect(failure.message).toMatch(new RegExp(`-${suffix} is indexed, and none of its chunks can be found$`));
  expect(failure.fix).toContain('file processor');
});

it.each([
  ['a wrong encoding', 'letter.txt', (text: string) => Buffer.from(text).toString('latin1'), 'Шифр маяка'],
  ['question marks for letters', 'letter.txt', (text: string) => text.replace(/[^\x20-\x7e]/g, '?'), 'Шифр маяка'],
  ['lost digits', 'notes.txt', (text: string) => text.replace(/\d/g, ''), 'The catalogue number of the'],
  ['letters with gaps, as of a PDF', 'report.pdf', (text: string) => text.split('').join(' '), 'of the'],
])('%s is blamed on the file processing', async (_, suffix, spoil, lost) => {
  const failure = await failureOf(() =>
    runCheck(
      files,
      finding((id, text) => (id === idOf(suffix) ? spoil(text) : text)),
    ),
  );
  expect([failure.code, failure.hop]).toEqual(['E_FILE_PROCESSING', 'file processing']);
  expect(failure.message).toMatch(new RegExp(`-${suffix} is indexed, and no chunk of it holds ".*${lost}`));
  expect(failure.message).toMatch(/as it was written$/);
});

it('a long file in too few chunks is blamed on the file processing', async () => {
  let left = 1;
  const few = finding((id, text) => (id === idOf('register.txt') && left-- <= 0 ? undefined : text));
  const failure = await failureOf(() => runCheck(files, few));
  expect([failure.code, failure.hop]).toEqual(['E_FILE_PROCESSING', 'file processing']);
  expect(failure.message).toMatch(/-register\.txt was to be cut into at least 2 chunks and came back in 1$/);
  expect(failure.fix).toContain('chunking_strategy');
});

it('sentences under the id of another file are blamed on the vector store: the rows were mixed up', async () => {
  const mixed = {
    [SEARCH]: () => ({ data: CORPUS.files.map(({ holds }) => hit(holds.join(' '), 'file-1', 'b.txt')) }),
  };
  const failure = await failureOf(() => runCheck(files, mixed));
  expect([failure.code, failure.hop]).toEqual(['E_RETRIEVAL', 'vector store']);
  expect(failure.message).toMatch(/^"The .*\." of \w+-handbook\.md comes back as a chunk of b\.txt$/);
  expect(failure.fix).toContain('no longer belong together');
});

it('a search that brings nothing is blamed on the vector store', async () => {
  const failure = await failureOf(() => runCheck(files, { [SEARCH]: () => ({ data: [] }) }));
  expect([failure.code, failure.hop]).toEqual(['E_RETRIEVAL', 'vector store']);
  expect(failure.message).toContain('the search found nothing');
});

it.each<[string, string, Route, ErrorCode, Hop, RegExp]>([
  [
    'an upload that fails',
    'UPLOAD',
    failing(httpFailure(500, 'disk full')),
    'E_STACK_ERROR',
    'file processing',
    /disk full/,
  ],
  [
    'a file that can not be read',
    'POST /vector_stores/vs-1/files',
    () => ({ status: 'failed', last_error: { message: 'no parser' } }),
    'E_FILE_PROCESSING',
    'file processing',
    /indexing .*-notes\.txt ended as "failed": no parser/,
  ],
  [
    'a database that is away',
    'POST /vector_stores/vs-1/files',
    () => ({ status: 'failed', last_error: { message: 'could not connect to PGVector' } }),
    'E_VECTOR_STORE',
    'vector store',
    /could not connect/,
  ],
  [
    'a store that can not be made',
    'POST /vector_stores',
    failing(httpFailure(500, 'broken')),
    'E_VECTOR_STORE',
    'vector store',
    /broken/,
  ],
])('%s is blamed on its own hop', async (_, route, handler, code, hop, message) => {
  const failure = await failureOf(() => runCheck(files, { [route]: handler }));
  expect([failure.code, failure.hop]).toEqual([code, hop]);
  expect(failure.message).toMatch(message);
});
