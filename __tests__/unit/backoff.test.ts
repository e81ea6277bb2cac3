import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { backoffMs } from '../../src/retry/backoff.js';

const retry = fc.integer({ min: 0, max: 12 });
const base = fc.integer({ min: 1, max: 60_000 });
const draw = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

afterEach(() => {
  vi.restoreAllMocks();
});

describe('the pause before another attempt', () => {
  it('doubles each time', () => {
    expect([0, 1, 2, 3, 4].map((time) => backoffMs(time, 1000, () => 1))).toEqual([1000, 2000, 4000, 8000, 16_000]);
    fc.assert(
      fc.property(retry, base, (time, ms) => {
        expect(backoffMs(time + 1, ms, () => 1)).toBe(2 * backoffMs(time, ms, () => 1));
      }),
    );
  });

  it('is random in its upper half', () => {
    expect([0, 0.25, 0.5, 1].map((random) => backoffMs(1, 1000, () => random))).toEqual([1000, 1250, 1500, 2000]);
    fc.assert(
      fc.property(retry, base, draw, (time, ms, random) => {
        const pause = backoffMs(time, ms, () => random);
        const whole = ms * 2 ** time;
        expect(Number.isInteger(pause)).toBe(true);
        expect(pause).toBeGreaterThanOrEqual(whole / 2);
        expect(pause).toBeLessThanOrEqual(whole);
      }),
    );
  });

  it('is longer the more is drawn', () => {
    fc.assert(
      fc.property(retry, base, draw, draw, (time, ms, one, other) => {
        const [less, more] = [Math.min(one, other), Math.max(one, other)];
        expect(backoffMs(time, ms, () => less)).toBeLessThanOrEqual(backoffMs(time, ms, () => more));
      }),
    );
  });

  it('draws once, from Math.random where nothing else is given', () => {
    const random = vi.spyOn(Math, 'random').mockReturnValue(0.5);
    expect(backoffMs(0, 1000)).toBe(750);
    expect(random).toHaveBeenCalledTimes(1);
    expect(backoffMs(0, 1000, () => 0)).toBe(500);
    expect(random).toHaveBeenCalledTimes(1);
  });
});
