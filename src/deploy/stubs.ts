import { messageOf, RunError } from '../errors.js';
import { at, items, member, text } from '../json.js';
import { pause } from '../pause.js';
import type { Kubectl } from './kubectl.js';
import type { KubeObject } from './objects.js';
import { operatorOf } from './operators.js';

/** Whether a cluster serves a kind. */
export type Served = (group: string, kind: string) => boolean;

/** What the input stub-crds says: all that is missing, nothing, or the kinds of a list. */
export type StubWish = 'auto' | 'none' | string[];

/** Groups that every cluster has: https://kubernetes.io/docs/reference/kubernetes-api/ */
const BUILT_IN = [
  'admissionregistration',
  'apiextensions',
  'apiregistration',
  'authentication',
  'authorization',
  'certificates',
  'coordination',
  'discovery',
  'events',
  'flowcontrol.apiserver',
  'internal.apiserver',
  'networking',
  'node',
  'rbac.authorization',
  'resource',
  'scheduling',
  'storage',
  'storagemigration',
].map((group) => `${group}.k8s.io`);

/** A cluster of which only that is known: it serves what belongs to Kubernetes. A group without a dot is always its own. */
export const KUBERNETES: Served = (group) => !group.includes('.') || BUILT_IN.includes(group);

/**
 * What the cluster serves, by `kubectl api-resources --no-headers`: NAME, SHORTNAMES where there are any, APIVERSION,
 * NAMESPACED, KIND. https://kubernetes.io/docs/reference/kubectl/generated/kubectl_api-resources/
 */
export function parseApiResources(table: string): Served {
  const rows = table.split('\n').map((row) => row.trim().split(/\s+/));
  const served = new Set(rows.map((row) => `${groupOf(row.at(-3) ?? '')}/${row.at(-1) ?? ''}`));
  return (group, kind) => served.has(`${group}/${kind}`);
}

/** What the definitions among these objects bring: those of a chart, in its crds/ or templates, or of manifests. */
export function definedBy(objects: KubeObject[]): Served {
  const brought = new Set(
    objects
      .filter(({ kind }) => kind === 'CustomResourceDefinition')
      .map(({ body }) => `${text(at(body, 'spec', 'group'))}/${text(at(body, 'spec', 'names', 'kind'))}`),
  );
  return (group, kind) => brought.has(`${group}/${kind}`);
}

/** What these definitions add to what the cluster serves: group/version and group/version/Kind, as Helm's Capabilities name them. */
export function apiVersionsOf(objects: KubeObject[]): string[] {
  return objects
    .filter(({ kind }) => kind === 'CustomResourceDefinition')
    .flatMap(({ body }) => {
      const group = text(at(body, 'spec', 'group'));
      const kind = text(at(body, 'spec', 'names', 'kind'));
      return items(at(body, 'spec', 'versions')).flatMap((version) => {
        const name = `${group}/${text(member(version, 'name'))}`;
        return [name, `${name}/${kind}`];
      });
    });
}

/** A kind that the chart renders and the cluster does not serve. */
export interface MissingKind {
  group: string;
  kind: string;
  versions: string[];
  scope: 'Namespaced' | 'Cluster';
}

/**
 * The kinds of a render that the cluster does not serve and the chart does not bring itself. Never those of Kubernetes, nor
 * other versions of a kind that is served: that is the chart's mistake, and Helm says so.
 */
export function missingKinds(objects: KubeObject[], served: Served): MissingKind[] {
  const brought = definedBy(objects);
  const missing = new Map<string, MissingKind>();
  for (const { apiVersion, kind, body } of objects) {
    const [group, version] = [groupOf(apiVersion), apiVersion.split('/')[1]];
    if (!version || KUBERNETES(group, kind) || served(group, kind) || brought(group, kind)) continue;
    const entry = missing.get(`${group}/${kind}`) ?? { group, kind, versions: [], scope: scopeOf(group, kind) };
    if (!entry.versions.includes(version)) entry.versions.push(version);
    if (at(body, 'metadata', 'namespace') !== undefined) entry.scope = 'Namespaced';
    missing.set(`${group}/${kind}`, entry);
  }
  return [...missing.values()];
}

/** The group of an apiVersion; empty for the core. */
export function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
}

/**
 * The kinds to make stubs of.
 * @throws RunError that names all kinds which must not be stubbed, or which the user does not want to be
 */
export function planStubs(objects: KubeObject[], served: Served, wish: StubWish): MissingKind[] {
  const missing = missingKinds(objects, served);
  const refusals = missing.flatMap((kind) => refusalOf(kind, wish) ?? []);
  if (!refusals.length) return missing;
  const said = refusals.map(({ of, why }) => `${nameOfKind(of)} (${namesOf(of, objects)}), ${why}`);
  throw new RunError(
    'E_OPERATOR',
    'chart',
    `the cluster does not serve these kinds of the chart, and no stub stands in for them: ${said.join('; ')}`,
    [...new Set(refusals.map(({ fix }) => fix))].join(' '),
  );
}

interface Refusal {
  of: MissingKind;
  why: string;
  fix: string;
}

/** Why a kind gets no stub; undefined where it does. A list does not make up for an operator. */
function refusalOf(of: MissingKind, wish: StubWish): Refusal | undefined {
  const operator = operatorOf(of.group, of.kind);
  if (operator) {
    const { name, url, instead } = operator;
    const fix = instead
      ? `For ${of.kind}, ${instead}; or switch it off in the values.`
      : `Install ${name} by pre-install-manifests (${url}), or switch ${of.kind} off in the values.`;
    return { of, why: `which is nothing without ${name}`, fix };
  }
  if (wish === 'auto' || (wish !== 'none' && wish.some((entry) => names(entry, of)))) return undefined;
  return {
    of,
    why: wish === 'none' ? 'and stub-crds is none' : 'which stub-crds does not name',
    fix: `For ${nameOfKind(of)}, ${wish === 'none' ? 'set stub-crds to auto or name it there' : 'name it in stub-crds'}, or install its definition by pre-install-manifests.`,
  };
}

/** Whether an entry of the list means a kind: `plural.group`, `kind.group`, or the kind alone. */
export function names(entry: string, { group, kind }: Pick<MissingKind, 'group' | 'kind'>): boolean {
  const singular = kind.toLowerCase();
  return [singular, `${singular}.${group}`, `${pluralOf(singular)}.${group}`].includes(entry.trim().toLowerCase());
}

/** A kind as messages name it. */
export function nameOfKind({ group, kind }: Pick<MissingKind, 'group' | 'kind'>): string {
  return `${kind}.${group}`;
}

/** Objects of one kind that a message names. */
const MOST_NAMES = 5;

function namesOf({ group, kind }: MissingKind, objects: KubeObject[]): string {
  const all = objects.filter((object) => object.kind === kind && groupOf(object.apiVersion) === group);
  const named = all.slice(0, MOST_NAMES).map(({ name }) => name || 'without a name');
  return [...named, ...(all.length > MOST_NAMES ? [`${all.length - MOST_NAMES} more`] : [])].join(', ');
}

/** Groups of OpenShift that have no namespaced kinds: https://docs.redhat.com/en/documentation/openshift_container_platform/4.19/html/api_overview */
const CLUSTER_GROUPS = ['config', 'console', 'oauth', 'project', 'security', 'user'].map(
  (group) => `${group}.openshift.io`,
);
const CLUSTER_KINDS = ['GatewayClass', 'VolumeSnapshotClass', 'ResourceFlavor', 'NodeFeatureRule'];
/** Namespaced, for all their names say. */
const CLUSTERS_IN_NAMESPACES = ['ClusterServiceVersion', 'ClusterLogging', 'ClusterLogForwarder'];

/** Where objects of a kind are, as far as its names tell. ClusterIssuer, ClusterSecretStore: of no namespace. */
function scopeOf(group: string, kind: string): MissingKind['scope'] {
  const isCluster =
    CLUSTER_GROUPS.includes(group) ||
    CLUSTER_KINDS.includes(kind) ||
    (/^Cluster[A-Z]/.test(kind) && !CLUSTERS_IN_NAMESPACES.includes(kind));
  return isCluster ? 'Cluster' : 'Namespaced';
}

/** A definition that takes anything, so that Helm can install the object; no controller acts on it. */
export function stubDefinition({ group, kind, versions, scope }: MissingKind): object {
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
      scope,
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
      if (/no matching resources found/.test(messageOf(error))) return; // there are none
      if (look === LOOKS || !/accessor error/.test(messageOf(error))) throw error;
      await pause(LOOK_MS, signal);
    }
  }
}
