import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readObjects } from '../../src/deploy/objects.js';
import { parseValues } from '../../src/deploy/values.js';
import { findPlaceholders } from '../../src/wiring/compose.js';
import { failureOf } from '../helpers/failures.js';

/** Seconds of processor time, which a busy machine does not stretch: a text that squares or doubles its work takes minutes. */
const MOST_SECONDS = 8;

function secondsOf(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** Levels of mappings, each merging the one before `times` times. */
function mergeBomb(levels: number, times: number): string {
  const level = (n: number) =>
    `a${n}: &a${n}\n  k${n}: 1\n  <<: [${Array(times)
      .fill(`*a${n - 1}`)
      .join(',')}]`;
  return ['a0: &a0 {k0: 1}', ...Array.from({ length: levels }, (_, index) => level(index + 1))].join('\n');
}

function laughs(levels: number): string {
  const level = (n: number) =>
    `a${n}: &a${n} [${Array(9)
      .fill(`*a${n - 1}`)
      .join(',')}]`;
  return ['a0: &a0 [lol]', ...Array.from({ length: levels }, (_, index) => level(index + 1))].join('\n');
}

const heads = 'apiVersion: v1\nkind: ConfigMap\n';
const chain = Array.from({ length: 900 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}]`).join('\n');

/** Texts that ask for more than their size, with what is said of them. */
const HOSTILE: [string, string, RegExp][] = [
  ['a merge bomb', mergeBomb(12, 8), /merge more than 1000 mappings/],
  ['a merge bomb of few and many levels', mergeBomb(150, 2), /merge more than 1000 mappings/],
  ['a billion laughs', laughs(12), /stand for more than \d+ characters/],
  ['one long text, repeated', `a: &a ${'x'.repeat(500_000)}\nb: [${'*a, '.repeat(900)}*a]`, /stand for more than/],
  ['levels by aliases', `a0: &a0 [x]\n${chain}`, /nested more than 200 deep/],
  ['flow lists, 10,000 deep', `a: ${'['.repeat(10_000)}${']'.repeat(10_000)}`, /nested more than 200 levels deep/],
  ['flow mappings, 10,000 deep', `a: ${'{a: '.repeat(10_000)}`, /nested more than 200 levels deep/],
  ['lists on one line, 10,000 deep', `a:\n- ${'- '.repeat(10_000)}`, /nested more than 200 levels deep/],
  ['names, 10,000 deep', '? '.repeat(10_000), /nested more than 200 levels deep/],
  [
    'names that merge over and over',
    `a: &a {${names(2000)}}\nb:\n${'- <<: *a\n'.repeat(900)}`,
    /merge more than 100000 names/,
  ],
  ['an error in each token', `a: [${','.repeat(90_000)}`, /./],
  ['nothing but ends', '}'.repeat(90_000), /./],
];

function names(count: number): string {
  return Array.from({ length: count }, (_, n) => `k${n}: 1`).join(', ');
}

describe.each(HOSTILE)('%s', (_, text, said) => {
  it('is refused as values, and soon', async () => {
    const seconds = await Promise.resolve(secondsOf(() => expect(() => parseValues(text, 'my.yaml')).toThrow(said)));
    expect(seconds).toBeLessThan(MOST_SECONDS);
    const failure = await failureOf(() => parseValues(text, 'my.yaml'));
    expect([failure.code, failure.hop]).toEqual(['E_VALUES', 'inputs']);
    expect(failure.message.length).toBeLessThan(400);
  });

  it('is refused as objects, and soon', () => {
    const seconds = secondsOf(() => expect(() => readObjects(`${heads}data:\n${indented(text)}`)).toThrow());
    expect(seconds).toBeLessThan(MOST_SECONDS);
  });
});

function indented(text: string): string {
  return text.replace(/^/gm, '  ');
}

describe('a text at the limit of its size', () => {
  it.each([
    ['members of values', 'a: 1\n'.repeat(200_000), /more than 100000 tokens/],
    ['blanks and signs', '[ '.repeat(400_000), /nested more than/],
    ['comments', '# a\n'.repeat(260_000), /more than 100000 tokens/],
  ])('%s: refused by its number of tokens', (_, text, said) => {
    const seconds = secondsOf(() => expect(() => parseValues(text, 'w')).toThrow(said));
    expect(seconds).toBeLessThan(MOST_SECONDS);
  });

  it('is read where it is one long value, of any form', () => {
    const long = 1_000_000;
    for (const value of [
      '1',
      '0',
      '_',
      '1_',
      '.',
      '-',
      '0x1',
      '${',
      '${MAAS_',
      '$',
      ' x',
      '\t',
      '&',
      '*',
      '!',
      '%',
      '"',
    ])
      for (const quote of ['', "'", '|\n  '])
        expect(
          secondsOf(() => read(`a: ${quote}${value.repeat(long / value.length)}${quote === "'" ? quote : ''}`)),
          value,
        ).toBeLessThan(MOST_SECONDS);
  }, 120_000);

  it('objects: more tokens than a document, and than a text may have', () => {
    const document = (lines: number) => `---\n${heads}data:\n${'  a: 1\n'.repeat(lines)}`;
    expect(() => readObjects(document(40_000))).toThrow(/document has more than 200000 tokens/);
    expect(() => readObjects(document(20_000).repeat(9))).toThrow(/text has more than 1000000 tokens/);
  }, 60_000);

  it('objects: a large bundle of definitions is read', () => {
    const document = `---\n${heads}data:\n${'  a: |\n    text\n    text\n'.repeat(5000)}`;
    expect(readObjects(document.repeat(4))).toHaveLength(4);
  });
});

function read(text: string): void {
  try {
    findPlaceholders([{ where: 'w', text }], { where: 's', text: '' });
  } catch {
    // refused is as good as read
  }
}

const ANY_LEVEL = fc.record({
  times: fc.integer({ min: 1, max: 9 }),
  form: fc.constantFrom('list', 'mapping', 'merge', 'merges'),
});

describe('aliases and merges in any mixture', () => {
  it('are read or refused within what their text may cost', () => {
    fc.assert(
      fc.property(fc.array(ANY_LEVEL, { minLength: 1, maxLength: 40 }), (levels) => {
        const text = ['a0: &a0 {k: 1}', ...levels.map(levelOf)].join('\n');
        expect(secondsOf(() => read(text))).toBeLessThan(MOST_SECONDS);
      }),
      { numRuns: 200 },
    );
  }, 120_000);
});

function levelOf({ times, form }: { times: number; form: string }, index: number): string {
  const aliases = Array.from({ length: times }, () => `*a${index}`);
  const forms: Record<string, string> = {
    list: `[${aliases.join(', ')}]`,
    mapping: `{${aliases.map((alias, n) => `k${n}: ${alias}`).join(', ')}}`,
    merge: `{k${index}: 1, <<: [${aliases.join(', ')}]}`,
    merges: `{${aliases.map((alias) => `<<: ${alias}`).join(', ')}, k${index}: 1}`,
  };
  return `a${index + 1}: &a${index + 1} ${forms[form] ?? ''}`;
}
