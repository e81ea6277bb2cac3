import { describe, expect, it } from 'vitest';
import { toObjects } from '../../src/deploy/objects.js';
import { EventLog } from '../../src/deploy/rollout/events.js';
import { findTroubles } from '../../src/deploy/rollout/rules.js';

type Body = Record<string, unknown>;

const LABELS = { 'app.kubernetes.io/name': 'web', 'app.kubernetes.io/instance': 'rag' };
const at = (second: number) => new Date(Date.UTC(2026, 2, 4, 10, 0, second)).toISOString().replace('.000', '');

/** What `kubectl get … -o json` gives, as the rules read it. */
function read(...items: Body[]) {
  return toObjects({ apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' }, items });
}
function troubles(...items: Body[]) {
  const objects = read(...items);
  return findTroubles(objects, new EventLog(objects));
}

/** An event as the kubelet and the controllers write it. */
function event(kind: string, name: string, reason: string, message: string, more: Body = {}, fieldPath?: string): Body {
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name}.18a9b2c3d4e5f6a7`, namespace: 'rag', creationTimestamp: at(0) },
    involvedObject: { apiVersion: 'v1', kind, name, namespace: 'rag', uid: 'u', ...(fieldPath && { fieldPath }) },
    reason,
    message,
    type: 'Warning',
    count: 1,
    eventTime: null,
    firstTimestamp: at(0),
    lastTimestamp: at(0),
    reportingComponent: 'kubelet',
    reportingInstance: 'maas-e2e-control-plane',
    source: { component: 'kubelet', host: 'maas-e2e-control-plane' },
    ...more,
  };
}

function pod(name: string, status: Body, spec: Body = {}): Body {
  const metadata = { name, namespace: 'rag', labels: LABELS, uid: 'u', creationTimestamp: at(0) };
  const containers = [{ name: 'web', image: 'web:1', readinessProbe: { httpGet: { path: '/health', port: 8321 } } }];
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers, ...spec }, status };
}

/** A pod with one container, in the given state. */
function podIn(state: Body, more: Body = {}): Body {
  const status = { name: 'web', image: 'web:1', ready: false, started: false, restartCount: 0, lastState: {}, state };
  const phase = 'running' in state ? 'Running' : 'Pending';
  return pod('web-0', { phase, qosClass: 'BestEffort', containerStatuses: [{ ...status, ...more }] });
}
const CREATING = { waiting: { reason: 'ContainerCreating' } };
const RUNNING = { running: { startedAt: at(1) } };

function workload(kind: string, name: string, status: Body): Body {
  const template = { metadata: { labels: LABELS }, spec: { containers: [{ name: 'web', image: 'web:1' }] } };
  const apiVersion = kind === 'Job' ? 'batch/v1' : 'apps/v1';
  return { apiVersion, kind, metadata: { name, namespace: 'rag', generation: 1 }, spec: { template }, status };
}

describe('the events of a namespace', () => {
  const log = (...items: Body[]) => new EventLog(read(...items));

  it('are found by object and reason; the last one is taken, in one line', () => {
    const events = log(
      event('Pod', 'web-0', 'Unhealthy', 'the last\n  one', { lastTimestamp: at(9), count: 7 }),
      event('Pod', 'web-0', 'Unhealthy', 'an earlier one', { lastTimestamp: at(5) }),
      event('Pod', 'web-0', 'BackOff', 'another reason', { lastTimestamp: at(10) }),
      event('Pod', 'web-1', 'Unhealthy', 'another pod', { lastTimestamp: at(11) }),
      { ...pod('web-0', {}), reason: 'Unhealthy', message: 'no event' },
    );
    expect(events.last({ kind: 'Pod', name: 'web-0' }, 'Unhealthy')).toBe('the last one');
    expect(events.last({ kind: 'Pod', name: 'web-0' }, /^(BackOff|Unhealthy)$/)).toBe('another reason');
    expect(events.last({ kind: 'Pod', name: 'web-0' }, 'Killing')).toBeUndefined();
    expect(events.last({ kind: 'Pod', name: 'web' }, 'Unhealthy')).toBeUndefined();
  });

  it('are told apart by container', () => {
    const events = log(
      event('Pod', 'web-0', 'Unhealthy', 'of web', {}, 'spec.containers{web}'),
      event('Pod', 'web-0', 'Unhealthy', 'of ui', { lastTimestamp: at(5) }, 'spec.containers{web-ui}'),
      event('Pod', 'web-0', 'FailedMount', 'of the pod'),
    );
    expect(events.last({ kind: 'Pod', name: 'web-0' }, 'Unhealthy', 'web')).toBe('of web');
    expect(events.last({ kind: 'Pod', name: 'web-0' }, 'Unhealthy', 'web-ui')).toBe('of ui');
    expect(events.last({ kind: 'Pod', name: 'web-0' }, 'Unhealthy', 'ui')).toBeUndefined();
    expect(events.last({ kind: 'Pod', name: 'web-0' }, 'FailedMount', 'web')).toBeUndefined();
  });

  it('have a time, whichever way it is written', () => {
    const written = { firstTimestamp: null, lastTimestamp: null, count: undefined };
    const eventTime = { ...written, eventTime: '2026-03-04T10:00:07.123456Z' };
    const created = { ...written, metadata: { name: 'web-0.1', creationTimestamp: at(8) } };
    const first = event('Pod', 'web-0', 'Unhealthy', 'lastTimestamp', { lastTimestamp: at(6) });
    const second = event('Pod', 'web-0', 'Unhealthy', 'eventTime', eventTime);
    const third = event('Pod', 'web-0', 'Unhealthy', 'creationTimestamp', created);
    expect(log(second, first).last({ kind: 'Pod', name: 'web-0' }, 'Unhealthy')).toBe('eventTime');
    expect(log(third, second, first).last({ kind: 'Pod', name: 'web-0' }, 'Unhealthy')).toBe('creationTimestamp');
  });
});

describe('a volume claim', () => {
  const claim = (phase: string) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data-web-0', namespace: 'rag' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, storageClassName: 'fast' },
    status: { phase },
  });
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data-web-0' } }];
  const waiting = pod('web-0', { phase: 'Pending' }, { volumes });
  const refused = (reason: string, message: string) => event('PersistentVolumeClaim', 'data-web-0', reason, message);
  const noClass = 'storageclass.storage.k8s.io "fast" not found';

  it.each([
    ['ProvisioningFailed', noClass],
    ['FailedBinding', 'no persistent volumes available for this claim and no storage class is set'],
  ])('that is refused is trouble of the pod that waits for it: %s', (reason, message) => {
    expect(troubles(claim('Pending'), pod('other', {}), waiting, refused(reason, message))).toMatchObject([
      {
        code: 'E_PVC_PENDING',
        pod: 'persistentvolumeclaim/data-web-0',
        container: '',
        labels: LABELS,
        message,
        graceMs: 10_000,
      },
    ]);
  });

  it.each([
    ['is bound', claim('Bound'), refused('ProvisioningFailed', noClass)],
    ['waits for its pod', claim('Pending'), refused('WaitForFirstConsumer', 'waiting for first consumer')],
    ['is another one', claim('Pending'), event('PersistentVolumeClaim', 'data-web-1', 'ProvisioningFailed', noClass)],
  ])('is none where it %s', (_, object, happened) => {
    expect(troubles(object, waiting, happened)).toEqual([]);
  });
});

describe('a volume that can not be mounted', () => {
  const missing = 'MountVolume.SetUp failed for volume "config" : configmap "web-config" not found';
  const mount = (message: string, more: Body = {}) => event('Pod', 'web-0', 'FailedMount', message, more);

  it.each([missing, 'MountVolume.SetUp failed for volume "tls" : references non-existent secret key: ca.crt'])(
    'is trouble of its pod: %s',
    (message) => {
      expect(troubles(podIn(CREATING), mount(message, { count: 4 }))).toMatchObject([
        { code: 'E_CONTAINER_CONFIG', pod: 'web-0', container: '', labels: LABELS, reason: 'FailedMount', message },
      ]);
    },
  );

  it('is seen where a pod has initialisation first', () => {
    const initContainerStatuses = [{ name: 'wait', state: { waiting: { reason: 'PodInitializing' } } }];
    expect(troubles(pod('web-0', { phase: 'Pending', initContainerStatuses }), mount(missing))).toHaveLength(1);
  });

  it.each([
    ['may come yet', podIn(CREATING), mount('MountVolume.SetUp failed for volume "x" : rpc error: timed out')],
    ['came in the end', podIn(RUNNING, { ready: true }), mount(missing)],
    ['is one of another pod', podIn(CREATING), event('Pod', 'web-1', 'FailedMount', missing)],
  ])('is none where it %s', (_, ...objects) => {
    expect(troubles(...objects)).toEqual([]);
  });
});

describe('a probe', () => {
  const said = (message: string, container = 'web') =>
    event('Pod', 'web-0', 'Unhealthy', message, { count: 4 }, `spec.containers{${container}}`);
  const wrong = 'Readiness probe failed: HTTP probe failed with statuscode: 404';
  const refused = 'Readiness probe failed: Get "http://10.244.0.7:8321/health": dial tcp: connect: connection refused';

  it.each([wrong, wrong.replace('404', '401'), wrong.replace('Readiness', 'Startup')])(
    'that is answered wrongly has little time: %s',
    (message) => {
      const [trouble] = troubles(podIn(RUNNING), said(message));
      expect(trouble).toMatchObject({ code: 'E_NEVER_READY', container: 'web', reason: 'ProbeFails', graceMs: 20_000 });
      expect(trouble?.message).toContain(message);
    },
  );

  it('that is answered wrongly is asked once more at least', () => {
    const slow = { ...podIn(RUNNING), spec: { containers: [{ name: 'web', readinessProbe: { periodSeconds: 60 } }] } };
    expect(troubles(slow, said(wrong))[0]?.graceMs).toBeGreaterThan(60_000);
  });

  it.each([
    ['is not answered', refused],
    ['is answered by a server that is busy', wrong.replace('404', '503')],
  ])('that %s has long', (_, message) => {
    const [trouble] = troubles(podIn(RUNNING), said(message));
    expect(trouble).toMatchObject({ code: 'E_NEVER_READY', reason: 'NeverReady', graceMs: 300_000 });
    expect(trouble?.message).toBe(`it runs and is never ready: ${message}`);
  });

  it('of another container, or that said nothing, leaves the probe itself to be named', () => {
    for (const others of [[], [said(wrong, 'ui')]])
      expect(troubles(podIn(RUNNING), ...others)).toMatchObject([
        { reason: 'NeverReady', message: expect.stringContaining('"path":"/health"') as string },
      ]);
  });

  it('is no trouble of a container that is ready', () => {
    expect(troubles(podIn(RUNNING, { ready: true }), said(wrong))).toEqual([]);
  });

  it.each(['Liveness', 'Startup'])('that has its container killed is the reason why it keeps ending: %s', (probe) => {
    const state = { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 20s restarting failed container' } };
    const lastState = { terminated: { exitCode: 137, reason: 'Error', startedAt: at(1), finishedAt: at(9) } };
    const message = `${probe} probe failed: HTTP probe failed with statuscode: 404`;
    const [trouble] = troubles(podIn(state, { restartCount: 2, lastState }), said(message));
    expect(trouble).toMatchObject({ code: 'E_CRASH_LOOP', message: `restarted 2 times, exit code 137: ${message}` });
    expect(trouble?.fix).toContain('probe');
    const [crash] = troubles(podIn(state, { restartCount: 2, lastState }), said(refused));
    expect(crash).toMatchObject({ code: 'E_CRASH_LOOP', message: 'restarted 2 times, exit code 137' });
  });
});

describe('pods that the cluster does not take', () => {
  const quota = 'exceeded quota: small, requested: requests.memory=2Gi, used: requests.memory=0, limited: 1Gi';
  const forbidden = (why: string) => `pods "web-7d9c5b8f6-" is forbidden: ${why}`;
  const security = forbidden('violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false');
  const failedCreate = (kind: string, message: string) => event(kind, 'web', 'FailedCreate', message, { count: 9 });
  const MADE = {
    ReplicaSet: 'replicas',
    StatefulSet: 'replicas',
    Job: 'active',
    DaemonSet: 'currentNumberScheduled',
  };
  const kinds = Object.entries(MADE);

  it.each([
    ['E_QUOTA', forbidden(quota)],
    ['E_QUOTA', forbidden('failed quota: small: must specify limits.cpu for: web; limits.memory for: web')],
    ['E_QUOTA', forbidden('maximum memory usage per Container is 512Mi, but limit is 1Gi')],
    ['E_QUOTA', forbidden('minimum cpu usage per Container is 100m, but request is 50m')],
    ['E_ADMISSION', security],
    ['E_ADMISSION', 'admission webhook "validate.kyverno.svc-fail" denied the request: no latest tags'],
    ['E_ADMISSION', forbidden("ValidatingAdmissionPolicy 'no-root' with binding 'all' denied request: runs as root")],
  ])('are %s by what the event says: %s', (code, why) => {
    const message = `Error creating: ${why}`;
    expect(troubles(workload('ReplicaSet', 'web', { replicas: 0 }), failedCreate('ReplicaSet', message))).toMatchObject(
      [{ code, message, pod: 'replicaset/web', container: '', labels: LABELS, graceMs: 10_000 }],
    );
  });

  it.each(kinds)('are trouble of a %s that has none, and of none that has them', (kind, counter) => {
    const happened = failedCreate(kind, `create Pod web-0 in ${kind} web failed error: ${forbidden(quota)}`);
    for (const status of [{}, { [counter]: 0 }])
      expect(troubles(workload(kind, 'web', status), happened)).toMatchObject([
        { code: 'E_QUOTA', pod: `${kind.toLowerCase()}/web`, labels: LABELS },
      ]);
    expect(troubles(workload(kind, 'web', { [counter]: 1 }), happened)).toEqual([]);
  });

  it('are none of a Job whose pods have ended well, nor of what wants none', () => {
    expect(troubles(workload('Job', 'web', { succeeded: 1 }), failedCreate('Job', security))).toEqual([]);
    const old = { ...workload('ReplicaSet', 'web', { replicas: 0 }), spec: { replicas: 0 } };
    expect(troubles(old, failedCreate('ReplicaSet', security))).toEqual([]);
  });

  it.each([
    ['the service account comes', 'error looking up service account rag/web: serviceaccount "web" not found'],
    ['the quota is counted', 'status unknown for quota: small, resources: requests.memory'],
  ])('are none before %s', (_, why) => {
    for (const [kind] of kinds)
      expect(troubles(workload(kind, 'web', {}), failedCreate(kind, forbidden(why)))).toEqual([]);
  });

  it('are none where something else failed, nor those of another kind of the same name', () => {
    const busy = 'Error creating: Internal error occurred: failed calling webhook "x": context deadline exceeded';
    expect(troubles(workload('Job', 'web', {}), failedCreate('Job', busy))).toEqual([]);
    const both = [workload('StatefulSet', 'web', {}), workload('Job', 'web', {})];
    const found = troubles(...both, failedCreate('StatefulSet', security));
    expect(found.map((trouble) => trouble.pod)).toEqual(['statefulset/web']);
  });
});
