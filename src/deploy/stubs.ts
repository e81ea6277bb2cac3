import { messageOf } from '../errors.js';
import { pause } from '../pause.js';
import type { Kubectl } from './kubectl.js';
import type { KubeObject } from './objects.js';

/** What every cluster serves, as far as charts use it: https://kubernetes.io/docs/reference/kubernetes-api/ */
export const KUBERNETES = [
  'v1',
  ...['apps', 'autoscaling', 'batch', 'policy'].map((group) => `${group}/v1`),
  ...[
    'admissionregistration',
    'apiextensions',
    'certificates',
    'coordination',
    'discovery',
    'events',
    'networking',
    'node',
    'rbac.authorization',
    'scheduling',
    'storage',
  ].map((group) => `${group}.k8s.io/v1`),
];

/** A kind that the chart renders and the cluster does not serve. */
export interface MissingKind {
  group: string;
  kind: string;
  versions: string[];
}

/**
 * The kinds of a render whose API group the cluster does not serve and the chart does not bring itself. A served group
 * with another version is left alone: that is the chart's mistake, and Helm says so.
 */
export function missingKinds(objects: KubeObject[], servedApiVersions: string[]): MissingKind[] {
  const served = new Set(servedApiVersions.map(groupOf));
  const brought = new Set(
    objects
      .filter(({ kind }) => kind === 'CustomResourceDefinition')
      .map(({ name }) => name.split('.').slice(1).join('.')),
  );
  const missing = new Map<string, MissingKind>();
  for (const { apiVersion, kind } of objects) {
    const [group, version] = [groupOf(apiVersion), apiVersion.split('/')[1]];
    if (!version || served.has(group) || brought.has(group)) continue;
    const entry = missing.get(`${group}/${kind}`) ?? { group, kind, versions: [] };
    if (!entry.versions.includes(version)) entry.versions.push(version);
    missing.set(`${group}/${kind}`, entry);
  }
  return [...missing.values()];
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
}

/** A namespaced definition that takes anything, so that Helm can install the object; no controller acts on it. */
export function stubDefinition({ group, kind, versions }: MissingKind): object {
  const singular = kind.toLowerCase();
  const plural = pluralOf(singular);
  // the API server wants this for groups that belong to Kubernetes: https://github.com/kubernetes/enhancements/pull/1111
  const approved = /(^|\.)(k8s|kubernetes)\.io$/.test(group)
    ? { 'api-approved.kubernetes.io': 'unapproved, a stub for tests' }
    : {};
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}`, annotations: approved },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, singular, plural, listKind: `${kind}List` },
      versions: versions.map((name, index) => ({
        name,
        served: true,
        storage: index === 0,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      })),
    },
  };
}

function pluralOf(singular: string): string {
  if (/[^aeiou]y$/.test(singular)) return `${singular.slice(0, -1)}ies`;
  return /(s|x|z|ch|sh)$/.test(singular) ? `${singular}es` : `${singular}s`;
}

/** Looks at definitions that have no status yet, which kubectl takes for an error, and ms between two. */
const LOOKS = 20;
const LOOK_MS = 500;

/** Waits until all definitions are served. @throws RunError of kubectl */
export async function awaitDefinitions(kubectl: Kubectl, signal: AbortSignal): Promise<void> {
  for (let look = 1; ; look += 1) {
    try {
      await kubectl.text('wait', '--for=condition=Established', '--timeout=30s', 'crd', '--all');
      return;
    } catch (error) {
      if (look === LOOKS || !/accessor error/.test(messageOf(error))) throw error;
      await pause(LOOK_MS, signal);
    }
  }
}
