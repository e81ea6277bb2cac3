import { at, items, member, text } from '../json.js';
import type { Hop } from '../errors.js';
import { type KubeObject } from './objects.js';

/** Something that will not heal by waiting. */
export interface Trouble {
  pod: string;
  container: string;
  /** The pod's labels, to tell which part of the application it is. */
  labels: unknown;
  reason: string;
  message: string;
  fix: string;
  /** ms for which it must be seen before it counts; it must also be seen twice. */
  graceMs: number;
}

export interface Observation {
  /** Every workload is available. */
  ready: boolean;
  /** What is not ready, and why. */
  waitingFor: string;
  trouble: Trouble | undefined;
}

/** The kinds that `observe` wants to see. */
export const WATCHED_KINDS = 'pods,deployments,statefulsets,daemonsets,jobs';

/** What a look at the namespace says. Pure: time is the watcher's. */
export function observe(objects: KubeObject[]): Observation {
  const pods = objects.filter(
    ({ kind, body }) => kind === 'Pod' && at(body, 'metadata', 'deletionTimestamp') === undefined,
  );
  const pending = objects.filter((object) => object.kind !== 'Pod' && !isAvailable(object));
  const notReady = pods.filter((pod) => !isPodDone(pod)).map((pod) => `${pod.name} (${podReason(pod)})`);
  const waitingFor = [...notReady, ...pending.map(({ kind, name }) => `${kind.toLowerCase()} ${name}`)].join(', ');
  const trouble = [...pods.flatMap(podTroubles), ...objects.flatMap(jobTroubles)][0];
  return { ready: pending.length === 0, waitingFor, trouble };
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

interface ContainerState {
  name: string;
  waiting: string;
  message: string;
  restarts: number;
  /** How the last run of the container ended: OOMKilled, or its exit code. */
  ended: string;
  running: boolean;
}

function containerStates({ body }: KubeObject): ContainerState[] {
  const all = [
    ...items(at(body, 'status', 'initContainerStatuses')),
    ...items(at(body, 'status', 'containerStatuses')),
  ];
  return all.map((status) => {
    const ended = at(status, 'state', 'terminated') ?? at(status, 'lastState', 'terminated');
    const reason = text(member(ended, 'reason'));
    return {
      name: text(member(status, 'name')),
      waiting: text(at(status, 'state', 'waiting', 'reason')),
      message: text(at(status, 'state', 'waiting', 'message')),
      restarts: Number(member(status, 'restartCount') ?? 0),
      ended: reason === 'OOMKilled' ? reason : ended ? `exit code ${String(member(ended, 'exitCode'))}` : '',
      running: at(status, 'state', 'running') !== undefined,
    };
  });
}

function podReason(pod: KubeObject): string {
  const states = containerStates(pod);
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

/** A registry's answers that asking again does not change. */
const FINAL_PULL_ERROR =
  /not found|manifest unknown|does not exist|denied|unauthorized|invalid reference|toomanyrequests/i;

/** One rule a way of never getting ready. A rule gives reason, message, fix and grace, or nothing. */
type Rule = (state: ContainerState) => Omit<Trouble, 'pod' | 'container' | 'labels'> | undefined;

const CONTAINER_RULES: Rule[] = [
  function imagePull({ waiting, message }) {
    if (waiting !== 'ErrImagePull' && waiting !== 'ImagePullBackOff') return undefined;
    const final = FINAL_PULL_ERROR.test(message);
    const fix = /toomanyrequests/i.test(message)
      ? 'The image registry limits pulls: log in to it, or use a mirror.'
      : 'Check the image name and tag in the values; a private image needs an imagePullSecret.';
    return {
      reason: 'ImagePullBackOff',
      message: message || 'the image can not be pulled',
      fix,
      graceMs: final ? 0 : 15_000,
    };
  },
  function badSpec({ waiting, message }) {
    if (
      !['InvalidImageName', 'CreateContainerConfigError', 'CreateContainerError', 'RunContainerError'].includes(waiting)
    )
      return undefined;
    return {
      reason: waiting,
      message,
      fix: 'Correct what the message names: an image name, a Secret or ConfigMap that is referenced and not there, a command.',
      graceMs: 3000,
    };
  },
  function crashLoop({ waiting, restarts, ended, running }) {
    if (restarts < 2 || running || (waiting !== 'CrashLoopBackOff' && !ended)) return undefined;
    const fix =
      ended === 'OOMKilled'
        ? 'Raise the memory limit of this container in the values.'
        : 'Read the last log lines of the container below.';
    return {
      reason: ended === 'OOMKilled' ? 'OOMKilled' : 'CrashLoopBackOff',
      message: `restarted ${restarts} times, ${ended || 'no exit code'}`,
      fix,
      graceMs: 0,
    };
  },
];

function podTroubles(pod: KubeObject): Trouble[] {
  const labels = at(pod.body, 'metadata', 'labels');
  const scheduled = items(at(pod.body, 'status', 'conditions')).find(
    (condition) => member(condition, 'type') === 'PodScheduled',
  );
  if (member(scheduled, 'reason') === 'Unschedulable') {
    const fix = 'Lower the resource requests in the values, or check node selectors and the claim it waits for.';
    return [
      {
        pod: pod.name,
        container: '',
        labels,
        reason: 'Unschedulable',
        message: text(member(scheduled, 'message')),
        fix,
        graceMs: 15_000,
      },
    ];
  }
  return containerStates(pod).flatMap((state) => {
    const found = CONTAINER_RULES.map((rule) => rule(state)).find((trouble) => trouble !== undefined);
    return found ? [{ pod: pod.name, container: state.name, labels, ...found }] : [];
  });
}

function jobTroubles({ kind, name, body }: KubeObject): Trouble[] {
  const failed =
    kind === 'Job' &&
    items(at(body, 'status', 'conditions')).find(
      (condition) => member(condition, 'type') === 'Failed' && member(condition, 'status') === 'True',
    );
  if (!failed) return [];
  return [
    {
      pod: `job/${name}`,
      container: '',
      labels: {},
      reason: 'JobFailed',
      message: text(member(failed, 'message')),
      fix: "Read the job's last log lines below.",
      graceMs: 0,
    },
  ];
}

/** Log lines that tell that another hop than the crashed container's own is at fault. */
const BLAMES: { pattern: RegExp; hop: Hop; fix: string }[] = [
  {
    pattern:
      /could not connect to PGVector|connection to server at .* port 5432 failed|could not translate host name .* to address/i,
    hop: 'vector store',
    fix: 'The stack can not reach its vector database: check that its pods run (replicas), and its host, port, user and password.',
  },
];

/** The hop that the last log lines of a crashed container accuse, if they accuse another. */
export function blamedByLog(lines: string[]): { hop: Hop; fix: string; line: string } | undefined {
  for (const { pattern, hop, fix } of BLAMES) {
    const line = lines.findLast((candidate) => pattern.test(candidate));
    if (line) return { hop, fix, line: line.trim() };
  }
  return undefined;
}
