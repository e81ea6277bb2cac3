import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indexCorpus, inventWord, makeCorpus, type Random } from '../../src/assert/corpus.js';
import { Stack } from '../../src/assert/stack.js';
import { CORPUS, countingRandom, FakeStack } from '../helpers/fake-stack.js';
import { failureOf } from '../helpers/failures.js';

/** Any sequence of random numbers. */
const randoms = fc.array(fc.nat(), { minLength: 1, maxLength: 20 }).map((numbers): Random => {
  let index = 0;
  return (below) => (numbers[index++ % numbers.length] ?? 0) % below;
});

describe('the corpus of a run', () => {
  it('has two documents that can be told apart, each with its fact once, whatever is drawn', () => {
    fc.assert(
      fc.property(randoms, (random) => {
        const { target, distractor, word } = makeCorpus(random);
        expect(target.fact.name).not.toBe(distractor.fact.name);
        expect(target.fileName).not.toBe(distractor.fileName);
        for (const { text, fact, fileName } of [target, distractor]) {
          expect(text.split(fact.answer)).toHaveLength(2);
          expect(text).toContain(fact.sentence);
          expect(fact.sentence).toContain(fact.answer);
          expect(fact.question).toContain(fact.name);
          expect(fact.question).not.toContain(fact.answer);
          expect(fact.answer).toMatch(/^[1-9]\d{4}$/);
          expect(fileName).toMatch(/^[a-z]+-handbook\.txt$/);
        }
        expect(word).toMatch(/^[a-z]{9}$/);
      }),
    );
  });

  it('differs from run to run', () => {
    const zero = makeCorpus(() => 0);
    const other = makeCorpus((below) => below - 1);
    expect(other.word).not.toBe(zero.word);
    expect(other.target.fact.answer).not.toBe(zero.target.fact.answer);
    expect(other.target.text).not.toBe(zero.target.text);
  });

  it('asks about what it says', () => {
    const { target } = makeCorpus(() => 0);
    expect(target.fact).toEqual({
      name: 'Balbalbala',
      question: 'What is the catalogue number of the Balbalbala lighthouse?',
      answer: '10000',
      sentence: 'The catalogue number of the Balbalbala lighthouse is 10000.',
    });
    expect(target.fileName).toBe('balbalbala-handbook.txt');
  });

  it('draws every number below its bound', () => {
    const bounds: number[] = [];
    inventWord((below) => bounds.push(below));
    expect(bounds).toEqual([19, 19, 19]);
    expect(makeCorpus((below) => below - 1).target.fact.answer).toBe('99999');
  });
});

describe('indexing the corpus', () => {
  it('puts both documents into one new store', async () => {
    const api = new FakeStack();
    expect(await indexCorpus(new Stack(api), CORPUS, { id: 'st/nomic', dimension: 3 })).toEqual({
      storeId: 'vs-1',
      target: { fileId: 'file-1', fileName: CORPUS.target.fileName },
      distractor: { fileId: 'file-2', fileName: CORPUS.distractor.fileName },
    });
    expect(api.sent('UPLOAD')).toEqual([
      { name: CORPUS.target.fileName, text: CORPUS.target.text },
      { name: CORPUS.distractor.fileName, text: CORPUS.distractor.text },
    ]);
    expect(api.sent('POST /vector_stores')[0]).toMatchObject({ embedding_model: 'st/nomic', embedding_dimension: 3 });
  });

  it('ends at the first document that can not be indexed', async () => {
    const api = new FakeStack({ 'POST /vector_stores/vs-1/files': () => ({ status: 'failed' }) });
    const failure = await failureOf(() =>
      indexCorpus(new Stack(api), makeCorpus(countingRandom()), { id: 'e', dimension: 1 }),
    );
    expect(failure.hop).toBe('file processing');
    expect(api.sent('UPLOAD')).toHaveLength(1);
  });
});
