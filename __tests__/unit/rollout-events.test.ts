import { describe, expect, it } from 'vitest';
import { EventLog } from '../../src/deploy/rollout/events.js';
import { type Body, LABELS, at, read, troubles, event, pod, podIn, CREATING, RUNNING } from '../helpers/as-listed.js';

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

  it('tell what happened last, whatever it was', () => {
    const events = log(
      event('Pod', 'web-0', 'Pulled', 'later', { lastTimestamp: at(9) }),
      event('Pod', 'web-0', 'FailedMount', 'earlier', { lastTimestamp: at(5) }),
      event('Pod', 'web-1', 'Killing', 'another pod', { lastTimestamp: at(11) }),
      event('Job', 'web-0', 'Completed', 'another kind', { lastTimestamp: at(12) }),
    );
    expect(events.lastReason({ kind: 'Pod', name: 'web-0' })).toBe('Pulled');
    expect(events.lastReason({ kind: 'Pod', name: 'web' })).toBe('');
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
    ['not found', 'storageclass.storage.k8s.io "fast" not found', 10_000],
    ['no class', 'no storage class is set', 10_000],
    ['no volume', 'no persistent volumes available for this claim', 10_000],
    ['a slow provisioner', 'failed to provision volume with StorageClass "fast": context deadline exceeded', 120_000],
    ['a pod that was not made', 'failed to provision volume: create process timeout after 120 seconds', 120_000],
  ])('has time by what is said: %s', (_, message, graceMs) => {
    expect(troubles(claim('Pending'), waiting, refused('ProvisioningFailed', message))).toMatchObject([
      { code: 'E_PVC_PENDING', message, graceMs },
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

  it('is none where something else has happened since: it was mounted', () => {
    const later = (reason: string, name = 'web-0') => event('Pod', name, reason, 'x', { lastTimestamp: at(5) });
    expect(troubles(podIn(CREATING), mount(missing), later('Pulling'))).toEqual([]);
    for (const other of [later('Pulling', 'web-1'), event('Pod', 'web-0', 'Scheduled', 'x', { lastTimestamp: at(-5) })])
      expect(troubles(podIn(CREATING), mount(missing), other)).toMatchObject([{ reason: 'FailedMount' }]);
  });

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
