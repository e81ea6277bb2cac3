import { createHash } from 'node:crypto';
import { undone } from './escapes.js';
import { FRAGMENT, type Form } from './fragments.js';
import { isNumber } from './number.js';
import { squeezed, type Quotes } from './squeezed.js';
import { textOf, viewOf } from './view.js';

type Encode = (text: string) => string;

const inJson: Encode = (text) => JSON.stringify(text).slice(1, -1);
/** encoding/json of Go escapes these for HTML: https://pkg.go.dev/encoding/json#HTMLEscape */
const inGoJson: Encode = (text) =>
  inJson(text).replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16).padStart(2, '0')}`);

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/**
 * What most programs write. Views lead back from these, too; here they are known wherever they stand, as behind what makes
 * another escape of their beginning.
 */
const ESCAPES: Encode[] = [
  inJson,
  inGoJson,
  encodeURIComponent,
  (text) => encodeURIComponent(text).replaceAll('%20', '+'),
];

/** Characters before a line break by which a form that is not the secret's own text is told: see Form. */
const BEFORE_BREAK = 3;

/**
 * The forms in which a secret travels and which no view of a text leads back to it (views.ts): base64 at three alignments, also
 * twice, and base32 at five, of which only what stays the same whatever stands before and after; hex; hashes; numbers.
 * And its own text, as each view leaves it.
 */
export function formsOf(secret: string): Form[] {
  if (!secret) return [];
  const own = ownForms(secret);
  const once = unique([secret, inJson(secret), inGoJson(secret)]);
  const bytes = [...once.map((text) => Buffer.from(text)), Buffer.from(secret, 'utf16le')];
  const encoded = bytes.flatMap(inBase64);
  const twice = unique([secret, inJson(secret)].flatMap((text) => inBase64(Buffer.from(text)))).flatMap((text) =>
    inBase64(Buffer.from(text)),
  );
  const hexes = [Buffer.from(secret), Buffer.from(secret, 'utf16le')].map((text) => text.toString('hex'));
  const others = [...encoded, ...twice, ...inBase32(Buffer.from(secret)), ...hexes, ...hashesOf(secret)];
  return [
    ...own.map((text) => ({ text, beforeBreak: text.length > FRAGMENT ? 2 : 1, isOwn: true })),
    ...ESCAPES.map((escape) => ({ text: Array.from(secret, escape), beforeBreak: BEFORE_BREAK, isOwn: false })),
    ...unique(others).map((text) => ({ text, beforeBreak: BEFORE_BREAK, isOwn: false })),
  ];
}

/** What a secret is in a view, where it holds by itself what looks like an escape, or what a view drops. */
function ownForms(secret: string): string[] {
  const written = unique([secret, secret.replaceAll(' ', '+')]); // forms of HTML have a plus for a blank
  const undoneTexts = written.flatMap((text) => {
    const texts = [text];
    for (const reading of ['strict', 'loose'] as const)
      for (
        let view = viewOf(text), next = undone(view, reading);
        next !== view;
        view = next, next = undone(view, reading)
      )
        texts.push(textOf(next));
    return texts;
  });
  const bare = (text: string) =>
    (['dropped', 'without backslashes', 'as one'] satisfies Quotes[]).map((quotes) =>
      textOf(squeezed(viewOf(text), quotes)),
    );
  return unique([...undoneTexts, ...unique(undoneTexts).flatMap(bare), ...numbersOf(secret)]);
}

/** A secret that reads as a number, as programs print that number. */
function numbersOf(secret: string): string[] {
  if (!isNumber(secret)) return [];
  const digits = secret.replaceAll('_', '');
  const value = Number(digits);
  const whole = digits.replace(/[.e].*$/i, '');
  return [digits, whole, String(value), value.toExponential(), value.toLocaleString('en', { useGrouping: false })];
}

function unique(texts: string[]): string[] {
  return [...new Set(texts)];
}

/** Who has the hash can try secrets. */
export function hashesOf(secret: string): string[] {
  return [secret, `${secret}\n`].flatMap((text) => {
    const digest = createHash('sha256').update(text).digest();
    return [digest.toString('hex'), digest.toString('base64url'), digest.toString('base64')];
  });
}

function inBase64(text: Buffer): string[] {
  const stable = [0, 1, 2].map((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), text]);
    return bytes.toString('base64').slice(Math.ceil((before * 8) / 6), Math.floor((bytes.length * 8) / 6));
  });
  return unique([...stable, ...stable.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'))]);
}

/** https://www.rfc-editor.org/rfc/rfc4648#section-6 */
function inBase32(text: Buffer): string[] {
  return [0, 1, 2, 3, 4].map((before) => {
    const bits = Array.from(Buffer.concat([Buffer.alloc(before), text]), (byte) => byte.toString(2).padStart(8, '0'));
    const digits = bits.join('').match(/.{5}/g) ?? [];
    return digits
      .slice(Math.ceil((before * 8) / 5))
      .map((digit) => ALPHABET.charAt(parseInt(digit, 2)))
      .join('');
  });
}
