import { expect, it } from 'vitest';
import { embeddings } from '../../src/assert/checks/embeddings.js';
import { items, member } from '../../src/json.js';
import type { ErrorCode } from '../../src/error-codes.js';
import { CHAT_MODEL, listedModel, runCheck } from '../helpers/fake-stack.js';
import { failing, failureOf, httpFailure } from '../helpers/failures.js';
import { trial } from '../helpers/trial.js';

const EMBED = 'POST /embeddings';
/** The vectors for the three sentences, and the one for the first of them when it is asked for again. */
const giving = (three: unknown[], again: unknown = three[0]) => ({
  [EMBED]: (body: unknown) => ({
    data: (items(member(body, 'input')).length > 1 ? three : [again]).map((embedding) => ({ embedding })),
  }),
});
const [CAT, KITTEN, BANK] = [
  [1, 0, 0],
  [1, 1, 0],
  [0, 0, 1],
];

it('passes where a paraphrase is nearer than an unrelated sentence, and the same text is the same', async () => {
  const { api, done } = trial(embeddings);
  expect(await done()).toEqual({
    expected: 'vectors of 3, nearer for a paraphrase',
    got: 'st/nomic: cosines same text 1.000, paraphrase 1.000, unrelated 0.200',
  });
  const [all, again] = api.sent(EMBED);
  const inputs = items(member(all, 'input'));
  expect(new Set(inputs).size).toBe(3);
  expect(again).toEqual({ model: 'st/nomic', input: inputs.slice(0, 1) });
  expect(member(all, 'model')).toBe('st/nomic');
});

it('passes where vectors of the same text differ by rounding', async () => {
  await expect(runCheck(embeddings, giving([CAT, KITTEN, BANK], [1, 0.001, 0]))).resolves.toBeDefined();
});

it.each<[string, unknown[], unknown, RegExp, RegExp, ErrorCode?]>([
  ['too short vectors', [CAT, [1, 1], BANK], CAT, /st\/nomic gives 2 dimensions and declares 3/, /dimension/],
  ['a too long one', [CAT, KITTEN, BANK], [1, 0, 0, 0], /gives 4 dimensions and declares 3/, /dimension/],
  ['too few vectors', [CAT, KITTEN], CAT, /gives 2 vectors for 3 texts/, /dimension/],
  ['too many vectors', [CAT, KITTEN, BANK, BANK], CAT, /gives 4 vectors for 3 texts/, /dimension/],
  [
    'random vectors',
    [CAT, KITTEN, BANK],
    BANK,
    /another vector for the same text \(cosines: same text 0\.000/,
    /weights/,
  ],
  [
    'constant vectors',
    [CAT, CAT, CAT],
    CAT,
    /nearer than an unrelated.*paraphrase 1\.000, unrelated 1\.000/,
    /weights/,
  ],
  ['vectors of zeros', [[0, 0, 0], CAT, CAT], [0, 0, 0], /another vector for the same text/, /weights/],
  ['meaningless vectors', [CAT, BANK, KITTEN], CAT, /does not put a paraphrase nearer.*unrelated 0\.707/, /weights/],
  ['no vectors', [], CAT, /a list of vectors/, /./, 'E_STACK_FORM'],
  ['vectors that are no numbers', [['a', 'b', 'c'], CAT, BANK], CAT, /a list of vectors/, /./, 'E_STACK_FORM'],
])('%s are blamed on the embedder', async (_, three, again, message, fix, code = 'E_EMBEDDING') => {
  const failure = await failureOf(() => runCheck(embeddings, giving(three, again)));
  expect([failure.code, failure.hop]).toEqual([code, 'embedder']);
  expect(failure.message).toMatch(message);
  expect(failure.fix).toMatch(fix);
});

it('an error of the embedder is blamed on it', async () => {
  const failure = await failureOf(() => runCheck(embeddings, { [EMBED]: failing(httpFailure(500, 'no weights')) }));
  expect([failure.code, failure.hop]).toEqual(['E_EMBEDDING', 'embedder']);
  expect(failure.message).toContain('no weights');
});

it.each([
  ['no embedding model', [CHAT_MODEL]],
  ['one without a dimension', [CHAT_MODEL, listedModel('e', 'embedding', 'p', 'm')]],
])('%s in the list is blamed on the embedder', async (_, data) => {
  const failure = await failureOf(() => runCheck(embeddings, { 'GET /models': () => ({ data }) }));
  expect([failure.code, failure.hop]).toEqual(['E_EMBEDDING', 'embedder']);
  expect(failure.message).toContain('no embedding model with a dimension');
});
