import type { EmbeddingModel, IndexedFile, Stack } from './stack.js';

/** An integer from 0 to below `below`. */
export type Random = (below: number) => number;

/** A fact that no model can know, and the question that asks for it. */
export interface Fact {
  /** The invented name that it is about. */
  name: string;
  question: string;
  answer: string;
  sentence: string;
}

export interface CorpusDocument {
  fileName: string;
  text: string;
  fact: Fact;
}

/** A document to find and one to tell it from. */
export interface Corpus {
  target: CorpusDocument;
  distractor: CorpusDocument;
  /** A random word for a model to repeat. */
  word: string;
}

export interface IndexedCorpus {
  storeId: string;
  target: IndexedFile;
  distractor: IndexedFile;
}

const SYLLABLES = [
  'bal',
  'cor',
  'dru',
  'fen',
  'gor',
  'hix',
  'jul',
  'kam',
  'lov',
  'mip',
  'nar',
  'quo',
  'rin',
  'sul',
  'tev',
  'vom',
  'wex',
  'yor',
  'zan',
];

/** An invented word of three syllables. */
export function inventWord(random: Random): string {
  const syllable = () => SYLLABLES[random(SYLLABLES.length)] ?? '';
  return syllable() + syllable() + syllable();
}

/** A corpus of this run alone: names and numbers are random. */
export function makeCorpus(random: Random): Corpus {
  const names = [inventWord(random), inventWord(random)].map((word) => (word[0] ?? '').toUpperCase() + word.slice(1));
  const [first = '', second = ''] = names[0] === names[1] ? [`${names[0] ?? ''}a`, `${names[1] ?? ''}o`] : names;
  const number = () => String(10_000 + random(90_000));
  return {
    target: makeDocument(
      first,
      'catalogue number',
      'lighthouse',
      number(),
      'It was built on the northern shore and is painted white.',
    ),
    distractor: makeDocument(
      second,
      'docking fee',
      'harbour',
      number(),
      'It lies south of the old mill and closes in winter.',
    ),
    word: inventWord(random),
  };
}

function makeDocument(name: string, what: string, where: string, answer: string, filler: string): CorpusDocument {
  const sentence = `The ${what} of the ${name} ${where} is ${answer}.`;
  return {
    fileName: `${name.toLowerCase()}-handbook.txt`,
    text: `Handbook of the ${name} ${where}\n\n${filler}\n\n${sentence}\n\nVisitors sign the book at the gate before they enter.\n`,
    fact: { name, question: `What is the ${what} of the ${name} ${where}?`, answer, sentence },
  };
}

/** Uploads the corpus into a new vector store. Whatever it makes is noted at the stack, which deletes it later. */
export async function indexCorpus(stack: Stack, corpus: Corpus, embedding: EmbeddingModel): Promise<IndexedCorpus> {
  const storeId = await stack.createStore(`maas-e2e ${corpus.target.fact.name}`, embedding);
  const add = async ({ fileName, text }: CorpusDocument) => await stack.addFile(storeId, fileName, text);
  return { storeId, target: await add(corpus.target), distractor: await add(corpus.distractor) };
}
