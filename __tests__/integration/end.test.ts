import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { watchForEnd, type RunEnd } from '../../src/adapters/end.js';
import { RunError } from '../../src/errors.js';

let end: RunEnd;
afterEach(() => end.stop());

describe('the end of a run from outside', () => {
  it('at the deadline: the reason names what was waited for', async () => {
    end = watchForEnd(() => 'rollout waits for pod rag-0 (Pending)');
    end.after(20);
    await once(end.signal, 'abort');
    expect(end.signal.reason).toMatchObject({
      code: 'E_TIMEOUT',
      hop: 'run',
      message: 'the deadline of 0.02 s passed: rollout waits for pod rag-0 (Pending)',
    });
    expect(end.cancelled()).toBe(false);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('by %s: the job was cancelled', async (signal) => {
    end = watchForEnd(() => '');
    process.kill(process.pid, signal);
    await once(end.signal, 'abort');
    expect(end.cancelled()).toBe(true);
    expect(end.signal.reason).toMatchObject({ code: 'E_CANCELLED', message: 'the job was cancelled' });
  });

  it('because of an error: that is the reason, and stays it when the deadline comes', async () => {
    end = watchForEnd(() => '');
    end.after(5);
    const error = new RunError('E_TIMEOUT', 'cluster', 'stage cluster passed its deadline', 'x');
    end.because(error);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([end.signal.reason, end.cancelled()]).toEqual([error, false]);
  });

  it('takes its signal handlers off when the run is over', () => {
    const before = process.listenerCount('SIGINT');
    end = watchForEnd(() => '');
    expect(process.listenerCount('SIGINT')).toBe(before + 1);
    end.stop();
    expect(process.listenerCount('SIGINT')).toBe(before);
  });
});
