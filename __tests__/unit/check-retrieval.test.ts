import { expect, it } from 'vitest';
import { retrieval } from '../../src/assert/checks/retrieval.js';
import type { Question } from '../../src/assert/corpus/corpus.js';
import { member } from '../../src/json.js';
import { CORPUS, hit, runCheck } from '../helpers/fake-stack.js';
import { failing, failureOf, httpFailure } from '../helpers/failures.js';
import { trial } from '../helpers/trial.js';

const SEARCH = 'POST /vector_stores/vs-1/search';
const { questions } = CORPUS;
const fileIdOf = ({ fileName }: Question) => `file-${CORPUS.files.findIndex(({ name }) => name === fileName) + 1}`;
const right = (question: Question) => hit(question.sentence, fileIdOf(question), question.fileName);
const other = hit('Visitors sign the book at the gate.', 'file-7');

/** What comes for each question, by its place. */
const finding = (forQuestion: (question: Question, index: number) => object[]) => ({
  [SEARCH]: (body: unknown) => {
    const index = questions.findIndex(({ question }) => question === member(body, 'query'));
    return { data: index < 0 ? [] : forQuestion(questions[index]!, index) };
  },
});
/** The right chunk at this rank of five, for the first so many questions. */
const ranked = (rank: number, many: number) =>
  finding((question, index) =>
    Array.from({ length: 5 }, (_, place) => (index < many && place === rank - 1 ? right(question) : other)),
  );

it('passes where each of 12 questions brings the chunk with its fact from its file', async () => {
  const { api, done } = trial(retrieval);
  expect(await done()).toEqual({
    expected: 'at least recall@1 0.45, recall@5 0.90, MRR 0.60',
    got: 'recall@1 1.00, recall@5 1.00, MRR 1.00',
  });
  expect(questions).toHaveLength(12);
  expect(api.sent(SEARCH)).toEqual(questions.map(({ question }) => ({ query: question, max_num_results: 5 })));
});

it('passes where the file is known by its attribute alone', async () => {
  const renamed = finding((question) => [
    { ...right(question), file_id: 'random', attributes: { file_id: fileIdOf(question) } },
  ]);
  expect((await runCheck(retrieval, renamed)).got).toContain('recall@1 1.00');
});

it.each<[string, number, number, number, boolean]>([
  ['each right chunk second: the rank is 0.5, and none is first', 2, 12, 0.9, false],
  ['11 of 12 first', 1, 11, 0.9, true],
  ['10 of 12 first, which is below 0.9', 1, 10, 0.9, false],
  ['10 of 12 first, where 0.8 is enough', 1, 10, 0.8, true],
  ['10 of 12 fifth', 5, 10, 0.8, false],
  ['all but one, where all are wanted', 1, 11, 1, false],
  ['all, where all are wanted', 1, 12, 1, true],
  ['none, where any is enough', 1, 0, 0, true],
])('judges by its floors: %s', async (_, rank, many, minRecall, passes) => {
  const { done } = trial(retrieval, { stack: ranked(rank, many), over: { minRecall } });
  if (passes) return await expect(done()).resolves.toBeDefined();
  const failure = await failureOf(done);
  expect([failure.code, failure.hop]).toEqual(['E_RETRIEVAL', 'vector store']);
  const [recall1, recall5, mrr] = [rank === 1 ? many / 12 : 0, many / 12, many / rank / 12].map((x) => x.toFixed(2));
  expect(failure.message).toBe(
    `search brings too little: recall@1 ${recall1}, recall@5 ${recall5}, MRR ${mrr}; ` +
      `wanted at least recall@1 ${(minRecall / 2).toFixed(2)}, recall@5 ${minRecall.toFixed(2)}, MRR ${((minRecall * 2) / 3).toFixed(2)}`,
  );
  expect(failure.fix).toMatch(/embedding model.*min-recall/);
});

it.each<[string, number[], number, boolean]>([
  ['7 first, 5 fifth', [...Array<number>(7).fill(1), ...Array<number>(5).fill(5)], 0.9, true],
  [
    '5 first, 7 second: recall@1 is below its floor',
    [...Array<number>(5).fill(1), ...Array<number>(7).fill(2)],
    0.9,
    false,
  ],
  ['6 first, 6 fifth: MRR is below its floor', [...Array<number>(6).fill(1), ...Array<number>(6).fill(5)], 0.95, false],
])('each measure has its floor: %s', async (_, ranks, minRecall, passes) => {
  const stack = finding((question, index) =>
    Array.from({ length: 5 }, (__, place) => (place === ranks[index]! - 1 ? right(question) : other)),
  );
  const { done } = trial(retrieval, { stack, over: { minRecall } });
  if (passes) await expect(done()).resolves.toBeDefined();
  else expect((await failureOf(done)).message).toContain('recall@5 1.00');
});

it('a search that does not read the query is blamed: it brings the same five for all', async () => {
  const same = questions.slice(0, 5).map(right);
  const failure = await failureOf(() =>
    runCheck(
      retrieval,
      finding(() => same),
    ),
  );
  expect(failure.message).toContain('recall@1 0.08, recall@5 0.42');
});

it.each([
  ['without the number', (question: Question) => question.sentence.replace(/\d+/, '')],
  ['with a longer number', (question: Question) => question.sentence.replace(/\d+/, '1$&')],
  ['without a word', () => ''],
])('a chunk of the right file %s does not count', async (_, textOf) => {
  const wrong = finding((question) => [hit(textOf(question), fileIdOf(question))]);
  expect((await failureOf(() => runCheck(retrieval, wrong))).message).toContain('recall@5 0.00');
});

it('facts under other files are blamed on the vector store: the rows were mixed up', async () => {
  const misfiled = finding((question) => [right(question), hit(question.sentence, 'file-9', 'b.txt')]);
  const failure = await failureOf(() => runCheck(retrieval, misfiled));
  expect([failure.code, failure.hop]).toEqual(['E_RETRIEVAL', 'vector store']);
  expect(failure.message).toBe(
    `12 chunks come back under other files; the chunk with ${questions[0]!.answer} came as one of b.txt, not of ${questions[0]!.fileName}`,
  );
  expect(failure.fix).toContain('no longer belong together');
});

it('one question without a result is no low recall, but a broken store: it never passes', async () => {
  const { done } = trial(retrieval, {
    stack: finding((question, index) => (index === 11 ? [] : [right(question)])),
    over: { minRecall: 0 },
  });
  const failure = await failureOf(done);
  expect([failure.code, failure.hop]).toEqual(['E_RETRIEVAL', 'vector store']);
  expect(failure.message).toContain('the search found nothing in a store that holds the answer');
});

it('a search that fails is blamed on the vector store', async () => {
  const failure = await failureOf(() => runCheck(retrieval, { [SEARCH]: failing(httpFailure(500, 'broken')) }));
  expect([failure.code, failure.hop]).toEqual(['E_VECTOR_STORE', 'vector store']);
  expect(failure.message).toContain('broken');
});
