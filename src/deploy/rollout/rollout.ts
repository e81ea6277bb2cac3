import { at, items, member, text } from '../../json.js';
import { ownerOf, type KubeObject } from '../objects.js';
import { containerStates } from './containers.js';
import { EventLog } from './events.js';
import { findTroubles, isDeleted } from './rules.js';
import type { Trouble } from './trouble.js';

export interface Observation {
  /** Every workload is available. */
  ready: boolean;
  /** What is not ready, and why. */
  waitingFor: string;
  /** A container is being made, or its image pulled: what waits for it can not be blamed yet. */
  progressing: boolean;
  troubles: Trouble[];
  /** Workloads that are there: all of none are available, and that says nothing. */
  workloads: number;
}

/** The kinds that `observe` wants to see. */
export const WATCHED_KINDS = 'pods,deployments,replicasets,statefulsets,daemonsets,jobs,persistentvolumeclaims,events';

/** What a look at the namespace says. Pure: time is the watcher's. */
export function observe(all: KubeObject[]): Observation {
  const objects = withoutCronJobs(all).filter((object) => !isPuller(object));
  const events = new EventLog(objects);
  const pods = objects.filter(({ kind, body }) => kind === 'Pod' && !isDeleted(body));
  const pending = objects.filter((object) => !isDeleted(object.body) && !isAvailable(object));
  const notReady = pods.filter((pod) => !isPodDone(pod)).map((pod) => `${pod.name} (${podReason(pod, events)})`);
  const others = pending.filter(({ kind }) => kind !== 'Pod').map(({ kind, name }) => `${kind.toLowerCase()} ${name}`);
  const waitingFor = [...notReady, ...others].join(', ');
  const progressing = pods.some((pod) =>
    containerStates(pod, events).some(({ waiting }) => waiting === 'ContainerCreating'),
  );
  const workloads = objects.filter((object) => isWorkload(object) && !isOurs(object)).length;
  return { ready: pending.length === 0, waitingFor, progressing, troubles: findTroubles(objects, events), workloads };
}

/** Kinds whose objects are waited for until they are available. Their pods, and a Deployment's ReplicaSets, are theirs to make. */
const WORKLOADS = ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job'];

/** Whether an object is waited for itself: pods that stand alone, and what an operator makes, are nobody else's to wait for. */
function isWorkload(object: KubeObject): boolean {
  const isOwned = WORKLOADS.includes(ownerOf(object)?.kind ?? '');
  return [...WORKLOADS, 'Pod'].includes(object.kind) && !(isOwned && ['Pod', 'ReplicaSet'].includes(object.kind));
}

function isOurs({ body }: KubeObject): boolean {
  return at(body, 'metadata', 'labels', 'app.kubernetes.io/managed-by') === 'maas-e2e-action';
}

/** The Pod that this action puts into the namespace default. It may fail: not every image has the command. */
function isPuller(object: KubeObject): boolean {
  return object.kind === 'Pod' && ownerOf(object) === undefined && isOurs(object);
}

/** A run of a CronJob may begin in any rollout, and fail: it is no part of it. */
function withoutCronJobs(objects: KubeObject[]): KubeObject[] {
  const ofCronJob = objects.filter((object) => object.kind === 'Job' && ownerOf(object)?.kind === 'CronJob');
  const jobs = ofCronJob.map(({ name }) => name);
  return objects.filter((object) => {
    const owner = ownerOf(object);
    return owner?.kind !== 'CronJob' && !(owner?.kind === 'Job' && jobs.includes(owner.name));
  });
}

/**
 * Whether a workload has all its replicas available, in its newest form. What another workload owns is for that one to wait for,
 * and a suspended Job waits for somebody else. Other kinds have nothing to wait for.
 */
export function isAvailable(object: KubeObject): boolean {
  const { kind, body } = object;
  if (!isWorkload(object)) return true;
  const status = (name: string) => Number(at(body, 'status', name) ?? 0);
  const current = status('observedGeneration') >= Number(at(body, 'metadata', 'generation') ?? 0);
  const replicas = Number(at(body, 'spec', 'replicas') ?? 1);
  switch (kind) {
    case 'Deployment':
      return current && status('updatedReplicas') >= replicas && status('availableReplicas') >= replicas;
    case 'ReplicaSet':
      return current && status('availableReplicas') >= replicas;
    case 'Pod':
      return isPodDone(object) || (ownerOf(object) !== undefined && at(body, 'status', 'phase') === 'Failed');
    case 'StatefulSet':
      return current && status('readyReplicas') >= replicas;
    case 'DaemonSet':
      return current && status('numberAvailable') >= status('desiredNumberScheduled');
    case 'Job':
      return (
        at(body, 'spec', 'suspend') === true || status('succeeded') >= Number(at(body, 'spec', 'completions') ?? 1)
      );
    default:
      return true;
  }
}

function isPodDone({ body }: KubeObject): boolean {
  const ready = items(at(body, 'status', 'conditions')).find((condition) => member(condition, 'type') === 'Ready');
  return member(ready, 'status') === 'True' || at(body, 'status', 'phase') === 'Succeeded';
}

function podReason(pod: KubeObject, events: EventLog): string {
  const states = containerStates(pod, events);
  const waiting = states.find(({ waiting }) => waiting && waiting !== 'PodInitializing');
  if (waiting) return waiting.waiting;
  const init = items(at(pod.body, 'status', 'initContainerStatuses')).find(
    (status) => at(status, 'state', 'running') !== undefined,
  );
  if (init) return `init container ${text(member(init, 'name'))} runs`;
  return states.some(({ running }) => running)
    ? 'running, not ready'
    : text(at(pod.body, 'status', 'phase')) || 'unknown';
}
