import { randomInt } from 'node:crypto';
import { FRAGMENT } from './fragments.js';

const KINDS = ['0123456789', 'abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
/** What keys of one service begin with, and others do not: sk-, hf_, sk-proj-, nvapi-. What follows must tell enough. */
const PREFIX = /^(?:[a-zA-Z][a-zA-Z0-9]{1,7}[-_]){1,3}(?=.{8})/;

/**
 * What a chart is rendered with in place of the key: of the same length and kinds of characters, with the prefix that a chart's
 * schema may ask for, so that what renders with it renders with the key.
 */
export function standInFor(key: string): string {
  const prefix = PREFIX.exec(key)?.[0] ?? '';
  const rest = Array.from(key.slice(prefix.length), (char) => {
    const kind = KINDS.find((chars) => chars.includes(char));
    return kind ? pick(kind) : char;
  });
  const changed = rest.filter((char) => KINDS.some((chars) => chars.includes(char))).length;
  const hasRule = /[^0-9a-zA-Z]{6}/.test(key); // lines of dashes are in many a text
  return changed < FRAGMENT || hasRule ? anyLetters() : prefix + rest.join('');
}

/** What of a stand-in is in no other text: its prefix may be a word. */
export function tellingPartOf(standIn: string): string {
  return standIn.replace(PREFIX, '');
}

/** For a key that is of other characters, mostly. */
function anyLetters(): string {
  return Array.from({ length: 24 }, () => pick(KINDS[1] ?? 'x')).join('');
}

function pick(chars: string): string {
  return chars[randomInt(chars.length)] ?? '';
}
