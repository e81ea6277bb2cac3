import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { RunError } from '../../src/errors.js';
import { isRecord } from '../../src/json.js';
import { mergeValues, parseValues, type Values } from '../../src/deploy/values.js';
import { modelKeyFor, wiringOverlay } from '../helpers/wiring.js';

const SEED = 20_260_601;
const LONGEST_MS = 15_000;
const MIB = 1024 * 1024;
const WHERE = 'values file my.yaml';

const file = (path: string) => readFileSync(new URL(`../../e2e/${path}`, import.meta.url), 'utf8');
const FILES = [file('values.yaml'), file('chart/values.yaml')];
const CHART = parseValues(FILES[1]!, 'chart');

// the yaml library warns of every mapping that is a name
beforeAll(() => void vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined));
afterAll(() => vi.restoreAllMocks());

/** What a run does with a values file: the JSON of all of it, or the error that refuses it. */
function through(text: string): string | RunError {
  let values: Values;
  try {
    values = parseValues(text, WHERE);
  } catch (error) {
    if (error instanceof RunError) return error;
    throw error;
  }
  expect(isRecord(values)).toBe(true);
  const merged = [{}, CHART, values, values].reduce(mergeValues);
  const model = 'acme/chat-1.5';
  const modelKey = modelKeyFor(model, merged);
  const overlay = wiringOverlay({ baseUrl: 'https://h/v1', model, modelKey, apiKey: 'sk-0123456789' }, merged);
  return JSON.stringify([mergeValues(merged, overlay), mergeValues(overlay, values)]);
}

/** Read in time, and refused only with words that lead to the place. */
function judge(text: string): void {
  const begun = performance.now();
  const result = through(text);
  expect(performance.now() - begun).toBeLessThan(LONGEST_MS);
  if (typeof result === 'string') return;
  expect(result.hop).toBe('inputs');
  expect(result.fix).not.toBe('');
  expect(result.message.startsWith(WHERE)).toBe(true);
  expect(result.message).not.toMatch(/[\r\n]/);
  const place = / line (\d+), column (\d+)(: .+)?$/s.exec(result.message);
  if (!place) {
    expect(result.message).toMatch(/ can not be expanded: .+| is larger than 1 MiB$/);
    return;
  }
  expect(Number(place[1])).toBeGreaterThanOrEqual(1);
  expect(Number(place[1])).toBeLessThanOrEqual(text.split('\n').length);
  expect(Number(place[2])).toBeGreaterThanOrEqual(1);
}

function refusal(text: string): string {
  judge(text);
  const result = through(text);
  return typeof result === 'string' ? expect.unreachable('it was read') : result.message;
}

const TOKENS = [
  ...['&x ', '*x', '&x', '*y', 'a: &x ', 'b: *x', '<<: *x', '<<: ', '<<: [*x, *x]', '<<: 3', '\n<<: *x\n'],
  ...[
    '!!binary ',
    '!!binary "aGk="',
    '!foo ',
    '!!set ',
    '!!omap ',
    '!!timestamp ',
    '!!int x',
    '!!float ',
    '!<tag:x> ',
    '! ',
  ],
  ...[
    '\t',
    '\0',
    '\ufeff',
    '\ud800',
    '\udc00',
    '\u2028',
    '\u0085',
    '\x1b',
    '\x7f',
    '\r',
    '\r\n',
    '\n',
    '\n\n',
    ' ',
    '    ',
  ],
  ...['\n---\n', '\n...\n', '---', '%YAML 1.1\n---\n', '%YAML 1.2\n---\n', '%TAG ! tag:x,2000:\n---\n', '%foo\n', '%'],
  ...['"', "'", '\\', '"\\x', '"\\u12"', "''", '""', '|', '>', '|-\n', '>9\n', '| #\n', '#', ' # ', '`', '@', '~'],
  ...['{', '}', '[', ']', ',', ':', ': ', '? ', '- ', '-', '{}', '[]', '{a: 1}', '? {a: 1}\n: 2\n', '[a, b]: c\n'],
  ...['99999999999999999999999999', '1e999', '-.inf', '.nan', '0x7fffffffffffffffff', '0o777', '1_000', '-0', '0755'],
  ...['2001-01-01', '2001-12-14t21:59:43.10-05:00', 'yes', 'null', 'true', 'no'],
  ...[
    '__proto__: ',
    '__proto__: {a: {b: 1}}\n',
    'constructor: ',
    'global: ',
    'global: []\n',
    'global: null\n',
    'models: ',
  ],
  ...[
    'llama-stack: ',
    'llama-stack: 3\n',
    'models: [1]\n',
    'id: acme/chat-1.5\n',
    '\nglobal: {models: {a: {id: x}}}\n',
  ],
];

const nested = fc
  .tuple(
    fc.constantFrom('[', '{', '{a: ', '[{', '- ', '? ', 'a:\n ', '&x [', '!!set {'),
    fc.integer({ min: 2, max: 1000 }),
  )
  .map(([open, depth]) => open.repeat(depth));
const token = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom(...TOKENS) },
  { weight: 1, arbitrary: nested },
  { weight: 4, arbitrary: fc.string({ unit: 'binary', maxLength: 6 }) },
);

type Mutation = (text: string) => string;
const share = fc.nat(1000);
const offset = (text: string, part: number) => Math.round((text.length * part) / 1000);
const span = fc.tuple(share, share).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(share, token).map(([part, inserted]): Mutation => (text) => {
      const place = offset(text, part);
      return text.slice(0, place) + inserted + text.slice(place);
    }),
  },
  {
    weight: 6,
    // where a value or a name begins: there a token means something
    arbitrary: fc.tuple(fc.nat(60), token).map(([index, inserted]): Mutation => (text) => {
      const places = [...text.matchAll(/^ *|: /gm)].map((match) => match.index + match[0].length);
      const place = places[index % places.length] ?? 0;
      return text.slice(0, place) + inserted + text.slice(place);
    }),
  },
  span.map(
    ([from, to]): Mutation =>
      (text) =>
        text.slice(0, offset(text, from)) + text.slice(offset(text, to)),
  ),
  span.map(([from, to]): Mutation => (text) => {
    const part = text.slice(offset(text, from), offset(text, to));
    return text.slice(0, offset(text, to)) + part + text.slice(offset(text, to));
  }),
  fc.tuple(fc.nat(40), fc.nat(40)).map(([a, b]): Mutation => (text) => {
    const lines = text.split('\n');
    const [first, second] = [a % lines.length, b % lines.length];
    [lines[first], lines[second]] = [lines[second]!, lines[first]!];
    return lines.join('\n');
  }),
  fc.constantFrom<Mutation>(
    (text) => text.replaceAll('\n', '\r\n'),
    (text) => text.replaceAll('\n', '\r'),
    (text) => `\ufeff${text}`,
    (text) => text.replaceAll('  ', '\t'),
    (text) => text + text,
    (text) => `---\n${text}...\n`,
    (text) => text.trimEnd(),
    (text) => JSON.stringify(text),
  ),
);

const mutated = fc
  .tuple(fc.constantFrom(...FILES), fc.array(mutation, { minLength: 1, maxLength: 5 }))
  .map(([text, mutations]) => mutations.reduce((before, mutate) => mutate(before), text));
const soup = fc.array(token, { maxLength: 15 }).map((tokens) => tokens.join(''));
const codeUnits = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 30 })
  .map((codes) => String.fromCharCode(...codes));
const noise = fc.oneof(fc.string({ unit: 'binary', maxLength: 80 }), fc.string({ maxLength: 80 }), codeUnits);

describe('10,000 values files', () => {
  it('are read, or refused with their place, and none hangs', { timeout: 120_000 }, () => {
    const text = fc.oneof(
      { weight: 6, arbitrary: mutated },
      { weight: 3, arbitrary: soup },
      { weight: 1, arbitrary: noise },
    );
    fc.assert(fc.property(text, judge), {
      seed: SEED,
      numRuns: 10_000,
      interruptAfterTimeLimit: 110_000,
      markInterruptAsFailure: true,
    });
  });
});

describe('a hostile values file', () => {
  const level = (open: string, close: string, item: (name: string) => string) => (n: number) =>
    `a${n}: &a${n} ${open}${Array.from({ length: 10 }, (_, i) => item(`*a${n - 1}`).replace('%', String(i))).join(', ')}${close}`;
  const nine = [1, 2, 3, 4, 5, 6, 7, 8, 9];

  it.each([
    ['of lists', ['a0: &a0 [x]', ...nine.map(level('[', ']', (alias) => alias))].join('\n')],
    ['of mappings', ['a0: &a0 {x: 1}', ...nine.map(level('{', '}', (alias) => `k%: ${alias}`))].join('\n')],
    ['of merges', ['a0: &a0 {x: 1}', ...nine.map(level('{<<: [', ']}', (alias) => alias))].join('\n')],
  ])('with a bomb of aliases %s is refused', (_, text) => {
    expect(refusal(text)).toMatch(/^values file my\.yaml can not be expanded: .*alias/);
  });

  it.each([
    ['open brackets', '['.repeat(100_000)],
    ['brackets', `a: ${'['.repeat(100_000)}${']'.repeat(100_000)}`],
    ['open braces', '{a: '.repeat(100_000)],
    ['lists', '- '.repeat(100_000)],
    ['names', '? '.repeat(100_000)],
  ])('with 100,000 nested %s is refused with its place', (_, text) => {
    expect(refusal(text)).toMatch(/^values file my\.yaml is not valid YAML at line 1, column \d+: /);
  });

  it.each([
    ['letters', `#${'x'.repeat(MIB)}`],
    ['letters of two bytes', `#${'é'.repeat(MIB / 2)}`],
    ['signs of four bytes', `#${'😀'.repeat(MIB / 4)}`],
  ])('of 1 MiB and one byte is refused: %s', (_, text) => {
    expect(Buffer.byteLength(text)).toBe(MIB + 1);
    expect(refusal(text)).toBe('values file my.yaml is larger than 1 MiB');
  });

  it.each([
    ['a list in itself', 'a: &x [*x]\n'],
    ['a mapping in itself', 'a: &x\n  b: *x\n'],
    ['a whole file in itself', '&x\na: *x\n'],
    ['a list in a mapping in that list', 'a: &x\n  - b: &y\n      c: [*x, *y]\n'],
    ['a model in itself', 'global:\n  models: &x\n    maas: *x\n'],
    ['a mapping merged into itself', 'a: &x\n  <<: *x\n  b: 1\n'],
  ])('with %s is refused', (_, text) => {
    expect(refusal(text)).toMatch(/alias/);
  });

  it.each([
    ['an alias that is not defined', 'a: 1\nb: *nowhere\n', /nowhere/],
    ['an alias before its anchor', 'a: 1\nb: *x\nc: &x 1\n', /x/],
    ['a merge of what is no mapping', 'a: 1\n<<: 3\n', /[Mm]erge/],
  ])('with %s is refused with its place', (_, text, word) => {
    const message = refusal(text);
    expect(message).toMatch(word);
    expect(message).toMatch(/line 2, column \d+/);
  });
});
