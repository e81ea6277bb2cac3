import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { KEY_VARIABLE, mergeValues, type Values } from '../../src/deploy/values.js';
import { modelKeyFor, wiringOverlay } from '../helpers/wiring.js';
import { at, isRecord } from '../../src/json.js';

const ID = 'acme/chat-1.5';

/** An own member of any name, as a parser makes it; an object literal would take __proto__ for something else. */
const valuesOf = (entries: Iterable<readonly [string, unknown]>): Values => Object.fromEntries(entries);

const leaf = fc.oneof(
  fc.constantFrom(null, true, false, '', 'x', 0, -1.5, 1e21),
  fc.array(fc.nat(9), { maxLength: 2 }),
  fc.string({ maxLength: 5 }),
);
const anyName = fc.oneof(
  fc.constantFrom('global', 'models', 'llama-stack', 'secrets', KEY_VARIABLE, 'id', 'enabled'),
  fc.constantFrom('a', 'b', 'c.d/e', '', '0', 'constructor', 'prototype', 'toString', 'hasOwnProperty'),
  fc.string({ maxLength: 5 }),
);

function trees(name: fc.Arbitrary<string>): fc.Arbitrary<Values> {
  return fc.letrec<{ values: Values }>((tie) => ({
    values: fc.array(fc.tuple(name, fc.oneof({ maxDepth: 4 }, leaf, tie('values'))), { maxLength: 5 }).map(valuesOf),
  })).values;
}

/** Values as charts and their users write them, and now and then something else where a mapping belongs. */
const modelName = fc.oneof(
  fc.constantFrom('maas', 'a', 'b', ID, 'x.y', 'constructor', 'toString', 'null', '1'),
  fc.string({ minLength: 1, maxLength: 8 }).filter((name) => name !== '__proto__'),
);
const entry = fc.record(
  { id: fc.oneof(fc.constantFrom(ID, 'other'), leaf), enabled: fc.oneof(fc.boolean(), leaf), maxTokens: fc.nat() },
  { requiredKeys: [] },
);
const or = <T>(value: fc.Arbitrary<T>) => fc.oneof({ weight: 6, arbitrary: value }, { weight: 1, arbitrary: leaf });
const models = or(fc.array(fc.tuple(modelName, or(entry)), { maxLength: 5 }).map(valuesOf));
const secrets = or(fc.constant({ [KEY_VARIABLE]: 'from the consumer', OTHER: 'x' }));
const chartValues: fc.Arbitrary<Values> = fc.record(
  {
    global: or(fc.record({ models, region: leaf }, { requiredKeys: [] })),
    'llama-stack': or(fc.record({ models, secrets, enabled: leaf }, { requiredKeys: [] })),
    image: leaf,
  },
  { requiredKeys: [] },
);

const visible = fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code));
const apiKey = fc.oneof(
  fc.string({ unit: visible, minLength: 10, maxLength: 80 }),
  fc.stringMatching(/^[,{}[\]"'\\&<$`%#:*!|>?@=~-]{10,40}$/),
  fc.constantFrom(
    '$(touch /tmp/x)',
    '${env.MAAS_API_KEY}',
    "'; exit 1; '",
    '{{ .Values.x }}',
    '0x1234567890',
    '1e1234567890',
  ),
);

function wired(values: Values, key: string): { modelKey: string; overlay: Values; merged: Values } {
  const modelKey = modelKeyFor(ID, values);
  const overlay = wiringOverlay({ baseUrl: 'https://h.example/v1', model: ID, modelKey, apiKey: key }, values);
  return { modelKey, overlay, merged: mergeValues(values, overlay) };
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}

/** The paths of all names and texts that contain a text. */
function placesOf(text: string, value: unknown, path: string[] = []): string[][] {
  if (typeof value === 'string') return value.includes(text) ? [path] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [
    ...(name.includes(text) ? [[...path, name]] : []),
    ...placesOf(text, inner, [...path, name]),
  ]);
}

const namesOf = (value: unknown): string[] => (isRecord(value) ? Object.keys(value) : []);

describe('values with the model service wired in', () => {
  it('have the wired model enabled, and every other one that is declared anywhere disabled', () => {
    fc.assert(
      fc.property(chartValues, apiKey, (values, key) => {
        const { modelKey, merged } = wired(values, key);
        const result = at(merged, 'global', 'models') as Values;
        expect(Object.hasOwn(result, modelKey)).toBe(true);
        expect(result[modelKey]).toMatchObject({ id: ID, url: 'https://h.example/v1', enabled: true });
        const declared = [
          ...namesOf(at(values, 'global', 'models')),
          ...namesOf(at(values, 'llama-stack', 'models')),
          modelKey,
        ];
        expect(Object.keys(result).sort()).toEqual([...new Set(declared)].sort());
        for (const [name, model] of Object.entries(result)) expect(at(model, 'enabled')).toBe(name === modelKey);
      }),
      { numRuns: 1000 },
    );
  });

  it('have the key under llama-stack.secrets and nowhere else, byte for byte', () => {
    fc.assert(
      fc.property(chartValues, apiKey, (values, key) => {
        fc.pre(placesOf(key, wired(values, '-').merged).length === 0);
        const { merged, overlay } = wired(values, key);
        const place = ['llama-stack', 'secrets', KEY_VARIABLE];
        expect(placesOf(key, overlay)).toEqual([place]);
        expect(placesOf(key, merged)).toEqual([place]);
        expect(at(merged, ...place)).toBe(key);
      }),
      { numRuns: 1000 },
    );
  });

  it('are the same after a way through JSON, which Helm reads as YAML', () => {
    fc.assert(
      fc.property(chartValues, apiKey, (values, key) => {
        const { overlay } = wired(values, key);
        const json = JSON.stringify(overlay);
        expect(JSON.parse(json)).toEqual(overlay);
        expect(parse(json)).toEqual(overlay);
      }),
      { numRuns: 300 },
    );
  });

  it('are the same when they are wired once more', () => {
    fc.assert(
      fc.property(chartValues, apiKey, (values, key) => {
        const { merged, modelKey } = wired(values, key);
        expect(modelKeyFor(ID, merged)).toBe(modelKey);
        expect(wired(merged, key).merged).toEqual(merged);
      }),
    );
  });

  it('keep everything else', () => {
    fc.assert(
      fc.property(chartValues, apiKey, (values, key) => {
        const { merged } = wired(values, key);
        expect(merged['image']).toEqual(values['image']);
        for (const [outer, own] of [
          ['global', 'region'],
          ['llama-stack', 'enabled'],
          ['llama-stack', 'models'],
        ] as const) {
          expect(at(merged, outer, own)).toEqual(at(values, outer, own));
        }
        const before = at(values, 'llama-stack', 'secrets');
        if (isRecord(before)) expect(at(merged, 'llama-stack', 'secrets')).toEqual({ ...before, [KEY_VARIABLE]: key });
      }),
    );
  });
});

describe('the key of the wired model', () => {
  it('is one that is declared with its id or by its name, or our own', () => {
    fc.assert(
      fc.property(chartValues, (values) => {
        const key = modelKeyFor(ID, values);
        const shared = at(values, 'global', 'models');
        const own = at(values, 'llama-stack', 'models');
        const declared = isRecord(shared) && Object.hasOwn(shared, key) ? shared : own;
        const id = at(isRecord(declared) && Object.hasOwn(declared, key) ? declared[key] : undefined, 'id');
        expect(id === ID || (key === ID && id === undefined) || key === 'maas').toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('merged values', () => {
  /** Associative is only what has no value in the place of a mapping: a name alone tells what it holds. */
  const { mapping } = fc.letrec<{ mapping: Values }>((tie) => ({
    mapping: fc
      .tuple(
        fc.array(fc.tuple(fc.constantFrom('a', 'b', 'constructor'), leaf), { maxLength: 3 }),
        fc.array(
          fc.tuple(fc.constantFrom('M', 'N', 'toString'), fc.oneof({ maxDepth: 3 }, fc.constant({}), tie('mapping'))),
          {
            maxLength: 3,
          },
        ),
      )
      .map((entries) => valuesOf(entries.flat())),
  }));

  it('do not depend on what is merged first', () => {
    fc.assert(
      fc.property(mapping, mapping, mapping, (a, b, c) => {
        expect(mergeValues(mergeValues(a, b), c)).toEqual(mergeValues(a, mergeValues(b, c)));
      }),
      { numRuns: 1000 },
    );
  });

  it('leave what they are made of as it was', () => {
    const values = fc.oneof(trees(anyName), chartValues);
    fc.assert(
      fc.property(values, values, apiKey, (base, over, key) => {
        const before = structuredClone([base, over]);
        const merged = mergeValues(frozen(base), frozen(over));
        wired(base, key);
        wired(frozen(merged), key);
        expect([base, over]).toEqual(before);
      }),
      { numRuns: 500 },
    );
  });

  it('are made of any values: what is no mapping where one belongs does no harm', () => {
    const values = trees(anyName);
    fc.assert(
      fc.property(values, values, fc.oneof(fc.constant(ID), anyName), (base, over, model) => {
        const merged = mergeValues(base, over);
        const modelKey = modelKeyFor(model, merged);
        const overlay = wiringOverlay({ baseUrl: 'https://h/v1', model, modelKey, apiKey: 'k' }, merged);
        const result = at(mergeValues(merged, overlay), 'global', 'models') as Values;
        expect(result[modelKey]).toMatchObject({ id: model, enabled: true });
      }),
      { numRuns: 1000 },
    );
  });
});

describe('names that objects have a meaning for', () => {
  const hostile = fc.constantFrom('__proto__', 'constructor', 'prototype', 'a', 'global', 'models', 'llama-stack');

  it('do not reach the prototype of other objects', () => {
    const before = Reflect.ownKeys(Object.prototype);
    fc.assert(
      fc.property(trees(hostile), trees(hostile), fc.oneof(hostile, fc.constant(ID)), (base, over, modelKey) => {
        const merged = mergeValues(base, over);
        wiringOverlay({ baseUrl: 'https://h/v1', model: ID, modelKey, apiKey: 'k' }, merged);
        expect(Reflect.ownKeys(Object.prototype)).toEqual(before);
        expect(Reflect.ownKeys(Object)).not.toContain('a');
      }),
      { numRuns: 500 },
    );
  });

  it('are names like any other in merged values', () => {
    fc.assert(
      fc.property(trees(hostile), trees(hostile), (base, over) => {
        const merged = mergeValues(base, over);
        expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
        const names = new Set([...Object.keys(base), ...Object.keys(over)]);
        expect(Object.keys(merged).sort()).toEqual([...names].sort());
      }),
      { numRuns: 500 },
    );
  });

  it('are names like any other for a model', () => {
    fc.assert(
      fc.property(hostile, hostile, (name, other) => {
        const declared = valuesOf([
          [other, { enabled: true }],
          [name, { id: ID }],
        ]);
        const { modelKey, overlay } = wired({ global: { models: declared } }, 'sk-0123456789');
        expect(modelKey).toBe(name);
        expect(Object.entries(at(overlay, 'global', 'models') as Values)).toContainEqual([
          name,
          expect.objectContaining({ id: ID, enabled: true }),
        ]);
      }),
    );
  });
});
