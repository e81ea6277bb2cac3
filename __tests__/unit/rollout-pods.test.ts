import { describe, expect, it } from 'vitest';
import { observe } from '../../src/deploy/rollout/rollout.js';
import { kube, pod, waitingFor } from '../helpers/kube.js';

describe('a pod of a Job', () => {
  const ofJob = (status: Record<string, unknown>, kind = 'Job') =>
    observe([
      pod(
        'load-x',
        { containerStatuses: [{ name: 'main', ...status }] },
        { ownerReferences: [{ apiVersion: 'batch/v1', kind, name: 'load' }] },
      ),
    ]).troubles;
  const CRASHES = { restartCount: 3, state: waitingFor('CrashLoopBackOff') };
  const OOM = { restartCount: 1, state: { terminated: { exitCode: 137, reason: 'OOMKilled' } } };

  it.each([
    ['ends again and again', CRASHES],
    ['is out of memory', OOM],
  ])('is no trouble where it %s: its Job counts that, and fails at its limit', (_, status) => {
    expect(ofJob(status)).toEqual([]);
    expect(ofJob(status, 'ReplicaSet')).toHaveLength(1);
  });

  it('is trouble where its image can not be pulled: its Job does not count that', () => {
    expect(ofJob({ state: waitingFor('ErrImagePull', 'not found') })).toMatchObject([{ code: 'E_IMAGE_PULL' }]);
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

  it('a pod that fits on no node has two minutes while the pod of a Job runs, which leaves room when it ends', () => {
    const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes' }];
    const beside = (phase: string, kind: string) =>
      observe([
        pod('p', { conditions }),
        pod('other', { phase }, { ownerReferences: [{ kind, name: 'load' }] }),
      ]).troubles.find((trouble) => trouble.pod === 'p')?.graceMs;
    expect([beside('Running', 'Job'), beside('Succeeded', 'Job'), beside('Running', 'ReplicaSet')]).toEqual([
      120_000, 15_000, 15_000,
    ]);
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

  it('a pod whose claims are all bound has six minutes: the scheduler looks again after five', () => {
    const message = 'pod has unbound immediate PersistentVolumeClaims';
    const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }];
    const waiting = pod('p', { conditions });
    const names = ['data', 'logs'];
    const volumes = [...names.map((claimName) => ({ persistentVolumeClaim: { claimName } })), { emptyDir: {} }];
    waiting.body['spec'] = { volumes };
    const graceOf = (...phases: string[]) =>
      observe([waiting, ...phases.map((phase, at) => kube('PersistentVolumeClaim', names[at]!, { status: { phase } }))])
        .troubles[0]?.graceMs;
    expect([graceOf('Bound', 'Bound'), graceOf('Bound', 'Pending'), graceOf('Bound')]).toEqual([
      360_000, 120_000, 120_000,
    ]);
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
