import { expect, it } from 'vitest';
import type { KubeObject } from '../../src/deploy/objects.js';
import { injectedOf } from '../../src/wiring/injected.js';
import type { WiredChart } from '../../src/wiring/wire.js';

const object = (kind: string, name: string, body: object): KubeObject => ({
  apiVersion: 'v1',
  kind,
  name,
  body: { ...body },
});
const URL = 'https://maas.example.com/v1';
const env = [
  { name: 'A', value: 'x' },
  { name: 'LLM_URL', value: `${URL}/chat` },
];

function wiredOf(over: Partial<WiredChart>): WiredChart {
  const made: Pick<WiredChart, 'withKey'> = { withKey: () => ({ overlay: {}, objects: [] }) };
  return {
    wiring: 'w',
    because: '',
    objects: [],
    before: [],
    modelKey: '',
    notes: [],
    exposure: { commands: [], literals: [], hashes: [] },
    ...made,
    ...over,
  };
}

it('names values, objects and places where the service gets in, and no value of any', () => {
  const wired = wiredOf({
    objects: [
      object('Deployment', 'rag', { spec: { containers: [{ name: 'app', env }] } }),
      object('Secret', 'conf', { data: { url: Buffer.from(URL).toString('base64') } }),
      object('ConfigMap', 'other', { data: { url: 'https://example.com' } }),
    ],
    before: [object('Secret', 'maas', { stringData: { API_KEY: 'sk-secret', BASE_URL: URL } })],
    withKey: () => ({ overlay: { llm: { url: URL, key: 'sk-secret' }, replicas: 2 }, objects: [] }),
  });
  const injected = injectedOf(wired, { where: 'input set-values', text: 'replicas: 2' }, URL);
  expect(injected).toEqual({
    values: ['llm.url', 'llm.key'],
    objects: ['Secret maas (API_KEY, BASE_URL)'],
    places: ['Deployment rag (spec.containers[app].env[LLM_URL].value)', 'Secret conf (data.url)'],
  });
  expect(JSON.stringify(injected)).not.toContain('sk-secret');
});

it('is bounded, also in what goes round', () => {
  const body: Record<string, unknown> = {
    data: Object.fromEntries(Array.from({ length: 99 }, (_, at) => [`k${at}`, URL])),
  };
  const round: Record<string, unknown> = {};
  round['self'] = round;
  const { places } = injectedOf(
    wiredOf({ objects: [object('ConfigMap', 'c', body), object('X', 'x', round)] }),
    { where: '', text: '' },
    URL,
  );
  expect([places.length, places.at(-1)]).toEqual([51, 'and 49 more']);
});

it('is nothing where no model is used', () => {
  expect(injectedOf(wiredOf({}), { where: '', text: '' }, undefined)).toEqual({ values: [], objects: [], places: [] });
});
