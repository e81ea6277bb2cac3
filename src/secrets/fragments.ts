import { textOf, viewOf, type View } from './view.js';

/** Characters of a secret, in any form, that tell something of it. */
export const FRAGMENT = 8;

/** Characters of the block that a look reads: every fragment holds one that begins at a multiple of it. */
const BLOCK = 4;
/** Bits of a block's hash, at most: 30,000 fragments fill a few percent of the table. */
const HASH_BITS = 20;

/** A part of a text, up to and without `end`. */
export interface Span {
  start: number;
  end: number;
}

/** A text that tells of a secret. */
export interface Form {
  /** Character by character of the secret where these are more than one each; a fragment has eight of them. */
  text: string | string[];
  /**
   * Characters that must stand before a line break for what stands on both sides to be taken for one. A line can only be shown
   * when its end is none: so two, where every end of a line would be one otherwise. Of numbers one is enough where `isOwn`.
   */
  beforeBreak: number;
  /** Whether it is the secret's own text, and not one made of it. */
  isOwn: boolean;
}

export interface Finder {
  /** Calls back for each fragment of a view, in any case of letters, with where it is. */
  each: (view: View, found: (at: number, end: number, beforeBreak: number) => void) => void;
  /** Whether a view ends with what may go on behind a line break. */
  isOpen: (view: View) => boolean;
}

type Break = Pick<Form, 'beforeBreak' | 'isOwn'>;

/** What begins with the same eight characters: what may follow, and how much must stand before a line break. */
type Fragments = Map<string, Map<string, Break>>;

/**
 * One look at every fourth character, in a table of the hashes of all blocks; only where that says "maybe" the text is
 * compared. So it takes the same time for thirty thousand fragments as for one.
 */
export function createFinder(forms: Form[]): Finder {
  const fragments: Fragments = new Map();
  const ends = new Set<string>();
  const singles = new Set<string>();
  for (const form of forms) {
    const { text, beforeBreak } = form;
    const pieces = Array.from(text, (piece) => piece.toLowerCase());
    for (let at = 0; at + FRAGMENT <= pieces.length; at += 1) {
      const fragment = pieces.slice(at, at + FRAGMENT).join('');
      add(fragments, fragment.slice(0, FRAGMENT), fragment.slice(FRAGMENT), form);
    }
    const written = pieces.join('');
    for (let at = 0; at + beforeBreak < written.length; at += 1) ends.add(written.slice(at, at + beforeBreak));
    if (form.isOwn) for (const char of written.slice(0, -1)) singles.add(char);
  }
  const blocks = blocksOf([...fragments.keys()]);
  const lengths = [...new Set(forms.map(({ beforeBreak }) => beforeBreak))];
  return {
    each: (view, found) => {
      eachCandidate(view.codes, blocks, (at) => {
        const end = at + FRAGMENT;
        for (const [rest, needed] of fragments.get(lowerOf(view, at, end)) ?? [])
          if (rest === '' || lowerOf(view, end, end + rest.length) === rest)
            found(at, end + rest.length, view.isOfNumbers && needed.isOwn ? 1 : needed.beforeBreak);
      });
    },
    isOpen: (view) => {
      const end = textOf(view).slice(-FRAGMENT).toLowerCase();
      if (view.isOfNumbers && singles.has(end.slice(-1))) return true;
      return lengths.some((length) => ends.has(end.slice(-length)));
    },
  };
}

function add(fragments: Fragments, begin: string, rest: string, { beforeBreak, isOwn }: Break): void {
  const rests = fragments.get(begin) ?? new Map<string, Break>();
  const known = rests.get(rest);
  rests.set(rest, {
    beforeBreak: Math.min(beforeBreak, known?.beforeBreak ?? beforeBreak),
    isOwn: isOwn || known?.isOwn === true,
  });
  fragments.set(begin, rests);
}

/** Hashes of the blocks of all fragments: few percent of the table are filled. */
function blocksOf(fragments: string[]): Uint8Array {
  const bits = Math.ceil(Math.log2(fragments.length * 32 + 1));
  const blocks = new Uint8Array(2 ** Math.min(HASH_BITS, Math.max(12, bits)));
  for (const fragment of fragments) {
    const { codes } = viewOf(fragment);
    for (let at = 0; at + BLOCK <= FRAGMENT; at += 1) blocks[hashAt(codes, at, blocks.length)] = 1;
  }
  return blocks;
}

/** Calls back with where a fragment may begin, in order. */
function eachCandidate(codes: Uint16Array, blocks: Uint8Array, look: (at: number) => void): void {
  const final = codes.length - FRAGMENT;
  for (let block = 0; block + BLOCK <= codes.length; block += BLOCK) {
    if (blocks[hashAt(codes, block, blocks.length)] === 0) continue;
    const end = Math.min(block, final);
    for (let start = Math.max(0, block - BLOCK + 1); start <= end; start += 1) look(start);
  }
}

function lowerOf({ codes }: View, at: number, end: number): string {
  return String.fromCharCode(...codes.subarray(at, end)).toLowerCase();
}

/** Spans that do not touch, in order. */
export function merged(spans: Span[]): Span[] {
  const all: Span[] = [];
  for (const span of spans.sort((one, other) => one.start - other.start)) {
    const last = all.at(-1);
    if (last && span.start <= last.end) last.end = Math.max(last.end, span.end);
    else all.push({ ...span });
  }
  return all;
}

/** A place in a table of so many. The bit that sets capital letters apart from small ones in ASCII is left out. */
function hashAt(codes: Uint16Array, at: number, size: number): number {
  const low = (codes[at] ?? 0) | 0x20 | (((codes[at + 1] ?? 0) | 0x20) << 8);
  const high = (codes[at + 2] ?? 0) | 0x20 | (((codes[at + 3] ?? 0) | 0x20) << 8);
  const hash = Math.imul(low | (high << 16), 0x9e3779b1);
  return hash >>> (Math.clz32(size) + 1); // the high bits are the mixed ones
}
