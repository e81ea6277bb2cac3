// What the scanner itself must do before anything is scanned with it.
import { createHash } from 'node:crypto';
import { formsOf } from './forms.mjs';
import { temptations } from './spelled.mjs';

const FRAGMENT = 8;

/** That the scanner finds each form, and nothing in a text without. @throws where it does not */
export function assertScans(key, { scan }) {
  const noise = (length) =>
    createHash('sha256').update(String(length)).digest('base64url').replace(/\d/g, ' ').slice(0, length);
  const texts = [...formsOf(key).map(({ name, text }) => [name, text]), ...Object.entries(temptations(key))];
  for (const [name, text] of texts)
    for (const lead of [0, 1, 2, 3, 4])
      if (text.length >= FRAGMENT && scan(`${noise(lead)} ${text} ${noise(9)}`).length === 0)
        throw new Error(`the scanner does not find the form ${name}`);
  for (const [name, text] of Object.entries(temptations(key)))
    if (scan(JSON.stringify({ message: `it said ${text}` })).length === 0)
      throw new Error(`the scanner does not find the form ${name} in JSON`);
  for (let at = 0; at + FRAGMENT <= key.length; at += 1)
    if (scan(`… ${key.slice(at, at + FRAGMENT)} …`).length === 0)
      throw new Error('the scanner does not find a fragment of the key');
  if (scan('the quick brown fox jumps over the lazy dog, 0123456789 times *** '.repeat(100)).length)
    throw new Error('the scanner finds the key in a text without');
}
