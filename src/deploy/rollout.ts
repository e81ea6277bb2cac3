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
  troubles: Trouble[];
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
  const troubles = [...pods.flatMap(podTroubles), ...objects.flatMap(jobTroubles)];
  return { ready: pending.length === 0, waitingFor, troubles };
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
  ready: boolean;
  init: boolean;
  /** Its readiness probe, as the pod declares it. */
  probe: string;
}

function containerStates({ body }: KubeObject): ContainerState[] {
  const inits = items(at(body, 'status', 'initContainerStatuses')).map((status) => readState(status, true, ''));
  const specs = items(at(body, 'spec', 'containers'));
  const mains = items(at(body, 'status', 'containerStatuses')).map((status) => {
    const spec = specs.find((container) => member(container, 'name') === member(status, 'name'));
    return readState(status, false, JSON.stringify(member(spec, 'readinessProbe') ?? {}));
  });
  return [...inits, ...mains];
}

function readState(status: unknown, init: boolean, probe: string): ContainerState {
  const ended = at(status, 'state', 'terminated') ?? at(status, 'lastState', 'terminated');
  const reason = text(member(ended, 'reason'));
  return {
    name: text(member(status, 'name')),
    waiting: text(at(status, 'state', 'waiting', 'reason')),
    message: text(at(status, 'state', 'waiting', 'message')),
    restarts: Number(member(status, 'restartCount') ?? 0),
    ended: reason === 'OOMKilled' ? reason : ended ? `exit code ${String(member(ended, 'exitCode'))}` : '',
    running: at(status, 'state', 'running') !== undefined,
    ready: member(status, 'ready') === true,
    init,
    probe,
  };
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

/** The kubelet waits 10 s, then 20 s, before it pulls again, and a pull of a large image takes its time. */
const PULL_GRACE_MS = 180_000;
const UNSCHEDULABLE_GRACE_MS = 15_000;
/** A node that kind has just made is not ready before its network is. */
const NODE_START_GRACE_MS = 120_000;
/** An init container that waits for something waits for ever; a probe that fails for this long will go on to. */
const INIT_GRACE_MS = 180_000;
const NEVER_READY_GRACE_MS = 300_000;

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
      graceMs: final ? 0 : PULL_GRACE_MS,
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
    const failed = waiting === 'CrashLoopBackOff' || (ended !== '' && ended !== 'exit code 0');
    if (restarts < 2 || running || !failed) return undefined;
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
  function initStuck({ init, running, ready }) {
    if (!init || !running || ready) return undefined; // a sidecar runs on, and is ready
    const fix = 'It waits for something that does not come: read its last log lines below.';
    return { reason: 'InitContainerStuck', message: 'the init container does not end', fix, graceMs: INIT_GRACE_MS };
  },
  function neverReady({ init, running, ready, probe }) {
    if (init || !running || ready) return undefined;
    const fix =
      "Read the container's last log lines below; if it only needs longer to start, raise its probe's limits.";
    return {
      reason: 'NeverReady',
      message: `its readiness probe keeps failing: ${probe}`,
      fix,
      graceMs: NEVER_READY_GRACE_MS,
    };
  },
];

function podTroubles(pod: KubeObject): Trouble[] {
  const labels = at(pod.body, 'metadata', 'labels');
  const scheduled = items(at(pod.body, 'status', 'conditions')).find(
    (condition) => member(condition, 'type') === 'PodScheduled',
  );
  if (member(scheduled, 'reason') === 'Unschedulable') {
    const message = text(member(scheduled, 'message'));
    const fix = 'Lower the resource requests in the values, or check node selectors and the claim it waits for.';
    const graceMs = /untolerated taint|not-ready/.test(message) ? NODE_START_GRACE_MS : UNSCHEDULABLE_GRACE_MS;
    return [
      {
        pod: pod.name,
        container: '',
        labels,
        reason: 'Unschedulable',
        message,
        fix,
        graceMs,
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
