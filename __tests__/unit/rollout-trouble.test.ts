import { describe, expect, it } from 'vitest';
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
    ['ErrImageNeverPull', 'Container image "x" is not present with pull policy of Never', 0, /image name and tag/],
  ])(
    'an image that can not be pulled: %s, "%s" counts after %i ms',
    (reason, message, graceMs, fix, code = 'E_IMAGE_PULL') => {
      const trouble = troubleOf({ state: waitingFor(reason, message) });
      expect(trouble).toMatchObject({ pod: 'app-0', container: 'main', code, reason: 'ImagePullBackOff', graceMs });
      expect(trouble?.message).toBe(message || 'the image can not be pulled');
      expect(trouble?.fix).toMatch(fix);
    },
  );

  it.each<[string, number, ErrorCode?]>([
    ['InvalidImageName', 3000, 'E_IMAGE_NAME'],
    ['CreateContainerConfigError', 12_000],
    ['CreateContainerError', 10_000],
    ['RunContainerError', 10_000],
    ['PreCreateHookError', 180_000],
    ['SignatureValidationFailed', 180_000],
  ])('a container that can not be made: %s counts after %i ms', (reason, graceMs, code = 'E_CONTAINER_CONFIG') => {
    const trouble = troubleOf({ state: waitingFor(reason, 'secret "x" not found') });
    expect(trouble).toMatchObject({ code, reason, message: 'secret "x" not found', graceMs });
    expect(trouble?.fix).toContain('Secret or ConfigMap');
  });

  it.each([
    ['RunContainerError', 'context deadline exceeded'],
    ['CreateContainerError', 'failed to reserve container name app_0: name is reserved'],
    ['CreateContainerError', 'rpc error: code = Unavailable desc = transport is closing'],
    ['CreateContainerConfigError', 'failed to sync configmap cache: timed out, try again'],
    ['PostStartHookError', 'Deadline Exceeded'],
  ])('a container that a busy node does not make yet has two minutes: %s, "%s"', (reason, message) => {
    expect(troubleOf({ state: waitingFor(reason, message) })).toMatchObject({ reason, message, graceMs: 120_000 });
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

describe('a container of initialisation', () => {
  const initIn = (status: Record<string, unknown>, spec: Record<string, unknown> = {}) => {
    const body = {
      spec: { initContainers: [{ name: 'init', ...spec }] },
      status: { initContainerStatuses: [{ name: 'init', restartCount: 0, ...status }] },
    };
    return observe([kube('Pod', 'p', body)]).troubles;
  };
  const crashing = { restartCount: 2, state: waitingFor('CrashLoopBackOff') };

  it('may end again and again for a minute: what it needs may be there then', () => {
    expect(initIn(crashing)).toMatchObject([
      { container: 'init', code: 'E_CRASH_LOOP', reason: 'CrashLoopBackOff', graceMs: 60_000, waits: true },
    ]);
  });

  it('that runs has three minutes, and only waits', () => {
    expect(initIn({ state: { running: {} } })).toMatchObject([
      { container: 'init', code: 'E_INIT_STUCK', reason: 'InitContainerStuck', graceMs: 180_000, waits: true },
    ]);
  });

  it('that runs on beside the others is one like them: a sidecar', () => {
    const always = { restartPolicy: 'Always', readinessProbe: { tcpSocket: { port: 1 } } };
    expect(initIn({ ready: true, state: { running: {} } }, always)).toEqual([]);
    expect(initIn({ state: { running: {} } }, always)).toMatchObject([
      { code: 'E_NEVER_READY', message: 'it runs and its readiness probe does not pass: {"tcpSocket":{"port":1}}' },
    ]);
    const [crash] = initIn(crashing, always);
    expect(crash).toMatchObject({ code: 'E_CRASH_LOOP', graceMs: 0 });
    expect(crash?.waits).toBeUndefined();
  });
});

describe('a container that runs and does not get there has long', () => {
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
        waits: true,
      },
    ]);
  });

  it.each<[string, object, number]>([
    ['its startup probe', { startupProbe: { failureThreshold: 60, periodSeconds: 10 } }, 600_000],
    ['its readiness probe', { readinessProbe: { initialDelaySeconds: 400, periodSeconds: 20 } }, 460_000],
    [
      'the longer of both',
      { startupProbe: { failureThreshold: 90 }, readinessProbe: { failureThreshold: 50 } },
      900_000,
    ],
  ])('as long as %s gives it, and a probe more', (_, probes, ms) => {
    const body = {
      spec: { containers: [{ name: 'main', ...probes }] },
      status: { containerStatuses: [{ name: 'main', ready: false, state: { running: {} } }] },
    };
    expect(observe([kube('Pod', 'p', body)]).troubles).toMatchObject([{ reason: 'NeverReady', graceMs: ms + 3000 }]);
  });
});
