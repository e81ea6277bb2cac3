import { RunError } from '../errors.js';
import { at, items, text } from '../json.js';
import type { DeployInputs } from './deploy.js';
import { takes } from './hops.js';
import type { Manifests } from './manifests.js';
import { podLabelsOf, podSpecOf, type KubeObject, type ServicePort } from './objects.js';
import { operatorOf } from './operators.js';
import type { ChartInputs } from './chart.js';
import { describeImage, imageError, unpullable } from './pullable.js';
import { describeReference, isInstalled, isStarted, missingReferences, referenceError } from './references.js';
import type { Rendered, ServerInputs } from './render.js';
import { definedBy, groupOf, KUBERNETES, missingKinds, nameOfKind, planStubs, type MissingKind } from './stubs.js';

/** What a look at the render needs of the inputs. */
type PreflightInputs = DeployInputs &
  Pick<ServerInputs, 'apiService' | 'uiService'> &
  Pick<ChartInputs, 'namespace' | 'valuesFiles'>;

/**
 * What can be known of a deployment before there is a cluster.
 * @returns what may go wrong, in sentences
 * @throws RunError for what can not come up
 */
export function preflight(
  { objects, wired, server, ui }: Rendered,
  stubs: MissingKind[],
  brought: Manifests,
  inputs: PreflightInputs,
): string[] {
  refuseNothing(objects, stubs, brought, inputs);
  const madeElsewhere = isMadeElsewhere(brought, inputs);
  const { namespace } = inputs;
  const known = { namespace, before: wired.before, others: brought.objects, stubs, madeElsewhere };
  const references = missingReferences(objects, known);
  if (references.errors.length) throw referenceError(references.errors);
  const images = unpullable([...objects, ...wired.before], inputs.postInstallCommand !== '');
  if (images.errors.length) throw imageError(images.errors, inputs.valuesFiles);
  const othersMayMake = mayBeMade(objects, stubs, brought, inputs);
  if (inputs.apiService) refuseEmpty('api-service', server, objects, othersMayMake);
  if (inputs.uiService) refuseEmpty('ui-service', ui, objects, othersMayMake);
  for (const service of [server, ui]) refuseForeign(service, namespace);
  return [
    ...(stubs.length
      ? [`stub definitions for ${stubs.map(nameOfKind).join(', ')}: nothing acts on these objects`]
      : []),
    ...objects
      .filter(limitsIngress)
      .map(({ name }) => `NetworkPolicy ${name} may keep out this runner, which comes from outside of the cluster`),
    ...objects
      .filter(isSuspended)
      .map(({ name }) => `Job ${name} is suspended: it is neither waited for nor tested, whatever else is`),
    ...elsewhere(objects, { namespace, madeElsewhere, made: [...objects, ...brought.objects] }),
    ...references.notes.map(describeReference),
    ...images.notes.map(describeImage),
  ];
}

/** https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation */
function limitsIngress({ kind, body }: KubeObject): boolean {
  const types = at(body, 'spec', 'policyTypes');
  return kind === 'NetworkPolicy' && (types === undefined || items(types).includes('Ingress'));
}

/** https://kubernetes.io/docs/concepts/workloads/controllers/job/#suspending-a-job */
function isSuspended(object: KubeObject): boolean {
  return object.kind === 'Job' && isInstalled(object) && at(object.body, 'spec', 'suspend') === true;
}

/** @throws RunError where nothing of the chart would run: neither a workload, nor what somebody may make one of */
function refuseNothing(
  objects: KubeObject[],
  stubs: MissingKind[],
  { unseen, objects: brought }: Manifests,
  { postInstallCommand }: DeployInputs,
): void {
  const isActedOn = postInstallCommand !== '' || brought.some(isStarted);
  const mayRun = (object: KubeObject) =>
    isStarted(object) || (isActedOn && isForeign(object) && !isStub(object, stubs));
  if (unseen || objects.some(mayRun)) return;
  throw new RunError(
    'E_NO_STACK',
    'chart',
    `the chart renders ${objects.length} objects and no workload: nothing would run`,
    'Check the values: they switch everything off; or the input chart.',
  );
}

/** @throws RunError for a Service that the runner could not be led to */
function refuseForeign(service: ServicePort | undefined, namespace: string): void {
  if (!service?.namespace || service.namespace === namespace) return;
  throw new RunError(
    'E_INPUT',
    'inputs',
    `input namespace is ${namespace}, and the chart has the Service ${service.service} in the namespace ${service.namespace}`,
    `Set namespace to ${service.namespace}, or let the values leave it to the release.`,
  );
}

/**
 * Workloads in other namespaces than the release's are not watched; where nothing makes that namespace, Helm can not install them.
 * @throws RunError for a namespace that there will not be
 */
function elsewhere(
  objects: KubeObject[],
  { namespace, madeElsewhere, made }: { namespace: string; madeElsewhere: boolean; made: KubeObject[] },
): string[] {
  const others = objects.flatMap((object) => {
    const own = text(at(object.body, 'metadata', 'namespace'));
    return podSpecOf(object) !== undefined && own && own !== namespace ? [{ object, own }] : [];
  });
  const there = ['default', 'kube-system', 'kube-public', 'kube-node-lease', 'local-path-storage'];
  const namespaces = made.filter(({ kind }) => kind === 'Namespace').map(({ name }) => name);
  const lost = others.find(({ own }) => !madeElsewhere && ![...there, ...namespaces].includes(own));
  if (lost)
    throw new RunError(
      'E_INPUT',
      'inputs',
      `input namespace is ${namespace}, and the chart has ${lost.object.kind} ${lost.object.name} in the namespace ${lost.own}, which nothing makes`,
      `Set namespace to ${lost.own}, or let the values leave it to the release.`,
    );
  return others.map(
    ({ object: { kind, name }, own }) =>
      `${kind} ${name} is in the namespace ${own}: only what is in ${namespace} is watched and waited for`,
  );
}

/** Whether objects may come to be of which nobody has seen anything. */
function isMadeElsewhere({ unseen }: Manifests, { postInstallCommand }: DeployInputs): boolean {
  return unseen || postInstallCommand !== '';
}

/** Whether Services and pods may come to be that are not in the render: by the user, or by an operator. */
export function mayBeMade(
  objects: KubeObject[],
  stubs: MissingKind[],
  brought: Manifests,
  inputs: DeployInputs,
): boolean {
  return isMadeElsewhere(brought, inputs) || objects.some((object) => isForeign(object) && !isStub(object, stubs));
}

/**
 * The stubs that a cluster will need of which only that is known what the user's own manifests bring. Where these can not be
 * read, what an operator would make is left to the cluster's real kinds.
 * @throws RunError for kinds that must not be stubbed
 */
export function stubsAhead(
  objects: KubeObject[],
  { objects: own, unseen }: Manifests,
  wish: DeployInputs['stubCrds'],
): MissingKind[] {
  const defined = definedBy(own);
  const served = (group: string, kind: string) =>
    KUBERNETES(group, kind) || defined(group, kind) || (unseen && operatorOf(group, kind) !== undefined);
  return unseen && wish !== 'auto' ? missingKinds(objects, served) : planStubs(objects, served, wish);
}

/** @throws RunError where an input names a Service that no pod of the chart stands behind */
function refuseEmpty(
  input: string,
  service: ServicePort | undefined,
  objects: KubeObject[],
  othersMayMake: boolean,
): void {
  if (!service || othersMayMake || objects.some((object) => isBehind(service, object))) return;
  const { service: name, selector } = service;
  throw new RunError(
    'E_INPUT',
    'inputs',
    `input ${input} names ${name}, and no pod of the chart has the labels that it selects: ${JSON.stringify(selector)}`,
    'Switch its workload on in the values, or name another Service.',
  );
}

/** Nobody acts on it. */
function isStub({ apiVersion, kind }: KubeObject, stubs: MissingKind[]): boolean {
  return stubs.some((stub) => stub.kind === kind && stub.group === groupOf(apiVersion));
}

/** Of a kind that is none of Kubernetes' own. */
function isForeign({ apiVersion, kind }: KubeObject): boolean {
  return !KUBERNETES(groupOf(apiVersion), kind);
}

function isBehind({ selector }: ServicePort, object: KubeObject): boolean {
  return podLabelsOf(object).some((labels) => takes(selector, labels));
}
