import { describe, expect, it, vi } from 'vitest';
import type { KubeObject } from '../../src/deploy/objects.js';
import { watchRollout } from '../../src/deploy/rollout/watch.js';
import { useClock } from '../helpers/clock.js';
import { kube, pod, podWith, waitingFor } from '../helpers/kube.js';
import { failing, NO_LOG, PENDING, READY, watching } from '../helpers/watching.js';

vi.mock('node:timers/promises', async () => (await import('../helpers/clock.js')).instantPauses);
useClock();

const SERVICE = 'https://maas.example.com/v1';
const init = (status: object) =>
  kube('Pod', 'app-0', {
    metadata: { labels: { app: 'stack' } },
    spec: { initContainers: [{ name: 'wait' }] },
    status: { initContainerStatuses: [{ name: 'wait', restartCount: 0, ...status }] },
  });
const WAITS = [...PENDING, init({ state: { running: {} } })];
const CRASHES = [...PENDING, init({ restartCount: 2, state: waitingFor('CrashLoopBackOff') })];
const NOT_READY = [...PENDING, podWith({ ready: false, state: { running: {} } }, { app: 'stack' })];
const PULLING = pod('db-0', { containerStatuses: [{ name: 'db', state: waitingFor('ContainerCreating') }] });
const OOM = [...PENDING, podWith({ restartCount: 1, state: { terminated: { exitCode: 137, reason: 'OOMKilled' } } })];

const times = (count: number, look: KubeObject[]) => Array<KubeObject[]>(count).fill(look);
const heals = (looks: KubeObject[][]) => expect(watchRollout(watching([...looks, READY]).rollout)).resolves.toBe(1);

describe('what only waits', () => {
  it.each<[string, KubeObject[], number, string]>([
    ['an init container that runs', WAITS, 180, 'E_INIT_STUCK'],
    ['an init container that ends again and again', CRASHES, 60, 'E_CRASH_LOOP'],
    ['a container that is not ready', NOT_READY, 300, 'E_NEVER_READY'],
  ])('has its time: %s', async (_, look, seconds, code) => {
    expect(await failing(times(seconds + 1, look))).toMatchObject({ code, hop: 'stack' });
    expect(Date.now()).toBe(seconds * 1000);
    vi.setSystemTime(0);
    await heals(times(seconds, look));
  });

  it('has it only since nothing else gets on: something is pulled first', async () => {
    const pulling = times(500, [...WAITS, PULLING]);
    await heals([...pulling, ...times(179, WAITS)]);
    vi.setSystemTime(0);
    expect((await failing([...pulling, ...times(181, WAITS)])).code).toBe('E_INIT_STUCK');
    expect(Date.now()).toBe(679_000);
  });

  it('has it anew where something is pulled in between', async () => {
    await heals([...times(170, WAITS), [...WAITS, PULLING], ...times(179, WAITS)]);
  });

  it('is told from what is wrong: that has its time whatever is pulled', async () => {
    expect((await failing(times(2, [...OOM, PULLING]))).code).toBe('E_OOM_KILLED');
  });
});

describe('a container that waits for the model service', () => {
  const refused = `waiting for ${SERVICE}/models: HTTP Error 401: Unauthorized`;
  const unreached = `waiting for ${SERVICE}/models: Connection refused`;
  const over = { service: SERVICE };

  it.each([
    ['E_STACK_KEY', refused, 8, 'does not hand the key'],
    ['E_STACK_TO_SERVICE', unreached, 90, 'pods reach maas-endpoint'],
  ])('in vain is told early, by its newest line: %s', async (code, line, seconds, fix) => {
    const failure = await failing(times(seconds + 1, WAITS), over, () => `starting\n${line}\n`);
    expect(failure).toMatchObject({ code, hop: 'stack', evidence: ['starting', line] });
    expect(failure.message).toBe(
      `pod app-0, container wait: InitContainerStuck: the init container does not end; its log says: ${line}`,
    );
    expect(failure.fix).toContain(fix);
    expect(Date.now()).toBe(seconds * 1000);
  });

  it.each<[string, KubeObject[]]>([
    ['ends again and again', CRASHES],
    ['is not ready', NOT_READY],
    ['waits while something is pulled', [...WAITS, PULLING]],
  ])('in vain is told early also where it %s', async (_, look) => {
    expect((await failing(times(9, look), over, () => refused)).code).toBe('E_STACK_KEY');
    expect(Date.now()).toBe(8000);
  });

  it.each<[string, object, () => string]>([
    ['no service is wired in', {}, () => refused],
    ['its newest line says something else', over, () => `${refused}\nwaiting for pgvector`],
    ['it has no log', over, NO_LOG],
  ])('has its whole time where %s', async (_, rollout, log) => {
    expect(await failing(times(181, WAITS), rollout, log)).toMatchObject({ code: 'E_INIT_STUCK' });
    expect(Date.now()).toBe(180_000);
  });

  it('is not what has ended: its log is about something else', async () => {
    expect(await failing(times(2, OOM), over, () => refused)).toMatchObject({ code: 'E_OOM_KILLED', hop: 'cluster' });
  });
});

describe('the vector store', () => {
  const line = 'could not translate host name "pgvector" to address';

  it('is blamed by what waits too long', async () => {
    expect(await failing(times(181, WAITS), {}, () => line)).toMatchObject({
      code: 'E_VECTOR_STORE',
      hop: 'vector store',
    });
  });

  it.each<[string, KubeObject[], number]>([
    ['E_OOM_KILLED', OOM, 2],
    ['E_NEVER_READY', NOT_READY, 301],
  ])('is not blamed for another cause: %s', async (code, look, looks) => {
    expect((await failing(times(looks, look), {}, () => line)).code).toBe(code);
  });
});

describe('what a command of the user may still bring', () => {
  const LACKS = [...PENDING, podWith({ state: waitingFor('CreateContainerConfigError', 'secret "s" not found') })];
  const NO_IMAGE = [...PENDING, podWith({ state: waitingFor('ErrImageNeverPull', 'not present') })];
  const LIMITED = [...PENDING, podWith({ state: waitingFor('ErrImagePull', 'toomanyrequests') })];
  const never = new Promise<void>(() => undefined);
  const ended = Promise.resolve();
  const rows: [string, KubeObject[]][] = [
    ['E_CONTAINER_CONFIG', LACKS],
    ['E_IMAGE_PULL', NO_IMAGE],
    ['E_REGISTRY_LIMIT', LIMITED],
  ];

  it.each(rows)('is waited for as long as it runs: %s', async (_, look) => {
    const { rollout } = watching(times(900, look), { added: never, installed: never });
    await expect(watchRollout(rollout)).rejects.toThrow('looked once too often');
  });

  it.each(rows)('has half a minute when it has ended, in which the kubelet looks again: %s', async (code, look) => {
    expect((await failing(times(200, look), { added: ended, installed: never })).code).toBe(code);
    expect(Date.now()).toBe(30_000);
    vi.setSystemTime(0);
    await expect(watchRollout(watching([...times(30, look), READY], { added: ended }).rollout)).resolves.toBe(1);
  });

  it.each(rows)('is not waited for where there is none: %s', async (code, look) => {
    expect((await failing(times(200, look))).code).toBe(code);
    expect(Date.now()).toBeLessThan(30_000);
  });

  it('is nothing else: a container that needs more memory is told at once', async () => {
    expect((await failing(times(200, OOM), { added: never, installed: never })).code).toBe('E_OOM_KILLED');
    expect(Date.now()).toBeLessThan(30_000);
  });

  it('is nothing that a hook lacks: the command begins when that has ended', async () => {
    const job = kube('Job', 'load', { metadata: { annotations: { 'helm.sh/hook': 'post-install' } } });
    const lacking = podWith({ state: waitingFor('CreateContainerConfigError', 'secret "s" not found') });
    const owned = (name: string) => {
      const metadata = { ownerReferences: [{ kind: 'Job', name }] };
      return kube('Pod', `${name}-x`, { ...lacking.body, metadata });
    };
    const held = { added: never, installed: never };
    expect((await failing(times(200, [job, owned('load')]), held)).code).toBe('E_CONTAINER_CONFIG');
    const bare = kube('Pod', 'check', {
      ...lacking.body,
      metadata: { annotations: { 'helm.sh/hook': 'pre-install' } },
    });
    expect((await failing(times(200, [bare]), held)).code).toBe('E_CONTAINER_CONFIG');
    const { rollout } = watching(times(200, [job, owned('other')]), held);
    await expect(watchRollout(rollout)).rejects.toThrow('looked once too often');
  });
});

describe('a namespace without a workload', () => {
  const NOTHING = [kube('PersistentVolumeClaim', 'c', { status: { phase: 'Bound' } })];

  it('has a minute for somebody to make one, and what they make is waited for', async () => {
    const { rollout, waits } = watching([...times(30, NOTHING), PENDING, READY]);
    await expect(watchRollout(rollout)).resolves.toBe(1);
    expect([waits[1], waits.at(-1)]).toEqual(['somebody to make a workload', 'deployment a']);
  });

  it('is then said to have none: that is no "all available"', async () => {
    await expect(watchRollout(watching(times(90, NOTHING)).rollout)).resolves.toBe(0);
    expect(Date.now()).toBe(61_000);
  });
});
