import { isUnseenCode } from './unseen.js';
import { Builder, type View } from './view.js';

/** Characters of the longest escape that is undone, however deep: `&#x0073;` in a URL in a URL. */
export const LONGEST_ESCAPE = 24;

/** An escape: what it stands for, and how long it is, as `length << 16 | code`. */
type Escape = number;
const NONE: Escape = 0;

/**
 * Whether escapes are undone that other texts have as what they are: \n, octal, quoted-printable (`key=9f…` looks like it), hex of
 * CSS and of RTF. Texts are looked at both ways.
 */
export type Reading = 'strict' | 'loose';

const [BACKSLASH, PERCENT, AMPERSAND, EQUALS] = [0x5c, 0x25, 0x26, 0x3d];
const [OPEN, CLOSE, HASH, SEMICOLON, APOSTROPHE, LINE_FEED, RETURN] = [0x7b, 0x7d, 0x23, 0x3b, 0x27, 10, 13];
const [SMALL_N, SMALL_O, SMALL_R, SMALL_T, SMALL_U, SMALL_X] = [0x6e, 0x6f, 0x72, 0x74, 0x75, 0x78];
/** What an escape begins with. */
const BEGINS = Uint8Array.from({ length: 128 }, (_, code) =>
  [BACKSLASH, PERCENT, AMPERSAND, EQUALS].includes(code) ? 1 : 0,
);
const DIGITS = Int8Array.from({ length: 128 }, (_, code) => {
  const digit = parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(digit) ? 127 : digit;
});

/** https://html.spec.whatwg.org/multipage/named-characters.html, those of ASCII and those that nobody sees */
const NAMES = new Map(
  Object.entries({
    amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", excl: '!', num: '#', dollar: '$', percnt: '%', lpar: '(', rpar: ')',
    ast: '*', midast: '*', plus: '+', comma: ',', period: '.', sol: '/', colon: ':', semi: ';', equals: '=', quest: '?',
    commat: '@', lsqb: '[', lbrack: '[', bsol: '\\', rsqb: ']', rbrack: ']', hat: '^', lowbar: '_', underbar: '_', grave: '`',
    lcub: '{', lbrace: '{', verbar: '|', vert: '|', rcub: '}', rbrace: '}', hyphen: '-', dash: '-', shy: '\u00ad',
    zwnj: '\u200c', zwj: '\u200d', newline: '\n', tab: '\t', nbsp: ' ',
  }).map(([name, char]) => [name, char.charCodeAt(0)]),
); // prettier-ignore
const LONGEST_NAME = 8;

/** In a text without it is no escape. */
export const BEGINS_ESCAPE = /\\[0-7'nrtuxoa-f]|%[0-9a-fu]|&[#a-z]|=[0-9a-f\r\n]/i;

/** A view with its escapes undone once; the same view where there are none. */
export function undone(view: View, reading: Reading): View {
  const { codes, starts, ends } = view;
  let made: Builder | undefined;
  for (let at = 0; at < codes.length; at += 1) {
    const escape = beginsAt(codes, at) ? escapeAt(codes, at, reading) : NONE;
    const last = at + Math.max(escape >>> 16, 1) - 1;
    const start = starts[at] ?? 0;
    const end = ends[last] ?? 0;
    if (escape === NONE || end - start > LONGEST_ESCAPE) {
      made?.add(codes[at] ?? 0, start, ends[at] ?? 0);
      continue;
    }
    made ??= copied(view, at);
    made.add(escape & 0xffff, start, end);
    at = last;
  }
  return made?.made() ?? view;
}

function copied({ codes, starts, ends }: View, length: number): Builder {
  const made = new Builder(codes.length);
  for (let at = 0; at < length; at += 1) made.add(codes[at] ?? 0, starts[at] ?? 0, ends[at] ?? 0);
  return made;
}

/** Where the next escape begins that one of the readings knows; -1 where there is none. */
export function nextEscape(codes: Uint16Array, from: number): number {
  for (let at = from; at < codes.length; at += 1)
    if (beginsAt(codes, at) && escapeAt(codes, at, 'loose') !== NONE) return at;
  return -1;
}

function beginsAt(codes: Uint16Array, at: number): boolean {
  const code = codes[at] ?? 0;
  return code < 128 && BEGINS[code] === 1;
}

function escapeAt(codes: Uint16Array, at: number, reading: Reading): Escape {
  const code = codes[at];
  if (code === BACKSLASH) {
    const known = ofBackslash(codes, at);
    return known === NONE && reading === 'loose' ? looselyOfBackslash(codes, at) : known;
  }
  if (code === PERCENT) return small(codes, at + 1) === SMALL_U ? fixed(codes, at, 2, 4) : fixed(codes, at, 1, 2);
  if (code === AMPERSAND) return codes[at + 1] === HASH ? ofNumber(codes, at) : ofName(codes, at);
  return reading === 'loose' ? ofEquals(codes, at) : NONE;
}

/** \u0073, \uu0073 (Java), \u{73}, \U00000073, \x73, \x{73}, \o{163} */
function ofBackslash(codes: Uint16Array, at: number): Escape {
  const kind = small(codes, at + 1);
  if (kind === SMALL_U) {
    let first = at + 2;
    while (small(codes, first) === SMALL_U && first < at + 6) first += 1;
    return braced(codes, at, 16) || fixed(codes, at, 2, 8) || fixed(codes, at, first - at, 4);
  }
  if (kind === SMALL_X) return braced(codes, at, 16) || fixed(codes, at, 2, 2);
  return kind === SMALL_O ? braced(codes, at, 8) : NONE;
}

/** Three digits of base 8, and one more where they begin with a zero. */
function octal(codes: Uint16Array, at: number): Escape {
  const most = codes[at + 1] === 0x30 ? 4 : 3;
  for (const count of [most, 3]) {
    const [value, read] = digits(codes, at + 1, count, 8);
    if (read === count && value < 128) return made(value, 1 + count);
  }
  return NONE;
}

/** \n, \r, \t; \163 and \0163, which may also be a digit that is quoted; \73 and a blank (CSS); \'73 (RTF) */
function looselyOfBackslash(codes: Uint16Array, at: number): Escape {
  const kind = codes[at + 1];
  if (kind === SMALL_N || kind === SMALL_R || kind === SMALL_T) return made(LINE_FEED, 2);
  if (kind === APOSTROPHE) return fixed(codes, at, 2, 2);
  const inOctal = octal(codes, at);
  if (inOctal !== NONE) return inOctal;
  const escape = fixed(codes, at, 1, 2);
  return escape !== NONE && codes[at + 3] === 0x20 ? made(escape & 0xffff, 4) : escape;
}

/** &#115; and &#x73;, with or without the semicolon, and with zeros before */
function ofNumber(codes: Uint16Array, at: number): Escape {
  const isHex = small(codes, at + 2) === SMALL_X;
  const first = at + (isHex ? 3 : 2);
  const [value, read] = digits(codes, first, 8, isHex ? 16 : 10);
  if (read === 0) return NONE;
  return made(value, first + read + (codes[first + read] === SEMICOLON ? 1 : 0) - at);
}

function ofName(codes: Uint16Array, at: number): Escape {
  let name = '';
  for (let next = at + 1; name.length <= LONGEST_NAME; next += 1) {
    const code = small(codes, next);
    if (codes[next] === SEMICOLON) {
      const char = NAMES.get(name);
      return char === undefined ? NONE : made(char, next + 1 - at);
    }
    if (code < 0x61 || code > 0x7a) return NONE;
    name += String.fromCharCode(code);
  }
  return NONE;
}

/** =73, and the line break of quoted-printable: https://www.rfc-editor.org/rfc/rfc2045#section-6.7 */
function ofEquals(codes: Uint16Array, at: number): Escape {
  if (codes[at + 1] === LINE_FEED) return made(LINE_FEED, 2);
  if (codes[at + 1] === RETURN && codes[at + 2] === LINE_FEED) return made(LINE_FEED, 3);
  return fixed(codes, at, 1, 2);
}

/** Hex of so many digits. */
function fixed(codes: Uint16Array, at: number, lead: number, count: number): Escape {
  const [value, read] = digits(codes, at + lead, count, 16);
  return read === count && (count > 2 || value < 128) ? made(value, lead + count) : NONE;
}

function braced(codes: Uint16Array, at: number, base: number): Escape {
  if (codes[at + 2] !== OPEN) return NONE;
  const [value, read] = digits(codes, at + 3, 8, base);
  return read > 0 && codes[at + 3 + read] === CLOSE ? made(value, read + 4) : NONE;
}

/** The number that begins there, and how many digits it has; at most so many are read. */
function digits(codes: Uint16Array, from: number, most: number, base: number): [value: number, read: number] {
  let value = 0;
  let read = 0;
  for (; read < most; read += 1) {
    const digit = DIGITS[codes[from + read] ?? 0] ?? 127;
    if (digit >= base) break;
    value = value * base + digit;
  }
  return [value, read];
}

/** No secret has what is not ASCII, and what nobody sees is dropped; anything else is not undone. */
function made(code: number, length: number): Escape {
  return code < 128 || isUnseenCode(code) ? (length << 16) | code : NONE;
}

/** A letter in small. */
function small(codes: Uint16Array, at: number): number {
  return (codes[at] ?? 0) | 0x20;
}
