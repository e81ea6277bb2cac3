import { at, items, member, text } from '../../json.js';
import { ownerOf, type KubeObject } from '../objects.js';
import { containerStates, containerTrouble } from './containers.js';
import type { EventLog } from './events.js';
import type { Finding, Trouble } from './trouble.js';

const UNSCHEDULABLE_GRACE_MS = 15_000;
/** A node that kind has just made is not ready before its network is. */
const NODE_START_GRACE_MS = 120_000;
/** Objects of a chart are made within seconds of each other. */
const OBJECTS_GRACE_MS = 10_000;
/** A provisioner that says no tries again; one that says nothing may only have to start on a busy node. */
const CLAIM_REFUSED_GRACE_MS = 10_000;
const CLAIM_SILENT_GRACE_MS = 120_000;
/** A scheduler that missed that a claim was bound looks again after five minutes: podMaxInUnschedulablePodsDuration. */
const CLAIM_BOUND_GRACE_MS = 6 * 60_000;

/** What a provisioner says for good; that a volume was not made in time it says for a while. */
const FINAL_REFUSAL = /not found|no storage class|no persistent volumes available/i;

/** Everything in a namespace that will not heal by waiting. */
export function findTroubles(objects: KubeObject[], events: EventLog): Trouble[] {
  const pods = objects.filter(({ kind, body }) => kind === 'Pod' && !isDeleted(body));
  const jobsRun = pods.some((pod) => ownerOf(pod)?.kind === 'Job' && at(pod.body, 'status', 'phase') === 'Running');
  const bound = objects
    .filter(({ kind, body }) => kind === 'PersistentVolumeClaim' && at(body, 'status', 'phase') === 'Bound')
    .map(({ name }) => name);
  return [
    ...objects.flatMap((object) => claimTrouble(object, pods, events)),
    ...pods.flatMap((pod) => [...podTroubles(pod, events, { jobsRun, bound }), ...endedPod(pod)]),
    ...objects.flatMap((object) => [...jobTrouble(object), ...refusalTrouble(object, events)]),
  ];
}

export function isDeleted(body: unknown): boolean {
  return at(body, 'metadata', 'deletionTimestamp') !== undefined;
}

/** What the namespace tells of why a pod may be late. */
interface Around {
  /** The pod of a Job runs, and leaves room when it ends. */
  jobsRun: boolean;
  /** Names of the claims that have their volume. */
  bound: string[];
}

function podTroubles(pod: KubeObject, events: EventLog, around: Around): Trouble[] {
  const where = { pod: pod.name, container: '', labels: at(pod.body, 'metadata', 'labels') };
  const whole = unschedulable(pod, around) ?? mountFailure(pod, events);
  if (whole) return [{ ...where, ...whole }];
  return containerStates(pod, events).flatMap((state) => {
    const found = containerTrouble(state);
    return found ? [{ ...where, container: state.name, ...found }] : [];
  });
}

/** A pod that nobody owns is not made again. */
function endedPod(pod: KubeObject): Trouble[] {
  if (ownerOf(pod) !== undefined || at(pod.body, 'status', 'phase') !== 'Failed') return [];
  return [
    {
      code: 'E_CRASH_LOOP',
      pod: pod.name,
      container: '',
      labels: at(pod.body, 'metadata', 'labels'),
      reason: 'PodFailed',
      message: text(at(pod.body, 'status', 'message')) || 'it has ended with an error, and nothing starts it again',
      fix: 'Read its last log lines below.',
      graceMs: 0,
    },
  ];
}

function unschedulable({ body }: KubeObject, { jobsRun, bound }: Around): Finding | undefined {
  const scheduled = items(at(body, 'status', 'conditions')).find(
    (condition) => member(condition, 'type') === 'PodScheduled',
  );
  if (member(scheduled, 'reason') !== 'Unschedulable') return undefined;
  const message = text(member(scheduled, 'message'));
  const claim = /persistentvolumeclaim/i.test(message);
  const claims = items(at(body, 'spec', 'volumes')).map((volume) => at(volume, 'persistentVolumeClaim', 'claimName'));
  const allBound = claims.every((name) => name === undefined || bound.includes(text(name)));
  const claimGraceMs = allBound && claims.some(Boolean) ? CLAIM_BOUND_GRACE_MS : CLAIM_SILENT_GRACE_MS;
  const starting = jobsRun || /untolerated taint|not-ready/.test(message);
  return {
    code: claim ? 'E_PVC_PENDING' : 'E_UNSCHEDULABLE',
    reason: 'Unschedulable',
    message,
    fix: claim
      ? 'Check the volume claim and its StorageClass; a Kind cluster has one, named standard.'
      : 'Lower the resource requests in the values, or check node selectors.',
    graceMs: claim ? claimGraceMs : starting ? NODE_START_GRACE_MS : UNSCHEDULABLE_GRACE_MS,
  };
}

/** A volume of something that is not there keeps a pod in ContainerCreating, for ever and without a reason in its status. */
function mountFailure(pod: KubeObject, events: EventLog): Finding | undefined {
  const creating = containerStates(pod, events).some(({ waiting }) =>
    ['ContainerCreating', 'PodInitializing'].includes(waiting),
  );
  // an older one has healed: the image was pulled since, or a container started
  const message = creating && events.lastReason(pod) === 'FailedMount' ? events.last(pod, 'FailedMount') : undefined;
  if (message === undefined || !/not found|references non-existent/.test(message)) return undefined;
  return {
    code: 'E_CONTAINER_CONFIG',
    reason: 'FailedMount',
    message,
    fix: 'Correct the volume that the message names: its Secret or ConfigMap is not there, or lacks a key.',
    graceMs: OBJECTS_GRACE_MS,
  };
}

/** A claim that its provisioner refuses. The pod that waits for it tells whose it is. */
function claimTrouble(claim: KubeObject, pods: KubeObject[], events: EventLog): Trouble[] {
  const { kind, name, body } = claim;
  if (kind !== 'PersistentVolumeClaim' || at(body, 'status', 'phase') !== 'Pending') return [];
  const message = events.last(claim, /^(ProvisioningFailed|FailedBinding)$/);
  if (message === undefined) return [];
  const user = pods.find((pod) =>
    items(at(pod.body, 'spec', 'volumes')).some((volume) => at(volume, 'persistentVolumeClaim', 'claimName') === name),
  );
  return [
    {
      code: 'E_PVC_PENDING',
      pod: `persistentvolumeclaim/${name}`,
      container: '',
      labels: at(user?.body, 'metadata', 'labels'),
      reason: 'Pending',
      message,
      fix: 'Correct the StorageClass of the claim; a Kind cluster has one, named standard, and it is the default.',
      graceMs: FINAL_REFUSAL.test(message) ? CLAIM_REFUSED_GRACE_MS : CLAIM_SILENT_GRACE_MS,
    },
  ];
}

function jobTrouble({ kind, name, body }: KubeObject): Trouble[] {
  const failed =
    kind === 'Job' &&
    items(at(body, 'status', 'conditions')).find(
      (condition) => member(condition, 'type') === 'Failed' && member(condition, 'status') === 'True',
    );
  if (!failed) return [];
  return [
    {
      code: 'E_JOB_FAILED',
      pod: `job/${name}`,
      container: '',
      labels: at(body, 'spec', 'template', 'metadata', 'labels'),
      reason: 'JobFailed',
      message: text(member(failed, 'message')),
      fix: "Read the job's last log lines below.",
      graceMs: 0,
    },
  ];
}

/** A namespace gets its service account a moment after it is made, and a quota its first count. */
const PASSING = /error looking up service account|status unknown for quota/;

/**
 * Pods that the API server does not take: a quota, Pod Security, a policy, a webhook. Whoever makes the pods says so in an
 * event (a Deployment in its status too, but up to a minute later); where the last event is of a pod that was made, it was taken
 * since.
 */
function refusalTrouble(object: KubeObject, events: EventLog): Trouble[] {
  const { kind, name, body } = object;
  if (!['ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job'].includes(kind) || at(body, 'spec', 'replicas') === 0)
    return [];
  const wanted = Number(at(body, 'spec', 'replicas') ?? 1);
  const made = ['replicas', 'active', 'succeeded', 'currentNumberScheduled'].map((count) =>
    Number(at(body, 'status', count) ?? 0),
  );
  const message = Math.max(...made) >= wanted ? '' : (events.last(object, /^(FailedCreate|SuccessfulCreate)$/) ?? '');
  if (!/forbidden|denied/.test(message) || PASSING.test(message)) return [];
  const quota = /exceeded quota|must specify|maximum .* usage per|minimum .* usage per/.test(message);
  return [
    {
      code: quota ? 'E_QUOTA' : 'E_ADMISSION',
      pod: `${kind.toLowerCase()}/${name}`,
      container: '',
      labels: at(body, 'spec', 'template', 'metadata', 'labels'),
      reason: quota ? 'QuotaExceeded' : 'AdmissionDenied',
      message,
      fix: quota
        ? 'Lower the requests of the pods, or raise quota and limits of the namespace in the values.'
        : "Change what the policy names in the pod's values, or leave the policy out of the end-to-end values.",
      graceMs: OBJECTS_GRACE_MS,
    },
  ];
}
