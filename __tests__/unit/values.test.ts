import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differenceOf, mergeValues, parseValues, type Values } from '../../src/deploy/values.js';
import { isRecord } from '../../src/json.js';
import { failureOf } from '../helpers/failures.js';

describe('Helm values from YAML', () => {
  it.each([
    ['a mapping', 'a:\n  b: [1, "2"]\n', { a: { b: [1, '2'] } }],
    ['nothing', '', {}],
    ['comments alone', '# replicas: 1\n', {}],
    ['null', 'null', {}],
    ['two members of a name: the last one counts, as for Helm', 'a: 1\na: 2', { a: 2 }],
    ['a merge, as for Helm', 'x: &x {id: 1}\na: {<<: *x, b: 2}', { x: { id: 1 }, a: { id: 1, b: 2 } }],
    ['aliases', 'a: &x {m: 1}\nb: *x\n', { a: { m: 1 }, b: { m: 1 } }],
    ['a merge of several, the first before the others', 'a: {<<: [{m: 1}, {m: 2, o: 3}]}', { a: { m: 1, o: 3 } }],
  ])('%s', (_, text, values) => {
    expect(parseValues(text, 'w')).toEqual(values);
  });

  it.each([
    ['a bad indent', 'a:\n  b: 1\n c: 2\n', /^my\.yaml is not valid YAML at line 3, column \d+: /],
    ['an open bracket', 'a: [1,\n', /^my\.yaml is not valid YAML at line \d+, column \d+: /],
    ['a tab', 'a:\n\tb: 1\n', /^my\.yaml is not valid YAML at line 2, column 1: /],
    ['an unknown alias', 'a: *x\n', /my\.yaml .*alias/],
    ['a list', '- a\n', /^my\.yaml is not a mapping, line 1, column 1$/],
    ['a word', 'replicas', /^my\.yaml is not a mapping/],
    ['a number', '3', /^my\.yaml is not a mapping/],
    [
      'a name that is a mapping',
      'a:\n  ? {b: 1}\n  : 2\n',
      /^my\.yaml is not valid YAML at line 2, column 5: a name is/,
    ],
    ['an alias inside of its anchor', 'a: &x [*x]\n', /line 1, column 8: alias \*x is inside of what it stands for$/],
    ['a merge of what is no mapping', 'a: {<<: 3}\n', /line 1, .*<< merges what is no mapping$/],
    ['a merge of a list with what is no mapping', 'a: {<<: [{b: 1}, 3]}\n', /<< merges what is no mapping$/],
    ['bytes', 'a: !!binary aGk=\n', /line 1, column \d+: !!binary is no type of Helm values$/],
    ['a set', 'a: !!set {b, c}\n', /!!set is no type of Helm values$/],
    ['more aliases than values have', `a: &x 1\nb: [${'*x,'.repeat(1001)}]`, /line 2, .*more than 1000 aliases$/],
  ])('%s is refused with its place', async (_, text, message) => {
    const failure = await failureOf(() => parseValues(text, 'my.yaml'));
    expect([failure.code, failure.hop]).toEqual(['E_VALUES', 'inputs']);
    expect(failure.message).toMatch(message);
    expect(failure.message).not.toContain('\n');
  });

  it('a bomb of aliases is refused, and fast', async () => {
    const level = (n: number) =>
      `a${n}: &a${n} [${Array<string>(10)
        .fill(`*a${n - 1}`)
        .join(',')}]`;
    const bomb = ['a0: &a0 [x]', ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map(level)].join('\n');
    const failure = await failureOf(() => parseValues(bomb, 'w'));
    expect(failure.message).toMatch(/^w can not be expanded: /);
    expect(failure.fix).toContain('fewer aliases');
  });

  it('more than 1 MiB is refused before it is parsed; 1 MiB is not', async () => {
    const comment = `#${'x'.repeat(1024 * 1024 - 1)}`;
    expect(parseValues(comment, 'w')).toEqual({});
    expect((await failureOf(() => parseValues(`${comment}[`, 'w'))).message).toBe('w is larger than 1 MiB');
  });
});

const leaf = fc.oneof(fc.integer(), fc.constant(null), fc.constant('t'), fc.array(fc.nat(9), { maxLength: 2 }));
const { values: anyValues } = fc.letrec<{ values: Values }>((tie) => ({
  values: fc.dictionary(fc.constantFrom('a', 'b', 'c.d/e'), fc.oneof({ maxDepth: 3 }, leaf, tie('values')), {
    maxKeys: 3,
  }),
}));

describe('values merged as Helm does', () => {
  it.each<[string, Values, Values, Values]>([
    ['members of both', { a: 1 }, { b: 2 }, { a: 1, b: 2 }],
    ['the later one wins', { a: 1 }, { a: 2 }, { a: 2 }],
    ['mappings member by member', { a: { x: 1, y: 1 } }, { a: { y: 2 } }, { a: { x: 1, y: 2 } }],
    ['lists replaced as a whole', { a: [1, 2, 3] }, { a: [4] }, { a: [4] }],
    ['a mapping over a value', { a: 1 }, { a: { x: 1 } }, { a: { x: 1 } }],
    ['a value over a mapping', { a: { x: 1 } }, { a: false }, { a: false }],
    ['null over a mapping', { a: { x: 1 } }, { a: null }, { a: null }],
    [
      'names that objects inherit',
      { a: {} },
      { constructor: 1, toString: { x: 1 } },
      { a: {}, constructor: 1, toString: { x: 1 } },
    ],
  ])('%s', (_, base, over, merged) => {
    expect(mergeValues(base, over)).toEqual(merged);
  });

  /** What an overlay has at the first place of a path where it has no mapping. */
  function reached(over: unknown, path: string[]): { value: unknown } | undefined {
    if (!isRecord(over)) return { value: over };
    const [name, ...rest] = path;
    if (name === undefined || !(name in over)) return undefined;
    return reached(over[name], rest);
  }
  function leaves(value: unknown, path: string[] = []): { path: string[]; value: unknown }[] {
    if (!isRecord(value)) return [{ path, value }];
    return Object.entries(value).flatMap(([name, inner]) => leaves(inner, [...path, name]));
  }
  const valueAt = (value: unknown, path: string[]) =>
    path.reduce<unknown>((outer, name) => (isRecord(outer) ? outer[name] : undefined), value);

  it('has every value of the overlay, and every value of the base that no overlay replaces; nothing else', () => {
    fc.assert(
      fc.property(anyValues, anyValues, (base, over) => {
        const before = structuredClone([base, over]);
        const merged = mergeValues(base, over);
        for (const { path, value } of leaves(over)) expect(valueAt(merged, path)).toEqual(value);
        for (const { path, value } of leaves(base)) {
          if (reached(over, path)) continue;
          const replaced = path.length > 0 && isRecord(valueAt(over, path));
          if (!replaced) expect(valueAt(merged, path)).toEqual(value);
        }
        const known = [...leaves(base), ...leaves(over)].map(({ path }) => path.join('\0'));
        for (const { path } of leaves(merged)) expect(known).toContain(path.join('\0'));
        expect([base, over]).toEqual(before);
      }),
    );
  });

  it('an empty one changes nothing, and neither does the same one again', () => {
    fc.assert(
      fc.property(anyValues, anyValues, (base, over) => {
        expect(mergeValues(base, {})).toEqual(base);
        expect(mergeValues({}, base)).toEqual(base);
        const merged = mergeValues(base, over);
        expect(mergeValues(merged, over)).toEqual(merged);
      }),
    );
  });
});

describe('what has to go over values to make them others', () => {
  it.each<[string, Values, Values, Values]>([
    ['nothing where they are the same', { a: { b: [1, null] } }, { a: { b: [1, null] } }, {}],
    ['the members of mappings that differ', { a: { b: 1, c: 1 }, d: 1 }, { a: { b: 2, c: 1 }, d: 1 }, { a: { b: 2 } }],
    ['lists as a whole', { a: [1, 2] }, { a: [1, 3] }, { a: [1, 3] }],
    ['a text over a number that looks like it', { a: 1 }, { a: '1' }, { a: '1' }],
    ['a value over a mapping, and the other way round', { a: { b: 1 }, c: 1 }, { a: 1, c: {} }, { a: 1, c: {} }],
    ['null', { a: 1 }, { a: null }, { a: null }],
    ['names that objects inherit', {}, { constructor: { x: 1 } }, { constructor: { x: 1 } }],
  ])('is %s', (_, before, after, difference) => {
    expect(differenceOf(before, after)).toEqual(difference);
  });

  it('makes them so', () => {
    fc.assert(
      fc.property(anyValues, anyValues, (before, over) => {
        const after = mergeValues(before, over);
        expect(mergeValues(before, differenceOf(before, after))).toEqual(after);
      }),
    );
  });
});

describe('a file of several documents', () => {
  it.each([
    ['a: 1\nb: {c: 1}\n---\nb: {d: 2}\n---\n', { a: 1, b: { c: 1, d: 2 } }],
    ['---\n# only a comment\n', {}],
    ['a: 1\n---\n', { a: 1 }],
  ])('is merged, as Helm does it: %j', (text, merged) => {
    expect(parseValues(text, 'f')).toEqual(merged);
  });

  it('is no mapping where one of them is none', () => {
    expect(() => parseValues('a: 1\n---\n- x\n', 'f')).toThrow(/is not a mapping/);
  });
});

it('of two merges in a mapping the later one counts, as for Helm', () => {
  const text = 'x: &x {id: 1}\nz: &z {id: 9, w: 3}\na: {<<: *x, <<: *z}';
  expect(parseValues(text, 'w')['a']).toEqual({ id: 9, w: 3 });
});

it('braces around a placeholder without quotes are told apart from other mistakes', async () => {
  const failure = await failureOf(() => parseValues('llm: {url: ${MAAS_BASE_URL}}', 'f'));
  expect(failure.fix).toMatch(/needs quotes/);
  expect((await failureOf(() => parseValues('a: [', 'f'))).fix).not.toMatch(/quotes/);
});
