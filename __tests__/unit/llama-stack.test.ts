import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { Chart } from '../../src/deploy/chart.js';
import { KEY_VARIABLE, type Values } from '../../src/deploy/values.js';
import { at } from '../../src/json.js';
import { llamaStack, modellessOverlay, takesModels } from '../../src/wiring/llama-stack.js';
import { openaiEnv } from '../../src/wiring/openai-env.js';
import { givenChart, modelKeyFor, SERVICE, wiringOverlay } from '../helpers/wiring.js';

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

  describe('has the secrets of the stack', () => {
    const SECRETS = { secrets: { [KEY_VARIABLE]: SERVICE.apiKey } };
    const STACK = { name: 'llama-stack', alias: 'llama-stack' };
    const overlayOf = (over: Partial<Chart>) => {
      const given = givenChart();
      return llamaStack.wire(SERVICE, { ...given, chart: { ...given.chart, ...over }, values: {} }).overlay;
    };

    it.each<[string, Partial<Chart>, Values]>([
      ['at the root of a chart that is the stack', { name: 'llama-stack', dependencies: [] }, SECRETS],
      ['there, whatever it is made of', { name: 'llama-stack', dependencies: [STACK] }, SECRETS],
      ['under the name of the dependency', { dependencies: [STACK] }, { 'llama-stack': SECRETS }],
      [
        'under its alias',
        {
          dependencies: [
            { name: 'pgvector', alias: 'db' },
            { name: 'llama-stack', alias: 'lls' },
          ],
        },
        { lls: SECRETS },
      ],
      ['under the name where there is no such dependency', { dependencies: [] }, { 'llama-stack': SECRETS }],
      [
        'not under what is only called so',
        {
          dependencies: [
            { name: 'other', alias: 'llama-stack' },
            { name: 'llama-stack', alias: 'lls' },
          ],
        },
        { lls: SECRETS },
      ],
    ])('%s', (_, over, secrets) => {
      const { global, ...rest } = overlayOf(over);
      expect(rest).toEqual(secrets);
      expect(global).toMatchObject({ models: { maas: { id: 'acme/chat', enabled: true } } });
    });

    it.each<[string, Partial<Chart>, (overlay: Values) => unknown]>([
      ['at the root, of openai-env', { name: 'llama-stack' }, (overlay) => overlay['secrets']],
      [
        'under its alias, of openai-env',
        { dependencies: [{ name: 'llama-stack', alias: 'lls' }] },
        (overlay) => at(overlay, 'lls', 'secrets'),
      ],
    ])('%s', (_, over, secretsOf) => {
      const given = givenChart();
      const chart = { ...given.chart, ...over };
      const { overlay } = openaiEnv.wire(SERVICE, { ...given, chart, values: { global: { models: { a: {} } } } });
      expect(secretsOf(overlay)).toEqual({
        OPENAI_API_KEY: SERVICE.apiKey,
        OPENAI_BASE_URL: SERVICE.baseUrl,
        INFERENCE_PROVIDER: 'openai',
        INFERENCE_MODEL: 'openai/acme/chat',
      });
      expect(overlay['global']).toEqual({ models: { a: { enabled: false } } });
      expect(Object.keys(overlay)).toHaveLength(2);
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
    expect(modellessOverlay(givenChart().chart, values)).toEqual({
      global: { models: { a: enabled, b: enabled, c: enabled } },
    });
    expect(modellessOverlay(givenChart().chart, {})).toEqual({});
  });
});

describe('the models of a stack', () => {
  it.each<[string, Partial<Chart>, Values]>([
    ['at the root of a chart that is the stack', { name: 'llama-stack' }, { models: { a: { enabled: true } } }],
    [
      'under the alias of the dependency',
      { dependencies: [{ name: 'llama-stack', alias: 'lls' }] },
      { lls: { models: { a: { enabled: true } } } },
    ],
  ])('are disabled %s', (_, over, values) => {
    const given = givenChart();
    const { overlay } = llamaStack.wire(SERVICE, { ...given, chart: { ...given.chart, ...over }, values });
    expect(at(overlay, 'global', 'models', 'a')).toEqual({ enabled: false });
  });
});

describe('whether a chart takes models', () => {
  const folder = (name: string, dependencies: string[]) => ({
    ...givenChart().chart,
    name,
    dependencies: dependencies.map((one) => ({ name: one, alias: 'x' })),
  });

  it.each<[string, boolean, string, string[], Values]>([
    ['the stack itself', true, 'llama-stack', [], {}],
    ['one that is made of it, under any alias', true, 'rag', ['pgvector', 'llama-stack'], {}],
    ['one that has models', true, 'rag', [], { global: { models: { a: {} } } }],
    ['one that has models of the stack alone', true, 'rag', [], { 'llama-stack': { models: { a: {} } } }],
    ['one that has no models', false, 'rag', ['pgvector'], { global: { models: {} } }],
    ['one that has something else there', false, 'rag', [], { global: { models: ['a'] } }],
  ])('%s: %s', (_, does, name, dependencies, values) => {
    expect(takesModels(folder(name, dependencies), values)).toBe(does);
  });
});
