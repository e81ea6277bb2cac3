import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startDeadline, within } from '../../src/adapters/deadline.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const LIVE = new AbortController().signal;
const CANCELLED = new Error('the job was cancelled');

/** A signal, and what listens to it. */
function watched() {
  const controller = new AbortController();
  const { signal } = controller;
  const listeners = new Set<unknown>();
  const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
  signal.addEventListener = (...args: Parameters<typeof add>) => (listeners.add(args[1]), add(...args));
  signal.removeEventListener = (...args: Parameters<typeof remove>) => (listeners.delete(args[1]), remove(...args));
  return { controller, signal, listeners };
}

describe('a deadline', () => {
  it('passes after its time and not before, as a TimeoutError', () => {
    const { signal } = startDeadline(1000, LIVE);
    vi.advanceTimersByTime(999);
    expect(signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(signal.reason).toBeInstanceOf(DOMException);
    expect(signal.reason).toMatchObject({ name: 'TimeoutError', message: 'no end within 1000 ms' });
  });

  it('ends with the run, with its reason; that stays it when the time is over', () => {
    const run = new AbortController();
    const { signal } = startDeadline(1000, run.signal);
    run.abort(CANCELLED);
    expect(signal.reason).toBe(CANCELLED);
    vi.advanceTimersByTime(2000);
    expect(signal.reason).toBe(CANCELLED);
  });

  it('of a run that has ended already is over at once', () => {
    expect(startDeadline(1000, AbortSignal.abort(CANCELLED)).signal.reason).toBe(CANCELLED);
  });

  it('may be ended by whoever made it', () => {
    const { signal, abort } = startDeadline(1000, LIVE);
    const stalled = new Error('the stream stalled');
    abort(stalled);
    expect(signal.reason).toBe(stalled);
  });

  it('that is closed leaves nothing: no timer, and nobody who listens to the run', () => {
    const { controller, signal: run, listeners } = watched();
    const { signal, close } = startDeadline(1000, run);
    expect([vi.getTimerCount(), listeners.size]).toEqual([1, 1]);
    close();
    expect([vi.getTimerCount(), listeners.size]).toEqual([0, 0]);
    controller.abort(CANCELLED);
    expect(signal.aborted).toBe(false);
  });
});

describe('work under a deadline', () => {
  it.each([
    ['its result', () => Promise.resolve('done'), 'done'],
    ['its error', () => Promise.reject(CANCELLED), CANCELLED],
  ])('gives %s, and leaves no timer', async (_, work, ended) => {
    const { signal: run, listeners } = watched();
    expect(await within<unknown>(1000, run, work).catch((error: unknown) => error)).toBe(ended);
    expect([vi.getTimerCount(), listeners.size]).toEqual([0, 0]);
  });

  it('is told when its time is over, and when the run is', async () => {
    const waiting = (run: AbortSignal) =>
      within(
        1000,
        run,
        (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
      );
    const late = waiting(LIVE).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(1000);
    expect(await late).toMatchObject({ name: 'TimeoutError' });
    const run = new AbortController();
    const cancelled = waiting(run.signal).catch((error: unknown) => error);
    run.abort(CANCELLED);
    expect(await cancelled).toBe(CANCELLED);
  });
});
