import { execFileSync } from 'node:child_process';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../src/secrets/redact.js';
import { apiKeySecret } from '../../src/secrets/secret.js';

const KEYS = {
  UUID: '3f2a9c1e-7b4d-4e8f-9a6b-2c5d8e0f1a37',
  JWT: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJtYWFzIn0.Qx7-kT_9vLw2',
  grouped: 'ABCD-1234-EFGH-5678',
  prefixed: 'sk-proj_Zq7Rk2Wp9Lx4',
  short: 'Zq7-k2Wp',
  special: `*9WAeoS\\RPg&<%'x"`,
};

const each = (text: string, write: (char: string, code: number) => string) =>
  Array.from(text, (char) => write(char, char.charCodeAt(0))).join('');
const hexOf = (code: number, digits = 2) => code.toString(16).padStart(digits, '0');
const bytesOf = (text: string, between: string, before = '') =>
  Array.from(Buffer.from(text), (byte) => before + hexOf(byte)).join(between);
const decimals = (text: string, between: string) => Array.from(Buffer.from(text)).join(between);
const wrapped = (text: string, width: number, lineBreak = '\n') =>
  (text.match(new RegExp(`[^]{1,${width}}`, 'g')) ?? []).join(lineBreak);
const base64 = (text: string) => Buffer.from(text).toString('base64');
/** As the program shows it. */
const shownBy = (program: string, args: string[], input: string) =>
  execFileSync(program, args, { input, encoding: 'utf8' });

const ESCAPED: Record<string, (key: string) => string> = {
  "Python's re.escape": (key) => key.replace(/[^\w]/g, '\\$&'),
  'percent of each': (key) => each(key, (_, code) => `%${hexOf(code)}`),
  'percent of each, twice': (key) => each(key, (_, code) => `%25${hexOf(code)}`),
  '%u of each': (key) => each(key, (_, code) => `%u${hexOf(code, 4)}`),
  '\\u of each': (key) => each(key, (_, code) => `\\u${hexOf(code, 4)}`),
  '\\u of each, twice': (key) => JSON.stringify(each(key, (_, code) => `\\u${hexOf(code, 4)}`)),
  '\\u{} of each': (key) => each(key, (_, code) => `\\u{${hexOf(code)}}`),
  '\\U of each': (key) => each(key, (_, code) => `\\U${hexOf(code, 8)}`),
  '\\x of each': (key) => each(key, (_, code) => `\\x${hexOf(code)}`),
  '\\x{} of each': (key) => each(key, (_, code) => `\\x{${hexOf(code)}}`),
  'octal of each': (key) => each(key, (_, code) => `\\${code.toString(8).padStart(3, '0')}`),
  'octal with a zero': (key) => each(key, (_, code) => `\\0${code.toString(8).padStart(3, '0')}`),
  'decimal entities': (key) => each(key, (_, code) => `&#${code};`),
  'decimal entities with zeros': (key) => each(key, (_, code) => `&#00${code};`),
  'hex entities': (key) => each(key, (_, code) => `&#x${hexOf(code)};`),
  'entities in a URL': (key) => encodeURIComponent(each(key, (_, code) => `&#${code};`)),
  "entities in Go's JSON": (key) => each(key, (_, code) => `\\u0026#${code};`),
  'named entities': (key) =>
    key.replace(/[-_.]/g, (char) => ({ '-': '&hyphen;', _: '&lowbar;', '.': '&period;' })[char] ?? char),
  'quoted-printable': (key) =>
    wrapped(
      each(key, (_, code) => `=${hexOf(code).toUpperCase()}`),
      72,
      '=\n',
    ),
  CSS: (key) => each(key, (_, code) => `\\${hexOf(code)} `),
  'every second by percent': (key) =>
    Array.from(key, (char, at) => (at % 2 ? char : `%${hexOf(char.charCodeAt(0))}`)).join(''),
};

const DUMPED: Record<string, (key: string) => string> = {
  'a Buffer of Node': (key) => inspect(Buffer.from(`k${key}`)),
  'a Buffer in JSON': (key) => JSON.stringify(Buffer.from(`k${key}`)),
  'a Buffer in JSON, indented': (key) => JSON.stringify(Buffer.from(`k${key}`), null, 2),
  'a slice of Go': (key) => `[${decimals(key, ' ')}]`,
  'a list of Python': (key) => `[${decimals(key, ', ')}]`,
  'bytes of Go': (key) => `[]byte{${bytesOf(key, ', ', '0x')}}`,
  'hex with blanks': (key) => bytesOf(key, ' '),
  'hex with colons': (key) => bytesOf(key, ':').toUpperCase(),
  'hex with dashes': (key) => bytesOf(key, '-'),
  'hex with commas': (key) => bytesOf(key, ','),
  '\\x in a string': (key) => `b'${bytesOf(key, '', '\\x')}'`,
  'hexdump -C': (key) => shownBy('hexdump', ['-C'], `key: ${key}`),
  hexdump: (key) => shownBy('hexdump', [], key),
  xxd: (key) => xxd(`key: ${key}`),
  'od -t x1': (key) => shownBy('od', ['-A', 'x', '-t', 'x1z'], key),
  'od -b': (key) => shownBy('od', ['-b'], key),
  od: (key) => shownBy('od', [], key),
  base32: (key) => shownBy('base32', ['-w', '0'], `k:${key}`),
  'base32 wrapped': (key) => shownBy('base32', ['-w', '16'], key),
  'base64 at 20 columns': (key) => wrapped(base64(`k:${key}`), 20, '\r\n'),
  'base64 at 76 columns, indented': (key) => wrapped(base64(`${'x'.repeat(50)}${key}`), 76, '\n    '),
  'base64 of UTF-16': (key) => Buffer.from(key, 'utf16le').toString('base64'),
  'UTF-16 as text': (key) => Buffer.from(key, 'utf16le').toString('latin1'),
  'hex of UTF-16': (key) => Buffer.from(key, 'utf16le').toString('hex').replace(/../g, '$& '),
};

/** Not on every machine. */
function xxd(text: string): string {
  const lines = text.match(/[^]{1,16}/g) ?? [];
  return lines
    .map((line, at) => {
      const hex = (
        Buffer.from(line)
          .toString('hex')
          .match(/.{1,4}/g) ?? []
      ).join(' ');
      return `${hexOf(at * 16, 8)}: ${hex.padEnd(40)} ${line}\n`;
    })
    .join('');
}

const WAYS = Object.entries({ ...ESCAPED, ...DUMPED });
const redactorOf = (key: string) => createRedactor([apiKeySecret(key)]);

/** Characters of a text that masks stand for. */
function maskedOf(text: string, redacted: string): number {
  return text.length - redacted.split(/ ?(?:\*\*\*|•••) ?/).reduce((sum, part) => sum + part.length, 0);
}

describe.each(Object.entries(KEYS))('a key that is %s', (_, key) => {
  it.each(WAYS)('is masked in %s', (name, write) => {
    const text = `before\n${write(key)}\nafter`;
    const redacted = redactorOf(key).redact(text);
    expect(maskedOf(text, redacted)).toBeGreaterThanOrEqual((write(key).length - write('').length) * 0.35);
    expect(maskedOf(text, redacted)).toBeGreaterThanOrEqual(8);
    if (name in ESCAPED) expect(redacted).toMatch(/^before\s*["\\%=]{0,3} ?(\*\*\*|•••) ?["\\]?\s*after$/);
  });
});

describe('a key over two lines', () => {
  const key = 'Zq7-k2Wp9xLm4T';
  const cases = [8, 9, 10, 14].flatMap((length) =>
    Array.from({ length: length - 1 }, (_, at) => [key.slice(0, length), at + 1] as const),
  );
  it.each(cases)('%s is not shown when it is broken after %i', (secret, at) => {
    for (const lineBreak of ['\n', '\r\n', '\n    ', '\\\n', '=\n', '\\n']) {
      const text = `before ${secret.slice(0, at)}${lineBreak}${secret.slice(at)} after`;
      const left = redactorOf(secret).redact(text).replace('before', '').replace('after', '');
      expect(left.replace(/\*\*\*|\s/g, '').length).toBeLessThan(8);
    }
  });
});

describe('a stream', () => {
  const text = Object.values(KEYS)
    .flatMap((key) => WAYS.map(([name, write]) => `${name}: ${write(key)}\n`))
    .join('');
  it.each(Object.values(KEYS))(
    'of every form, cut anywhere, is what the whole text is: %s',
    { timeout: 60_000 },
    (key) => {
      const redactor = redactorOf(key);
      const whole = redactor.redact(text);
      fc.assert(
        fc.property(fc.array(fc.nat(text.length), { maxLength: 40 }), (borders) => {
          const places = [0, ...borders, text.length].sort((a, b) => a - b);
          const stream = redactor.stream();
          const pieces = places.slice(1).map((end, at) => stream.push(text.slice(places[at], end)));
          expect(pieces.join('') + stream.end()).toBe(whole);
        }),
        { numRuns: 4 },
      );
    },
  );

  it('stays masked across a piece that was given', () => {
    const stream = redactorOf(KEYS.UUID).stream();
    const given = [KEYS.UUID.repeat(100), `${KEYS.UUID} after\n`].map((piece) => stream.push(piece)).join('');
    expect(given + stream.end()).toBe('*** after\n');
  });

  it('holds back a bounded number of characters, however long a line is', () => {
    const stream = redactorOf(KEYS.UUID).stream();
    let held = 0;
    let most = 0;
    for (let at = 0; at < 300; at += 1) {
      const piece = '\u001b]%5\\ =3 &am'.repeat(7);
      held += piece.length - stream.push(piece).length;
      most = Math.max(most, held);
    }
    expect(most).toBeLessThan(2000);
  });
});

describe('a text without the key', () => {
  it.each([
    ['sk-a&b-Zq7Rk2Wp', '&amp;amp;amp;amp; and \\u0026\\u0026\\u0026, %2525252526'],
    [`ab\\cd"efghijk`, '\\\\\\\\\\\\\\\\\\\\ """""""""""" \\"\\"\\"\\"\\"'],
    [
      KEYS.UUID,
      '2026-11-29T04:02:48.000123Z 10.244.0.5:43210 "GET / HTTP/1.1" 200 115 [1, 2, 3]\n00000000  00 01 02  |...|\n',
    ],
    ['my-application-token', 'an app of mine\n\n  has tokens'],
  ])('keeps every character: %s', (key, text) => {
    expect(redactorOf(key).redact(text)).toBe(text);
  });

  it('beside the key is left alone, wherever an escape is', () => {
    const { redact } = redactorOf('*9WAeoS\\RPg');
    expect(redact('path 9WAeoSRPg')).toBe(redact('"path" 9WAeoSRPg').replaceAll('"', ''));
    expect(redact('path 9WAeoSRPg')).not.toContain('WAeo');
  });
});

describe('a list of secrets', () => {
  const redactor = createRedactor([apiKeySecret(KEYS.UUID), { name: 'input judge-api-key', value: KEYS.prefixed }]);
  it('is taken out whole, and each is told by its name', () => {
    expect(redactor.redact(`a ${KEYS.UUID} b ${KEYS.prefixed} c`)).toBe('a *** b *** c');
    expect(redactor.namesIn(`x ${KEYS.prefixed.slice(3, 12)}`)).toEqual(['input judge-api-key']);
  });
});
