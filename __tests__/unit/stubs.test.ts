import { fakeKubectl } from '../helpers/memory.js';
import { describe, expect, it } from 'vitest';
import {
  awaitDefinitions,
  definedBy,
  KUBERNETES,
  missingKinds,
  parseApiResources,
  stubDefinition,
  type MissingKind,
} from '../../src/deploy/stubs.js';
import { kube } from '../helpers/kube.js';

/** As kubectl prints it; some rows have short names and some have none. */
const TABLE = `bindings                                         v1                                true         Binding
services                            svc          v1                                true         Service
deployments                         deploy       apps/v1                           true         Deployment
routes                                           route.openshift.io/v1             true         Route
horizontalpodautoscalers            hpa          autoscaling/v2                    true         HorizontalPodAutoscaler
clusterissuers                      ciss,cissues cert-manager.io/v1                false        ClusterIssuer
`;
const SERVED = parseApiResources(TABLE);

const definition = (group: string, kind: string) =>
  kube('CustomResourceDefinition', `x.${group}`, { spec: { group, names: { kind } } }, 'apiextensions.k8s.io/v1');
const missing = (group: string, kind: string, more: Partial<MissingKind> = {}): MissingKind => ({
  group,
  kind,
  versions: ['v1'],
  scope: 'Namespaced',
  ...more,
});

describe('what a cluster serves', () => {
  it.each([
    ['', 'Service', true],
    ['', 'Binding', true],
    ['apps', 'Deployment', true],
    ['route.openshift.io', 'Route', true],
    ['cert-manager.io', 'ClusterIssuer', true],
    ['cert-manager.io', 'Certificate', false],
    ['example.com', 'Route', false],
    ['', 'true', false],
  ])('is read by group and kind: %s %s is %s', (group, kind, served) => {
    expect(SERVED(group, kind)).toBe(served);
  });

  it('is nothing where kubectl prints nothing', () => {
    expect(parseApiResources('')('apps', 'Deployment')).toBe(false);
  });

  it.each([
    ['', true],
    ['apps', true],
    ['extensions', true],
    ['networking.k8s.io', true],
    ['flowcontrol.apiserver.k8s.io', true],
    ['gateway.networking.k8s.io', false],
    ['example.com', false],
  ])('is, without a cluster, what belongs to Kubernetes: %s is %s', (group, served) => {
    expect(KUBERNETES(group, 'Whatever')).toBe(served);
  });

  it('may be brought by definitions', () => {
    const brought = definedBy([definition('g.io', 'A'), kube('ConfigMap', 'c')]);
    expect([brought('g.io', 'A'), brought('g.io', 'B'), brought('', 'ConfigMap')]).toEqual([true, false, false]);
  });
});

describe('kinds that the cluster does not serve', () => {
  it('are found once each, with all versions that the chart uses', () => {
    const objects = [
      kube('InferenceService', 'a', {}, 'serving.kserve.io/v1beta1'),
      kube('InferenceService', 'b', {}, 'serving.kserve.io/v1'),
      kube('InferenceService', 'c', {}, 'serving.kserve.io/v1beta1'),
      kube('ServingRuntime', 'd', {}, 'serving.kserve.io/v1alpha1'),
    ];
    expect(missingKinds(objects, SERVED)).toEqual([
      missing('serving.kserve.io', 'InferenceService', { versions: ['v1beta1', 'v1'] }),
      missing('serving.kserve.io', 'ServingRuntime', { versions: ['v1alpha1'] }),
    ]);
  });

  it('are found in a group of which the cluster serves another kind', () => {
    const objects = [
      kube('Certificate', 'c', {}, 'cert-manager.io/v1'),
      kube('ClusterIssuer', 'i', {}, 'cert-manager.io/v1'),
    ];
    expect(missingKinds(objects, SERVED)).toEqual([missing('cert-manager.io', 'Certificate')]);
  });

  it.each([
    ['of the core', kube('Service', 's', {}, 'v1')],
    ['of the core in a version that nobody serves: Helm says so', kube('Service', 's', {}, 'v9')],
    ['of a served group', kube('Deployment', 'd', {}, 'apps/v1')],
    ['of Kubernetes, and removed from it: Helm says so', kube('PodSecurityPolicy', 'p', {}, 'policy/v1beta1')],
    ['of a group that Kubernetes has removed', kube('Ingress', 'i', {}, 'extensions/v1beta1')],
    ['of Kubernetes in a group with dots', kube('PodPreset', 'p', {}, 'storage.k8s.io/v1')],
    ['served in another version: Helm says so', kube('Route', 'r', {}, 'route.openshift.io/v2')],
  ])('are not those %s', (_, object) => {
    expect(missingKinds([object], SERVED)).toEqual([]);
  });

  it('are not those that the chart defines itself; others of the same group are', () => {
    const objects = [
      definition('acme.example.com', 'Widget'),
      kube('Widget', 'w', {}, 'acme.example.com/v1'),
      kube('Gadget', 'g', {}, 'acme.example.com/v1'),
    ];
    expect(missingKinds(objects, SERVED).map(({ kind }) => kind)).toEqual(['Gadget']);
  });

  it.each([
    ['security.openshift.io/v1', 'SecurityContextConstraints', 'Cluster'],
    ['config.openshift.io/v1', 'OAuth', 'Cluster'],
    ['console.openshift.io/v1', 'ConsoleLink', 'Cluster'],
    ['project.openshift.io/v1', 'Project', 'Cluster'],
    ['oauth.openshift.io/v1', 'OAuthClient', 'Cluster'],
    ['external-secrets.io/v1', 'ClusterSecretStore', 'Cluster'],
    ['gateway.networking.k8s.io/v1', 'GatewayClass', 'Cluster'],
    ['postgresql.cnpg.io/v1', 'Cluster', 'Namespaced'],
    ['operators.coreos.com/v1alpha1', 'ClusterServiceVersion', 'Namespaced'],
    ['example.com/v1', 'Clustered', 'Namespaced'],
    ['image.openshift.io/v1', 'ImageStream', 'Namespaced'],
  ])('of %s %s have the scope %s', (apiVersion, kind, scope) => {
    expect(missingKinds([kube(kind, 'x', {}, apiVersion)], SERVED)[0]?.scope).toBe(scope);
  });

  it('are namespaced where the chart puts one into a namespace', () => {
    const objects = [
      kube('ClusterSecretStore', 'a', {}, 'external-secrets.io/v1'),
      kube('ClusterSecretStore', 'b', { metadata: { namespace: 'here' } }, 'external-secrets.io/v1'),
    ];
    expect(missingKinds(objects, SERVED)[0]?.scope).toBe('Namespaced');
  });
});

describe('a stub of a definition', () => {
  it('takes anything, in all versions, of which one is stored', () => {
    expect(stubDefinition(missing('serving.kserve.io', 'InferenceService', { versions: ['v1beta1', 'v1'] }))).toEqual({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'inferenceservices.serving.kserve.io', annotations: {} },
      spec: {
        group: 'serving.kserve.io',
        scope: 'Namespaced',
        names: {
          kind: 'InferenceService',
          singular: 'inferenceservice',
          plural: 'inferenceservices',
          listKind: 'InferenceServiceList',
        },
        versions: [
          expect.objectContaining({ name: 'v1beta1', served: true, storage: true }),
          expect.objectContaining({ name: 'v1', served: true, storage: false }),
        ],
      },
    });
  });

  it('is of no namespace where its kind is not', () => {
    expect(stubDefinition(missing('g.io', 'ClusterThing', { scope: 'Cluster' }))).toMatchObject({
      spec: { scope: 'Cluster' },
    });
  });

  it('keeps fields that it does not know: Helm sends them', () => {
    const { spec } = stubDefinition(missing('g.io', 'K')) as { spec: { versions: { schema: unknown }[] } };
    expect(spec.versions[0]?.schema).toEqual({
      openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    });
  });

  it.each([
    ['Route', 'routes'],
    ['Proxy', 'proxies'],
    ['Gateway', 'gateways'],
    ['Ingress', 'ingresses'],
    ['Switch', 'switches'],
    ['Mesh', 'meshes'],
    ['Box', 'boxes'],
  ])('of %s is named by its plural %s', (kind, plural) => {
    expect(stubDefinition(missing('g.io', kind))).toMatchObject({
      metadata: { name: `${plural}.g.io` },
      spec: { names: { plural } },
    });
  });

  it.each([
    ['gateway.networking.k8s.io', true],
    ['kubernetes.io', true],
    ['x.kubernetes.io', true],
    ['notk8s.io', false],
    ['k8s.io.example.com', false],
  ])('in group %s has the approval that the API server asks for: %s', (group, approved) => {
    const { metadata } = stubDefinition(missing(group, 'K')) as { metadata: { annotations: object } };
    expect('api-approved.kubernetes.io' in metadata.annotations).toBe(approved);
  });
});

it('definitions of which there are none are not waited for', async () => {
  const text = () => Promise.reject(new Error('kubectl wait failed: error: no matching resources found'));
  const kubectl = { ...fakeKubectl([]), text };
  await expect(awaitDefinitions(kubectl, new AbortController().signal)).resolves.toBeUndefined();
});
