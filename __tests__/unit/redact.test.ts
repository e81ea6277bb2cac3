import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor, formsOf, redactAll } from '../../src/secrets/redact.js';

/** Printable ASCII, as checkKey lets it pass. A key of asterisks alone is its own mask. */
const key = fc
  .string({
    minLength: 8,
    maxLength: 64,
    unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
  })
  .filter((text) => !text.includes('**'));

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
    const redacted = createRedactor(KEY)(`before ${encode(KEY)} after`);
    expect(redacted).toMatch(/^before .*\*\*\*.* after$/);
    for (const form of formsOf(KEY)) expect(redacted.toLowerCase()).not.toContain(form.toLowerCase());
    expect(redacted).not.toMatch(/p4|ss/i);
  });

  it('leaves nothing of a key in base64, whatever stands before and after it', () => {
    const around = fc.string({ maxLength: 12 });
    fc.assert(
      fc.property(key, around, around, fc.constantFrom('base64', 'base64url'), (secret, before, after, encoding) => {
        const encoded = Buffer.from(before + secret + after).toString(encoding);
        const redacted = createRedactor(secret)(encoded);
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
        const forms = formsOf(secret);
        const form = forms[which % forms.length]!;
        const redacted = createRedactor(secret)(`${before}${form}${after}${form}`);
        for (const each of forms) expect(redacted).not.toContain(each);
      }),
    );
  });

  it('does not touch a text without the key', () => {
    fc.assert(
      fc.property(key, fc.string(), (secret, text) => {
        fc.pre(formsOf(secret).every((form) => !text.toLowerCase().includes(form.toLowerCase())));
        expect(createRedactor(secret)(text)).toBe(text);
      }),
    );
  });

  it('replaces every occurrence, and leaves the text between them', () => {
    expect(createRedactor('k-123456')('a k-123456 b k-123456 c')).toBe('a *** b *** c');
  });

  it('takes the longest form first, so that no rest of an escape stays behind', () => {
    expect(createRedactor('abcdefgh%')('abcdefgh%25')).toBe('***');
  });

  it('reads the key as text, not as a pattern', () => {
    const redact = createRedactor('.*.*.*.*');
    expect(redact('nothing secret here')).toBe('nothing secret here');
    expect(redact('x.*.*.*.*y')).toBe('x***y');
  });

  it('reaches every string of a value, and leaves everything else as it is', () => {
    const value = { a: 'k-123456', b: [1, null, { c: ['x k-123456'] }], d: true, e: undefined };
    const redacted = redactAll(value, createRedactor('k-123456'));
    expect(redacted).toEqual({ a: '***', b: [1, null, { c: ['x ***'] }], d: true, e: undefined });
    expect(value.a).toBe('k-123456');
  });

  it('of an empty key leaves everything as it is', () => {
    expect(createRedactor('')('any text ***')).toBe('any text ***');
  });

  it('of a key that is too short to be used does not mask half the log', () => {
    expect(createRedactor('a')('a banana')).toBe('a banana');
  });
});
