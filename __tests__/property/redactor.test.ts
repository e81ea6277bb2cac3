import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor, type Redactor } from '../../src/secrets/redact.js';
import { apiKeySecret } from '../../src/secrets/secret.js';

/** Characters of the key, in any form, that must not be left. */
const FRAGMENT = 8;

/** Any key that is taken: visible ASCII. */
const key = fc.oneof(
  fc.string({ minLength: 8, maxLength: 64, unit: fc.integer({ min: 0x21, max: 0x7e }).map(charOf) }),
  fc
    .string({ minLength: 8, maxLength: 64, unit: fc.integer({ min: 0x20, max: 0x7e }).map(charOf) })
    .filter((text) => text.trim() === text && !text.includes('  ')),
  fc.string({ minLength: 31, maxLength: 33, unit: fc.constantFrom(...Array.from('ABCDEFGHIJabcdefghij0123456789-_')) }),
);

function charOf(code: number): string {
  return String.fromCharCode(code);
}

const json = (text: string) => JSON.stringify(text);
const goJson = (text: string) => json(text).replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);
const base64 = (text: string) => Buffer.from(text).toString('base64');
const base64url = (text: string) => Buffer.from(text).toString('base64url');

/** What programs do with a text that has the key in it; written down here again, not taken from what is tested. */
const FORMS: Record<string, (before: string, key: string, after: string) => string> = {
  raw: (before, secret, after) => before + secret + after,
  'capital letters': (_, secret) => secret.toUpperCase(),
  JSON: (before, secret, after) => json(before + secret + after),
  'JSON in JSON': (before, secret, after) => json(json(before + secret + after)),
  "Go's JSON": (before, secret, after) => goJson(before + secret + after),
  "Go's JSON in Go's JSON": (before, secret, after) => goJson(goJson(before + secret + after)),
  URL: (before, secret, after) => encodeURIComponent(before + secret + after),
  'URL in small letters': (_, secret) => encodeURIComponent(secret).toLowerCase(),
  'URL in a URL': (_, secret) => encodeURIComponent(encodeURIComponent(secret)),
  form: (before, secret, after) => new URLSearchParams({ before, secret, after }).toString(),
  shell: (before, secret, after) => `'${(before + secret + after).replaceAll("'", `'\\''`)}'`,
  hex: (before, secret, after) => Buffer.from(before + secret + after).toString('hex'),
  'hex in capital letters': (_, secret) => Buffer.from(secret).toString('hex').toUpperCase(),
  base64: (before, secret, after) => base64(before + secret + after),
  'base64 of a line': (_, secret) => base64(`${secret}\n`),
  'base64 of JSON': (before, secret) => base64(json({ [before]: secret } as never)),
  base64url: (before, secret, after) => base64url(before + secret + after),
  'double base64': (before, secret, after) => base64(after + base64(before + secret + after) + before),
  'double base64url': (before, secret, after) => base64url(after + base64url(before + secret) + before),
  'SHA-256': (_, secret) => createHash('sha256').update(secret).digest('hex'),
  'SHA-256 of a line': (_, secret) => createHash('sha256').update(`${secret}\n`).digest('hex'),
};

/** What must be left of none of them: of what an encoding mixes with its neighbours, the part that the key alone decides. */
function telling(secret: string): string[] {
  const stable = (text: string, to: (bytes: Buffer) => string) =>
    [0, 1, 2].map((lead) => {
      const encoded = to(Buffer.concat([Buffer.alloc(lead), Buffer.from(text)]));
      return encoded.slice(Math.ceil((lead * 4) / 3), Math.floor(((lead + text.length) * 4) / 3));
    });
  const standard = stable(secret, (bytes) => bytes.toString('base64'));
  const forUrls = stable(secret, (bytes) => bytes.toString('base64url'));
  return [
    secret,
    Buffer.from(secret).toString('hex'),
    createHash('sha256').update(secret).digest('hex'),
    ...standard,
    ...forUrls,
    ...standard.flatMap((form) => stable(form, (bytes) => bytes.toString('base64'))),
  ];
}

/** What writes a key character by character. Its fragments are eight characters of the key, and not of what is written. */
const ESCAPED: ((char: string) => string)[] = [
  (char) => json(char).slice(1, -1),
  (char) => goJson(char).slice(1, -1),
  (char) => encodeURIComponent(char),
  (char) => new URLSearchParams({ k: char }).toString().slice(2),
];

function fragmentsOf(secret: string, forms = telling(secret)): Set<string> {
  const plain = forms.flatMap((form) => partsOf(Array.from(form)));
  const chars = Array.from(secret);
  const escaped = ESCAPED.flatMap((escape) => partsOf(chars.map(escape)));
  return new Set([...plain, ...escaped].map((fragment) => fragment.toLowerCase()));
}

const partsOf = (pieces: string[]) =>
  pieces.slice(FRAGMENT - 1).map((_, at) => pieces.slice(at, at + FRAGMENT).join(''));

function fragmentsIn(text: string, fragments: Set<string>): string[] {
  const low = text.toLowerCase();
  const lengths = new Set(Array.from(fragments, ({ length }) => length));
  const found: string[] = [];
  for (const length of lengths)
    for (let at = 0; at + length <= low.length; at += 1) {
      const part = low.slice(at, at + length);
      if (fragments.has(part)) found.push(part);
    }
  return found;
}

/** Too little of the key to tell something. */
const partOf = (secret: string) =>
  fc
    .tuple(fc.nat(secret.length), fc.integer({ min: 1, max: FRAGMENT - 1 }))
    .map(([from, length]) => secret.slice(from, from + length));

/** Text that makes it hard: parts of the key, masks, escapes, line breaks, what is not ASCII. */
const hostile = (secret: string) =>
  fc
    .array(
      fc.oneof(
        fc.constantFrom('***', '*', '\\', '"', "'", '%', '&', '=', '\n', '\r\n', ' ', 'ſ', 'K', '\ud800', '💥', '\0'),
        fc.string({ maxLength: 12 }),
        partOf(secret),
      ),
      { maxLength: 6 },
    )
    .map((parts) => parts.join(''));

const scene = key.chain((secret) =>
  fc.record({
    secret: fc.constant(secret),
    pieces: fc.array(fc.tuple(fc.constantFrom(...Object.keys(FORMS)), hostile(secret), hostile(secret)), {
      minLength: 1,
      maxLength: 4,
    }),
    between: hostile(secret),
    borders: fc.array(fc.nat(400), { maxLength: 12 }),
  }),
);

function cutAt(text: string, borders: number[]): string[] {
  const places = [0, ...borders.map((border) => border % (text.length + 1)), text.length].sort((a, b) => a - b);
  return places.slice(1).map((place, index) => text.slice(places[index], place));
}

function streamed(redactor: Redactor, pieces: string[]): string {
  const stream = redactor.stream();
  return pieces.map((piece) => stream.push(piece)).join('') + stream.end();
}

/** encodeURIComponent refuses a lone surrogate. */
const wellFormed = (text: string) => Buffer.from(text).toString();
const encoded = (secret: string, [form, before, after]: [string, string, string]) =>
  FORMS[form]!(wellFormed(before), secret, wellFormed(after));

describe('a text with the key in any form, cut anywhere', () => {
  it('keeps nothing of eight characters, and does not depend on where it was cut', { timeout: 240_000 }, () => {
    fc.assert(
      fc.property(scene, ({ secret, pieces, between, borders }) => {
        const text = pieces.map((piece) => encoded(secret, piece)).join(between);
        const redactor = createRedactor([apiKeySecret(secret)]);
        const redacted = streamed(redactor, cutAt(text, borders));
        expect(fragmentsIn(redacted, fragmentsOf(secret))).toEqual([]);
        expect(redacted).toBe(redactor.redact(text));
      }),
      { numRuns: 10_000 },
    );
  });
});

/** One character, as some program writes it inside of something else. */
const WRITTEN: ((char: string, hex: string) => string)[] = [
  (char) => char,
  (char) => `\\${char}`,
  (_, hex) => `%${hex}`,
  (_, hex) => `%25${hex}`,
  (_, hex) => `\\u00${hex}`,
  (_, hex) => `\\\\u00${hex.toUpperCase()}`,
  (_, hex) => `\\x${hex}`,
  (_, hex) => `&#x${hex};`,
  (_, hex) => `&#${parseInt(hex, 16)};`,
  (char) => `'"'"'${char}`,
];

const writtenScene = key
  .filter((secret) => !/^[\w.~-]*$/.test(secret) && secret.replace(/[\\'"]/g, '').length >= FRAGMENT)
  .chain((secret) =>
    fc.record({
      secret: fc.constant(secret),
      ways: fc.array(fc.constantFrom(...WRITTEN), { minLength: secret.length, maxLength: secret.length }),
      borders: fc.array(fc.nat(400), { maxLength: 8 }),
    }),
  );

describe('a key of which each character is written in another way', () => {
  it('is masked whole, wherever it is cut', { timeout: 240_000 }, () => {
    fc.assert(
      fc.property(writtenScene, ({ secret, ways, borders }) => {
        fc.pre(!/[%&\\'"]|[xu][\da-f]{2}/i.test(secret)); // what may be an escape by itself
        const chars = Array.from(secret, (char, at) =>
          ways[at]!(char, char.charCodeAt(0).toString(16).padStart(2, '0')),
        );
        const text = `before§${chars.join('')}§after`; // beside it is what no key has: a blank and an escape may be eight characters of one
        const redactor = createRedactor([apiKeySecret(secret)]);
        const whole = redactor.redact(text);
        expect(whole.replace(/[\\'"]|\\u?x?/g, '')).toMatch(/^before§(%25|%|&#x?)? ?(\*\*\*|•••) ?§after$/);
        expect(streamed(redactor, cutAt(text, borders))).toBe(whole);
      }),
      { numRuns: 3000 },
    );
  });
});

/** A text as somebody reads it who does not mind quotes, backslashes, line breaks, and what is not seen. */
function readings(text: string): string[] {
  // eslint-disable-next-line no-control-regex -- these are what is not seen
  const joined = text.replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad]/g, '').replace(/[ \t\r]*\n\s*/g, '');
  return [...new Set([text, joined].flatMap((each) => [each, each.replace(/[\\'"]/g, ''), each.replaceAll('\\', '')]))];
}

/** A key as programs leave it that drop quotes of some kinds, or make one of several in a row. */
function withoutQuotes(secret: string): string[] {
  const kinds = [/[\\'"]/g, /[\\']/g, /[\\"]/g, /['"]/g, /\\/g, /'/g, /"/g];
  const asOne = [(run: string) => run.slice(0, 1), (run: string) => run.slice(-1)];
  return [...kinds.map((kind) => secret.replace(kind, '')), ...asOne.map((kept) => secret.replace(/[\\'"]+/g, kept))];
}

const plainScene = key.chain((secret) =>
  fc.record({
    secret: fc.constant(secret),
    text: fc
      .array(fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.base64String(), partOf(secret)))
      .map((parts) => parts.join(' ')),
    borders: fc.array(fc.nat(400), { maxLength: 8 }),
  }),
);

describe('a text without the key', () => {
  it('is untouched, character by character, wherever it is cut', { timeout: 240_000 }, () => {
    fc.assert(
      fc.property(plainScene, ({ secret, text, borders }) => {
        // eight characters of a key without its quotes tell as much of it, and so do they with a line break among them
        const forms = [...telling(secret), ...withoutQuotes(secret)];
        const fragments = fragmentsOf(secret, forms);
        fc.pre(readings(text).every((reading) => fragmentsIn(reading, fragments).length === 0));
        const redactor = createRedactor([apiKeySecret(secret)]);
        expect(redactor.redact(text)).toBe(text);
        expect(streamed(redactor, cutAt(text, borders))).toBe(text);
      }),
      { numRuns: 10_000 },
    );
  });
});
