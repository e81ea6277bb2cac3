import { messageOf, RunError } from '../errors.js';
import type { Inputs } from '../inputs.js';
import type { Job } from '../job.js';
import { hostPort, nodeLoss, nodeName, NODE_PORTS, type ClusterPlan } from '../provision/cluster.js';
import { awaitService, nodePortService } from './access.js';
import type { Chart } from './chart.js';
import type { Helm } from './helm.js';
import { refuseShownKey } from './installed.js';
import type { Kubectl } from './kubectl.js';
import type { Rendered } from './render.js';
import { runShell } from '../shell.js';
import { applyManifests, type Manifests } from './manifests.js';
import { awaitDefinitions, nameOfKind, parseApiResources, planStubs, stubDefinition, type StubWish } from './stubs.js';
import type { Values } from './values.js';
import { toObjects, type ServicePort } from './objects.js';
import { imageBehind, pullerPod } from './images.js';
import { watchRollout } from './rollout/watch.js';

/** A chart on its way up. */
export interface Deployment {
  /** URL of what the chart serves, where it serves something that is known. */
  apiUrl: string | undefined;
  uiUrl: string | undefined;
  /** Resolves when every workload is available; rejects as soon as one can not get there. */
  rolledOut: Promise<void>;
  /** How many workloads there are, known when they are rolled out: of none, nothing can be said to be available. */
  workloads?: () => number;
}

/** What the user says of what is there before, and after. */
export interface DeployInputs {
  stubCrds: StubWish;
  /** Paths relative to the workspace, and URLs. */
  preInstallManifests: string[];
  /** For sh, when the chart is installed; empty: there is none. */
  postInstallCommand: string;
}

/** What is deployed, and by what. */
export interface Release {
  cluster: ClusterPlan;
  chart: Chart;
  rendered: Rendered;
  helm: Helm;
  kubectl: Kubectl;
  overlay: Values;
  /** Made before the install: what the wiring needs, and what the user brings. */
  before: object[];
  brought: Manifests;
  /** How long Helm may wait for hooks, in ms. */
  hooksMs: number;
  /** Base URL of the model service that is wired in; undefined where none is. */
  service: string | undefined;
}

/**
 * Installs the chart and opens it to the runner. It returns as soon as that is done: the rollout goes on, watched.
 * @throws RunError of Helm, or of the watcher where it sees first what is wrong
 */
export async function deploy(job: Job, inputs: Inputs, release: Release): Promise<Deployment> {
  const { progress } = job;
  await makeBefore(job, inputs, release);
  await progress.stage('stub CRDs', () => makeStubs(job, inputs, release));
  void queueStackImage(job, release); // it handles its own failure
  const released = progress.stage('release', () => install(job, inputs, release));
  const added = released.then(() => runPostInstall(job, inputs, release.cluster));
  const services = added.then(() => awaitServices(job, release));
  services.catch(() => undefined);
  const installed = services.then(() => undefined); // what the user or an operator makes is watched, too
  const rollout = watch(job, release, { installed, added: inputs.postInstallCommand ? added : undefined });
  const [server, ui] = await unlessBroken(services, rollout.rolledOut);
  return { ...(await progress.stage('access', () => open(job, inputs, { ...release, server, ui }))), ...rollout };
}

async function install(job: Job, inputs: Inputs, release: Release): Promise<void> {
  const { cluster, chart, helm, overlay, hooksMs, rendered, service } = release;
  const { kubeconfig } = cluster;
  await helm.install(chart, { ...inputs, kubeconfig }, overlay, hooksMs);
  // without a service, no key was handed to the chart
  if (service !== undefined) await refuseShownKey(job, inputs, { helm, kubeconfig, rendered: rendered.objects });
}

/** Whoever waits for something of the deployment also waits for this. */
function watch(
  { ports: { commands }, progress, record, signal }: Job,
  { cluster, rendered: { hopOf }, kubectl, service }: Release,
  ends: { installed: Promise<void>; added: Promise<void> | undefined },
): Required<Pick<Deployment, 'rolledOut' | 'workloads'>> {
  const waiting = (forWhat: string) => progress.waiting('rollout', forWhat);
  const lost = () => nodeLoss(cluster.name, commands);
  let workloads = 0;
  const rolledOut = progress.stage('rollout', async () => {
    workloads = await watchRollout({ kubectl, hopOf, service, ...ends, waiting, lost, signal });
    if (workloads) return;
    progress.say('rollout', NO_WORKLOAD);
    record.notes.push(NO_WORKLOAD);
  });
  rolledOut.catch(() => undefined);
  return { rolledOut, workloads: () => workloads };
}

const NO_WORKLOAD = 'no workload: nothing runs in the namespace, so there was none to wait for';

type Opened = Pick<Rendered, 'server' | 'ui'>;

/** Those that the chart does not make itself are waited for. */
async function awaitServices(
  { progress, signal }: Job,
  { rendered: { server, ui }, kubectl }: Release,
): Promise<[Opened['server'], Opened['ui']]> {
  const there = async (service: ServicePort | undefined) => {
    if (!service || service.selector !== undefined) return service;
    progress.waiting('service', `somebody to make the Service ${service.service}`);
    return await progress.stage('service', () => awaitService(service, kubectl, signal));
  };
  return [await there(server), await there(ui)];
}

/** `work`, or the watcher's error where that comes first. */
export async function unlessBroken<T>(work: Promise<T>, rolledOut: Promise<void>): Promise<T> {
  return await Promise.race([work, rolledOut.then(() => work)]);
}

/** The namespace, what the wiring needs, and the user's own manifests, which may want that namespace. */
async function makeBefore(job: Job, inputs: Inputs, { before, brought, rendered, kubectl }: Release): Promise<void> {
  const { progress, signal } = job;
  await progress.stage('wiring', async () => {
    await kubectl.apply([namespaceFor(inputs, rendered), ...before]);
    if (before.flatMap((body) => toObjects(body)).some(({ kind }) => kind === 'Deployment'))
      await awaitAvailable(kubectl);
  });
  if (brought.places.length)
    await progress.stage('pre-install', () => applyManifests(brought, inputs.namespace, kubectl, signal));
}

/** An application may end where it can not reach its model. What does not get available the rollout will tell. */
async function awaitAvailable(kubectl: Kubectl): Promise<void> {
  const wait = ['wait', '--for=condition=Available', '--all', '--timeout=45s', 'deployments'];
  await kubectl.text(...wait).catch(() => undefined);
}

/** A chart that renders its namespace owns it: Helm takes over what says so. https://helm.sh/docs/topics/charts_tips_and_tricks/ */
function namespaceFor({ namespace, release }: Inputs, { objects }: Rendered): object {
  const isOfChart = objects.some(({ kind, name }) => kind === 'Namespace' && name === namespace);
  const owned = {
    labels: { 'app.kubernetes.io/managed-by': 'Helm' },
    annotations: { 'meta.helm.sh/release-name': release, 'meta.helm.sh/release-namespace': namespace },
  };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, ...(isOfChart && owned) } };
}

/** @throws RunError where the user's command fails */
async function runPostInstall(
  job: Job,
  { postInstallCommand, namespace, release }: Inputs,
  { kubeconfig }: ClusterPlan,
): Promise<void> {
  if (!postInstallCommand) return;
  const env = { KUBECONFIG: kubeconfig, NAMESPACE: namespace, RELEASE: release };
  const { code, lines } = await job.progress.stage('post-install', () => runShell(job, postInstallCommand, env));
  if (code === 0) return;
  throw new RunError(
    'E_POST_INSTALL',
    'chart',
    `post-install-command failed with exit code ${code}`,
    'Read its output; what it waits for must come up by itself.',
    { evidence: lines },
  );
}

/** Only a head start: where it fails, the kubelet pulls in its own order. */
async function queueStackImage({ progress }: Job, { cluster, rendered, kubectl }: Release): Promise<void> {
  const image = imageBehind(rendered.server?.selector, rendered.objects);
  if (!image) return;
  await kubectl
    .apply([pullerPod(nodeName(cluster.name), image)])
    .catch((error: unknown) => progress.say('images', messageOf(error)));
}

async function makeStubs({ progress, signal }: Job, inputs: Inputs, { rendered, kubectl }: Release): Promise<void> {
  const served = parseApiResources(await kubectl.text('api-resources', '--no-headers'));
  const missing = planStubs(rendered.objects, served, inputs.stubCrds);
  if (!missing.length) return;
  await kubectl.apply(missing.map(stubDefinition));
  await awaitDefinitions(kubectl, signal);
  progress.say('stub CRDs', `made for ${missing.map(nameOfKind).join(', ')}`);
}

async function open(
  { ports: { commands } }: Job,
  { namespace }: Inputs,
  { cluster, server, ui, kubectl }: Release & Opened,
): Promise<Pick<Deployment, 'apiUrl' | 'uiUrl'>> {
  await kubectl.apply([
    ...(server ? [nodePortService(server, 'api', NODE_PORTS.stack, namespace)] : []),
    ...(ui ? [nodePortService(ui, 'ui', NODE_PORTS.ui, namespace)] : []),
  ]);
  const url = async (nodePort: number) => `http://127.0.0.1:${await hostPort(cluster.name, nodePort, commands)}`;
  return { apiUrl: server && (await url(NODE_PORTS.stack)), uiUrl: ui && (await url(NODE_PORTS.ui)) };
}
