import { RunError } from '../errors.js';
import { at, isRecord, items, member, text } from '../json.js';
import { containersOf, podSpecOf, type KubeObject } from './objects.js';
import { groupOf, KUBERNETES, type MissingKind } from './stubs.js';

/** What is known of what the pods of a chart will find in the cluster, beside the render. */
export interface ReferenceContext {
  /** Of the release: where an object is that says nothing else. */
  namespace: string;
  /** Made by this action before the install. */
  before: KubeObject[];
  /** Made by others before or beside it, as far as it can be read: manifests of the workspace. */
  others: KubeObject[];
  /** Kinds that are stubs: nothing acts on their objects. */
  stubs: Pick<MissingKind, 'group' | 'kind'>[];
  /** There is more that can not be read: manifests by URL, a command after the install. */
  madeElsewhere: boolean;
}

/** A Secret or ConfigMap, or keys of one, without which a container does not start. */
export interface ReferenceFinding {
  /** Such as "Deployment rag". */
  workload: string;
  container: string;
  kind: DataKind;
  name: string;
  /** Those that it lacks; all that are asked of it where it is not there at all. Empty where it is taken as a whole. */
  keys: string[];
  /** A relative clause: "which nothing makes". */
  why: string;
}

/** `errors`: the container can not start. `notes`: something may still make what it needs. */
export interface References {
  errors: ReferenceFinding[];
  notes: ReferenceFinding[];
}

type DataKind = 'Secret' | 'ConfigMap';

/**
 * References of pods to Secrets and ConfigMaps that lead nowhere. A kubelet waits for what is missing for ever, and says
 * so only when the image is there: https://kubernetes.io/docs/concepts/configuration/secret/#restriction-secret-must-exist
 */
export function missingReferences(objects: KubeObject[], context: ReferenceContext): References {
  const world = { ...context, all: [...objects.filter(isInstalled), ...context.before, ...context.others] };
  const found = objects.filter(isStarted).flatMap((workload) => {
    const needs = namespaceOf(workload, world).startsWith('kube-') ? [] : needsOf(podSpecOf(workload)); // Kind's own are there
    return needs.flatMap((need) => judge(workload, need, world) ?? []);
  });
  const those = (isCertain: boolean) =>
    found.filter((one) => one.isCertain === isCertain).map(({ finding }) => finding);
  return { errors: those(true), notes: those(false) };
}

/** Findings that a message names. */
const MOST = 5;

export function referenceError(findings: ReferenceFinding[]): RunError {
  const lines = findings.map(describeReference);
  const more = lines.length > MOST ? [`and ${lines.length - MOST} more`] : [];
  const isOfSecrets = findings.some(({ kind }) => kind === 'Secret');
  return new RunError(
    'E_REFERENCE',
    'chart',
    `containers of the chart can not start: ${[...lines.slice(0, MOST), ...more].join('; ')}`,
    isOfSecrets
      ? 'Let the values make it, or name one that is there (existingSecret); or make it by pre-install-manifests. Where it is to hold the key of the model service, secret-name and secret-keys make it.'
      : 'Correct the name in the values, or make the ConfigMap by pre-install-manifests.',
    { evidence: more.length ? lines : [] },
  );
}

/** Such as "Deployment rag, container app, needs Secret llm-creds (key api-key), which nothing makes". */
export function describeReference({ workload, container, kind, name, keys, why }: ReferenceFinding): string {
  const asked = keys.length ? ` (${keys.length > 1 ? 'keys' : 'key'} ${keys.join(', ')})` : '';
  return `${workload}, container ${container}, needs ${kind} ${name}${asked}, ${why}`;
}

/** Whether a first install makes an object: hooks of other events, and of tests, come to nothing. https://helm.sh/docs/topics/charts_hooks/ */
export function isInstalled({ body }: KubeObject): boolean {
  const hook = text(at(body, 'metadata', 'annotations', 'helm.sh/hook'));
  return !hook || hook.split(',').some((event) => ['pre-install', 'post-install'].includes(event.trim()));
}

/** Whether an install starts pods of a workload, at once or by its schedule. */
export function isStarted(object: KubeObject): boolean {
  const { body } = object;
  const isAsleep = at(body, 'spec', 'replicas') === 0 || at(body, 'spec', 'suspend') === true;
  return podSpecOf(object) !== undefined && isInstalled(object) && !isAsleep;
}

interface World extends ReferenceContext {
  /** All objects that are there, or will be. */
  all: KubeObject[];
}

function namespaceOf({ body }: KubeObject, { namespace }: Pick<World, 'namespace'>): string {
  return text(at(body, 'metadata', 'namespace')) || namespace;
}

/** What a container asks of one object. */
interface Need {
  container: string;
  kind: DataKind;
  name: string;
  keys: string[];
}

/** What the containers of a pod can not start without, once each. */
function needsOf(podSpec: unknown): Need[] {
  const containers = containersOf(podSpec);
  const all = [
    ...containers.flatMap(ofEnvironment),
    ...items(member(podSpec, 'volumes')).flatMap(ofVolume(containers)),
  ];
  const merged = new Map<string, Need>();
  for (const need of all.filter(({ name }) => name)) {
    const id = [need.container, need.kind, need.name].join('/');
    const keys = [...(merged.get(id)?.keys ?? []), ...need.keys.filter(Boolean)];
    merged.set(id, { ...need, keys: [...new Set(keys)] });
  }
  return [...merged.values()];
}

function ofEnvironment(container: unknown): Need[] {
  const name = text(member(container, 'name'));
  const one = (kind: DataKind, reference: unknown, keys: unknown[]): Need[] =>
    reference === undefined || member(reference, 'optional') === true
      ? []
      : [{ container: name, kind, name: text(member(reference, 'name')), keys: keys.map(text) }];
  const single = (kind: DataKind, reference: unknown) => one(kind, reference, [member(reference, 'key')]);
  return [
    ...items(member(container, 'env')).flatMap((variable) => [
      ...single('Secret', at(variable, 'valueFrom', 'secretKeyRef')),
      ...single('ConfigMap', at(variable, 'valueFrom', 'configMapKeyRef')),
    ]),
    ...items(member(container, 'envFrom')).flatMap((source) => [
      ...one('Secret', member(source, 'secretRef'), []),
      ...one('ConfigMap', member(source, 'configMapRef'), []),
    ]),
  ];
}

/**
 * What a volume is made of; nothing where no container mounts it, as the kubelet has it:
 * https://github.com/kubernetes/kubernetes/blob/v1.34.0/pkg/kubelet/volumemanager/populator/desired_state_of_world_populator.go
 */
function ofVolume(containers: unknown[]): (volume: unknown) => Need[] {
  return (volume) => {
    const user = containers.find((container) =>
      items(member(container, 'volumeMounts')).some((mount) => member(mount, 'name') === member(volume, 'name')),
    );
    if (user === undefined) return [];
    const container = text(member(user, 'name'));
    return [volume, ...items(at(volume, 'projected', 'sources'))].flatMap((source) =>
      (['Secret', 'ConfigMap'] as const).flatMap((kind) => {
        const part = member(source, kind === 'Secret' ? 'secret' : 'configMap');
        if (!isRecord(part) || part['optional'] === true) return [];
        const keys = items(part['items']).map((item) => text(member(item, 'key')));
        return [{ container, kind, name: text(part['secretName']) || text(part['name']), keys }];
      }),
    );
  };
}

/** What is wrong with a need, if anything, and whether that is certain. */
function judge(
  workload: KubeObject,
  need: Need,
  world: World,
): { finding: ReferenceFinding; isCertain: boolean } | undefined {
  const { kind, name } = need;
  if (kind === 'ConfigMap' && name === 'kube-root-ca.crt') return undefined; // in every namespace
  const of = world.all.filter((object) => object.kind === kind && object.name === name);
  const there = of.filter((object) => namespaceOf(object, world) === namespaceOf(workload, world));
  const keys = there.length ? need.keys.filter((key) => !there.some((object) => hasKey(object, key))) : need.keys;
  if (there.length && !keys.length) return undefined;
  const known = absentMaker(need, world) ?? absentFiller(there);
  const maker = known === undefined ? possibleMaker(kind, there.length > 0, world) : undefined;
  const doubts = [
    ...(world.madeElsewhere
      ? ['unless something outside of the chart does']
      : maker
        ? [`unless ${maker} is for that`]
        : []),
    ...(workload.kind === 'CronJob' ? ['when its schedule starts it'] : []),
  ];
  const why = known ?? (there.length ? heldBy(there) : elsewhere(of, world));
  return {
    finding: { workload: `${workload.kind} ${workload.name}`, ...need, keys, why: [why, ...doubts].join(', ') },
    isCertain: !doubts.length,
  };
}

function hasKey({ kind, body }: KubeObject, key: string): boolean {
  // https://kubernetes.io/docs/concepts/configuration/secret/#serviceaccount-token-secrets: it is filled once it is there
  if (kind === 'Secret' && body['type'] === 'kubernetes.io/service-account-token') return true;
  return keysOf(body).includes(key);
}

function keysOf(body: Record<string, unknown>): string[] {
  return ['data', 'stringData', 'binaryData'].flatMap((part) => Object.keys(body[part] ?? {}));
}

/** Names only: what is in a Secret is nobody's business here. */
function heldBy(objects: KubeObject[]): string {
  const keys = objects.flatMap(({ body }) => keysOf(body));
  return keys.length ? `which has only ${keys.slice(0, 2 * MOST).join(', ')}` : 'which is empty';
}

function elsewhere(objects: KubeObject[], world: World): string {
  const [other] = objects;
  return other ? `which is only in namespace ${namespaceOf(other, world)}` : 'which nothing makes';
}

/** Kinds whose controllers make a Secret, and of which name; by default that of the object. */
const MAKERS: Record<string, (spec: unknown, name: string) => unknown[]> = {
  // https://external-secrets.io/latest/api/externalsecret/
  ExternalSecret: (spec) => [at(spec, 'target', 'name')],
  ClusterExternalSecret: (spec) => [at(spec, 'externalSecretSpec', 'target', 'name'), at(spec, 'externalSecretName')],
  // https://github.com/bitnami-labs/sealed-secrets
  SealedSecret: (spec) => [at(spec, 'template', 'metadata', 'name')],
  // https://cert-manager.io/docs/usage/certificate/
  Certificate: (spec) => [at(spec, 'secretName')],
  // https://developer.1password.com/docs/k8s/operator/
  OnePasswordItem: () => [],
  // https://developer.hashicorp.com/vault/docs/deploy/kubernetes/vso
  VaultStaticSecret: (spec) => [at(spec, 'destination', 'name')],
  VaultDynamicSecret: (spec) => [at(spec, 'destination', 'name')],
  // https://infisical.com/docs/integrations/platforms/kubernetes/overview
  InfisicalSecret: (spec) => [at(spec, 'managedSecretReference', 'secretName')],
  // https://secrets-store-csi-driver.sigs.k8s.io/topics/sync-as-kubernetes-secret
  SecretProviderClass: (spec) => items(at(spec, 'secretObjects')).map((one) => at(one, 'secretName')),
  // a bucket's Secret and ConfigMap: https://github.com/kube-object-storage/lib-bucket-provisioner
  ObjectBucketClaim: () => [],
  // https://github.com/opendatahub-io/data-science-pipelines-operator
  DataSciencePipelinesApplication: (_, name) => [`ds-pipeline-s3-${name}`],
};

/** What would make an object elsewhere and does not here: a stub, or a Service of which OpenShift takes notice. */
function absentMaker({ kind, name }: Need, world: World): string | undefined {
  const stub = world.all.find((object) => {
    const made = MAKERS[object.kind]?.(object.body['spec'], object.name).map(text).filter(Boolean);
    if (!made || !isStub(object, world) || (kind === 'ConfigMap' && object.kind !== 'ObjectBucketClaim')) return false;
    return made.length ? made.includes(name) : object.name === name;
  });
  if (stub) return `which would be made by ${stub.kind} ${stub.name}, whose controller is not there`;
  // https://docs.redhat.com/en/documentation/openshift_container_platform/4.19/html/security_and_compliance/configuring-certificates
  const service = world.all.find(({ kind: of, body }) =>
    ['beta', 'alpha'].some(
      (stage) =>
        of === 'Service' &&
        at(body, 'metadata', 'annotations', `service.${stage}.openshift.io/serving-cert-secret-name`) === name,
    ),
  );
  return kind === 'Secret' && service ? `which OpenShift would make for Service ${service.name}` : undefined;
}

/** Certificates that OpenShift puts into a ConfigMap which asks for them. */
function absentFiller(objects: KubeObject[]): string | undefined {
  const asks = objects.some(
    ({ body }) =>
      at(body, 'metadata', 'annotations', 'service.beta.openshift.io/inject-cabundle') !== undefined ||
      at(body, 'metadata', 'labels', 'config.openshift.io/inject-trusted-cabundle') !== undefined,
  );
  return asks ? 'which OpenShift would fill' : undefined;
}

function isStub({ apiVersion, kind }: KubeObject, { stubs }: World): boolean {
  return stubs.some((stub) => stub.kind === kind && stub.group === groupOf(apiVersion));
}

/** Roles that every cluster has and that may make both: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles */
const POWERFUL = ['cluster-admin', 'admin', 'edit'];

/** What in the chart may make an object, or the keys that it lacks, when it runs: a Role that allows it, or a controller. */
function possibleMaker(kind: DataKind, isThere: boolean, world: World): string | undefined {
  const verbs = ['create', '*', ...(isThere ? ['update', 'patch'] : [])];
  const allows = (body: unknown) =>
    items(member(body, 'rules')).some((rule) => {
      const has = (list: string, ...any: string[]) => items(member(rule, list)).some((one) => any.includes(text(one)));
      return has('verbs', ...verbs) && has('resources', '*', `${kind.toLowerCase()}s`) && has('apiGroups', '*', '');
    });
  const maker = world.all.find((object) => {
    if (/^(Cluster)?Role$/.test(object.kind)) return allows(object.body);
    if (/^(Cluster)?RoleBinding$/.test(object.kind)) return bindsPower(object, world);
    return !KUBERNETES(groupOf(object.apiVersion), object.kind) && !isStub(object, world);
  });
  return maker && `${maker.kind} ${maker.name}`;
}

function bindsPower({ body }: KubeObject, { all }: World): boolean {
  const role = text(at(body, 'roleRef', 'name'));
  const isOfCluster = !all.some(({ kind, name }) => kind === 'ClusterRole' && name === role);
  return at(body, 'roleRef', 'kind') === 'ClusterRole' && POWERFUL.includes(role) && isOfCluster;
}
