/** An integer from 0 to below `below`. */
export type Random = (below: number) => number;

/** A fact that no model can know, and the question that asks for it. */
export interface Fact {
  /** The invented name that it is about. */
  name: string;
  /** What is asked for, and of what sort of place. */
  about: Topic;
  question: string;
  answer: string;
  sentence: string;
}

export interface Topic {
  what: string;
  where: string;
}

/** As many topics as there are facts to find. */
export const TOPICS: Topic[] = [
  { what: 'catalogue number', where: 'lighthouse' },
  { what: 'docking fee', where: 'harbour' },
  { what: 'telescope code', where: 'observatory' },
  { what: 'shelf number', where: 'library' },
  { what: 'permit number', where: 'quarry' },
  { what: 'oven number', where: 'bakery' },
  { what: 'inventory number', where: 'museum' },
  { what: 'inspection number', where: 'viaduct' },
  { what: 'seed register', where: 'glasshouse' },
  { what: 'water licence', where: 'mill' },
  { what: 'bell number', where: 'chapel' },
  { what: 'route number', where: 'ferry' },
];

const SYLLABLES = 'bal cor dru fen gor hix jul kam lov mip nar quo rin sul tev vom wex yor zan'.split(' ');

/** An invented word of three syllables. */
export function inventWord(random: Random): string {
  const syllable = () => SYLLABLES[random(SYLLABLES.length)] ?? '';
  return syllable() + syllable() + syllable();
}

/** Invents names and numbers, none of them twice. */
export class Inventor {
  private readonly used = new Set<string>();

  constructor(private readonly random: Random) {}

  word(): string {
    return this.fresh(() => inventWord(this.random));
  }

  name(): string {
    const word = this.word();
    return word.slice(0, 1).toUpperCase() + word.slice(1);
  }

  /** Five digits. */
  number(): string {
    return this.fresh(() => String(10_000 + this.random(90_000)));
  }

  fact(about: Topic): Fact {
    return stateFact(this.name(), about, this.number());
  }

  private fresh(invent: () => string): string {
    let invented = invent();
    while (this.used.has(invented)) invented = invent();
    this.used.add(invented);
    return invented;
  }
}

export function stateFact(name: string, about: Topic, answer: string): Fact {
  const { what, where } = about;
  return {
    name,
    about,
    answer,
    question: `What is the ${what} of the ${name} ${where}?`,
    sentence: `The ${what} of the ${name} ${where} is ${answer}.`,
  };
}
