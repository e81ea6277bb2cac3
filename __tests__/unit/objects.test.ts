import { describe, expect, it } from 'vitest';
import {
  containersOf,
  isTestHook,
  ownerOf,
  podSpecOf,
  readObjects,
  serviceOnPort,
  toObjects,
} from '../../src/deploy/objects.js';
import { failureOf } from '../helpers/failures.js';
import { kube, service, workload } from '../helpers/kube.js';

describe('a rendered chart', () => {
  it('is read document by document; empty ones and those that are no object are left out', () => {
    const rendered = `---
# Source: a.yaml
---
apiVersion: v1
kind: Service
metadata: {name: rag}
---
just text
---
kind: Untold
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ui}
`;
    expect(readObjects(rendered).map(({ apiVersion, kind, name }) => [apiVersion, kind, name])).toEqual([
      ['v1', 'Service', 'rag'],
      ['apps/v1', 'Deployment', 'ui'],
    ]);
  });

  it('keeps the whole object as its body', () => {
    expect(readObjects('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: v}')[0]?.body).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a' },
      data: { k: 'v' },
    });
  });

  it('lists are opened, also inside of lists', () => {
    const inner = {
      apiVersion: 'v1',
      kind: 'List',
      items: [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } }],
    };
    const list = { kind: 'PodList', items: [inner, { apiVersion: 'v1', kind: 'Pod' }, 'junk'] };
    expect(toObjects(list).map(({ name }) => name)).toEqual(['p', '']);
  });

  it('a kind of its own that ends in List is an object', () => {
    const own = { apiVersion: 'x.example/v1', kind: 'AccessList', metadata: { name: 'a' } };
    expect(toObjects(own).map(({ kind, name }) => [kind, name])).toEqual([['AccessList', 'a']]);
  });

  it('may be empty', () => {
    expect(readObjects('')).toEqual([]);
    expect(readObjects('---\n')).toEqual([]);
  });

  it('with a label twice is one that Helm installs: the last one counts', () => {
    const rendered = 'apiVersion: v1\nkind: Pod\nmetadata: {name: a, name: b}';
    expect(readObjects(rendered).map(({ name }) => name)).toEqual(['b']);
  });

  it('has the words and numbers of YAML 1.1, as Helm and kubectl read them; what is in quotes is text', () => {
    const spec =
      'suspend: on\n  optional: yes\n  paused: No\n  replicas: 0b11\n  mode: 0644\n  text: "yes"\n  time: 12:30';
    const rendered = `apiVersion: v1\nkind: Job\nmetadata: {name: yes-man}\nspec:\n  ${spec}\n  y: 1\n`;
    expect(readObjects(rendered)[0]?.body['spec']).toEqual({
      suspend: true,
      optional: true,
      paused: false,
      replicas: 3,
      mode: 420,
      text: 'yes',
      time: '12:30',
      true: 1,
    });
  });

  it('has what is merged over what stands before it, as Helm has it', () => {
    const data = 'base: &base {a: 1}\nkind: ConfigMap\napiVersion: v1\ndata:\n  a: 2\n  <<: *base\n';
    expect(readObjects(data)[0]?.body['data']).toEqual({ a: 1 });
  });

  it('that is no YAML is blamed on the chart', async () => {
    const failure = await failureOf(() => readObjects('a: 1\n---\nb: [\n'));
    expect([failure.code, failure.hop]).toEqual(['E_CHART_RENDER', 'chart']);
    expect(failure.message).toMatch(/^the chart renders invalid YAML: ./);
    expect(failure.fix).toContain('helm template');
  });
});

describe('the pods of a workload', () => {
  const spec = { containers: [{ name: 'main' }], initContainers: [{ name: 'first' }] };

  it.each([
    ['a Deployment', workload('Deployment', 'd', { pod: spec })],
    ['a Job', workload('Job', 'j', { pod: spec })],
    ['a Pod', kube('Pod', 'p', { spec })],
    ['a CronJob', kube('CronJob', 'c', { spec: { jobTemplate: { spec: { template: { spec } } } } })],
  ])('of %s', (_, object) => {
    expect(podSpecOf(object)).toEqual(spec);
  });

  it('have the containers of initialisation first', () => {
    expect(containersOf(spec)).toEqual([{ name: 'first' }, { name: 'main' }]);
  });

  it('do not exist for a Service, for a kind that is only stubbed, or for nothing', () => {
    expect(podSpecOf(workload('Rollout', 'r', { pod: spec }))).toBeUndefined();
    expect(podSpecOf(service('s', 80, { a: 'b' }))).toBeUndefined();
    expect(podSpecOf(undefined)).toBeUndefined();
    expect(containersOf(undefined)).toEqual([]);
  });
});

describe('the Service on a port', () => {
  it('is the one that has the port, with where it leads', () => {
    const objects = [service('other', 80, { app: 'other' }), service('s', 8321, { app: 's' }, 'http')];
    expect(serviceOnPort(objects, 8321, 'llamastack')).toEqual({
      service: 's',
      namespace: '',
      selector: { app: 's' },
      port: 8321,
      targetPort: 'http',
    });
  });

  it('leads to the same port where it does not say', () => {
    expect(serviceOnPort([service('s', 8321, { app: 's' })], 8321, '')?.targetPort).toBe(8321);
  });

  it('is the preferred one of several, else the first', () => {
    const objects = [service('a', 8321, { app: 'a' }), service('llamastack', 8321, { app: 'l' })];
    expect(serviceOnPort(objects, 8321, 'llamastack')?.service).toBe('llamastack');
    expect(serviceOnPort(objects, 8321, 'none')?.service).toBe('a');
  });

  it.each([
    ['another port', service('s', 80, { app: 's' })],
    ['no selector', kube('Service', 's', { spec: { ports: [{ port: 8321 }] } })],
    ['another kind', { ...service('s', 8321, { app: 's' }), kind: 'Route' }],
  ])('is none with %s', (_, object) => {
    expect(serviceOnPort([object], 8321, 's')).toBeUndefined();
  });
});

describe('the owner of an object', () => {
  it('is the controller that made it', () => {
    const ownerReferences = [{ apiVersion: 'batch/v1', kind: 'Job', name: 'load', uid: 'u', controller: true }];
    expect(ownerOf(kube('Pod', 'load-x', { metadata: { ownerReferences } }))).toEqual({ kind: 'Job', name: 'load' });
  });

  it.each([{}, { metadata: { ownerReferences: [] } }])('is none of what nobody made: %j', (body) => {
    expect(ownerOf(kube('Pod', 'p', body))).toBeUndefined();
  });
});

describe('an object of helm test', () => {
  it.each([
    ['test', true],
    ['test-success', true],
    ['pre-install,test', true],
    ['post-install', false],
    [undefined, false],
  ])('by its hook %s', (hook, is) => {
    const annotations = hook === undefined ? {} : { 'helm.sh/hook': hook };
    expect(isTestHook(kube('Pod', 'p', { metadata: { annotations } }))).toBe(is);
  });
});
