import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeCorpus, revise, type Corpus, type CorpusFile } from '../../src/assert/corpus/corpus.js';
import { Inventor, inventWord, TOPICS, type Random } from '../../src/assert/corpus/facts.js';
import { makePdf } from '../../src/assert/corpus/pdf.js';
import { CORPUS, countingRandom } from '../helpers/fake-stack.js';

/** Any numbers first, then ones that go on differing: what was drawn before is drawn again until it is new. */
const randoms = fc.array(fc.nat(), { maxLength: 60 }).map((numbers): Random => {
  const left = [...numbers];
  const rest = countingRandom();
  return (below) => (left.shift() ?? rest(below)) % below;
});
const anyCorpus = randoms.map((random) => makeCorpus(new Inventor(random)));

/** A file as text; of a PDF what it shows. */
function textOf({ content }: CorpusFile): string {
  const text = typeof content === 'string' ? content : Buffer.from(content).toString('latin1');
  return typeof content === 'string' ? text : [...text.matchAll(/\((.*)\) Tj/g)].map(([, line]) => line).join('\n');
}
const everything = ({ files }: Corpus) => files.map(textOf).join('\n');

describe('the corpus of a run, whatever is drawn', () => {
  it('has 12 questions with names and numbers of their own, each answered once, in its file', () => {
    fc.assert(
      fc.property(anyCorpus, (corpus) => {
        const { questions, files } = corpus;
        expect(questions).toHaveLength(12);
        expect(new Set(questions.map(({ name }) => name)).size).toBe(12);
        expect(new Set(questions.map(({ answer }) => answer)).size).toBe(12);
        const all = everything(corpus);
        for (const { name, question, sentence, answer, fileName } of questions) {
          expect(name).toMatch(/^[A-Z][a-z]{8}$/);
          expect(answer).toMatch(/^[1-9]\d{4}$/);
          expect(all.split(answer)).toHaveLength(2);
          expect(question).toContain(name);
          expect(question).not.toContain(answer);
          expect(textOf(files.find((file) => file.name === fileName)!)).toContain(sentence);
        }
      }),
    );
  });

  it('has files of all kinds with names of their own, a shelf each, and the sentences that they hold', () => {
    fc.assert(
      fc.property(anyCorpus, ({ files }) => {
        expect(files.map(({ name, type }) => `${name.replace(/^[a-z]+/, '')} ${type}`)).toEqual([
          '-notes.txt text/plain',
          '-handbook.md text/markdown',
          '-report.pdf application/pdf',
          '-register.txt text/plain',
          '-letter.txt text/plain',
          '-other-1.txt text/plain',
          '-other-2.txt text/plain',
        ]);
        expect(new Set(files.map(({ attachment }) => attachment.attributes?.['shelf'])).size).toBe(files.length);
        for (const file of files) {
          expect(file.holds.length).toBeGreaterThan(0);
          for (const sentence of file.holds) expect(textOf(file)).toContain(sentence);
        }
      }),
    );
  });

  it('asks an unanswerable question about a name that no document holds, as one about another is answerable', () => {
    fc.assert(
      fc.property(anyCorpus, (corpus) => {
        const { name, question, answer } = corpus.unanswerable;
        expect(question).toContain(name);
        expect(everything(corpus)).not.toContain(name);
        expect(everything(corpus)).not.toContain(answer);
        expect(corpus.questions.map(({ about }) => about)).toContainEqual(corpus.unanswerable.about);
      }),
    );
  });

  it('has a file to delete that no question is about, and near others', () => {
    fc.assert(
      fc.property(anyCorpus, ({ disposable, questions, first, other, files }) => {
        expect(files).toContain(disposable);
        expect(disposable.facts.length).toBeGreaterThan(0);
        expect(questions.map(({ fileName }) => fileName)).not.toContain(disposable.name);
        expect(first.fileName).not.toBe(other.fileName);
        expect([first, other].every((question) => questions.includes(question))).toBe(true);
      }),
    );
  });

  it('changes one number in one document when it is revised', () => {
    fc.assert(
      fc.property(anyCorpus, (corpus) => {
        const { first, files } = corpus;
        const { file, question } = revise(corpus, '777777');
        const before = files.find(({ name }) => name === first.fileName)!;
        expect(textOf(file)).toBe(textOf(before).replace(first.answer, '777777'));
        expect({ ...file, content: '', holds: [], facts: [] }).toEqual({
          ...before,
          content: '',
          holds: [],
          facts: [],
        });
        expect(question).toMatchObject({ question: first.question, answer: '777777', fileName: first.fileName });
        expect(file.holds).toContain(question.sentence);
      }),
    );
  });
});

describe('the corpus', () => {
  it('differs from run to run', () => {
    const from = (start: number) => {
      const random = countingRandom();
      for (let skipped = 0; skipped < start; skipped += 1) random(2);
      return makeCorpus(new Inventor(random));
    };
    expect(from(0)).toEqual(CORPUS);
    const [one, other] = [from(0), from(1)].map(({ questions }) => questions.map(({ answer }) => answer));
    expect(one!.filter((answer) => other!.includes(answer))).toEqual([]);
  });

  it('has a long file that is cut into chunks as small as they may be, and others that are cut as by default', () => {
    const strategies = CORPUS.files.map(({ attachment, chunks }) => [attachment.chunking_strategy, chunks]);
    expect(strategies[3]).toEqual([
      { type: 'static', static: { max_chunk_size_tokens: 100, chunk_overlap_tokens: 30 } },
      2,
    ]);
    expect(strategies.filter(([strategy]) => strategy === undefined)).toHaveLength(6);
  });

  it('writes one number in Cyrillic, Greek, Chinese and Arabic', () => {
    const { holds } = CORPUS.files[4]!;
    for (const [index, script] of [
      /\p{Script=Cyrillic}/u,
      /\p{Script=Greek}/u,
      /\p{Script=Han}/u,
      /\p{Script=Arabic}/u,
    ].entries())
      expect(holds[index]).toMatch(script);
    expect(new Set(holds.map((sentence) => /\d{5}/.exec(sentence)?.[0])).size).toBe(1);
  });

  it('states facts as questions ask for them', () => {
    expect(CORPUS.first).toMatchObject({
      question: `What is the catalogue number of the ${CORPUS.first.name} lighthouse?`,
      sentence: `The catalogue number of the ${CORPUS.first.name} lighthouse is ${CORPUS.first.answer}.`,
    });
    expect(new Set(TOPICS.map(({ what, where }) => `${what} ${where}`)).size).toBe(12);
  });
});

it('the corpus knows every number in its documents: a model may take any of them', () => {
  const numbers = new Set(everything(CORPUS).match(/\d{5}/g));
  expect([...CORPUS.planted].sort()).toEqual([...numbers].sort());
});

describe('an inventor', () => {
  it('draws below its bounds, and can reach them', () => {
    const bounds: number[] = [];
    expect(inventWord((below) => bounds.push(below) * 0 + below - 1)).toBe('zanzanzan');
    expect(bounds).toEqual([19, 19, 19]);
    expect(new Inventor(() => 0).number()).toBe('10000');
    expect(new Inventor((below) => below - 1).number()).toBe('99999');
    expect(new Inventor(() => 0).name()).toBe('Balbalbal');
  });

  it('gives nothing twice, however often it is drawn', () => {
    const draws = [5, 5, 5, 6];
    const inventor = new Inventor(() => draws.shift() ?? 7);
    expect([inventor.number(), inventor.number(), inventor.number()]).toEqual(['10005', '10006', '10007']);
  });
});

describe('a PDF', () => {
  const lines = fc.array(fc.stringMatching(/^[ -~]{0,80}$/), { maxLength: 70 });

  it('has its objects where its table says, and its stream as long as it says', () => {
    fc.assert(
      fc.property(lines, (shown) => {
        const pdf = Buffer.from(makePdf(shown)).toString('latin1');
        expect(pdf).toMatch(/^%PDF-1\.4\n[^]*%%EOF\n$/);
        const start = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(pdf)?.[1]);
        const [, count, entries = ''] =
          /^xref\n0 (\d+)\n((?:\d{10} \d{5} [nf] \n)+)trailer\n/.exec(pdf.slice(start)) ?? [];
        const offsets = entries
          .split('\n')
          .filter((entry) => entry.includes(' n'))
          .map((entry) => parseInt(entry, 10));
        expect(entries).toMatch(/^0000000000 65535 f \n/);
        expect(offsets).toHaveLength(Number(count) - 1);
        for (const [index, offset] of offsets.entries())
          expect(pdf.slice(offset)).toMatch(new RegExp(`^${index + 1} 0 obj\n`));
        expect(pdf).toContain(`/Size ${count} /Root 1 0 R`);
        const length = Number(/\/Length (\d+) >>\nstream\n/.exec(pdf)?.[1]);
        expect(pdf.slice(pdf.indexOf('stream\n') + 7).slice(length)).toMatch(/^\nendstream/);
      }),
    );
  });

  it.each([
    ['plain', 'plain'],
    ['a (b) c', 'a \\(b\\) c'],
    ['back\\slash', 'back\\\\slash'],
    [')(', '\\)\\('],
  ])('shows %j', (line, escaped) => {
    expect(Buffer.from(makePdf(['first', line])).toString()).toContain(`(first) Tj T*\n(${escaped}) Tj T*\nET`);
  });
});
