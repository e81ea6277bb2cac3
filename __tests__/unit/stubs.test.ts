import { describe, expect, it } from 'vitest';
import { missingKinds, stubDefinition } from '../../src/deploy/stubs.js';
import { kube } from '../helpers/kube.js';

const SERVED = ['v1', 'apps/v1', 'batch/v1', 'route.openshift.io/v1'];

describe('kinds that the cluster does not serve', () => {
  it('are found by their group, once each, with all versions that the chart uses', () => {
    const objects = [
      kube('InferenceService', 'a', {}, 'serving.kserve.io/v1beta1'),
      kube('InferenceService', 'b', {}, 'serving.kserve.io/v1'),
      kube('InferenceService', 'c', {}, 'serving.kserve.io/v1beta1'),
      kube('ServingRuntime', 'd', {}, 'serving.kserve.io/v1alpha1'),
    ];
    expect(missingKinds(objects, SERVED)).toEqual([
      { group: 'serving.kserve.io', kind: 'InferenceService', versions: ['v1beta1', 'v1'] },
      { group: 'serving.kserve.io', kind: 'ServingRuntime', versions: ['v1alpha1'] },
    ]);
  });

  it.each([
    ['of the core', [kube('Service', 's', {}, 'v1')]],
    ['of the core in a version that nobody serves: Helm says so', [kube('Service', 's', {}, 'v9')]],
    ['of a served group', [kube('Deployment', 'd', {}, 'apps/v1')]],
    ['of a served group in another version: Helm says so', [kube('Route', 'r', {}, 'route.openshift.io/v2')]],
  ])('are not those %s', (_, objects) => {
    expect(missingKinds(objects, SERVED)).toEqual([]);
  });

  it('are not those whose definition the chart brings itself', () => {
    const objects = [
      kube('CustomResourceDefinition', 'widgets.acme.example.com', {}, 'apiextensions.k8s.io/v1'),
      kube('Widget', 'w', {}, 'acme.example.com/v1'),
      kube('Gadget', 'g', {}, 'example.com/v1'),
    ];
    const served = [...SERVED, 'apiextensions.k8s.io/v1'];
    expect(missingKinds(objects, served).map(({ kind }) => kind)).toEqual(['Gadget']);
  });
});

describe('a stub of a definition', () => {
  it('takes anything, in all versions, of which one is stored', () => {
    expect(
      stubDefinition({ group: 'serving.kserve.io', kind: 'InferenceService', versions: ['v1beta1', 'v1'] }),
    ).toEqual({
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

  it('keeps fields that it does not know: Helm sends them', () => {
    const { spec } = stubDefinition({ group: 'g.io', kind: 'K', versions: ['v1'] }) as {
      spec: { versions: { schema: unknown }[] };
    };
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
    expect(stubDefinition({ group: 'g.io', kind, versions: ['v1'] })).toMatchObject({
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
    const { metadata } = stubDefinition({ group, kind: 'K', versions: ['v1'] }) as {
      metadata: { annotations: object };
    };
    expect('api-approved.kubernetes.io' in metadata.annotations).toBe(approved);
  });
});
