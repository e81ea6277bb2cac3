import { describe, expect, it, vi } from 'vitest';
import type { KubeObject } from '../../src/deploy/objects.js';
import { watchRollout } from '../../src/deploy/rollout/watch.js';
import { RunError } from '../../src/errors.js';
import { useClock } from '../helpers/clock.js';
import { failing, PENDING, READY, watching } from '../helpers/watching.js';
import { fakeKubectl } from '../helpers/memory.js';

vi.mock('node:timers/promises', async () => (await import('../helpers/clock.js')).instantPauses);
useClock();

const AWAY = new RunError('E_CLUSTER', 'cluster', 'kubectl get failed: TLS handshake timeout', 'x');
const LOST = new RunError('E_NODE_LOST', 'cluster', 'the node is gone', 'x');

/** kubectl of which the looks are taken one after the other; "away" is a look that fails. */
function looking(looks: (KubeObject[] | 'away')[]) {
  const left = [...looks];
  const get = () => {
    const look = left.shift() ?? 'away';
    return look === 'away' ? Promise.reject(AWAY) : Promise.resolve(look);
  };
  return { kubectl: { ...fakeKubectl([]), get }, left };
}
const away = (seconds: number) => Array<'away'>(seconds).fill('away');

describe('an API server that is away', () => {
  it('is waited for, and that is said', async () => {
    const { kubectl } = looking(['away', PENDING, 'away', READY]);
    const { rollout, waits } = watching([], { kubectl });
    await watchRollout(rollout);
    const said = 'an answer of the cluster (kubectl get failed: TLS handshake timeout)';
    expect(waits).toEqual([said, 'deployment a', said]);
  });

  it('is given up after 45 s, with its error, and not before', async () => {
    expect(await failing([], looking([]))).toBe(AWAY);
    expect(Date.now()).toBe(46_000);
    vi.setSystemTime(0);
    const { rollout } = watching([], looking([...away(46), READY]));
    await expect(watchRollout(rollout)).resolves.toBe(1);
    expect(Date.now()).toBe(46_000);
  });

  it('has 45 s anew after each answer', async () => {
    const { kubectl, left } = looking([PENDING, ...away(45), PENDING, ...away(45), READY]);
    await expect(watchRollout(watching([], { kubectl }).rollout)).resolves.toBe(1);
    expect(left).toEqual([]);
  });

  it('is not waited for where its node is lost', async () => {
    const lost = () => Promise.resolve(Date.now() < 2000 ? undefined : LOST);
    expect(await failing([], { ...looking([PENDING]), lost })).toBe(LOST);
    expect(Date.now()).toBe(2000);
  });

  it('is not asked about while it answers', async () => {
    const lost = () => Promise.reject(new Error('docker was asked'));
    await expect(watchRollout(watching([PENDING, READY], { lost }).rollout)).resolves.toBe(1);
  });

  it('is not blamed where the run ends', async () => {
    const end = new AbortController();
    const reason = new RunError('E_CANCELLED', 'run', 'the job was cancelled', 'x');
    const get = () => (end.abort(reason), Promise.reject(AWAY));
    const lost = () => Promise.reject(new Error('docker was asked'));
    expect(await failing([], { kubectl: { ...fakeKubectl([]), get }, signal: end.signal, lost })).toBe(reason);
  });
});
