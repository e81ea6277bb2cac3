import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../src/deploy/objects.js';
import { describeReference, missingReferences, type ReferenceContext } from '../../src/deploy/references.js';
import { container, kube, workload } from '../helpers/kube.js';

const CONTEXT: ReferenceContext = { namespace: 'rag', before: [], others: [], stubs: [], madeElsewhere: false };
const look = (objects: KubeObject[], context: Partial<ReferenceContext> = {}) =>
  missingReferences(objects, { ...CONTEXT, ...context });
const errorsOf = (...of: Parameters<typeof look>) => look(...of).errors.map(describeReference);
const notesOf = (...of: Parameters<typeof look>) => look(...of).notes.map(describeReference);

const variable = (name: string, key: string) => ({
  name: key.toUpperCase(),
  valueFrom: { secretKeyRef: { name, key } },
});
/** A Deployment whose container has these members, and whose pod has these. */
const app = (members: object, pod = {}) =>
  workload('Deployment', 'app', { pod: { containers: [container('main', 'a', { ...members })], ...pod } });
const wantsKey = () => app({ env: [variable('creds', 'key')] });
const wantsSecret = app({ envFrom: [{ secretRef: { name: 'creds' } }] });
const mounted = (volume: object) =>
  app({ volumeMounts: [{ name: 'v', mountPath: '/v' }] }, { volumes: [{ name: 'v', ...volume }] });
const NOBODY = 'Deployment app, container main, needs Secret creds (key key), which nothing makes';

describe('what may still be made', () => {
  const role = (rule: object, kind = 'Role') => kube(kind, 'maker', { rules: [rule] }, 'rbac.authorization.k8s.io/v1');
  const rule = (verbs: string[], resources: string[], apiGroups = ['']) => ({ apiGroups, resources, verbs });
  const binding = (kind: string, name: string) =>
    kube('RoleBinding', 'bound', { roleRef: { kind, name } }, 'rbac.authorization.k8s.io/v1');
  const DOUBT = NOBODY.replace(/$/, ', unless Role maker is for that');

  it.each([
    rule(['get', 'create'], ['secrets']),
    rule(['*'], ['secrets']),
    rule(['create'], ['*']),
    rule(['*'], ['*'], ['*']),
  ])('is noted where a Role allows it: %j', (allowed) => {
    expect(look([wantsKey(), role(allowed)]).errors).toEqual([]);
    expect(notesOf([wantsKey(), role(allowed)])).toEqual([DOUBT]);
  });

  it.each([
    rule(['get', 'list'], ['secrets']),
    rule(['create'], ['configmaps']),
    rule(['create'], ['*'], ['apps']),
    rule(['patch'], ['secrets']),
    {},
  ])('is an error where a Role does not allow it: %j', (allowed) => {
    expect(errorsOf([wantsKey(), role(allowed)])).toEqual([NOBODY]);
  });

  it('is noted where a Role may fill in a key', () => {
    const empty = kube('Secret', 'creds');
    expect(look([wantsKey(), empty, role(rule(['patch'], ['secrets']))]).notes).toHaveLength(1);
    expect(look([wantsKey(), empty, role(rule(['get'], ['secrets']))]).errors).toHaveLength(1);
  });

  it('is noted where a ClusterRole of the chart allows it, or a binding to one that every cluster has', () => {
    expect(look([wantsKey(), role(rule(['create'], ['secrets']), 'ClusterRole')]).notes).toHaveLength(1);
    for (const name of ['cluster-admin', 'admin', 'edit'])
      expect(notesOf([wantsKey(), binding('ClusterRole', name)])[0]).toContain('unless RoleBinding bound is for that');
  });

  it.each([
    ['a ClusterRole that only looks', [binding('ClusterRole', 'view')]],
    ['a Role of that name', [binding('Role', 'admin')]],
    [
      "the chart's own ClusterRole of that name",
      [binding('ClusterRole', 'edit'), kube('ClusterRole', 'edit', { rules: [rule(['get'], ['pods'])] })],
    ],
  ])('is an error where a binding is to %s', (_, more) => {
    expect(errorsOf([wantsKey(), ...more])).toEqual([NOBODY]);
  });

  it('is noted where the controller of another object is there, and not where that is a stub', () => {
    const custom = kube('Database', 'db', {}, 'db.example.com/v1');
    expect(notesOf([wantsKey(), custom])[0]).toContain('unless Database db is for that');
    const stubs = [{ group: 'db.example.com', kind: 'Database' }];
    expect(errorsOf([wantsKey(), custom], { stubs })).toEqual([NOBODY]);
    expect(look([wantsKey(), custom], { stubs: [{ ...stubs[0]!, kind: 'Other' }] }).errors).toEqual([]);
  });

  it('is noted where something outside of the chart may make it', () => {
    expect(notesOf([wantsKey()], { madeElsewhere: true })).toEqual([
      `${NOBODY}, unless something outside of the chart does`,
    ]);
  });
});

describe('what would be made elsewhere', () => {
  const stub = (kind: string, group: string, body: object, name = 'maker') => ({
    object: kube(kind, name, { ...body }, `${group}/v1`),
    stubs: [{ group, kind }],
  });

  it.each([
    ['ExternalSecret', 'external-secrets.io', { spec: { target: { name: 'creds' } } }, 'maker'],
    ['ExternalSecret', 'external-secrets.io', { spec: {} }, 'creds'],
    ['SealedSecret', 'bitnami.com', { spec: { template: { metadata: { name: 'creds' } } } }, 'creds'],
    ['SealedSecret', 'bitnami.com', { spec: {} }, 'creds'],
    ['Certificate', 'cert-manager.io', { spec: { secretName: 'creds' } }, 'maker'],
    [
      'SecretProviderClass',
      'secrets-store.csi.x-k8s.io',
      { spec: { secretObjects: [{ secretName: 'creds' }] } },
      'maker',
    ],
    ['ObjectBucketClaim', 'objectbucket.io', {}, 'creds'],
  ])('is said of a stubbed %s of %s', (kind, group, body, name) => {
    const { object, stubs } = stub(kind, group, body, name);
    expect(errorsOf([wantsKey(), object], { stubs })).toEqual([
      `Deployment app, container main, needs Secret creds (key key), which would be made by ${kind} ${name}, whose controller is not there`,
    ]);
    expect(look([wantsKey(), object]).errors).toEqual([]); // its controller is there
  });

  it('is said of the Secret of pipelines', () => {
    const group = 'datasciencepipelinesapplications.opendatahub.io';
    const { object, stubs } = stub('DataSciencePipelinesApplication', group, {}, 'dspa');
    const wants = app({ env: [variable('ds-pipeline-s3-dspa', 'host')] });
    expect(errorsOf([wants, object], { stubs })[0]).toContain('made by DataSciencePipelinesApplication dspa');
  });

  it('is not said of another object', () => {
    const { object, stubs } = stub(
      'ExternalSecret',
      'external-secrets.io',
      { spec: { target: { name: 'x' } } },
      'creds',
    );
    expect(errorsOf([wantsKey(), object], { stubs })).toEqual([NOBODY]);
  });

  it('is an error though a Role might, and a note where something outside may', () => {
    const { object, stubs } = stub('ExternalSecret', 'external-secrets.io', {}, 'creds');
    const role = kube('Role', 'r', { rules: [{ apiGroups: [''], resources: ['*'], verbs: ['*'] }] });
    expect(look([wantsKey(), object, role], { stubs }).errors).toHaveLength(1);
    expect(look([wantsKey(), object], { stubs, madeElsewhere: true }).notes).toHaveLength(1);
  });

  it.each(['beta', 'alpha'])('is said of certificates that OpenShift makes for a Service (%s)', (stage) => {
    const annotations = { [`service.${stage}.openshift.io/serving-cert-secret-name`]: 'creds' };
    expect(errorsOf([wantsSecret, kube('Service', 'web', { metadata: { annotations } })])).toEqual([
      'Deployment app, container main, needs Secret creds, which OpenShift would make for Service web',
    ]);
  });

  it.each([
    [{ annotations: { 'service.beta.openshift.io/inject-cabundle': 'true' } }],
    [{ labels: { 'config.openshift.io/inject-trusted-cabundle': 'true' } }],
  ])('is said of certificates that OpenShift puts into a ConfigMap: %j', (metadata) => {
    const wants = mounted({ configMap: { name: 'ca', items: [{ key: 'ca-bundle.crt' }] } });
    expect(errorsOf([wants, kube('ConfigMap', 'ca', { metadata })])).toEqual([
      'Deployment app, container main, needs ConfigMap ca (key ca-bundle.crt), which OpenShift would fill',
    ]);
  });

  it('has the ConfigMap of OpenShift, which Kind does not', () => {
    expect(errorsOf([mounted({ configMap: { name: 'openshift-service-ca.crt' } })])).toHaveLength(1);
  });
});
