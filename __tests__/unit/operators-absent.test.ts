import { describe, expect, it } from 'vitest';
import type { Manifests } from '../../src/deploy/manifests.js';
import type { KubeObject } from '../../src/deploy/objects.js';
import { refuseUnattended } from '../../src/deploy/operated.js';
import type { StubWish } from '../../src/deploy/stubs.js';
import { failureOf } from '../helpers/failures.js';
import { kube, workload } from '../helpers/kube.js';

const DATABASE = kube('Cluster', 'db', {}, 'postgresql.cnpg.io/v1');
const DEFINITION = kube('CustomResourceDefinition', 'clusters.postgresql.cnpg.io', {
  spec: { group: 'postgresql.cnpg.io', names: { kind: 'Cluster' } },
});
const APP = workload('Deployment', 'rag');
const role = (group: string, kind = 'ClusterRole') =>
  kube(kind, 'r', { rules: [{ apiGroups: ['', group], resources: ['*'], verbs: ['*'] }] });
const ADMIN = kube('ClusterRoleBinding', 'b', { roleRef: { kind: 'ClusterRole', name: 'cluster-admin' } });

const NONE: Manifests = { places: [], objects: [], unseen: false };
const by = (...objects: KubeObject[]): Manifests => ({ ...NONE, objects });

function judge(
  objects: KubeObject[],
  brought: Manifests = NONE,
  { stubCrds = 'auto', postInstallCommand = '' }: { stubCrds?: StubWish; postInstallCommand?: string } = {},
): void {
  refuseUnattended(objects, brought, { stubCrds, postInstallCommand });
}

describe('a kind that is nothing without its operator, of which only the definition is there', () => {
  it.each([
    ['in the chart', [DATABASE, DEFINITION, APP], NONE],
    ['by a manifest', [DATABASE, APP], by(DEFINITION)],
    ['with what may do something else', [DATABASE, DEFINITION, APP, role('apps'), role('postgresql', 'Role')], NONE],
    ['with what nobody runs', [DATABASE, DEFINITION, role('postgresql.cnpg.io')], NONE],
  ])('ends the run: %s', async (_, objects, brought) => {
    const { code, hop, message, fix } = await failureOf(() => judge(objects, brought));
    expect([code, hop]).toEqual(['E_OPERATOR', 'chart']);
    expect(message).toBe(
      'only the definitions of these kinds of the chart are there, and nothing acts on them: Cluster.postgresql.cnpg.io, which is nothing without CloudNativePG',
    );
    expect(fix).toBe(
      'Install CloudNativePG by pre-install-manifests (https://cloudnative-pg.io/documentation/current/installation_upgrade/), or switch Cluster off in the values; where nobody need act on it, name it in stub-crds.',
    );
  });

  it.each<[string, KubeObject[], Manifests, Parameters<typeof judge>[2]?]>([
    ['a manifest brings a workload', [DATABASE, APP], by(DEFINITION, workload('Deployment', 'cnpg'))],
    ['the chart has a workload that may act on it', [DATABASE, DEFINITION, APP, role('postgresql.cnpg.io')], NONE],
    ['one that may act on all', [DATABASE, DEFINITION, APP, role('*', 'Role')], NONE],
    ['one that may do everything', [DATABASE, DEFINITION, APP, ADMIN], NONE],
    ['manifests that nobody has seen may bring it', [DATABASE, DEFINITION, APP], { ...NONE, unseen: true }],
    ['the command after the install may', [DATABASE, DEFINITION, APP], NONE, { postInstallCommand: 'true' }],
    ['the user says so', [DATABASE, DEFINITION, APP], NONE, { stubCrds: ['clusters.postgresql.cnpg.io'] }],
    ['it is none of these kinds', [kube('Widget', 'w', {}, 'acme.example/v1'), APP], NONE],
    ['it is not there: that is told elsewhere', [DATABASE, APP], NONE],
    ['no object is of it', [DEFINITION, APP], NONE],
  ])('is let through where %s', (_, objects, brought, over) => {
    expect(() => judge(objects, brought, over)).not.toThrow();
  });

  it('is named once, with all others', async () => {
    const stack = kube('LlamaStackDistribution', 's', {}, 'llamastack.io/v1alpha1');
    const names = { kind: 'LlamaStackDistribution' };
    const its = kube('CustomResourceDefinition', 'x', { spec: { group: 'llamastack.io', names } });
    const { message, fix } = await failureOf(() => judge([DATABASE, DATABASE, stack, DEFINITION, its]));
    expect(message).toMatch(/: Cluster\.[^;]+; LlamaStackDistribution\.llamastack\.io, [^;]+$/);
    expect(fix).toMatch(/Llama Stack operator/);
  });
});
