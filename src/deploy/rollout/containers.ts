import { at, items, member, text } from '../../json.js';
import { ownerOf, type KubeObject } from '../objects.js';
import type { EventLog } from './events.js';
import type { Finding } from './trouble.js';

export interface ContainerState {
  name: string;
  waiting: string;
  message: string;
  restarts: number;
  /** How the last run of the container ended: OOMKilled, or its exit code. */
  ended: string;
  running: boolean;
  ready: boolean;
  /** It must end before the others begin: an init container that is no sidecar. */
  init: boolean;
  /** Its pod is that of a Job, which counts its failures itself. */
  ofJob: boolean;
  /** ms that its probes give it to start, as far as the pod declares it. */
  startMs: number;
  /** Its readiness probe, as the pod declares it. */
  probe: string;
  /** What its probes said last, such as "Readiness probe failed: …"; empty where none failed. */
  probeSaid: string;
  /** ms between two readiness probes: https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/ */
  probePeriodMs: number;
}

/** The containers of a pod, those of initialisation first. */
export function containerStates(pod: KubeObject, events: EventLog): ContainerState[] {
  const { body } = pod;
  const read = (list: string, statuses: string) =>
    items(at(body, 'status', statuses)).map((status) => {
      const name = text(member(status, 'name'));
      const spec = items(at(body, 'spec', list)).find((container) => member(container, 'name') === name);
      const readiness = member(spec, 'readinessProbe') ?? {};
      return {
        ...readState(status),
        init: list === 'initContainers' && member(spec, 'restartPolicy') !== 'Always',
        ofJob: ownerOf(pod)?.kind === 'Job',
        startMs: Math.max(...['startupProbe', 'readinessProbe'].map((probe) => patienceMs(member(spec, probe)))),
        probe: JSON.stringify(readiness),
        probeSaid: events.last(pod, 'Unhealthy', name) ?? '',
        probePeriodMs: Number(member(readiness, 'periodSeconds') ?? 10) * 1000,
      };
    });
  return [...read('initContainers', 'initContainerStatuses'), ...read('containers', 'containerStatuses')];
}

/** ms until a probe that only fails counts as failed, by its own settings. */
function patienceMs(probe: unknown): number {
  if (probe === undefined) return 0;
  const setting = (name: string, otherwise: number) => Number(member(probe, name) ?? otherwise);
  return (setting('initialDelaySeconds', 0) + setting('failureThreshold', 3) * setting('periodSeconds', 10)) * 1000;
}

type Status = Pick<ContainerState, 'name' | 'waiting' | 'message' | 'restarts' | 'ended' | 'running' | 'ready'>;

function readState(status: unknown): Status {
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
  };
}

/** The kubelet waits 10 s, then 20 s, before it pulls again, and a pull of a large image takes its time. */
const PULL_GRACE_MS = 180_000;
/** An init container that waits for something waits for ever; a probe that fails for this long will go on to. */
const INIT_GRACE_MS = 180_000;
const INIT_CRASH_GRACE_MS = 60_000;
const NEVER_READY_GRACE_MS = 300_000;
/** A server that listens and says 404 to its probe has started; some load their routes after they listen. At least one more
 * probe must say it. */
const WRONG_ANSWER_GRACE_MS = 20_000;
const PROBE_TIME_MS = 3000;

/** A registry's answers that asking again does not change. */
const FINAL_PULL_ERROR =
  /not found|manifest unknown|does not exist|denied|unauthorized|invalid reference|toomanyrequests/i;

/** What a kubelet on a busy node says, and heals itself. */
const BUSY = /deadline exceeded|failed to reserve|unavailable|try again/i;

/** ms: a hook or a controller may still make what is missing; what containerd says of a command is final. */
function specGraceMs(waiting: string, message: string): number {
  if (BUSY.test(message)) return 120_000;
  if (waiting === 'InvalidImageName') return 3000;
  if (waiting === 'CreateContainerConfigError') return 12_000;
  return waiting === 'CreateContainerError' || waiting === 'RunContainerError' ? 10_000 : 180_000;
}

type Rule = (state: ContainerState) => Finding | undefined;

/** One rule a way of never getting ready; the first that finds something counts. */
const RULES: Rule[] = [
  function imagePull({ waiting, message }) {
    if (!['ErrImagePull', 'ImagePullBackOff', 'ErrImageNeverPull'].includes(waiting)) return undefined;
    const limited = /toomanyrequests/i.test(message);
    return {
      code: limited ? 'E_REGISTRY_LIMIT' : 'E_IMAGE_PULL',
      reason: 'ImagePullBackOff',
      message: message || 'the image can not be pulled',
      fix: limited
        ? 'The image registry limits pulls: log in to it, or use a mirror.'
        : 'Check the image name and tag in the values; a private image needs an imagePullSecret.',
      graceMs: waiting === 'ErrImageNeverPull' || FINAL_PULL_ERROR.test(message) ? 0 : PULL_GRACE_MS,
    };
  },
  function badSpec({ waiting, message }) {
    if (['', 'ContainerCreating', 'PodInitializing', 'CrashLoopBackOff'].includes(waiting)) return undefined;
    return {
      code: waiting === 'InvalidImageName' ? 'E_IMAGE_NAME' : 'E_CONTAINER_CONFIG',
      reason: waiting,
      message,
      fix: 'Correct what the message names: an image name, a Secret or ConfigMap that is referenced and not there, a command.',
      graceMs: specGraceMs(waiting, message),
    };
  },
  function outOfMemory({ ended, restarts, running, ofJob }) {
    // the limit is the same at every start: a second time tells enough
    if (ended !== 'OOMKilled' || restarts < 1 || running || ofJob) return undefined;
    const fix = 'Raise the memory limit of this container in the values.';
    return { code: 'E_OOM_KILLED', reason: 'OOMKilled', message: restarted(restarts, ended), fix, graceMs: 0 };
  },
  function crashLoop({ waiting, restarts, ended, running, probeSaid, init, ofJob }) {
    const failed = waiting === 'CrashLoopBackOff' || (ended !== '' && ended !== 'exit code 0');
    if (restarts < 2 || running || !failed || ofJob) return undefined;
    const killedByProbe = /^(Liveness|Startup) probe/.test(probeSaid);
    return {
      code: 'E_CRASH_LOOP',
      reason: 'CrashLoopBackOff',
      message: `${restarted(restarts, ended)}${killedByProbe ? `: ${probeSaid}` : ''}`,
      fix: killedByProbe
        ? 'The kubelet restarts it because of its probe: correct the probe, or what it asks.'
        : 'Read the last log lines of the container below.',
      // an init container may end until what it waits for is there
      ...(init ? { graceMs: INIT_CRASH_GRACE_MS, waits: true } : { graceMs: 0 }),
    };
  },
  function initStuck({ init, running, ready }) {
    if (!init || !running || ready) return undefined; // a sidecar runs on, and is ready
    return {
      code: 'E_INIT_STUCK',
      reason: 'InitContainerStuck',
      message: 'the init container does not end',
      fix: 'It waits for something that does not come: read its last log lines below.',
      graceMs: INIT_GRACE_MS,
      waits: true,
    };
  },
  function probeMissesTarget({ init, running, ready, probeSaid, probePeriodMs }) {
    if (init || !running || ready || !/statuscode: 4\d\d/.test(probeSaid)) return undefined;
    return {
      code: 'E_NEVER_READY',
      reason: 'ProbeFails',
      message: `it runs, and answers its probe wrongly: ${probeSaid}`,
      fix: 'Correct path and port of the probe in the values, or what the server answers there.',
      graceMs: Math.max(WRONG_ANSWER_GRACE_MS, probePeriodMs + PROBE_TIME_MS),
    };
  },
  function neverReady({ init, running, ready, probe, probeSaid, startMs }) {
    if (init || !running || ready) return undefined;
    return {
      code: 'E_NEVER_READY',
      reason: 'NeverReady',
      message: probeSaid
        ? `it runs and is never ready: ${probeSaid}`
        : `it runs and its readiness probe does not pass: ${probe}`,
      fix: "Read the container's last log lines below; if it only needs longer to start, raise its probe's limits.",
      graceMs: Math.max(NEVER_READY_GRACE_MS, startMs + PROBE_TIME_MS),
      waits: true,
    };
  },
];

/** What keeps a container from getting ready, if anything. */
export function containerTrouble(state: ContainerState): Finding | undefined {
  return RULES.map((rule) => rule(state)).find((finding) => finding !== undefined);
}

function restarted(times: number, ended: string): string {
  return `restarted ${times === 1 ? 'once' : `${times} times`}, ${ended || 'no exit code'}`;
}
