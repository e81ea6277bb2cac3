import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../src/deploy/objects.js';
import {
  describeReference,
  isInstalled,
  missingReferences,
  referenceError,
  type ReferenceContext,
} from '../../src/deploy/references.js';
import { container, kube, workload } from '../helpers/kube.js';

const CONTEXT: ReferenceContext = { namespace: 'rag', before: [], others: [], stubs: [], madeElsewhere: false };
const look = (objects: KubeObject[], context: Partial<ReferenceContext> = {}) =>
  missingReferences(objects, { ...CONTEXT, ...context });
const errorsOf = (...of: Parameters<typeof look>) => look(...of).errors.map(describeReference);
const notesOf = (...of: Parameters<typeof look>) => look(...of).notes.map(describeReference);

const variable = (name: string, key: string, more = {}) => ({
  name: key.toUpperCase(),
  valueFrom: { secretKeyRef: { name, key, ...more } },
});
/** A Deployment whose container has these members, and whose pod has these. */
const app = (members: object, pod = {}, more = {}) =>
  workload('Deployment', 'app', { pod: { containers: [container('main', 'a', { ...members })], ...pod }, ...more });
const wantsKey = (more = {}) => app({ env: [variable('creds', 'key')] }, {}, more);
const wantsSecret = app({ envFrom: [{ secretRef: { name: 'creds' } }] });
const mounted = (volume: object) =>
  app({ volumeMounts: [{ name: 'v', mountPath: '/v' }] }, { volumes: [{ name: 'v', ...volume }] });
const secret = (name: string, more = {}) => kube('Secret', name, { stringData: { key: 'x' }, ...more });
const NOBODY = 'Deployment app, container main, needs Secret creds (key key), which nothing makes';

describe('a reference that leads nowhere', () => {
  it.each<[string, KubeObject, string]>([
    ['a variable of a Secret', wantsKey(), 'Secret creds (key key)'],
    [
      'a variable of a ConfigMap',
      app({ env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'conf', key: 'a' } } }] }),
      'ConfigMap conf (key a)',
    ],
    ['all variables of a Secret', wantsSecret, 'Secret creds'],
    ['all variables of a ConfigMap', app({ envFrom: [{ configMapRef: { name: 'conf' } }] }), 'ConfigMap conf'],
    ['a volume of a Secret', mounted({ secret: { secretName: 'creds' } }), 'Secret creds'],
    ['a volume of a ConfigMap', mounted({ configMap: { name: 'conf' } }), 'ConfigMap conf'],
    [
      'items of a volume',
      mounted({ secret: { secretName: 'creds', items: [{ key: 'a' }, { key: 'b' }] } }),
      'Secret creds (keys a, b)',
    ],
    [
      'a projected volume',
      mounted({ projected: { sources: [{ downwardAPI: {} }, { secret: { name: 'creds', items: [{ key: 'a' }] } }] } }),
      'Secret creds (key a)',
    ],
    ['a projected ConfigMap', mounted({ projected: { sources: [{ configMap: { name: 'conf' } }] } }), 'ConfigMap conf'],
  ])('is found: %s', (_, object, what) => {
    expect(errorsOf([object])).toEqual([`Deployment app, container main, needs ${what}, which nothing makes`]);
  });

  it('is found in an init container, and once for several keys', () => {
    const env = [variable('creds', 'a'), variable('creds', 'b'), variable('creds', 'a')];
    const pod = { initContainers: [container('wait', 'a', { env })], containers: [container('main', 'a')] };
    expect(look([workload('StatefulSet', 'db', { pod })]).errors).toEqual([
      {
        workload: 'StatefulSet db',
        container: 'wait',
        kind: 'Secret',
        name: 'creds',
        keys: ['a', 'b'],
        why: 'which nothing makes',
      },
    ]);
  });

  it.each<[string, KubeObject]>([
    ['an optional variable', app({ env: [variable('creds', 'key', { optional: true })] })],
    ['optional variables', app({ envFrom: [{ secretRef: { name: 'creds', optional: true } }] })],
    ['an optional volume', mounted({ secret: { secretName: 'creds', optional: true } })],
    ['an optional ConfigMap', mounted({ configMap: { name: 'conf', optional: true } })],
    ['an optional source', mounted({ projected: { sources: [{ secret: { name: 'creds', optional: true } }] } })],
    ['a volume that nothing mounts', app({}, { volumes: [{ name: 'v', secret: { secretName: 'creds' } }] })],
    ['the root certificate of the cluster', mounted({ configMap: { name: 'kube-root-ca.crt' } })],
    ['a name that is empty, which Helm hears of', app({ env: [variable('', 'key')] })],
    ['a plain variable', app({ env: [{ name: 'A', value: 'b' }] })],
    ['a Deployment of no pods', wantsKey({ spec: { replicas: 0 } })],
    ['a test', wantsKey({ metadata: { annotations: { 'helm.sh/hook': 'test' } } })],
    ['a hook of another time', wantsKey({ metadata: { annotations: { 'helm.sh/hook': 'pre-delete' } } })],
    ["a namespace of Kubernetes' own", wantsKey({ metadata: { namespace: 'kube-system' } })],
    ['a kind that runs nothing', kube('InferenceService', 'i', { spec: wantsKey().body['spec'] })],
  ])('is none: %s', (_, object) => {
    expect(look([object])).toEqual({ errors: [], notes: [] });
  });

  it('is none where the object is made, by the chart, by us or by others', () => {
    const made = secret('creds');
    expect(errorsOf([wantsKey(), made])).toEqual([]);
    expect(errorsOf([wantsKey()], { before: [made] })).toEqual([]);
    expect(errorsOf([wantsKey()], { others: [made] })).toEqual([]);
    expect(errorsOf([wantsKey(), kube('ConfigMap', 'creds', { data: { key: 'x' } })])).toEqual([NOBODY]);
  });

  it.each(['data', 'stringData', 'binaryData'])('is none where the key is in %s', (part) => {
    expect(errorsOf([wantsKey(), kube('Secret', 'creds', { [part]: { key: 'x' } })])).toEqual([]);
  });

  it('is a key that the object lacks, with the names of those that it has', () => {
    const made = kube('Secret', 'creds', { data: { url: 'x' }, stringData: { model: 'y' } });
    expect(errorsOf([wantsKey(), made])).toEqual([
      'Deployment app, container main, needs Secret creds (key key), which has only url, model',
    ]);
    expect(errorsOf([wantsKey(), kube('Secret', 'creds')])[0]).toMatch(/, which is empty$/);
    expect(errorsOf([wantsSecret, kube('Secret', 'creds')])).toEqual([]);
  });

  it('has no keys to miss in the token of a ServiceAccount, which is filled later', () => {
    const token = kube('Secret', 'creds', { type: 'kubernetes.io/service-account-token' });
    expect(errorsOf([wantsKey(), token])).toEqual([]);
  });

  it('is one into another namespace', () => {
    const there = secret('creds', { metadata: { namespace: 'other' } });
    expect(errorsOf([wantsKey(), there])).toEqual([
      'Deployment app, container main, needs Secret creds (key key), which is only in namespace other',
    ]);
    expect(errorsOf([wantsKey({ metadata: { namespace: 'other' } }), there])).toEqual([]);
    expect(errorsOf([wantsKey({ metadata: { namespace: 'rag' } }), secret('creds')])).toEqual([]);
    expect(errorsOf([wantsKey({ metadata: { namespace: 'other' } }), secret('creds')])).toHaveLength(1);
  });

  it('is one to what only a test makes', () => {
    expect(errorsOf([wantsKey(), secret('creds', { metadata: { annotations: { 'helm.sh/hook': 'test' } } })])).toEqual([
      NOBODY,
    ]);
  });

  it('is only noted of a CronJob: nobody waits for it; and not of one that is suspended', () => {
    const template = {
      spec: { template: { spec: { containers: [container('m', 'a', { env: [variable('s', 'k')] })] } } },
    };
    const job = (suspend: boolean) => kube('CronJob', 'c', { spec: { suspend, jobTemplate: template } });
    expect(look([job(false)]).errors).toEqual([]);
    expect(notesOf([job(false)])).toEqual([
      'CronJob c, container m, needs Secret s (key k), which nothing makes, when its schedule starts it',
    ]);
    expect(notesOf([job(true)])).toEqual([]);
  });
});

describe('the error of references', () => {
  it('names five, and has all of more in its evidence', () => {
    const env = Array.from({ length: 7 }, (_, index) => variable(`s${index}`, 'key'));
    const { code, hop, message, fix, evidence } = referenceError(look([app({ env })]).errors);
    expect([code, hop]).toEqual(['E_REFERENCE', 'chart']);
    expect(message).toMatch(/needs Secret s0 .*needs Secret s4 \(key key\), which nothing makes; and 2 more$/);
    expect(fix).toContain('secret-name and secret-keys');
    expect(evidence).toHaveLength(7);
  });

  it('is about ConfigMaps where it is about nothing else', () => {
    const { message, fix, evidence } = referenceError(look([mounted({ configMap: { name: 'conf' } })]).errors);
    expect(message).toBe(
      'containers of the chart can not start: Deployment app, container main, needs ConfigMap conf, which nothing makes',
    );
    expect(fix).toContain('ConfigMap');
    expect(fix).not.toContain('secret-name');
    expect(evidence).toEqual([]);
  });
});

describe('what an install makes', () => {
  it.each([
    ['', true],
    ['pre-install', true],
    ['post-install,post-upgrade', true],
    ['pre-upgrade, post-install', true],
    ['test', false],
    ['test-success', false],
    ['pre-delete', false],
    ['pre-upgrade,post-upgrade', false],
  ])('of hook "%s": %s', (hook, made) => {
    const metadata = hook ? { annotations: { 'helm.sh/hook': hook } } : {};
    expect(isInstalled(kube('Job', 'j', { metadata }))).toBe(made);
  });
});
