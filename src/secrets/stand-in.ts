import { randomInt } from 'node:crypto';
import { FRAGMENT } from './fragments.js';

const KINDS = ['0123456789', 'abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
/** For a key that is of other characters, mostly. */
const ANY = 'stand-in-for-the-key';
/** Characters at the beginning that tell keys of one service from others': sk-, hf_, nvapi-. */
const PREFIX = /^[a-zA-Z]{2,8}[-_]/;

/**
 * What a chart is rendered with in place of the key: of the same length and kinds of characters, with the prefix that a chart's
 * schema may ask for, so that what renders with it renders with the key.
 */
export function standInFor(key: string): string {
  const prefix = PREFIX.exec(key)?.[0] ?? '';
  const rest = Array.from(key.slice(prefix.length), (char) => {
    const kind = KINDS.find((chars) => chars.includes(char));
    return kind ? (kind[randomInt(kind.length)] ?? char) : char;
  });
  const changed = rest.filter((char) => KINDS.some((chars) => chars.includes(char))).length;
  const hasRule = /[^0-9a-zA-Z]{6}/.test(key); // lines of dashes are in many a text
  return changed < FRAGMENT || hasRule ? ANY : prefix + rest.join('');
}
