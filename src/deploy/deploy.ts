import { messageOf } from '../errors.js';
import type { Job } from '../job.js';
import { hostPort, nodeLoss, nodeName, NODE_PORTS, type ClusterPlan } from '../provision/cluster.js';
import { nodePortService } from './access.js';
import type { Helm } from './chart.js';
import type { Kubectl } from './kubectl.js';
import type { Rendered } from './render.js';
import { awaitDefinitions, missingKinds, stubDefinition } from './stubs.js';
import type { Values } from './values.js';
import { imageBehind, pullerPod } from './images.js';
import { watchRollout } from './rollout/watch.js';

/** A chart on its way up. */
export interface Deployment {
  /** URL of what the chart serves, where it serves something that is known. */
  apiUrl: string | undefined;
  uiUrl: string | undefined;
  /** Resolves when every workload is available; rejects as soon as one can not get there. */
  rolledOut: Promise<void>;
}

/** What is deployed, and by what. */
export interface Release {
  cluster: ClusterPlan;
  namespace: string;
  rendered: Rendered;
  helm: Helm;
  kubectl: Kubectl;
  overlay: Values;
  /** Made before the install: what the wiring needs. */
  before: object[];
  /** How long Helm may wait for hooks, in ms. */
  hooksMs: number;
  /** Base URL of the model service that is wired in; undefined where none is. */
  service: string | undefined;
}

/**
 * Installs the chart and opens it to the runner. It returns as soon as that is done: the rollout goes on, watched.
 * @throws RunError of Helm, or of the watcher where it sees first what is wrong
 */
export async function deploy(job: Job, release: Release): Promise<Deployment> {
  const { progress, signal } = job;
  const { cluster, rendered, helm, kubectl, overlay, hooksMs, service } = release;
  await progress.stage('stub CRDs', () => makeStubs(job, release));
  void queueStackImage(job, release); // it handles its own failure
  await makeBefore(job, release);
  const installed = progress.stage('release', () => helm.install(cluster.kubeconfig, overlay, hooksMs));
  const waiting = (forWhat: string) => progress.waiting('rollout', forWhat);
  const lost = () => nodeLoss(cluster.name, job.ports.commands);
  const rolledOut = progress.stage('rollout', () =>
    watchRollout({ kubectl, hopOf: rendered.hopOf, service, installed, waiting, lost, signal }),
  );
  rolledOut.catch(() => undefined); // whoever waits for something of the deployment also waits for this
  await unlessBroken(installed, rolledOut);
  return { ...(await progress.stage('access', () => open(job, release))), rolledOut };
}

/** `work`, or the watcher's error where that comes first. */
export async function unlessBroken<T>(work: Promise<T>, rolledOut: Promise<void>): Promise<T> {
  return await Promise.race([work, rolledOut.then(() => work)]);
}

async function makeBefore({ progress }: Job, { before, namespace, kubectl }: Release): Promise<void> {
  if (!before.length) return;
  const ours = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
  await progress.stage('wiring', () => kubectl.apply([ours, ...before]));
}

/** Only a head start: where it fails, the kubelet pulls in its own order. */
async function queueStackImage({ progress }: Job, { cluster, rendered, kubectl }: Release): Promise<void> {
  const image = imageBehind(rendered.server?.selector, rendered.objects);
  if (!image) return;
  await kubectl
    .apply([pullerPod(nodeName(cluster.name), image)])
    .catch((error: unknown) => progress.say('images', messageOf(error)));
}

async function makeStubs({ progress, signal }: Job, { rendered: { objects }, kubectl }: Release): Promise<void> {
  const served = (await kubectl.text('api-versions')).split('\n').map((line) => line.trim());
  const missing = missingKinds(objects, served);
  if (!missing.length) return;
  await kubectl.apply(missing.map(stubDefinition));
  await awaitDefinitions(kubectl, signal);
  progress.say('stub CRDs', `made for ${missing.map(({ kind, group }) => `${kind}.${group}`).join(', ')}`);
}

async function open(
  { ports: { commands } }: Job,
  { cluster, rendered: { server, ui }, kubectl, namespace }: Release,
): Promise<Pick<Deployment, 'apiUrl' | 'uiUrl'>> {
  await kubectl.apply([
    ...(server ? [nodePortService(server, NODE_PORTS.stack, namespace)] : []),
    ...(ui ? [nodePortService(ui, NODE_PORTS.ui, namespace)] : []),
  ]);
  const url = async (nodePort: number) => `http://127.0.0.1:${await hostPort(cluster.name, nodePort, commands)}`;
  return { apiUrl: server && (await url(NODE_PORTS.stack)), uiUrl: ui && (await url(NODE_PORTS.ui)) };
}
