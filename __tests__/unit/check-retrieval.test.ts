import { expect, it } from 'vitest';
import { member } from '../../src/json.js';
import { retrieval } from '../../src/assert/checks/retrieval.js';
import { contextFor, CORPUS, FakeStack, hit, runCheck } from '../helpers/fake-stack.js';
import { failureOf, httpFailure } from '../helpers/failures.js';

const { target, distractor } = CORPUS;
const SEARCH = 'POST /vector_stores/vs-1/search';
/** What a search brings for the target's question, and for the distractor's. */
const finding = (forTarget: unknown[], forDistractor: unknown[] = [hit(distractor.text, 'file-2')]) => ({
  [SEARCH]: (body: unknown) => ({ data: member(body, 'query') === target.fact.question ? forTarget : forDistractor }),
});

it('passes where each question brings the chunk with its fact first, from its file', async () => {
  const api = new FakeStack();
  expect(await retrieval.run(contextFor(api))).toEqual({
    expected: `${target.fact.answer} from ${target.fileName}; ${distractor.fact.answer} from ${distractor.fileName}`,
    got: [target, distractor]
      .map(({ fact, fileName }) => `"${fact.sentence}" first of 2 chunks, from ${fileName}`)
      .join('; '),
  });
  expect(api.sent(SEARCH)).toEqual(
    [target, distractor].map(({ fact }) => ({ query: fact.question, max_num_results: 5 })),
  );
});

it('passes where the file is known by its attribute alone', async () => {
  const renamed = { ...hit(target.text, 'random'), attributes: { file_id: 'file-1' } };
  await expect(runCheck(retrieval, finding([renamed]))).resolves.toBeDefined();
});

it('a search that does not read the query is blamed: it brings the same first for both', async () => {
  const same = [hit(target.text, 'file-1'), hit(distractor.text, 'file-2')];
  expect((await failureOf(() => runCheck(retrieval, finding(same, same)))).message).toContain(distractor.fact.question);
});

it('zero results are blamed on the vector store', async () => {
  const failure = await failureOf(() => runCheck(retrieval, finding([])));
  expect(failure.hop).toBe('vector store');
  expect(failure.message).toBe('the search found nothing in a store that holds the answer');
  expect(failure.fix).toContain('must be restarted after the database was away');
});

it.each([
  [
    'the other document first',
    [hit(distractor.text, 'file-2', 'b.txt'), hit(target.text, 'file-1')],
    /file-2 \(b\.txt\) first/,
  ],
  ['the fact from another file', [hit(target.text, 'file-9')], /file-9 \(a\.txt\) first, not file-1/],
  [
    'a chunk of the right file without the fact',
    [hit('Visitors\nsign', 'file-1')],
    /a chunk without \d+: "Visitors sign"$/,
  ],
  ['an empty chunk', [hit('', 'file-1')], /a chunk without \d+: ""$/],
])('%s is blamed on the vector store', async (_, data, message) => {
  const failure = await failureOf(() => runCheck(retrieval, finding(data)));
  expect(failure.hop).toBe('vector store');
  expect(failure.message).toMatch(message);
  expect(failure.message).toContain(target.fileName);
  expect(failure.fix).toContain('embedding model');
});

it.each([
  [
    'a file processor that failed',
    { status: 'failed', last_error: { message: 'no parser' } },
    'file processing',
    /no parser/,
  ],
  [
    'a database that was away',
    { status: 'failed', last_error: { message: 'could not connect to PGVector' } },
    'vector store',
    /could not connect/,
  ],
])('%s says so inside of a 200', async (_, attached, hop, message) => {
  const failure = await failureOf(() => runCheck(retrieval, { 'POST /vector_stores/vs-1/files': () => attached }));
  expect(failure.hop).toBe(hop);
  expect(failure.message).toMatch(message);
  expect(failure.message).toContain(`indexing ${target.fileName} ended as "failed"`);
});

it.each([
  ['search', SEARCH, 'vector store'],
  ['store', 'POST /vector_stores', 'vector store'],
  ['upload', 'UPLOAD', 'file processing'],
])('a %s that fails is blamed on its own hop', async (_, route, hop) => {
  const fail = () => {
    throw httpFailure(500, 'broken');
  };
  const failure = await failureOf(() => runCheck(retrieval, { [route]: fail }));
  expect(failure.hop).toBe(hop);
  expect(failure.message).toContain('broken');
});
