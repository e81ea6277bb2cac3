import type { Upload } from '../../ports.js';
import type { Attachment } from '../stack/stores.js';
import { TOPICS, stateFact, type Fact, type Inventor } from './facts.js';
import { makePdf } from './pdf.js';

/** A document of the corpus. */
export interface CorpusFile extends Upload {
  facts: Fact[];
  attachment: Attachment;
  /** Sentences that a search must bring back as they are, each from one chunk. */
  holds: string[];
  /** Chunks that it must come back in, at the least. */
  chunks: number;
}

/** A fact, and the file that holds it. */
export interface Question extends Fact {
  fileName: string;
}

/** Documents with facts to find, and others to tell them from. */
export interface Corpus {
  files: CorpusFile[];
  /** One for each fact, in the order of their files: plain text, Markdown, PDF, a text of several chunks. */
  questions: Question[];
  /** The first fact of the plain text, and one of another file. */
  first: Question;
  other: Question;
  /** A document that no question is about. */
  disposable: CorpusFile;
  /** About a name that no document holds. */
  unanswerable: Fact;
  /** Every number in the documents: none of them answers the unanswerable question. */
  planted: string[];
}

/** The attribute by which a filtered search tells files apart. */
export const SHELF = 'shelf';

/** Sentences between the facts: no names, no numbers, nothing that a question asks for. Short: embedding takes time. */
const FILLER = [
  'Visitors sign the book at the gate.',
  'The paths are swept every morning.',
  'Tea is served when the wind is cold.',
  'Children hold a hand near the stairs.',
  'A cat sleeps behind the garden wall.',
  'The roof was mended by the neighbours.',
];

/** Tokens of a chunk of the long file, the least that the API allows; the overlap is longer than a sentence. */
const LONG: Attachment['chunking_strategy'] = {
  type: 'static',
  static: { max_chunk_size_tokens: 100, chunk_overlap_tokens: 30 },
};

/** A corpus of this run alone. Its names and numbers are invented, and will not be invented again. */
export function makeCorpus(inventor: Inventor): Corpus {
  const facts = TOPICS.map((topic) => inventor.fact(topic));
  const name = inventor.name().toLowerCase();
  const holding = [
    plainFile(`${name}-notes.txt`, facts.slice(0, 2)),
    markdownFile(`${name}-handbook.md`, facts.slice(2, 4)),
    pdfFile(`${name}-report.pdf`, facts.slice(4, 6)),
    longFile(`${name}-register.txt`, facts.slice(6)),
  ];
  const foreignNumber = inventor.number();
  const foreign = foreignFile(`${name}-letter.txt`, foreignNumber);
  // the same sorts of places under other names: what is near, and not the answer
  const others = [0, 6].map((at, index) =>
    plainFile(
      `${name}-other-${index + 1}.txt`,
      TOPICS.slice(at, at + 3).map((topic) => inventor.fact(topic)),
    ),
  );
  const files = [...holding, foreign, ...others];
  const questions = holding.flatMap(({ facts: stated, name: fileName }) =>
    stated.map((fact) => ({ ...fact, fileName })),
  );
  const [first, , other] = questions;
  const disposable = files.at(-1);
  if (!first || !other || !disposable) throw new Error('a corpus has at least two files with facts');
  return {
    files,
    questions,
    first,
    other,
    disposable,
    unanswerable: inventor.fact({ what: 'catalogue number', where: 'lighthouse' }),
    planted: [...files.flatMap(({ facts: stated }) => stated.map(({ answer }) => answer)), foreignNumber],
  };
}

/** The document of the first question with another number in it, and the question with that for an answer. */
export function revise({ questions, first }: Corpus, answer: string): { file: CorpusFile; question: Question } {
  const question = { ...stateFact(first.name, first.about, answer), fileName: first.fileName };
  const beside = questions.filter(({ fileName, name }) => fileName === first.fileName && name !== first.name);
  return { file: plainFile(first.fileName, [question, ...beside]), question };
}

function holding(facts: Fact[], file: Upload, more: Partial<CorpusFile> = {}): CorpusFile {
  const shelf = file.name.replace(/^.*-|\..*$/g, '');
  const holds = facts.map(({ sentence }) => sentence);
  return { ...file, attachment: { attributes: { [SHELF]: shelf } }, holds, chunks: 1, facts, ...more };
}

/** Sections, each with a fact after another sentence. */
function sections(facts: Fact[]): string[] {
  return facts.map(({ sentence }, index) => `${FILLER[index % FILLER.length] ?? ''}\n\n${sentence}`);
}

function plainFile(name: string, facts: Fact[]): CorpusFile {
  return holding(facts, { name, type: 'text/plain', content: `${sections(facts).join('\n\n')}\n` });
}

function markdownFile(name: string, facts: Fact[]): CorpusFile {
  const parts = sections(facts).map((section, index) => `## Part ${'AB'.charAt(index)}\n\n${section}`);
  return holding(facts, { name, type: 'text/markdown', content: `# Handbook\n\n${parts.join('\n\n')}\n` });
}

/** One sentence a line: what reads a PDF may join lines, and may not. */
function pdfFile(name: string, facts: Fact[]): CorpusFile {
  const lines = sections(facts).flatMap((section) => section.split('\n\n'));
  return holding(facts, { name, type: 'application/pdf', content: makePdf(['Report', ...lines]) });
}

function longFile(name: string, facts: Fact[]): CorpusFile {
  const file = { name, type: 'text/plain', content: `${sections(facts).join('\n\n')}\n` };
  const attachment = { attributes: { [SHELF]: 'register' }, chunking_strategy: LONG };
  return holding(facts, file, { attachment, chunks: 2 });
}

/** Cyrillic, Greek, Chinese, Arabic: a wrong encoding anywhere on the way shows. */
function foreignFile(name: string, number: string): CorpusFile {
  const holds = [
    `Шифр маяка — ${number}.`,
    `Ο κωδικός του φάρου είναι ${number}.`,
    `灯塔的编号是${number}。`,
    `رقم المنارة ${number}.`,
  ];
  return holding([], { name, type: 'text/plain', content: `${holds.join('\n')}\n` }, { holds });
}
