import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../src/deploy/objects.js';
import { isAvailable, observe } from '../../src/deploy/rollout/rollout.js';
import { deployment, kube, pod, waitingFor } from '../helpers/kube.js';

const ownedBy = (kind: string) => ({ ownerReferences: [{ apiVersion: 'x/v1', kind, name: 'o' }] });
const OURS = { labels: { 'app.kubernetes.io/managed-by': 'maas-e2e-action' } };

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
    ['Job that is suspended', kube('Job', 'w', { spec: { suspend: true }, status: {} }), true],
    ['ReplicaSet of its own that lacks one', at('ReplicaSet', { availableReplicas: 1 }, { replicas: 2 }), false],
    ['ReplicaSet of its own with all', at('ReplicaSet', { availableReplicas: 2 }, { replicas: 2 }), true],
    ['ReplicaSet that a Deployment owns', kube('ReplicaSet', 'w', { spec: {}, metadata: ownedBy('Deployment') }), true],
    ['ReplicaSet of an operator', kube('ReplicaSet', 'w', { spec: {}, metadata: ownedBy('Rollout') }), false],
    ['Pod of its own that is not ready', pod('w', { phase: 'Running' }), false],
    ['Pod of its own that is ready', pod('w', { conditions: [{ type: 'Ready', status: 'True' }] }), true],
    ['Pod of its own that ended well', pod('w', { phase: 'Succeeded' }), true],
    ['Pod of its own that failed', pod('w', { phase: 'Failed' }), false],
    ['Pod of an operator that is not ready', pod('w', {}, ownedBy('Cluster')), false],
    ['Pod of an operator that failed: that makes another one', pod('w', { phase: 'Failed' }, ownedBy('Cluster')), true],
    ['Pod that a ReplicaSet owns', pod('w', {}, ownedBy('ReplicaSet')), true],
    ['Pod that a Job owns', pod('w', {}, ownedBy('Job')), true],
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
    expect(observe(objects)).toMatchObject({ ready: true, waitingFor: '', progressing: false, troubles: [] });
  });

  it.each<[string, boolean, Record<string, unknown>]>([
    ['a container is being made', true, { containerStatuses: [{ state: waitingFor('ContainerCreating') }] }],
    ['one of initialisation is', true, { initContainerStatuses: [{ state: waitingFor('ContainerCreating') }] }],
    ['others wait for initialisation', false, { containerStatuses: [{ state: waitingFor('PodInitializing') }] }],
    ['all run', false, { containerStatuses: [{ state: { running: {} } }] }],
    ['an image can not be pulled', false, { containerStatuses: [{ state: waitingFor('ErrImagePull') }] }],
  ])('gets on where %s: %s', (_, progressing, status) => {
    expect(observe([pod('a-1', {}), pod('a-2', status)]).progressing).toBe(progressing);
    expect(observe([pod('a-2', status, { deletionTimestamp: 'now' })]).progressing).toBe(false);
  });

  it('does not see what a CronJob runs: that may begin in any rollout, and fail', () => {
    const owned = (kind: string, name: string): Record<string, unknown> => ({
      ownerReferences: [{ apiVersion: 'batch/v1', kind, name }],
    });
    const failed = { conditions: [{ type: 'Failed', status: 'True', message: 'no' }] };
    const broken = { phase: 'Pending', containerStatuses: [{ name: 'm', state: waitingFor('InvalidImageName') }] };
    const job = (name: string, metadata: object) => kube('Job', name, { metadata, status: failed });
    const ofCronJob = [
      job('backup-1', owned('CronJob', 'backup')),
      pod('backup-1-x', broken, owned('Job', 'backup-1')),
    ];
    const healthy = { ready: true, waitingFor: '', progressing: false, troubles: [], workloads: 0 };
    expect(observe(ofCronJob)).toEqual(healthy);
    expect(observe([...ofCronJob].reverse())).toEqual(healthy);
    const mine = observe([...ofCronJob, job('load', {}), pod('load-x', broken, owned('Job', 'load'))]);
    expect([mine.ready, mine.waitingFor]).toEqual([false, 'load-x (InvalidImageName), job load']);
    expect(mine.troubles.map((trouble) => trouble.pod).sort()).toEqual(['job/load', 'load-x']);
  });

  it('is not ready while a pod or a ReplicaSet that nobody owns is not, and names it once', () => {
    const { ready, waitingFor } = observe([pod('bare', { phase: 'Pending' }), kube('ReplicaSet', 'set', { spec: {} })]);
    expect([ready, waitingFor]).toEqual([false, 'bare (Pending), replicaset set']);
    const going = { metadata: { deletionTimestamp: 'now' } };
    expect(observe([pod('bare', {}, going.metadata), kube('ReplicaSet', 'set', going)]).ready).toBe(true);
  });

  it('ends with a pod that nobody owns and that failed; of an owned one its workload knows', () => {
    const troubles = (metadata: object) => observe([pod('bare', { phase: 'Failed' }, { ...metadata })]).troubles;
    expect(troubles({})).toMatchObject([{ code: 'E_CRASH_LOOP', pod: 'bare', reason: 'PodFailed', graceMs: 0 }]);
    expect(troubles(ownedBy('Cluster'))).toEqual([]);
  });

  it('does not see what this action itself puts beside the chart, where that is in the namespace default', () => {
    const puller = pod('maas-e2e-puller', { phase: 'Failed' }, OURS);
    expect(observe([puller])).toEqual({ ready: true, waitingFor: '', progressing: false, troubles: [], workloads: 0 });
  });

  it('counts the workloads: all of none are available, and that says nothing', () => {
    const claim = kube('PersistentVolumeClaim', 'c', { status: { phase: 'Bound' } });
    expect(observe([claim, kube('Event', 'e')]).workloads).toBe(0);
    expect(observe([claim, deployment('a', true), pod('a-1', {}, ownedBy('ReplicaSet'))]).workloads).toBe(1);
    expect(observe([kube('Job', 'j'), kube('StatefulSet', 's'), pod('bare', {})]).workloads).toBe(3);
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
