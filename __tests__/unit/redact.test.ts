import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formsOf } from '../../src/secrets/forms.js';
import { createRedactor, redactAll, type RedactedStream } from '../../src/secrets/redact.js';
import { apiKeySecret } from '../../src/secrets/secret.js';

/** Printable ASCII, as checkKey lets it pass; the mask of one with asterisks is another. */
const key = fc
  .string({
    minLength: 8,
    maxLength: 64,
    unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
  })
  .filter((text) => !text.includes('*'));

/** What a key may be written as. */
const textsOf = (key: string) => formsOf(key).map(({ text }) => (typeof text === 'string' ? text : text.join('')));
const redacting = (key: string) => createRedactor([apiKeySecret(key)]).redact;

const KEY = `p4'ss"<w>&/+%\\=`;

describe('a redactor', () => {
  it.each<[string, (key: string) => string]>([
    ['as it is', (text) => text],
    ['in JSON', (text) => JSON.stringify({ key: text })],
    [
      "in JSON of Go's",
      (text) => JSON.stringify(text).replace(/</g, '\\u003c').replace(/>/g, '\\u003e').replace(/&/g, '\\u0026'),
    ],
    ['in a path of a URL', (text) => `https://h/${encodeURIComponent(text)}/x`],
    [
      'in a path of a URL, in lower case',
      (text) => encodeURIComponent(text).replace(/%../g, (code) => code.toLowerCase()),
    ],
    ['in a form', (text) => new URLSearchParams({ token: text }).toString()],
    ['in single quotes of a shell', (text) => `'${text.replace(/'/g, `'\\''`)}'`],
    ['in hex', (text) => Buffer.from(text).toString('hex')],
    ['in hex, in upper case', (text) => Buffer.from(text).toString('hex').toUpperCase()],
    ['in another case', (text) => text.toUpperCase()],
  ])('removes the key %s', (_, encode) => {
    const redacted = redacting(KEY)(`before ${encode(KEY)} after`);
    expect(redacted).toMatch(/^before .*\*\*\*.* after$/);
    for (const form of textsOf(KEY)) expect(redacted.toLowerCase()).not.toContain(form.toLowerCase());
    expect(redacted).not.toMatch(/p4|ss/i);
  });

  it('leaves nothing of a key in base64, whatever stands before and after it', () => {
    const around = fc.string({ maxLength: 12 });
    fc.assert(
      fc.property(key, around, around, fc.constantFrom('base64', 'base64url'), (secret, before, after, encoding) => {
        const encoded = Buffer.from(before + secret + after).toString(encoding);
        const redacted = redacting(secret)(encoded);
        expect(redacted).toContain('***');
        const rest = redacted.split('***').reduce((sum, part) => sum + part.length, 0);
        // what is left can hold the neighbours, and of the key no more than the bits that share a character with them
        expect(rest).toBeLessThanOrEqual(encoded.length - Math.floor((secret.length * 8 - 10) / 6));
      }),
    );
  });

  it('lets no known form of any key through, wherever in a text it stands', () => {
    fc.assert(
      fc.property(key, fc.string(), fc.string(), fc.nat(), (secret, before, after, which) => {
        const forms = textsOf(secret);
        const form = forms[which % forms.length]!;
        const redacted = redacting(secret)(`${before}${form}${after}${form}`);
        for (const each of forms) expect(redacted).not.toContain(each);
      }),
    );
  });

  it('replaces every occurrence, and leaves the text between them', () => {
    expect(redacting('k-123456')('a k-123456 b k-123456 c')).toBe('a *** b *** c');
  });

  it('takes the longest form first, so that no rest of an escape stays behind', () => {
    expect(redacting('abcdefgh%')('abcdefgh%25')).toBe('***');
  });

  it('reads the key as text, not as a pattern', () => {
    const redact = redacting('.*.*.*.*');
    expect(redact('nothing secret here')).toBe('nothing secret here');
    expect(redact('x.*.*.*.*y')).toBe('x *** y');
  });

  it('reaches every string of a value, and leaves everything else as it is', () => {
    const value = { a: 'k-123456', b: [1, null, { c: ['x k-123456'] }], d: true, e: undefined };
    const redacted = redactAll(value, redacting('k-123456'));
    expect(redacted).toEqual({ a: '***', b: [1, null, { c: ['x ***'] }], d: true, e: undefined });
    expect(value.a).toBe('k-123456');
  });

  it('of an empty key leaves everything as it is', () => {
    expect(redacting('')('any text ***')).toBe('any text ***');
  });

  it('of a key that is too short to be used does not mask half the log', () => {
    expect(redacting('a')('a banana')).toBe('a banana');
  });

  it.each<[string, (key: string) => string]>([
    ['JSON in JSON', (text) => JSON.stringify(JSON.stringify(text))],
    ['double base64', (text) => Buffer.from(Buffer.from(`x${text}`).toString('base64')).toString('base64')],
    ['base64 in a URL', (text) => encodeURIComponent(Buffer.from(text).toString('base64'))],
    ['a SHA-256', (text) => createHash('sha256').update(text).digest('hex')],
    ['double quotes of a shell', (text) => text.replace(/["$`\\]/g, '\\$&')],
    ['single quotes of YAML', (text) => text.replaceAll("'", "''")],
    ['HTML', (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')],
    ['a URL of a strict encoder', (text) => encodeURIComponent(text).replaceAll("'", '%27')],
  ])('leaves nothing of eight characters of a key in %s', (_, encode) => {
    expect(redacting(KEY)(encode(KEY)).replaceAll('***', '')).toMatch(/^.{0,7}$/);
  });

  it('removes a part of the key, and says so once', () => {
    expect(redacting('abcdefghijklmnop')('ends in ijklmnop, begins with abcdefg')).toBe(
      'ends in ***, begins with abcdefg',
    );
    expect(redacting('abcdefghijklmnop')('abcdefghijklmnopabcdefghijklmnop')).toBe('***');
  });
});

describe('a key that reads as a number', () => {
  it.each([
    ['1234_5678_9012_3456', 'input_value=1234567890123456, input_type=int'],
    ['0012345678901234', 'input_value=12345678901234'],
    ['1234567.89012345e3', 'input_value=1234567890.12345, input_type=float'],
    ['123456789012e12', 'input_value=1.23456789012e+23'],
  ])('is not left as that number: %s', (key, text) => {
    expect(redacting(key)(text)).toMatch(/^input_value=\*\*\*/);
    expect(redacting(key)(text)).not.toMatch(/\d{8}/);
  });
});

describe('a key with a special character every few', () => {
  const key = `a\\b"c\\d"e\\f"g\\h"i\\j"k`;
  it.each<[string, string, string]>([
    ['schema errors of Helm', key, key.replaceAll('\\', '\\\\')],
    ["Python's repr", "ab'cd\\ef'gh\\ij'kl", String.raw`ab\'cd\\ef\'gh\\ij\'kl`],
    ["Python's quote", 'k1/ab+c/de+f/gh+i/jk+l', 'k1/ab%2Bc/de%2Bf/gh%2Bi/jk%2Bl'],
    ["Go's paths", 'k1/ab+c/de+f/gh+i/jk+l', 'k1%2Fab+c%2Fde+f%2Fgh+i%2Fjk+l'],
    ['printf %q', 'ab,cd(ef,gh#ij,kl~mn,op', String.raw`ab\,cd\(ef\,gh#ij\,kl~mn\,op`],
    ['CSV', 'ab"cd"ef"gh"ij', 'ab""cd""ef""gh""ij'],
    ['Markdown', 'k#1.a_b(c)d+e!f', String.raw`k\#1\.a\_b\(c\)d\+e\!f`],
    ['one way here and another there', 'k#1.a_b(c)d+e!f', String.raw`k%231\.a_b&#40;c\x29d%252be\u0021f`],
  ])('leaves nothing in %s', (_, secret, text) => {
    expect(redacting(secret)(text).replaceAll('***', '')).toMatch(/^.{0,7}$/);
  });

  it('may have characters that no key has, and is refused later', () => {
    expect(redacting('test-key-😀-0123456789')('x test-key-😀-0123456789')).toBe('x ***');
  });
});

describe('a stream', () => {
  const stream = () => createRedactor([apiKeySecret('abcdefghijklmnop')]).stream();

  it('hands a whole line on at once', () => {
    expect(stream().push('a whole line\nand the next, abcdefg')).toBe('a whole line\n');
  });

  it('masks a key that comes character by character once', () => {
    const { push, end } = bound(stream());
    const given = Array.from('x abcdefghijklmnop y', push);
    expect(given.join('') + end()).toBe('x *** y');
  });

  it('that ends within a key gives what is too little of it', () => {
    const { push, end } = bound(stream());
    expect(push('abcdefg') + end()).toBe('abcdefg');
  });
});

function bound(stream: RedactedStream) {
  return { push: (piece: string) => stream.push(piece), end: () => stream.end() };
}
