// What a text stands for: its escapes undone, its lines joined, its numbers read as bytes. Written down here again, and not
// taken from src/secrets, as forms.mjs is.

/** Characters between two numbers of one dump: a comma, a line break and what a line is indented by. */
const APART = 24;
/** Escapes in escapes that are undone. */
const DEPTH = 3;

const NAMED = Object.fromEntries(
  (
    'amp & lt < gt > quot " apos \' num # dollar $ percnt % lpar ( rpar ) ast * plus + comma , period . sol / colon : semi ; ' +
    'equals = quest ? commat @ lsqb [ bsol \\ rsqb ] Hat ^ lowbar _ grave ` lcub { verbar | rcub } hyphen - dash -'
  )
    .match(/\S+ \S+/g)
    .map((pair) => pair.split(' ')),
);
const char = (digits, base) => {
  const code = parseInt(digits, base);
  return code > 0 && code < 0x110000 ? String.fromCodePoint(code) : '';
};
const LINE_BREAKS = { n: '\n', r: '\n', t: '\t' };

/** By what they begin with: a pattern, and what its groups stand for. */
const FAMILIES = {
  percent: ['%', /%(?:u([0-9a-f]{4})|([0-9a-f]{2}))/gi, (_, long, short) => char(long ?? short, 16)],
  backslash: [
    '\\',
    /\\(?:u+\{?([0-9a-f]{4,8}|(?<=\{)[0-9a-f]{1,6})\}?|x\{?([0-9a-f]{2})\}?|(0?[0-7]{3})|([^0-9]))/gis,
    (_, long, short, octal, plain) =>
      plain === undefined ? char(long ?? short ?? octal, octal ? 8 : 16) : (LINE_BREAKS[plain] ?? plain),
  ],
  entity: [
    '&',
    /&(?:#x([0-9a-f]{1,8})|#([0-9]{1,8})|([a-z]{2,8}));?/gi,
    (all, hex, decimal, name) => (name ? (NAMED[name] ?? all) : char(hex ?? decimal, hex ? 16 : 10)),
  ],
  'quoted-printable': ['=', /=(?:\r?\n|([0-9a-f]{2}))/gi, (_, pair) => (pair ? char(pair, 16) : '')],
};

/**
 * Other texts that a text stands for: [name, text]. Families of escapes one by one and all at once: in what one of them has
 * written, another may see its own.
 */
export function readingsOf(text) {
  const undone = new Map([[text, 'as it is']]);
  for (const names of [...Object.keys(FAMILIES).map((name) => [name]), Object.keys(FAMILIES)]) {
    let last = text;
    for (let depth = 0; depth < DEPTH; depth += 1) {
      const next = names.reduce((sofar, name) => undo(sofar, FAMILIES[name]), last);
      if (next === last) break;
      if (!undone.has(next)) undone.set(next, names.length > 1 ? 'escapes' : names[0]);
      last = next;
    }
  }
  return [...undone].flatMap(([plain, how]) => [
    ...(plain === text ? [] : [{ how, text: plain }]),
    ...asBytes(plain).map((read) => ({ how: `${how}, bytes`, text: read })),
    ...columnOf(plain).map((read) => ({ how: `${how}, column of a dump`, text: read })),
    ...(/[\r\n]/.test(plain) ? [{ how: `${how}, lines joined`, ...joined(plain) }] : []),
  ]);
}

const undo = (text, [mark, pattern, write]) => (text.includes(mark) ? text.replace(pattern, write) : text);

/** A text without line breaks and the blanks around them, and where they were. */
function joined(text) {
  const breaks = [];
  let out = '';
  for (const line of text.split(/[ \t]*[\r\n]+[ \t]*/)) {
    out += line;
    breaks.push(out.length);
  }
  return { text: out, breaks };
}

/** Of lines as hexdump and xxd write them: an offset, bytes, and a column of what they are. */
const DUMP_LINE =
  /(?:^|[^0-9a-z])(?=[0-9a-f]{6,16}:?[ \t])[0-9a-f]+:?[ \t]+((?:[0-9a-f]{2}){1,4}(?: {1,2}(?:[0-9a-f]{2}){1,4}(?![^ \r\n]))*)(?: +\|?(.{1,16}?)\|?)?\s*$/gim;
const OCTAL_LINE = /\b[0-7]{7} ((?:[0-7]{3} ?)+)\s*$/gm;
/** Numbers in a row; the first expression is quick to say that there are none. */
const NUMBERS = /(?:\b(?:0?[xo])?[0-9a-f]{1,8}[^0-9a-z]{1,24}(?:[xo](?=[0-9]))?){7,}[0-9a-fx]{1,10}/gi;

function columnOf(text) {
  const columns = Array.from(text.matchAll(DUMP_LINE), ([, , column = '']) => column);
  return columns.length ? [columns.join('')] : [];
}

/** What the numbers of a text are as bytes, in each way in which they are written; of dumps without their offsets, too. */
function asBytes(text) {
  const rows = text.match(NUMBERS)?.join('\n;;;;;;;;;;;;;;;;;;;;;;;;;\n');
  if (!rows) return [];
  const [dump, octalDump] = [DUMP_LINE, OCTAL_LINE].map((line) => Array.from(text.matchAll(line), ([, row]) => row));
  return [rows, dump.join(' '), octalDump.join(' ')].flatMap(numbersIn).filter((read) => /[^\n]{8}/.test(read));
}

function numbersIn(text) {
  const read = { hex: [], words: [], decimal: [], octal: [] };
  let end = 0;
  for (const { 0: token, index } of text.matchAll(/[0-9a-z]+/gi)) {
    if (index - end > APART) for (const way of Object.values(read)) way.push('\n');
    end = index + token.length;
    const digits = token.replace(/^0?[xo](?=.)/i, '');
    const isHex = /^(?:[0-9a-f]{1,2}|[0-9a-f]{4}|[0-9a-f]{8})$/i.test(digits);
    const pairs = isHex ? digits.padStart(2, '0').match(/../g) : [];
    read.hex.push(isHex ? bytes(pairs, 16) : '\n');
    read.words.push(pairs.length === 2 ? bytes(pairs.reverse(), 16) : '\n');
    read.decimal.push(/^[0-9]{1,3}$/.test(digits) ? bytes([digits], 10) : '\n');
    read.octal.push(/^[0-7]{3,4}$/.test(digits) ? bytes([digits], 8) : '\n');
  }
  return Object.values(read).map((way) => way.join(''));
}

function bytes(numbers, base) {
  return numbers
    .map((number) => parseInt(number, base))
    .filter((code) => code > 0)
    .map((code) => (code < 0x20 || code > 0x7e ? '\n' : String.fromCharCode(code)))
    .join('');
}
