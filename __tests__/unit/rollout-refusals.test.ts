import { describe, expect, it } from 'vitest';
import { LABELS, at, troubles, event, podIn, RUNNING, workload } from '../helpers/as-listed.js';

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
