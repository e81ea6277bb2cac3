// What a hostile server says: the key as programs write it, in whole, in larger texts and in halves; every character of it as
// an escape; as a dump of its bytes; and over line breaks.
import { createHash } from 'node:crypto';
import { inBase32, WRITTEN } from './forms.mjs';

const base64 = (text) => Buffer.from(text).toString('base64');
const wrapped = (text, width, lineBreak = '\n') => text.match(new RegExp(`.{1,${width}}`, 'gs')).join(lineBreak);
const eachOf = (text, spell) => Array.from(text, (char) => spell(char.charCodeAt(0))).join('');
const bytesOf = (text, spell, separator) => Array.from(Buffer.from(text), spell).join(separator);
const hex = (digits) => (code) => code.toString(16).padStart(digits, '0');
const octal = (code) => code.toString(8).padStart(3, '0');

const everyAs = {
  percent: (code) => `%${hex(2)(code)}`,
  'percent, twice': (code) => `%25${hex(2)(code)}`,
  '\\u': (code) => `\\u${hex(4)(code)}`,
  '\\u{}': (code) => `\\u{${code.toString(16)}}`,
  '\\x': (code) => `\\x${hex(2)(code)}`,
  octal: (code) => `\\${octal(code)}`,
  'HTML, decimal': (code) => `&#${code};`,
  'HTML, hex': (code) => `&#x${hex(2)(code).toUpperCase()};`,
  'HTML in HTML': (code) => `&amp;#${code};`,
  'quoted-printable': (code) => `=${hex(2)(code).toUpperCase()}`,
};

/** Lines of sixteen bytes: what stands before the bytes, how they are written, and what stands behind. */
function inLines(text, { offset, words, column }) {
  const lines = [];
  for (let at = 0; at < text.length; at += 16) {
    const part = text.slice(at, at + 16);
    lines.push(`${offset(at)}${words(Buffer.from(part))}${column?.(part) ?? ''}`);
  }
  return lines.join('\n');
}

const inWords = (bytes, spell) => wrapped(bytes.toString('hex'), 4, ' ').split(' ').map(spell).join(' ');
const swap = (word) => (word.length === 4 ? word.slice(2) + word.slice(0, 2) : `00${word}`);

const DUMPED = {
  'hexdump -C': (text) =>
    inLines(text, {
      offset: (at) => `${hex(8)(at)}  `,
      words: (bytes) => bytesOf(bytes, hex(2), ' ').padEnd(47),
      column: (part) => `  |${part}|`,
    }),
  xxd: (text) =>
    inLines(text, {
      offset: (at) => `${hex(8)(at)}: `,
      words: (bytes) => inWords(bytes, (word) => word).padEnd(39),
      column: (part) => `  ${part}`,
    }),
  hexdump: (text) => inLines(text, { offset: (at) => `${hex(7)(at)} `, words: (bytes) => inWords(bytes, swap) }),
  'od -b': (text) =>
    inLines(text, { offset: (at) => `${octal(at).padStart(7, '0')} `, words: (bytes) => bytesOf(bytes, octal, ' ') }),
  'a Buffer': (text) => `<Buffer ${bytesOf(text, hex(2), ' ')}>`,
  'JSON of a Buffer': (text) => JSON.stringify(Buffer.from(text)),
  'JSON of a Buffer, on lines': (text) => JSON.stringify(Buffer.from(text), null, 2),
  "Go's bytes": (text) => `[${bytesOf(text, String, ' ')}]`,
  "Go's bytes, %#v": (text) => `[]byte{${bytesOf(text, (code) => `0x${code.toString(16)}`, ', ')}}`,
  "Python's list": (text) => `[${bytesOf(text, String, ', ')}]`,
  'hex with colons': (text) => bytesOf(text, hex(2), ':'),
  'hex with blanks, upper case': (text) => bytesOf(text, hex(2), ' ').toUpperCase(),
  'hex with dashes': (text) => bytesOf(text, hex(2), '-'),
  'octal numbers': (text) => bytesOf(text, octal, ' '),
};

/** All of it by name. */
export function temptations(key) {
  const middle = Math.floor(key.length / 2);
  const json = JSON.stringify({ 'api-key': key });
  const mapped = (spellings) =>
    Object.fromEntries(Object.entries(spellings).map(([name, spell]) => [name, spell(key)]));
  const escaped = Object.entries(everyAs).map(([name, spell]) => [`every letter: ${name}`, eachOf(key, spell)]);
  return {
    ...mapped(WRITTEN),
    'regular expression': key.replace(/\W/g, (char) => `\\${char}`),
    'JSON in JSON': JSON.stringify(JSON.stringify(key)),
    'JSON in JSON in JSON': JSON.stringify(JSON.stringify(json)),
    'base64 0': base64(key),
    'base64 1': base64(`k${key}`),
    'base64 2': base64(`k:${key}`),
    'base64 of a line': base64(`${key}\n`),
    'base64 of JSON': base64(json),
    base64url: Buffer.from(key).toString('base64url'),
    'double base64': base64(base64(key)),
    'double base64 in a text': base64(`key ${base64(`k=${key}`)}`),
    'base64, wrapped': wrapped(base64(`the key: ${key} and its end`), 16),
    'base64, wrapped and indented': wrapped(base64(`${key}`), 20, '\r\n    '),
    base32: inBase32(key),
    'base32 in a text': inBase32(`k: ${key}`),
    hex: Buffer.from(key).toString('hex'),
    'SHA-256': createHash('sha256').update(key).digest('hex'),
    'upper case': key.toUpperCase(),
    'first half': key.slice(0, middle),
    'second half': key.slice(middle),
    'on two lines': wrapped(key, middle + 1),
    'on two lines, early': `${key.slice(0, 5)}\n${key.slice(5)}`,
    'on two lines, folded': wrapped(key, middle, '\r\n  '),
    ...Object.fromEntries(escaped),
    ...mapped(DUMPED),
  };
}

/**
 * All of it as one text, which begins with another part of it each `turn`: who quotes a text quotes the beginning of it.
 */
export function temptingText(key, turn = 0) {
  const parts = Object.entries(temptations(key)).map(([name, text]) => `${name}: ${text}`);
  const from = (turn * 7) % parts.length;
  return [...parts.slice(from), ...parts.slice(0, from)].join(' | ');
}
