import { describe, expect, it } from 'vitest';
import { KEY_VARIABLE, type Values } from '../../src/deploy/values.js';
import { wire, type WiredChart } from '../../src/wiring/wire.js';
import { kube } from '../helpers/kube.js';
import { serviceFacts } from '../helpers/record.js';
import { givenChart } from '../helpers/wiring.js';

const KEY = 'the-key-0123456789';
const KEY_STAND_IN = 'stand-in-for-the-key';
const entry = (id: string): Values => ({ id, enabled: true });
const models = (all: Values): Values => ({ global: { models: all } });
const wired = (apiKey: string, all: Values, secrets: Values = {}) => ({
  ...models(all),
  'llama-stack': { secrets: { [KEY_VARIABLE]: apiKey, ...secrets } },
});
const OURS = { id: 'acme/chat', url: 'https://maas.example.com/v1', apiToken: "'${env.MAAS_API_KEY}'", enabled: true };

/** The chart's own values, files and set-values, as values. */
async function wiredTo(
  [defaults = {}, ...files]: Values[],
  setValues: Values = {},
  { inference = true } = {},
): Promise<WiredChart> {
  const text = (values: Values) => JSON.stringify(values);
  const chart = givenChart({ defaults: text(defaults), files: files.map(text), setValues: text(setValues) });
  const facts = inference ? serviceFacts() : undefined;
  return await wire({ wiring: 'llama-stack', allowLiteralKey: false, standIn: KEY_STAND_IN }, facts, chart, () =>
    Promise.resolve([]),
  );
}

const overlayOf = async (...given: Parameters<typeof wiredTo>) => (await wiredTo(...given)).withKey(KEY).overlay;

describe('a model service', () => {
  it('is wired in as "maas", with the key in a Secret alone', async () => {
    const { modelKey, withKey } = await wiredTo([{}]);
    expect(modelKey).toBe('maas');
    expect(withKey(KEY)).toMatchObject({ overlay: wired(KEY, { maas: OURS }), objects: [] });
  });

  it.each<[string, Values[], Values]>([
    ['the chart', [models({ 'my-chat': entry('acme/chat') })], {}],
    ['a values file', [{}, models({ 'my-chat': entry('acme/chat') })], {}],
    ['set-values', [{}], models({ 'my-chat': { id: 'acme/chat' } })],
    [
      'a values file over the chart',
      [models({ 'my-chat': entry('x') }), models({ 'my-chat': entry('acme/chat') })],
      {},
    ],
  ])('has the key under which %s knows its model', async (_, values, setValues) => {
    const { modelKey, withKey } = await wiredTo(values, setValues);
    expect(modelKey).toBe('my-chat');
    expect(withKey(KEY).overlay).toEqual(wired(KEY, { 'my-chat': OURS }));
  });

  it('disables every other model, wherever it is declared', async () => {
    const values = { ...models({ a: entry('a') }), 'llama-stack': { models: { b: entry('b') } } };
    const off = { enabled: false };
    expect(await overlayOf([values])).toEqual(wired(KEY, { a: off, b: off, maas: OURS }));
  });

  it('yields to set-values, which come last; what they leave alone stays', async () => {
    const setValues = {
      ...models({ maas: { url: 'http://proxy/v1' }, a: { enabled: true } }),
      'llama-stack': { secrets: { OTHER: 'x' } },
      replicas: 2,
    };
    expect(await overlayOf([models({ a: entry('a') })], setValues)).toEqual({
      ...wired(KEY, { a: { enabled: true }, maas: { ...OURS, url: 'http://proxy/v1' } }, { OTHER: 'x' }),
      replicas: 2,
    });
  });
});

describe('without a model service', () => {
  const OFF = { inference: false };

  it('every model is disabled, no key is wired in, and set-values come last', async () => {
    const values = { ...models({ a: entry('a') }), 'llama-stack': { models: { b: entry('b') } } };
    const { modelKey, withKey } = await wiredTo([values], { ...models({ a: { enabled: true } }), replicas: 2 }, OFF);
    expect(modelKey).toBe('');
    expect(withKey(KEY).overlay).toEqual({ ...models({ a: { enabled: true }, b: { enabled: false } }), replicas: 2 });
  });

  it('there is nothing to disable in a chart without models', async () => {
    expect(await overlayOf([{}], {}, OFF)).toEqual(models({}));
  });
});

describe('a chart that would write the key into an object that is no Secret', () => {
  const open =
    (objects = [kube('ConfigMap', 'run-config', { data: { 'config.yaml': 'api_token: stand-in-for-the-key' } })]) =>
    (allowLiteralKey: boolean) =>
      wire({ wiring: 'none', allowLiteralKey, standIn: KEY_STAND_IN }, serviceFacts(), givenChart(), () =>
        Promise.resolve(objects),
      );

  it('is refused with the names of the objects and the wiring to use', async () => {
    await expect(open()(false)).rejects.toMatchObject({
      code: 'E_LITERAL_KEY',
      hop: 'chart',
      message: 'with wiring none the chart would write the key into ConfigMap run-config, where it is no secret',
      fix: expect.stringMatching(/wiring: secret or llama-stack.*allow-literal-key: true/) as string,
    });
  });

  it('is let through where that is allowed, and told', async () => {
    expect((await open()(true)).exposure.literals).toEqual(['ConfigMap run-config']);
  });
});
