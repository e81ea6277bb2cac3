import { describe, expect, it } from 'vitest';
import { hopsOf, takes } from '../../src/deploy/hops.js';
import { serviceOnPort } from '../../src/deploy/objects.js';
import { service } from '../helpers/kube.js';

describe('a selector', () => {
  it.each([
    ['takes labels that have all of it', { a: '1', b: '2' }, { a: '1', b: '2', c: '3' }, true],
    ['does not take labels that lack a part', { a: '1', b: '2' }, { a: '1' }, false],
    ['does not take another value', { a: '1' }, { a: '2' }, false],
    ['takes nothing where it is empty', {}, { a: '1' }, false],
    ['takes nothing where there is none', undefined, { a: '1' }, false],
    ['takes nothing without labels', { a: '1' }, undefined, false],
  ])('%s', (_, selector, labels, taken) => {
    expect(takes(selector, labels)).toBe(taken);
  });
});

describe('the hop of a pod', () => {
  const objects = [
    service('llamastack', 8321, { app: 'stack' }),
    service('rag', 8501, { app: 'ui' }),
    service('pgvector', 5432, { app: 'pg' }),
    service('minio', 9000, { app: 'minio' }),
  ];
  const stack = serviceOnPort(objects, 8321, 'llamastack')!;
  const ui = serviceOnPort(objects, 8501, 'rag');

  it.each([
    ['stack', { app: 'stack', 'pod-template-hash': 'x' }],
    ['UI', { app: 'ui' }],
    ['vector store', { app: 'pg' }],
    ['cluster', { app: 'minio' }],
    ['cluster', {}],
    ['cluster', undefined],
  ])('is %s by the Service that selects it', (hop, labels) => {
    expect(hopsOf(objects, { api: 'llama-stack', server: stack, ui })(labels)).toBe(hop);
  });

  it('is the cluster where the chart has no such part', () => {
    const hopOf = hopsOf(objects.slice(0, 1), { api: 'llama-stack', server: stack, ui: undefined });
    expect([hopOf({ app: 'ui' }), hopOf({ app: 'pg' }), hopOf({ app: 'stack' })]).toEqual([
      'cluster',
      'cluster',
      'stack',
    ]);
  });
});
