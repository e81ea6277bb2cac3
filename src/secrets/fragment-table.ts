/** Eight characters of a secret, as they are written somewhere: in small letters, and as many as that takes. */
export interface Fragment {
  text: string;
  beforeBreak: number;
  isOwn: boolean;
}

export interface FragmentTable {
  /** Calls back for each fragment in a text, in order of place, with letters of ASCII in any case. */
  each: (codes: Uint16Array, found: (at: number, fragment: Fragment) => void) => void;
  /** Whether four characters may be in a fragment; if not, they are in none. */
  has: (codes: Uint16Array, at: number) => boolean;
  /** Characters of the longest fragment. */
  longest: number;
  /** Whether there is a fragment in a text. */
  isIn: (codes: Uint16Array) => boolean;
}

/** Characters by which a fragment is looked up. */
const HEAD = 8;
/** Characters of the block that a look reads: every head holds one that begins at a multiple of it. */
const BLOCK = 4;
/** Bits of a hash, at most: 30,000 fragments fill a few percent of a table of so many bits, which is 256 kB. */
const MOST_BITS = 21;
/** Odd, and near the golden ratio of 2^32: what it is multiplied by is spread over the high bits. */
const SPREAD = 0x9e3779b1;
const OTHER_SPREAD = 0x85ebca6b;

/**
 * One look at every fourth character, in a table of the hashes of all blocks; where that says "maybe", in one of the hashes of
 * all heads; only then the text is compared. So it takes the same time for thirty thousand fragments as for one.
 */
export function createTable(fragments: Fragment[]): FragmentTable {
  const bits = Math.min(MOST_BITS, Math.max(12, Math.ceil(Math.log2(fragments.length * 64 + 1))));
  const shift = 32 - bits;
  const blocks = new Int32Array(2 ** (bits - 5));
  const checks = new Int32Array(2 ** (bits - 5)); // the same blocks by another hash: words of logs are unlucky every line
  const heads = new Int32Array(2 ** (bits - 5));
  const byHead = new Map<number, Fragment[]>();
  for (const fragment of fragments) {
    const codes = Uint16Array.from(fragment.text, (char) => char.charCodeAt(0));
    noteBlocks(codes, { blocks, checks, shift });
    const hash = headAt(codes, 0);
    put(heads, hash >>> shift);
    byHead.set(hash, [...(byHead.get(hash) ?? []), fragment]);
  }

  const isBlock = (codes: Uint16Array, at: number) => {
    const word = wordAt(codes, at);
    return has(blocks, Math.imul(word, SPREAD) >>> shift) && has(checks, Math.imul(word, OTHER_SPREAD) >>> shift);
  };
  const look = (codes: Uint16Array, at: number, found: (at: number, fragment: Fragment) => void) => {
    const hash = headAt(codes, at);
    if (!has(heads, hash >>> shift)) return;
    for (const fragment of byHead.get(hash) ?? []) if (isAt(codes, at, fragment.text)) found(at, fragment);
  };
  const each: FragmentTable['each'] = (codes, found) => {
    const final = codes.length - HEAD;
    for (let block = 0; block + BLOCK <= codes.length; block += BLOCK) {
      if (!isBlock(codes, block)) continue;
      const last = Math.min(block, final);
      for (let at = Math.max(0, block - BLOCK + 1); at <= last; at += 1) look(codes, at, found);
    }
  };
  return {
    each,
    has: isBlock,
    longest: Math.max(...fragments.map(({ text }) => text.length)),
    isIn: (codes) => isAny(each, codes),
  };
}

function isAny(each: FragmentTable['each'], codes: Uint16Array): boolean {
  let count = 0;
  each(codes, () => (count += 1));
  return count > 0;
}

interface Blocks {
  blocks: Int32Array;
  checks: Int32Array;
  shift: number;
}

function noteBlocks(codes: Uint16Array, { blocks, checks, shift }: Blocks): void {
  for (let at = 0; at + BLOCK <= codes.length; at += 1) {
    put(blocks, Math.imul(wordAt(codes, at), SPREAD) >>> shift);
    put(checks, Math.imul(wordAt(codes, at), OTHER_SPREAD) >>> shift);
  }
}

function put(table: Int32Array, bit: number): void {
  table[bit >>> 5] = (table[bit >>> 5] ?? 0) | (1 << (bit & 31));
}

function has(table: Int32Array, bit: number): boolean {
  return (((table[bit >>> 5] ?? 0) >>> (bit & 31)) & 1) === 1;
}

/** Four characters as one number. The bit that sets capital letters apart from small ones in ASCII is left out. */
function wordAt(codes: Uint16Array, at: number): number {
  const low = (codes[at] ?? 0) | ((codes[at + 1] ?? 0) << 8);
  const high = (codes[at + 2] ?? 0) | ((codes[at + 3] ?? 0) << 8);
  return low | (high << 16) | 0x20202020;
}

/** The hash of a head. */
function headAt(codes: Uint16Array, at: number): number {
  return Math.imul(wordAt(codes, at) ^ Math.imul(wordAt(codes, at + BLOCK), OTHER_SPREAD), SPREAD) >>> 0;
}

function isAt(codes: Uint16Array, at: number, text: string): boolean {
  if (at + text.length > codes.length) return false;
  for (let next = 0; next < text.length; next += 1) {
    const code = codes[at + next] ?? 0;
    if ((code >= 0x41 && code <= 0x5a ? code | 0x20 : code) !== text.charCodeAt(next)) return false;
  }
  return true;
}
