import { describe, expect, it } from 'vitest';
import { blamedByLog } from '../../src/deploy/rollout/blame.js';
import { observe } from '../../src/deploy/rollout/rollout.js';
import type { Trouble } from '../../src/deploy/rollout/trouble.js';
import type { ErrorCode } from '../../src/error-codes.js';
import { kube, pod, podWith, waitingFor } from '../helpers/kube.js';

describe('trouble of a container', () => {
  const troubleOf = (status: Record<string, unknown>): Trouble | undefined => observe([podWith(status)]).troubles[0];
  const terminated = (exitCode: number, reason = 'Error') => ({ terminated: { exitCode, reason } });

  it.each<[string, string, number, RegExp, ErrorCode?]>([
    ['ErrImagePull', 'manifest unknown', 0, /image name and tag/],
    ['ImagePullBackOff', 'Back-off: image not found', 0, /image name and tag/],
    ['ErrImagePull', 'pull access denied', 0, /imagePullSecret/],
    ['ErrImagePull', '401 Unauthorized', 0, /imagePullSecret/],
    ['ErrImagePull', 'toomanyrequests: slow down', 0, /registry limits pulls/, 'E_REGISTRY_LIMIT'],
    ['ErrImagePull', 'dial tcp: i/o timeout', 180_000, /image name and tag/],
    ['ImagePullBackOff', '', 180_000, /image name and tag/],
  ])(
    'an image that can not be pulled: %s, "%s" counts after %i ms',
    (reason, message, graceMs, fix, code = 'E_IMAGE_PULL') => {
      const trouble = troubleOf({ state: waitingFor(reason, message) });
      expect(trouble).toMatchObject({ pod: 'app-0', container: 'main', code, reason: 'ImagePullBackOff', graceMs });
      expect(trouble?.message).toBe(message || 'the image can not be pulled');
      expect(trouble?.fix).toMatch(fix);
    },
  );

  it.each<[string, ErrorCode]>([
    ['InvalidImageName', 'E_IMAGE_NAME'],
    ['CreateContainerConfigError', 'E_CONTAINER_CONFIG'],
    ['CreateContainerError', 'E_CONTAINER_CONFIG'],
    ['RunContainerError', 'E_CONTAINER_CONFIG'],
  ])('a container that can not be made: %s', (reason, code) => {
    const trouble = troubleOf({ state: waitingFor(reason, 'secret "x" not found') });
    expect(trouble).toMatchObject({ code, reason, message: 'secret "x" not found', graceMs: 3000 });
    expect(trouble?.fix).toContain('Secret or ConfigMap');
  });

  it.each<[string, Record<string, unknown>, string, string, RegExp, ErrorCode?]>([
    [
      'that waits to be started again',
      { restartCount: 2, state: waitingFor('CrashLoopBackOff'), lastState: terminated(1) },
      'CrashLoopBackOff',
      'restarted 2 times, exit code 1',
      /last log lines/,
    ],
    [
      'that has just ended again',
      { restartCount: 3, state: terminated(137) },
      'CrashLoopBackOff',
      'restarted 3 times, exit code 137',
      /last log lines/,
    ],
    [
      'that was out of memory',
      { restartCount: 2, state: waitingFor('CrashLoopBackOff'), lastState: terminated(137, 'OOMKilled') },
      'OOMKilled',
      'restarted 2 times, OOMKilled',
      /memory limit/,
      'E_OOM_KILLED',
    ],
    [
      'that was out of memory at its second start too',
      { restartCount: 1, state: terminated(137, 'OOMKilled') },
      'OOMKilled',
      'restarted once, OOMKilled',
      /memory limit/,
      'E_OOM_KILLED',
    ],
    [
      'that was out of memory at its second start and waits',
      { restartCount: 1, state: waitingFor('CrashLoopBackOff'), lastState: terminated(137, 'OOMKilled') },
      'OOMKilled',
      'restarted once, OOMKilled',
      /memory limit/,
      'E_OOM_KILLED',
    ],
    [
      'of which the end is unknown',
      { restartCount: 2, state: waitingFor('CrashLoopBackOff') },
      'CrashLoopBackOff',
      'restarted 2 times, no exit code',
      /last log lines/,
    ],
  ])('a container %s', (_, status, reason, message, fix, code = 'E_CRASH_LOOP') => {
    const trouble = troubleOf(status);
    expect(trouble).toMatchObject({ code, reason, message, graceMs: 0 });
    expect(trouble?.fix).toMatch(fix);
  });

  it.each<[string, Record<string, unknown>]>([
    ['was restarted once', { restartCount: 1, state: waitingFor('CrashLoopBackOff'), lastState: terminated(1) }],
    ['was out of memory once', { restartCount: 0, state: terminated(137, 'OOMKilled') }],
    [
      'was out of memory and runs again',
      { restartCount: 1, ready: true, state: { running: {} }, lastState: terminated(137, 'OOMKilled') },
    ],
    ['has ended well at the third try', { restartCount: 2, state: terminated(0) }],
    ['has ended for the first time', { restartCount: 0, state: terminated(1) }],
    ['runs again, and is ready', { restartCount: 5, ready: true, state: { running: {} }, lastState: terminated(1) }],
    ['is being made', { state: waitingFor('ContainerCreating') }],
    ['waits for its initialisation', { state: waitingFor('PodInitializing') }],
    ['is being made again, and never ended', { restartCount: 2, state: waitingFor('ContainerCreating') }],
  ])('is none where it %s', (_, status) => {
    expect(troubleOf(status)).toBeUndefined();
  });

  it('is also seen in initialisation, with the labels of its pod', () => {
    const status = { initContainerStatuses: [{ name: 'wait', state: waitingFor('InvalidImageName') }] };
    expect(observe([pod('p', status, { labels: { app: 'x' } })]).troubles[0]).toMatchObject({
      pod: 'p',
      container: 'wait',
      labels: { app: 'x' },
    });
  });

  it('is not seen in a pod that is being deleted', () => {
    const status = { containerStatuses: [{ name: 'm', state: waitingFor('InvalidImageName') }] };
    expect(observe([pod('p', status, { deletionTimestamp: 'now' })]).troubles[0]).toBeUndefined();
  });
});

describe('a container that runs and does not get there has long', () => {
  it('three minutes as one of initialisation', () => {
    const status = { initContainerStatuses: [{ name: 'wait-for-models', state: { running: {} } }] };
    expect(observe([pod('p', status)]).troubles).toMatchObject([
      { container: 'wait-for-models', code: 'E_INIT_STUCK', reason: 'InitContainerStuck', graceMs: 180_000 },
    ]);
  });

  it('as long as it likes as a sidecar that is ready', () => {
    const status = { initContainerStatuses: [{ name: 'proxy', ready: true, state: { running: {} } }] };
    expect(observe([pod('p', status)]).troubles).toEqual([]);
  });

  it('five minutes to be ready; its probe is named', () => {
    const body = {
      spec: { containers: [{ name: 'main', readinessProbe: { httpGet: { path: '/ready' } } }] },
      status: { containerStatuses: [{ name: 'main', ready: false, state: { running: {} } }] },
    };
    expect(observe([kube('Pod', 'p', body)]).troubles).toMatchObject([
      {
        container: 'main',
        code: 'E_NEVER_READY',
        reason: 'NeverReady',
        message: 'it runs and its readiness probe does not pass: {"httpGet":{"path":"/ready"}}',
        graceMs: 300_000,
      },
    ]);
  });
});

describe('trouble of a pod or a Job', () => {
  const scheduling = (reason: string) =>
    observe([pod('p', { conditions: [{ type: 'PodScheduled', status: 'False', reason, message: '0/1 nodes' }] })])
      .troubles[0];

  it('a pod that fits on no node', () => {
    expect(scheduling('Unschedulable')).toMatchObject({
      code: 'E_UNSCHEDULABLE',
      pod: 'p',
      container: '',
      reason: 'Unschedulable',
      message: '0/1 nodes',
      graceMs: 15_000,
    });
    expect(scheduling('SchedulingGated')).toBeUndefined();
  });

  it('a node that has just been made has two minutes to be ready', () => {
    const message = '0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }';
    const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }];
    expect(observe([pod('p', { conditions })]).troubles).toMatchObject([{ graceMs: 120_000 }]);
  });

  it.each([
    'pod has unbound immediate PersistentVolumeClaims',
    'persistentvolumeclaim "data" not found, 1 node(s) had untolerated taint',
  ])('a pod whose volume claim is not bound has two minutes: %s', (message) => {
    const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }];
    const [trouble] = observe([pod('p', { conditions })]).troubles;
    expect(trouble).toMatchObject({ code: 'E_PVC_PENDING', reason: 'Unschedulable', message, graceMs: 120_000 });
    expect(trouble?.fix).toContain('StorageClass');
  });

  const job = (type: string, status: string) =>
    observe([kube('Job', 'load', { status: { conditions: [{ type, status, message: 'too many retries' }] } })])
      .troubles[0];

  it('a Job that has failed', () => {
    expect(job('Failed', 'True')).toMatchObject({
      code: 'E_JOB_FAILED',
      pod: 'job/load',
      reason: 'JobFailed',
      message: 'too many retries',
      graceMs: 0,
    });
  });

  it.each([
    ['Failed', 'False'],
    ['Complete', 'True'],
    ['Suspended', 'True'],
  ])('but not one with condition %s %s', (type, status) => {
    expect(job(type, status)).toBeUndefined();
  });
});

describe('the log of a crashed container', () => {
  it.each([
    'RuntimeError: Could not connect to PGVector database server',
    'psycopg2.OperationalError: connection to server at "pgvector" (10.96.0.9), port 5432 failed: refused',
    '  could not translate host name "pgvector" to address: Name or service not known',
  ])('accuses the vector store: %s', (line) => {
    const blamed = blamedByLog(['starting', line, 'Traceback']);
    expect(blamed).toMatchObject({ code: 'E_VECTOR_STORE', hop: 'vector store', line: line.trim() });
    expect(blamed?.fix).toContain('vector database');
  });

  it('accuses by its last line that does: earlier ones may be of tries that came right', () => {
    const line = (host: string) => `could not translate host name "${host}" to address`;
    expect(blamedByLog([line('a'), 'again', line('b'), 'ended'])?.line).toBe(line('b'));
  });

  it.each([[[]], [['ValueError: bad config', 'connection to server at "smtp", port 25 failed']]])(
    'accuses nobody else: %j',
    (lines) => {
      expect(blamedByLog(lines)).toBeUndefined();
    },
  );
});
