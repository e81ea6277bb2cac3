import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { KEY_VARIABLE, type Values } from '../../src/deploy/values.js';
import { wire, type WiredChart } from '../../src/wiring/wire.js';
import { at } from '../../src/json.js';
import type { KubeObject } from '../../src/deploy/objects.js';
import { kube } from '../helpers/kube.js';
import { serviceFacts } from '../helpers/record.js';
import type { ServiceFacts } from '../../src/maas/probe.js';
import type { GivenChart } from '../../src/wiring/wiring.js';
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
  return await wire({ wiring: 'llama-stack', allowLiteralKey: false, standIn: KEY_STAND_IN }, facts, chart, (overlay) =>
    Promise.resolve(rendered(overlay)),
  );
}

/** What the stack's chart makes of its models and secrets. */
function rendered(overlay: Values): KubeObject[] {
  return [
    kube('ConfigMap', 'run-config', { data: { config: JSON.stringify(at(overlay, 'global')) } }),
    kube('Secret', 'env', { stringData: at(overlay, 'llama-stack', 'secrets') }),
  ];
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
    expect(await overlayOf([{}], {}, OFF)).toEqual({});
    expect(await overlayOf([{}], { replicas: 2 }, OFF)).toEqual({ replicas: 2 });
  });
});

describe('without a model service, by another wiring', () => {
  const wiredBy = async (wiring: string, over: Partial<GivenChart> = {}, defaults: Values = {}) =>
    await wire(
      { wiring, allowLiteralKey: false, standIn: KEY_STAND_IN },
      undefined,
      givenChart({ defaults: JSON.stringify(defaults) }, over),
      () => Promise.resolve([]),
    );
  const asked = { secret: { name: 'llm', entries: [], asked: true } };
  const withModels = models({ a: entry('a') });
  const secretOf = ({ before }: WiredChart) => before.map(({ kind, name }) => `${kind} ${name}`);

  it.each([
    ['auto', {}, 'none'],
    ['auto', asked, 'secret'],
    ['auto', { placeholders: ['MAAS_HOST'] }, 'values'],
    ['openai-env', {}, 'openai-env'],
    ['gateway', {}, 'gateway'],
  ])('%s has every model disabled (%j: %s)', async (wanted, over, name) => {
    const { wiring, because, withKey, modelKey, exposure } = await wiredBy(wanted, over, withModels);
    expect([wiring, because, modelKey]).toEqual([name, 'no model is tested', '']);
    expect(withKey(KEY).overlay).toEqual(models({ a: { enabled: false } }));
    expect(exposure).toEqual({ commands: [], literals: [], hashes: [] });
  });

  it('none changes nothing', async () => {
    const { wiring, withKey } = await wiredBy('none', {}, withModels);
    expect(wiring).toBe('none');
    expect(withKey(KEY)).toEqual({ overlay: {}, objects: [], modelKey: '' });
  });

  it.each<[string, string, Partial<GivenChart>]>([
    ['the inputs ask for', 'auto', asked],
    ['the inputs ask for, with gateway', 'gateway', asked],
    ['the inputs ask for, with none', 'none', asked],
    ['the wiring needs', 'secret', { secret: { ...asked.secret, asked: false } }],
    ['the values name', 'auto', { secret: { ...asked.secret, asked: false }, placeholders: ['MAAS_SECRET_NAME'] }],
  ])('the Secret that %s is there, with nothing of the service in it', async (_, wanted, over) => {
    const wired = await wiredBy(wanted, over);
    expect(secretOf(wired)).toEqual(['Secret llm']);
    const [made] = wired.withKey(KEY).objects;
    expect(at(made, 'stringData')).toMatchObject({ MAAS_API_KEY: 'none', MAAS_BASE_URL: 'http://no-model.invalid/v1' });
    expect(JSON.stringify(made)).not.toContain(KEY);
  });

  it.each(['auto', 'gateway', 'llama-stack', 'none'])('%s makes no other object', async (wanted) => {
    expect((await wiredBy(wanted)).before).toEqual([]);
  });

  it('ends with the error of the render', async () => {
    const error = new Error('x');
    const means = { wiring: 'auto', allowLiteralKey: false, standIn: KEY_STAND_IN };
    await expect(wire(means, undefined, givenChart(), () => Promise.reject(error))).rejects.toBe(error);
  });
});

describe('an object that the chart makes, and that would be made before it', () => {
  const asked = givenChart({}, { secret: { name: 'llm', entries: [], asked: true } });
  const wiredWith = (objects: KubeObject[], wiring: string, facts: ServiceFacts | undefined) =>
    wire({ wiring, allowLiteralKey: false, standIn: KEY_STAND_IN }, facts, asked, () => Promise.resolve(objects));
  const refers = kube('Pod', 'p', { spec: { envFrom: [{ secretRef: { name: 'llm' } }] } });

  it.each([
    ['with a service', serviceFacts()],
    ['without one', undefined],
  ])('is refused, %s', async (_, facts) => {
    await expect(wiredWith([refers, kube('Secret', 'llm')], 'secret', facts)).rejects.toMatchObject({
      code: 'E_WIRING',
      hop: 'chart',
      message: 'the chart makes the Secret llm itself, and so would this run before it is installed',
      fix: expect.stringMatching(/another secret-name/) as string,
    });
  });

  it('is refused where it names the namespace of the release', async () => {
    const named = kube('Secret', 'llm', { metadata: { namespace: 'rag-e2e' } });
    await expect(wiredWith([refers, named], 'secret', undefined)).rejects.toMatchObject({ code: 'E_WIRING' });
  });

  it('is refused where it is one of the gateway', async () => {
    const twin = wiredWith([kube('Service', 'maas-gateway')], 'gateway', serviceFacts());
    await expect(twin).rejects.toMatchObject({
      code: 'E_WIRING',
      message: expect.stringContaining('the Service maas-gateway itself') as string,
      fix: 'Have the values name it otherwise, or take another wiring.',
    });
  });

  it('is none where only the name is the same, or the kind, or it is in another namespace', async () => {
    const elsewhere = kube('Secret', 'llm', { metadata: { namespace: 'other' } });
    const objects = [refers, kube('ConfigMap', 'llm'), kube('Secret', 'other'), elsewhere];
    expect((await wiredWith(objects, 'secret', serviceFacts())).before).toMatchObject([
      { kind: 'Secret', name: 'llm' },
    ]);
    expect((await wiredWith(objects, 'secret', undefined)).before).toHaveLength(1);
  });
});

describe('what is made before the install', () => {
  it('has the stand-in as long as it is only looked at, and the key in the end', async () => {
    const chart = givenChart({}, { secret: { name: 'llm', entries: [], asked: true } });
    const means = { wiring: 'secret', allowLiteralKey: false, standIn: KEY_STAND_IN };
    const { before, withKey } = await wire(means, serviceFacts(), chart, () =>
      Promise.resolve([kube('Pod', 'p', { spec: { volumes: [{ secret: { secretName: 'llm' } }] } })]),
    );
    expect(at(before[0]?.body, 'stringData')).toMatchObject({
      MAAS_API_KEY: KEY_STAND_IN,
      MAAS_EMBEDDING_MODEL: 'nomic-embed',
      MAAS_EMBEDDING_DIMENSION: '768',
    });
    expect(at(withKey(KEY).objects[0], 'stringData', 'MAAS_API_KEY')).toBe(KEY);
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
      message:
        'with wiring none the chart would write the key into ConfigMap run-config (data.config.yaml), where it is no secret',
      fix: expect.stringMatching(/MAAS_SECRET_NAME.*wiring: gateway.*allow-literal-key: true/) as string,
    });
  });

  it('is let through with a hash of it, and told', async () => {
    const hash = createHash('sha256').update(KEY_STAND_IN).digest('hex');
    const annotated = kube('Deployment', 'd', { metadata: { annotations: { checksum: hash } } });
    expect((await open([annotated])(false)).exposure).toEqual({
      commands: [],
      literals: [],
      hashes: ['Deployment d (metadata.annotations.checksum)'],
    });
  });

  it('is let through where that is allowed, and told', async () => {
    expect((await open()(true)).exposure.literals).toEqual(['ConfigMap run-config (data.config.yaml)']);
  });
});
