import { describe, expect, it } from 'vitest';
import type { Chart } from '../../src/deploy/chart.js';
import { KEY_VARIABLE, type Values } from '../../src/deploy/values.js';
import { wire } from '../../src/deploy/wiring.js';
import { serviceFacts } from '../helpers/record.js';

const KEY = 'the-key-0123456789';
const SERVICE = serviceFacts();
const entry = (id: string): Values => ({ id, enabled: true });
const chartOf = (...values: Values[]): Chart => ({ path: '/chart', valuesFiles: [], values, dependencies: [] });
const models = (all: Values): Values => ({ global: { models: all } });
const wired = (apiKey: string, all: Values, secrets: Values = {}) => ({
  ...models(all),
  'llama-stack': { secrets: { [KEY_VARIABLE]: apiKey, ...secrets } },
});
const OURS = { id: 'acme/chat', url: 'https://maas.example.com/v1', apiToken: "'${env.MAAS_API_KEY}'", enabled: true };

describe('a model service', () => {
  it('is wired in as "maas", with the key in a Secret alone', () => {
    const { modelKey, overlayWith } = wire({}, chartOf({}), SERVICE);
    expect(modelKey).toBe('maas');
    expect(overlayWith(KEY)).toEqual(wired(KEY, { maas: OURS }));
    expect(overlayWith('stand-in')).toEqual(wired('stand-in', { maas: OURS }));
  });

  it.each<[string, Values[], Values]>([
    ['the chart', [models({ 'my-chat': entry('acme/chat') })], {}],
    ['a values file', [{}, models({ 'my-chat': entry('acme/chat') })], {}],
    ['set-values', [{}], models({ 'my-chat': entry('acme/chat') })],
    [
      'a values file over the chart',
      [models({ 'my-chat': entry('x') }), models({ 'my-chat': entry('acme/chat') })],
      {},
    ],
  ])('has the key under which %s knows its model', (_, values, setValues) => {
    const { modelKey, overlayWith } = wire(setValues, chartOf(...values), SERVICE);
    expect(modelKey).toBe('my-chat');
    expect(overlayWith(KEY)).toEqual(wired(KEY, { 'my-chat': OURS }));
  });

  it('disables every other model, wherever it is declared', () => {
    const chart = chartOf(models({ a: entry('a') }), { 'llama-stack': { models: { b: entry('b') } } });
    const off = { enabled: false };
    expect(wire({}, chart, SERVICE).overlayWith(KEY)).toEqual(wired(KEY, { a: off, b: off, maas: OURS }));
  });

  it('yields to set-values, which come last; what they leave alone stays', () => {
    const setValues = {
      ...models({ maas: { url: 'http://proxy/v1' }, a: { enabled: true } }),
      'llama-stack': { secrets: { OTHER: 'x' } },
      replicas: 2,
    };
    const { overlayWith } = wire(setValues, chartOf(models({ a: entry('a') })), SERVICE);
    expect(overlayWith(KEY)).toEqual({
      ...wired(KEY, { a: { enabled: true }, maas: { ...OURS, url: 'http://proxy/v1' } }, { OTHER: 'x' }),
      replicas: 2,
    });
  });
});

describe('without a model service', () => {
  it('every model is disabled, no key is wired in, and set-values come last', () => {
    const chart = chartOf(models({ a: entry('a') }), { 'llama-stack': { models: { b: entry('b') } } });
    const { modelKey, overlayWith } = wire({ ...models({ a: { enabled: true } }), replicas: 2 }, chart, undefined);
    expect(modelKey).toBe('');
    expect(overlayWith(KEY)).toEqual({ ...models({ a: { enabled: true }, b: { enabled: false } }), replicas: 2 });
  });

  it('there is nothing to disable in a chart without models', () => {
    expect(wire({}, chartOf({}), undefined).overlayWith(KEY)).toEqual(models({}));
  });
});
