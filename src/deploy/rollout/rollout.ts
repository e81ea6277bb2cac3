import { at, items, member, text } from '../../json.js';
import type { KubeObject } from '../objects.js';
import { containerStates } from './containers.js';
import { EventLog } from './events.js';
import { findTroubles, isDeleted } from './rules.js';
import type { Trouble } from './trouble.js';

export interface Observation {
  /** Every workload is available. */
  ready: boolean;
  /** What is not ready, and why. */
  waitingFor: string;
  troubles: Trouble[];
}

/** The kinds that `observe` wants to see. */
export const WATCHED_KINDS = 'pods,deployments,replicasets,statefulsets,daemonsets,jobs,persistentvolumeclaims,events';

/** What a look at the namespace says. Pure: time is the watcher's. */
export function observe(objects: KubeObject[]): Observation {
  const events = new EventLog(objects);
  const pods = objects.filter(({ kind, body }) => kind === 'Pod' && !isDeleted(body));
  const pending = objects.filter((object) => object.kind !== 'Pod' && !isAvailable(object));
  const notReady = pods.filter((pod) => !isPodDone(pod)).map((pod) => `${pod.name} (${podReason(pod, events)})`);
  const waitingFor = [...notReady, ...pending.map(({ kind, name }) => `${kind.toLowerCase()} ${name}`)].join(', ');
  return { ready: pending.length === 0, waitingFor, troubles: findTroubles(objects, events) };
}

/** Whether a workload has all its replicas available, in its newest form. Other kinds have nothing to wait for. */
export function isAvailable({ kind, body }: KubeObject): boolean {
  const status = (name: string) => Number(at(body, 'status', name) ?? 0);
  const current = status('observedGeneration') >= Number(at(body, 'metadata', 'generation') ?? 0);
  const replicas = Number(at(body, 'spec', 'replicas') ?? 1);
  switch (kind) {
    case 'Deployment':
      return current && status('updatedReplicas') >= replicas && status('availableReplicas') >= replicas;
    case 'StatefulSet':
      return current && status('readyReplicas') >= replicas;
    case 'DaemonSet':
      return current && status('numberAvailable') >= status('desiredNumberScheduled');
    case 'Job':
      return status('succeeded') >= Number(at(body, 'spec', 'completions') ?? 1);
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
