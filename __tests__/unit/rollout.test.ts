import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../src/deploy/objects.js';
import { blamedByLog, isAvailable, observe, type Trouble } from '../../src/deploy/rollout.js';
import { deployment, kube, pod, podWith, waitingFor } from '../helpers/kube.js';

describe('a workload is available', () => {
  const at = (kind: string, status: object, spec: object = {}, generation = 2): KubeObject =>
    kube(kind, 'w', { metadata: { generation }, spec, status: { observedGeneration: 2, ...status } });
  const full = { updatedReplicas: 2, availableReplicas: 2 };

  it.each<[string, KubeObject, boolean]>([
    ['Deployment with all replicas', at('Deployment', full, { replicas: 2 }), true],
    ['Deployment with one by default', at('Deployment', { updatedReplicas: 1, availableReplicas: 1 }), true],
    ['Deployment of no replicas', at('Deployment', {}, { replicas: 0 }), true],
    [
      'Deployment that lacks an available one',
      at('Deployment', { ...full, availableReplicas: 1 }, { replicas: 2 }),
      false,
    ],
    ['Deployment with an old one', at('Deployment', { ...full, updatedReplicas: 1 }, { replicas: 2 }), false],
    ['Deployment of which the status is old', at('Deployment', full, { replicas: 2 }, 3), false],
    ['Deployment without a status', kube('Deployment', 'w', { metadata: { generation: 1 }, spec: {} }), false],
    ['StatefulSet with all ready', at('StatefulSet', { readyReplicas: 1 }), true],
    ['StatefulSet that lacks one', at('StatefulSet', { readyReplicas: 1 }, { replicas: 2 }), false],
    ['StatefulSet of which the status is old', at('StatefulSet', { readyReplicas: 1 }, {}, 3), false],
    ['DaemonSet on all nodes', at('DaemonSet', { desiredNumberScheduled: 1, numberAvailable: 1 }), true],
    ['DaemonSet that lacks a node', at('DaemonSet', { desiredNumberScheduled: 2, numberAvailable: 1 }), false],
    ['DaemonSet of which the status is old', at('DaemonSet', {}, {}, 3), false],
    ['Job that succeeded', kube('Job', 'w', { status: { succeeded: 1 } }), true],
    ['Job that runs', kube('Job', 'w', { status: { active: 1 } }), false],
    ['Job with a completion to go', kube('Job', 'w', { spec: { completions: 3 }, status: { succeeded: 2 } }), false],
    ['Job with all completions', kube('Job', 'w', { spec: { completions: 3 }, status: { succeeded: 3 } }), true],
    ['Service', kube('Service', 'w'), true],
  ])('%s', (_, object, available) => {
    expect(isAvailable(object)).toBe(available);
  });
});

describe('a look at the namespace', () => {
  const READY = [{ type: 'Ready', status: 'True' }];

  it('is ready when every workload is available, whatever else there is', () => {
    const objects = [
      deployment('a', true),
      kube('ConfigMap', 'c'),
      pod('a-1', { conditions: READY, phase: 'Running' }),
    ];
    expect(observe(objects)).toEqual({ ready: true, waitingFor: '', troubles: [] });
  });

  it('names every workload that is not available', () => {
    const { ready, waitingFor } = observe([deployment('a', true), deployment('b', false), kube('Job', 'j')]);
    expect(ready).toBe(false);
    expect(waitingFor).toBe('deployment b, job j');
  });

  it.each<[string, object, string]>([
    [
      'why its container waits',
      { containerStatuses: [{ state: waitingFor('ContainerCreating') }] },
      'ContainerCreating',
    ],
    [
      'which init container runs, and not that the others wait for it',
      {
        initContainerStatuses: [{ name: 'wait-for-db', state: { running: {} } }],
        containerStatuses: [{ state: waitingFor('PodInitializing') }],
      },
      'init container wait-for-db runs',
    ],
    ['that it runs and is not ready', { containerStatuses: [{ state: { running: {} } }] }, 'running, not ready'],
    ['its phase', { phase: 'Pending' }, 'Pending'],
    ['nothing', {}, 'unknown'],
  ])('says of a pod %s', (_, status, reason) => {
    const { waitingFor } = observe([pod('a-1', { conditions: [{ type: 'Ready', status: 'False' }], ...status })]);
    expect(waitingFor).toBe(`a-1 (${reason})`);
  });

  it.each<[string, KubeObject]>([
    ['is ready', pod('a-1', { conditions: READY })],
    ['has succeeded', pod('a-1', { phase: 'Succeeded' })],
    ['is being deleted', pod('a-1', { phase: 'Running' }, { deletionTimestamp: '2026-01-01T00:00:00Z' })],
  ])('does not wait for a pod that %s', (_, object) => {
    expect(observe([object]).waitingFor).toBe('');
  });
});

describe('trouble of a container', () => {
  const troubleOf = (status: Record<string, unknown>): Trouble | undefined => observe([podWith(status)]).troubles[0];
  const terminated = (exitCode: number, reason = 'Error') => ({ terminated: { exitCode, reason } });

  it.each([
    ['ErrImagePull', 'manifest unknown', 0, /image name and tag/],
    ['ImagePullBackOff', 'Back-off: image not found', 0, /image name and tag/],
    ['ErrImagePull', 'pull access denied', 0, /imagePullSecret/],
    ['ErrImagePull', '401 Unauthorized', 0, /imagePullSecret/],
    ['ErrImagePull', 'toomanyrequests: slow down', 0, /registry limits pulls/],
    ['ErrImagePull', 'dial tcp: i/o timeout', 180_000, /image name and tag/],
    ['ImagePullBackOff', '', 180_000, /image name and tag/],
  ])('an image that can not be pulled: %s, "%s" counts after %i ms', (reason, message, graceMs, fix) => {
    const trouble = troubleOf({ state: waitingFor(reason, message) });
    expect(trouble).toMatchObject({ pod: 'app-0', container: 'main', reason: 'ImagePullBackOff', graceMs });
    expect(trouble?.message).toBe(message || 'the image can not be pulled');
    expect(trouble?.fix).toMatch(fix);
  });

  it.each(['InvalidImageName', 'CreateContainerConfigError', 'CreateContainerError', 'RunContainerError'])(
    'a container that can not be made: %s',
    (reason) => {
      const trouble = troubleOf({ state: waitingFor(reason, 'secret "x" not found') });
      expect(trouble).toMatchObject({ reason, message: 'secret "x" not found', graceMs: 3000 });
      expect(trouble?.fix).toContain('Secret or ConfigMap');
    },
  );

  it.each<[string, Record<string, unknown>, string, string, RegExp]>([
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
    ],
    [
      'of which the end is unknown',
      { restartCount: 2, state: waitingFor('CrashLoopBackOff') },
      'CrashLoopBackOff',
      'restarted 2 times, no exit code',
      /last log lines/,
    ],
  ])('a container %s', (_, status, reason, message, fix) => {
    const trouble = troubleOf(status);
    expect(trouble).toMatchObject({ reason, message, graceMs: 0 });
    expect(trouble?.fix).toMatch(fix);
  });

  it.each<[string, Record<string, unknown>]>([
    ['was restarted once', { restartCount: 1, state: waitingFor('CrashLoopBackOff'), lastState: terminated(1) }],
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
      { container: 'wait-for-models', reason: 'InitContainerStuck', graceMs: 180_000 },
    ]);
  });

  it('five minutes to be ready; its probe is named', () => {
    const body = {
      spec: { containers: [{ name: 'main', readinessProbe: { httpGet: { path: '/ready' } } }] },
      status: { containerStatuses: [{ name: 'main', ready: false, state: { running: {} } }] },
    };
    expect(observe([kube('Pod', 'p', body)]).troubles).toMatchObject([
      {
        container: 'main',
        reason: 'NeverReady',
        message: 'its readiness probe keeps failing: {"httpGet":{"path":"/ready"}}',
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

  const job = (type: string, status: string) =>
    observe([kube('Job', 'load', { status: { conditions: [{ type, status, message: 'too many retries' }] } })])
      .troubles[0];

  it('a Job that has failed', () => {
    expect(job('Failed', 'True')).toMatchObject({
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
    expect(blamed).toMatchObject({ hop: 'vector store', line: line.trim() });
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
