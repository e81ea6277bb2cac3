import { describe, expect, it, vi } from 'vitest';
import { RunError } from '../../src/errors.js';
import type { KubeObject } from '../../src/deploy/objects.js';
import { watchRollout } from '../../src/deploy/rollout/watch.js';
import { useClock } from '../helpers/clock.js';
import { failureOf } from '../helpers/failures.js';
import { event, kube, podWith, waitingFor, workload } from '../helpers/kube.js';
import { failing, NO_LOG, PENDING, READY, watching } from '../helpers/watching.js';

vi.mock('node:timers/promises', async () => (await import('../helpers/clock.js')).instantPauses);
useClock();

const CRASH = [...PENDING, podWith({ restartCount: 2, state: waitingFor('CrashLoopBackOff') }, { app: 'stack' })];
const BAD_SPEC = [...PENDING, podWith({ state: waitingFor('CreateContainerConfigError', 'secret "x" not found') })];
const NO_PULL = [...PENDING, podWith({ state: waitingFor('ErrImagePull', 'i/o timeout') })];
const BACK_OFF = [...PENDING, podWith({ state: waitingFor('ImagePullBackOff', 'Back-off') })];

const NOT_READY = podWith({ ready: false, state: { running: {} } });
const WRONG_ANSWERS = [
  ...PENDING,
  NOT_READY,
  event(NOT_READY, 'Unhealthy', 'HTTP probe failed with statuscode: 404', 'main'),
];
const DATABASE = workload('StatefulSet', 'db');
const OVER_QUOTA = [DATABASE, event(DATABASE, 'FailedCreate', 'forbidden: exceeded quota')];

describe('the watcher ends well', () => {
  it('when every workload is available, and tells what it waited for until then', async () => {
    const { rollout, waits } = watching([PENDING, PENDING, READY]);
    await watchRollout(rollout);
    expect(waits).toEqual(['deployment a', 'deployment a']);
    expect(Date.now()).toBe(2000);
  });

  it('not before Helm has made all objects, even if all that there are is available', async () => {
    let install: () => void = () => undefined;
    const installed = new Promise<void>((resolve) => (install = resolve));
    const waits: string[] = [];
    const { rollout } = watching([[], READY, READY], {
      installed,
      waiting: (forWhat) => waits.push(forWhat) === 2 && install(),
    });
    await watchRollout(rollout);
    expect(waits).toEqual(['helm to make the objects', 'helm to make the objects']);
  });

  it('never where Helm failed: that error is told by whoever installs', async () => {
    const installed = Promise.reject(new Error('helm failed'));
    await expect(watchRollout(watching([READY, READY], { installed }).rollout)).rejects.toThrow(
      'looked once too often',
    );
  });
});

describe('the watcher ends badly', () => {
  it('at the second look at a crash loop, and names the hop of the pod', async () => {
    const failure = await failing([CRASH, CRASH]);
    expect(failure).toMatchObject({
      code: 'E_CRASH_LOOP',
      hop: 'stack',
      message: 'pod app-0, container main: CrashLoopBackOff: restarted 2 times, no exit code',
      evidence: [],
    });
    expect(Date.now()).toBe(1000);
  });

  it('not at the first look', async () => {
    await expect(watchRollout(watching([CRASH, READY]).rollout)).resolves.toBe(1);
  });

  it('not where the second look shows something else, or nothing', async () => {
    await expect(watchRollout(watching([CRASH, PENDING, BAD_SPEC, CRASH, READY]).rollout)).resolves.toBe(1);
  });

  it.each([
    ['12 s of a missing Secret', BAD_SPEC, 12, 'CreateContainerConfigError: secret "x" not found'],
    ['20 s of wrong answers to a probe', WRONG_ANSWERS, 20, 'ProbeFails: it runs, and answers its probe wrongly'],
    ['10 s of a quota', OVER_QUOTA, 10, 'statefulset/db: QuotaExceeded: forbidden: exceeded quota'],
    ['180 s of a pull that may come right', NO_PULL, 180, 'ImagePullBackOff: i/o timeout'],
  ])('after %s and not before', async (_, look, seconds, message) => {
    const looks = Array<KubeObject[]>(seconds + 1).fill(look);
    const failure = await failing(looks);
    expect(failure.message).toContain(message);
    expect(Date.now()).toBe(seconds * 1000);
    await expect(watchRollout(watching([...looks.slice(1), READY]).rollout)).resolves.toBe(1);
  });

  it('where a pull changes between its two reasons: that is one trouble', async () => {
    const looks = Array.from({ length: 181 }, (_, index) => (index % 2 ? BACK_OFF : NO_PULL));
    expect((await failing(looks)).message).toContain('ImagePullBackOff');
  });

  it('after the grace began anew where the trouble was gone in between', async () => {
    const bad = Array<KubeObject[]>(12).fill(BAD_SPEC);
    const { rollout } = watching([...bad, PENDING, ...bad, READY]);
    await expect(watchRollout(rollout)).resolves.toBe(1);
  });

  it('not because of a pod that its workload does not wait for: all of them are available', async () => {
    const stray = CRASH.filter(({ kind }) => kind === 'Pod');
    const owner = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'of-before' }];
    const owned = (pod: KubeObject) => kube('Pod', pod.name, { status: {}, metadata: { ownerReferences: owner } });
    const look = [...READY, ...stray.map(owned)];
    await expect(watchRollout(watching([look, look]).rollout)).resolves.toBe(1);
  });

  it('also while Helm still waits for a hook', async () => {
    const job = [kube('Job', 'load', { status: { conditions: [{ type: 'Failed', status: 'True', message: 'no' }] } })];
    const failure = await failing([job, job], { installed: new Promise(() => undefined) });
    expect([failure.code, failure.message]).toEqual(['E_JOB_FAILED', 'job/load: JobFailed: no']);
  });

  it('never on a look from before Helm was done: what it does not show may have been made since', async () => {
    let install: () => void = () => undefined;
    const installed = new Promise<void>((resolve) => (install = resolve));
    const { rollout, waits } = watching([[], PENDING, READY], { installed });
    const kubectl = { ...rollout.kubectl, get: async (kinds: string) => (install(), await rollout.kubectl.get(kinds)) };
    await watchRollout({ ...rollout, kubectl });
    expect(waits.length).toBeGreaterThanOrEqual(2);
  });

  it('at what lasts long enough, also where something else has more time and was seen first', async () => {
    const look = [...NO_PULL, ...CRASH.map((object) => ({ ...object, name: 'app-1' }))];
    expect((await failing([look, look])).message).toContain('pod app-1, container main: CrashLoopBackOff');
  });

  it('at once when the run ends', async () => {
    const end = new AbortController();
    const reason = new RunError('E_UNEXPECTED', 'run', 'the deadline', 'x');
    const { rollout } = watching([PENDING, PENDING], { signal: end.signal, waiting: () => end.abort(reason) });
    expect(await failureOf(() => watchRollout(rollout))).toBe(reason);
  });
});

describe('the log that a red rollout shows', () => {
  it('is that of the run that ended last', async () => {
    const asked: string[][] = [];
    const failure = await failing([CRASH, CRASH], {}, (args) => {
      asked.push(args);
      return 'one\ntwo\n\n';
    });
    expect(failure.evidence).toEqual(['one', 'two']);
    expect(failure.message).toMatch(/restarted 2 times, no exit code; its log says: two$/);
    expect(asked).toEqual([['logs', 'app-0', '--pod-running-timeout=1s', '-c', 'main', '--tail=20']]);
  });

  it.each<[string, () => string]>([
    ['is empty', () => '\n'],
    ['can not be had', NO_LOG],
    ['is gone, which the kubelet says inside a success', () => 'unable to retrieve container logs for containerd://1'],
  ])('is that of the run before where the last one’s %s', async (_, last) => {
    const failure = await failing([CRASH, CRASH], {}, (args) => (args.includes('--previous') ? 'before\n' : last()));
    expect(failure.evidence).toEqual(['before']);
  });

  it('is empty where there is none at all, and that hides nothing', async () => {
    const failure = await failing([CRASH, CRASH], {}, NO_LOG);
    expect(failure.evidence).toEqual([]);
    expect(failure.message).toContain('CrashLoopBackOff');
  });

  it.each([
    ['the last line that says something', 'Error: no room\n  \n', 'Error: no room'],
    ['no more than 300 characters of it', `${'x'.repeat(400)}\n`, `${'x'.repeat(300)}…`],
  ])('is named in the message: %s', async (_, log, said) => {
    expect((await failing([CRASH, CRASH], {}, () => log)).message).toMatch(new RegExp(`; its log says: ${said}$`));
  });

  it('may accuse another hop, which is then named with its line and its fix', async () => {
    const line = 'RuntimeError: Could not connect to PGVector database server';
    const failure = await failing([CRASH, CRASH], {}, () => `starting\n${line}\n`);
    expect([failure.code, failure.hop]).toEqual(['E_VECTOR_STORE', 'vector store']);
    expect(failure.message).toMatch(new RegExp(`CrashLoopBackOff.*; its log says: ${line}$`));
    expect(failure.fix).toContain('vector database');
  });
});
