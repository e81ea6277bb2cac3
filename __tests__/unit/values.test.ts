import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { KEY_VARIABLE, mergeValues, parseValues, type Values } from '../../src/deploy/values.js';
import { isRecord } from '../../src/json.js';
import { modellessOverlay } from '../../src/wiring/llama-stack.js';
import { failureOf } from '../helpers/failures.js';
import { modelKeyFor, wiringOverlay } from '../helpers/wiring.js';

describe('Helm values from YAML', () => {
  it.each([
    ['a mapping', 'a:\n  b: [1, "2"]\n', { a: { b: [1, '2'] } }],
    ['nothing', '', {}],
    ['comments alone', '# replicas: 1\n', {}],
    ['null', 'null', {}],
    ['two members of a name: the last one counts, as for Helm', 'a: 1\na: 2', { a: 2 }],
    ['a merge, as for Helm', 'x: &x {id: 1}\na: {<<: *x, b: 2}', { x: { id: 1 }, a: { id: 1, b: 2 } }],
    ['aliases', 'a: &x {n: 1}\nb: *x\n', { a: { n: 1 }, b: { n: 1 } }],
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

  const leaf = fc.oneof(fc.integer(), fc.constant(null), fc.constant('t'), fc.array(fc.nat(9), { maxLength: 2 }));
  const { values } = fc.letrec<{ values: Values }>((tie) => ({
    values: fc.dictionary(fc.constantFrom('a', 'b', 'c.d/e'), fc.oneof({ maxDepth: 3 }, leaf, tie('values')), {
      maxKeys: 3,
    }),
  }));

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
      fc.property(values, values, (base, over) => {
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
      fc.property(values, values, (base, over) => {
        expect(mergeValues(base, {})).toEqual(base);
        expect(mergeValues({}, base)).toEqual(base);
        const merged = mergeValues(base, over);
        expect(mergeValues(merged, over)).toEqual(merged);
      }),
    );
  });
});

describe('the key under global.models', () => {
  it.each<[string, Values, string]>([
    ['of the entry with the id', { global: { models: { a: { id: 'x' }, b: { id: 'acme/chat-1.5' } } } }, 'b'],
    ['that is the id itself', { global: { models: { 'acme/chat-1.5': { enabled: true } } } }, 'acme/chat-1.5'],
    ["of the subchart's own models", { 'llama-stack': { models: { own: { id: 'acme/chat-1.5' } } } }, 'own'],
    [
      'with the id before the one that is only named so',
      {
        global: { models: { 'acme/chat-1.5': {}, mine: { id: 'acme/chat-1.5' } } },
      },
      'mine',
    ],
    ['is our own where the named one has another id', { global: { models: { 'acme/chat-1.5': { id: 'y' } } } }, 'maas'],
    ['is our own where none fits', { global: { models: { a: { id: 'acme/chat' } } } }, 'maas'],
    ['is our own where there are no models', {}, 'maas'],
    ['is our own where models is a list', { global: { models: [{ id: 'acme/chat-1.5' }] } }, 'maas'],
  ])('%s', (_, values, key) => {
    expect(modelKeyFor('acme/chat-1.5', values)).toBe(key);
  });
});

describe('the wiring of the model service', () => {
  const wiring = { baseUrl: 'https://h/v1', model: 'acme/chat-1.5', modelKey: 'maas', apiKey: 'sk-0123456789' };

  it('has the key in the secrets alone; the model refers to its variable', () => {
    expect(wiringOverlay(wiring, {})).toEqual({
      global: {
        models: {
          maas: { id: 'acme/chat-1.5', url: 'https://h/v1', apiToken: "'${env.MAAS_API_KEY}'", enabled: true },
        },
      },
      'llama-stack': { secrets: { [KEY_VARIABLE]: 'sk-0123456789' } },
    });
  });

  it('disables every other model, wherever it is declared: the init container would wait for it', () => {
    const values = {
      global: { models: { a: { enabled: true }, maas: { id: 'old' } } },
      'llama-stack': { models: { b: {} } },
    };
    const { models } = wiringOverlay(wiring, values)['global'] as { models: Values };
    expect(models).toEqual({
      a: { enabled: false },
      b: { enabled: false },
      maas: expect.objectContaining({ id: 'acme/chat-1.5', enabled: true }) as unknown,
    });
  });

  it('ids and keys with dots, slashes and anything else survive YAML', () => {
    const name = fc.oneof(
      fc.constantFrom(
        'acme/chat-1.5',
        'a.b.c',
        'x: y',
        '- z',
        '#',
        'null',
        'true',
        '1.5',
        '0755',
        '~',
        '"',
        "it's",
        '*a',
      ),
      fc.string({ minLength: 1, maxLength: 90 }),
    );
    fc.assert(
      fc.property(name, name, name, fc.string({ minLength: 8 }), (modelKey, model, other, apiKey) => {
        fc.pre(modelKey !== '__proto__' && other !== '__proto__' && other !== model);
        fc.pre(modelKey !== other);
        const models = { [other]: {}, [modelKey]: { id: model } };
        const overlay = wiringOverlay({ ...wiring, model, modelKey, apiKey }, { global: { models } });
        const read = parse(stringify(overlay)) as { global: { models: Values }; 'llama-stack': Values };
        expect(read).toEqual(overlay);
        expect(read.global.models[modelKey]).toMatchObject({ id: model, enabled: true });
        expect(read['llama-stack']).toEqual({ secrets: { [KEY_VARIABLE]: apiKey } });
        expect(read.global.models[other]).toEqual({ enabled: false });
      }),
    );
  });
});

describe('the overlay of a run that tests no model', () => {
  it('disables every model, shared or of the stack alone, and has neither a model nor a key', () => {
    const values = {
      global: { models: { a: { enabled: true }, b: {} } },
      'llama-stack': { models: { c: { id: 'x' } } },
    };
    const enabled = { enabled: false };
    expect(modellessOverlay(values)).toEqual({ global: { models: { a: enabled, b: enabled, c: enabled } } });
    expect(modellessOverlay({})).toEqual({ global: { models: {} } });
  });
});
