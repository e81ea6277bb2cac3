import { afterEach, beforeEach, vi } from 'vitest';

/** ms after which a loop of pauses is one that does not end. */
const FOR_EVER = 3_600_000;

/**
 * Stands in for node:timers/promises: a pause ends at once and moves the clock of `useClock`. A test file takes it by
 * `vi.mock('node:timers/promises', async () => (await import('../helpers/clock.js')).instantPauses)`.
 */
export const instantPauses = {
  setTimeout: async (ms: number, value?: unknown, options: { signal?: AbortSignal } = {}): Promise<unknown> => {
    options.signal?.throwIfAborted();
    if (Date.now() > FOR_EVER) throw new Error('it waits for ever');
    vi.setSystemTime(Date.now() + ms);
    return await Promise.resolve(value);
  },
};

/** Every test of the file begins at 0 of a clock that only pauses move. */
export function useClock(): void {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: 0 });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
}

/**
 * Stands in for node:timers/promises, which fake timers do not reach: pauses by the global timer, so that
 * `vi.useFakeTimers` moves them and other waits on one clock.
 */
export const fakeablePauses = {
  setTimeout: (ms: number, value?: unknown, { signal }: { signal?: AbortSignal } = {}): Promise<unknown> =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const end = () => {
        clearTimeout(timer);
        reject(new DOMException('The operation was aborted', 'AbortError'));
      };
      const timer = globalThis.setTimeout(() => {
        signal?.removeEventListener('abort', end);
        resolve(value);
      }, ms);
      signal?.addEventListener('abort', end, { once: true });
    }),
};
