import { createHash } from 'node:crypto';
import { isNumber } from './number.js';

type Encode = (text: string) => string;

const inJson: Encode = (text) => JSON.stringify(text).slice(1, -1);

/** How programs write a text that is to be a part of something else. Letters and digits stay as they are in all of them. */
const ESCAPES: Encode[] = [
  inJson,
  // encoding/json of Go escapes these for HTML, Gson two more: https://pkg.go.dev/encoding/json#HTMLEscape
  (text) => inJson(text).replace(/[<>&]/g, unicodeEscape),
  (text) => inJson(text).replace(/[<>&'=]/g, unicodeEscape),
  encodeURIComponent,
  // what encodeURIComponent leaves: https://www.rfc-editor.org/rfc/rfc3986#section-2.3
  strictlyEscaped,
  (text) => new URLSearchParams([['', text]]).toString().slice(1),
  // quote of Python, and of Go what stands in a path, or before the host
  (text) => unescaped(strictlyEscaped(text), '/'),
  (text) => unescaped(strictlyEscaped(text), '$&+=:@'),
  (text) => unescaped(strictlyEscaped(text), '$&+,/:;=@'),
  (text) => unescaped(strictlyEscaped(text), '$&+,;='),
  (text) => text.replaceAll("'", `'\\''`), // in single quotes of a shell
  (text) => text.replaceAll("'", `'"'"'`), // Python's shlex.quote
  (text) => text.replace(/["$`\\]/g, '\\$&'), // in double quotes of a shell
  (text) => text.replace(/[^\w@%+=:,./-]/gu, '\\$&'), // printf %q of bash; it takes others from version to version
  (text) => text.replace(/[^\w@%+=:./#~-]/gu, '\\$&'),
  (text) => text.replaceAll("'", "''"), // in single quotes of YAML
  (text) => text.replaceAll('"', '""'), // in a field of CSV
  // repr of Python, inspect of Node, %v and %q of Go: backslashes doubled, and quotes as they need it
  (text) => text.replaceAll('\\', '\\\\'),
  (text) => text.replace(/[\\']/g, '\\$&'),
  (text) => text.replaceAll("'", "\\'"),
  (text) => markup(text, { "'": '&apos;', '"': '&quot;' }),
  (text) => markup(text, { "'": '&#39;', '"': '&#34;' }),
  (text) => markup(text, { "'": '&#x27;', '"': '&quot;' }),
];

/**
 * Every form in which a key is known to travel: escaped, also twice; in base64 at three alignments, also twice; in hex; as
 * a hash. Of base64 only what stays the same whatever stands before and after.
 */
export function formsOf(key: string): string[] {
  if (!key) return [];
  const once = unique([key, ...ESCAPES.map((escape) => escape(key))]);
  const twice = once.flatMap((text) => ESCAPES.map((escape) => escape(text)));
  const encoded = once.flatMap(inBase64);
  const encodedTwice = unique([key, inJson(key)])
    .flatMap(inBase64)
    .flatMap(inBase64);
  const inUrls = [...encoded, ...encodedTwice].map(encodeURIComponent);
  const others = [hexOf(key), ...hashesOf(key), ...numbersOf(key)];
  return unique([...once, ...twice, ...encoded, ...encodedTwice, ...inUrls, ...others]);
}

/** A key that reads as a number, as programs print that number. */
function numbersOf(key: string): string[] {
  if (!isNumber(key)) return [];
  const digits = key.replaceAll('_', '');
  const value = Number(digits);
  const whole = digits.replace(/[.e].*$/i, '');
  return [digits, whole, String(value), value.toExponential(), value.toLocaleString('en', { useGrouping: false })];
}

function unique(texts: string[]): string[] {
  return [...new Set(texts)];
}

function hexOf(text: string): string {
  return Buffer.from(text).toString('hex');
}

/** Who has the hash can try keys. */
export function hashesOf(key: string): string[] {
  return [key, `${key}\n`].flatMap((text) => {
    const digest = createHash('sha256').update(text).digest();
    return [digest.toString('hex'), digest.toString('base64url'), digest.toString('base64')];
  });
}

function inBase64(text: string): string[] {
  const stable = [0, 1, 2].map((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]);
    const start = Math.ceil((before * 8) / 6);
    const end = Math.floor((bytes.length * 8) / 6);
    return bytes.toString('base64').slice(start, end);
  });
  return unique([...stable, ...stable.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'))]);
}

function markup(text: string, quotes: Record<string, string>): string {
  const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', ...quotes };
  return text.replace(/[&<>'"]/g, (char) => names[char] ?? char);
}

function unicodeEscape(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function strictlyEscaped(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, percentEscape);
}

/** A percent-encoded text with some characters as they are. */
function unescaped(text: string, chars: string): string {
  return Array.from(chars).reduce((result, char) => result.replaceAll(percentEscape(char), char), text);
}

function percentEscape(char: string): string {
  return `%${char.charCodeAt(0).toString(16).toUpperCase()}`;
}
