import { merged, type Span } from './fragments.js';

/** Characters of the longest line that may be one of a hexdump, with an offset and a column of text. */
export const LONGEST_DUMP_LINE = 300;
/** Characters of the longest number that is read: four bytes in hex. */
export const LONGEST_NUMBER = 8;
/** Bytes that are a fragment: fewer numbers after each other tell nothing. */
const ENOUGH = 8;

/** What characters are to a dump. */
export const [OTHER, BETWEEN, DIGIT, LETTER] = [0, 1, 2, 3] as const;
const [LINE_FEED, RETURN, BLANK, COLON, ZERO, NINE] = [10, 13, 0x20, 0x3a, 0x30, 0x39];
/** What may stand between two numbers of a dump. */
const SEPARATORS = ' \t\r\n,:;-[](){}<>|"\'\\./+_%&#$=';
const KINDS = Uint8Array.from({ length: 0x10000 }, (_, code) => {
  const char = String.fromCharCode(code);
  if (code < 128 && /[0-9a-fx]/i.test(char)) return DIGIT;
  if (code < 128 && /[a-z]/i.test(char)) return LETTER;
  return SEPARATORS.includes(char) ? BETWEEN : OTHER;
});

export function kindAt(codes: Uint16Array, at: number): number {
  return at < codes.length ? (KINDS[codes[at] ?? 0] ?? OTHER) : OTHER;
}

/** Where a line of a hexdump has its first number, behind the offset that it begins with, and where it ends. */
export function dumpLineAt(codes: Uint16Array, from: number): Span | undefined {
  let first = from;
  while (codes[first] === BLANK) first += 1;
  let end = first;
  while (end < first + 17 && digitAt(codes, end) < 16) end += 1;
  const isOffset = end - first >= 6 || (end - first >= 4 && codes[end] === COLON);
  const start = codes[end] === COLON ? end + 1 : end;
  if (!isOffset || end - first > 16 || codes[start] !== BLANK) return undefined;
  const lineEnd = lineEndOf(codes, from);
  return lineEnd < 0 ? undefined : { start, end: lineEnd };
}

/** The end of a line without what ends it; -1 where it has more characters than a line of a hexdump, or has no end yet. */
function lineEndOf(codes: Uint16Array, from: number): number {
  for (let at = from; at < from + LONGEST_DUMP_LINE; at += 1) {
    if (at === codes.length) return at;
    if (codes[at] === LINE_FEED) return codes[at - 1] === RETURN ? at - 1 : at;
  }
  return -1;
}

/** Characters of 0x, or of x. */
export function prefixAt(codes: Uint16Array, from: number, end: number): number {
  const isX = (at: number) => ((codes[at] ?? 0) | 0x20) === 0x78;
  if (codes[from] === ZERO && isX(from + 1) && end - from > 2) return 2;
  return isX(from) ? 1 : 0;
}

/** 99 for what is no digit of hex. */
export function digitAt(codes: Uint16Array, at: number): number {
  const code = codes[at] ?? 0;
  if (code >= ZERO && code <= NINE) return code - ZERO;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : 99;
}

/** Characters of the shortest text of eight bytes: two numbers of four bytes, in hex. */
const SHORTEST = 17;

/**
 * Where numbers may be eight bytes together, and lines of hexdumps: elsewhere a dump tells nothing. It may be too much, never
 * too little; what is before and behind such a part is no number that belongs to it.
 */
export function numbersIn(text: string, codes: Uint16Array): Span[] {
  const parts = [...stretchesIn(codes), ...dumpLinesIn(text, codes)];
  return merged(parts.map(({ start, end }) => ({ start: afterWord(codes, start), end: beforeWord(codes, end) })));
}

/** Stretches without a letter that is none of hex. Most characters are passed over: one such letter ends all that hold it. */
function stretchesIn(codes: Uint16Array): Span[] {
  const stretches: Span[] = [];
  for (let start = 0; start + SHORTEST <= codes.length;) {
    let last = start + SHORTEST - 1;
    while (last >= start && isOfNumbers(codes, last)) last -= 1;
    if (last >= start) {
      start = last + 1;
      continue;
    }
    const end = stretchEnd(codes, start + SHORTEST);
    if (digitsIn(codes, start, end) >= ENOUGH) stretches.push({ start, end });
    start = end + 1;
  }
  return stretches;
}

/** Lines of hexdumps with the numbers before and behind them. */
function dumpLinesIn(text: string, codes: Uint16Array): Span[] {
  const lines: Span[] = [];
  for (let at = 0; at >= 0 && at < codes.length; at = nextLine(text, at)) {
    if (codes[at] !== BLANK && digitAt(codes, at) > 15) continue;
    const line = dumpLineAt(codes, at);
    if (!line) continue;
    let start = at;
    while (start > (lines.at(-1)?.end ?? 0) && isOfNumbers(codes, start - 1)) start -= 1;
    lines.push({ start, end: stretchEnd(codes, line.end) });
  }
  return lines;
}

function nextLine(text: string, at: number): number {
  return text.indexOf('\n', at) + 1 || -1;
}

function stretchEnd(codes: Uint16Array, from: number): number {
  let end = from;
  while (end < codes.length && isOfNumbers(codes, end)) end += 1;
  return end;
}

function isOfNumbers(codes: Uint16Array, at: number): boolean {
  const kind = KINDS[codes[at] ?? 0];
  return kind === DIGIT || kind === BETWEEN;
}

/** Digits of hex, up to so many as are asked for: a line of dashes has none. */
function digitsIn(codes: Uint16Array, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end && count < ENOUGH; at += 1) if (KINDS[codes[at] ?? 0] === DIGIT) count += 1;
  return count;
}

/** Passes over the rest of a word that has begun before. */
function afterWord(codes: Uint16Array, from: number): number {
  let start = from;
  if (from > 0 && kindAt(codes, from - 1) >= DIGIT) while (kindAt(codes, start) >= DIGIT) start += 1;
  return start;
}

function beforeWord(codes: Uint16Array, from: number): number {
  let end = from;
  if (kindAt(codes, from) >= DIGIT) while (end > 0 && kindAt(codes, end - 1) >= DIGIT) end -= 1;
  return end;
}
