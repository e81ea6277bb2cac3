import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { watchForEnd } from '../../src/adapters/end.js';
import { RunError } from '../../src/errors.js';
import type { RunEnd } from '../../src/job.js';

let end: RunEnd;
afterEach(() => {
  end.stop();
  end.close();
});

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
    expect(end.cancelled.aborted).toBe(false);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('by %s: the job was cancelled', async (signal) => {
    end = watchForEnd(() => '');
    process.kill(process.pid, signal);
    await once(end.signal, 'abort');
    expect(end.signal.reason).toMatchObject({ code: 'E_CANCELLED', message: 'the job was cancelled' });
    expect(end.cancelled.reason).toBe(end.signal.reason);
  });

  it('because of an error: that is the reason, and stays it when the deadline comes', async () => {
    end = watchForEnd(() => '');
    end.after(5);
    const error = new RunError('E_TIMEOUT', 'cluster', 'stage cluster passed its deadline', 'x');
    end.because(error);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([end.signal.reason, end.cancelled.aborted]).toEqual([error, false]);
  });

  it('is heard of also after the run: what is left to tell is then told in seconds', async () => {
    end = watchForEnd(() => '');
    end.stop();
    expect([end.signal.aborted, end.cancelled.aborted]).toEqual([true, false]);
    process.kill(process.pid, 'SIGINT');
    await once(end.cancelled, 'abort');
    expect(end.cancelled.reason).toMatchObject({ code: 'E_CANCELLED', message: 'the job was cancelled' });
    expect(end.signal.reason).toMatchObject({ code: 'E_CANCELLED', message: 'the run is over' });
  });

  it('by its own stop: nothing of the run goes on, and no deadline comes', async () => {
    end = watchForEnd(() => '');
    end.after(20);
    end.stop();
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(end.signal.reason).toMatchObject({ code: 'E_CANCELLED', message: 'the run is over' });
  });

  it.each(['SIGINT', 'SIGTERM'])('takes its handler of %s off when everything is told, and not before', (signal) => {
    const before = process.listenerCount(signal);
    end = watchForEnd(() => '');
    end.stop();
    expect(process.listenerCount(signal)).toBe(before + 1);
    end.close();
    expect(process.listenerCount(signal)).toBe(before);
  });
});
