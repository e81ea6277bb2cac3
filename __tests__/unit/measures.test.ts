import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cosine, meanReciprocalRank, percentile, recallAt } from '../../src/assert/measures.js';

const number = fc.double({ min: -1000, max: 1000, noNaN: true });
const vector = fc.array(number, { minLength: 3, maxLength: 3 });

describe('the cosine of two vectors', () => {
  it.each([
    ['the same', [1, 2, 3], [1, 2, 3], 1],
    ['the same direction', [1, 2, 3], [10, 20, 30], 1],
    ['the opposite', [1, 0], [-2, 0], -1],
    ['unrelated', [1, 0], [0, 5], 0],
    ['half way', [1, 0], [1, 1], Math.SQRT1_2],
    ['nothing', [0, 0], [1, 1], 0],
    ['no numbers', [], [], 0],
    ['of another length', [1, 1], [1], Math.SQRT1_2],
  ])('%s', (_, one, other, value) => {
    expect(cosine(one, other)).toBeCloseTo(value, 10);
  });

  it('is the same both ways, and from -1 to 1', () => {
    fc.assert(
      fc.property(vector, vector, (one, other) => {
        expect(cosine(one, other)).toBeCloseTo(cosine(other, one), 10);
        expect(Math.abs(cosine(one, other))).toBeLessThanOrEqual(1 + 1e-9);
      }),
    );
  });
});

describe('measures of ranks', () => {
  it.each<[(number | undefined)[], number, number, number]>([
    [[1, 1], 1, 1, 1],
    [[2, 5], 0, 1, 0.35],
    [[1, undefined], 0.5, 0.5, 0.5],
    [[6, 1], 0.5, 0.5, 7 / 12],
    [[undefined, undefined], 0, 0, 0],
  ])('%j', (ranks, at1, at5, mrr) => {
    expect([recallAt(1, ranks), recallAt(5, ranks)]).toEqual([at1, at5]);
    expect(meanReciprocalRank(ranks)).toBeCloseTo(mrr, 10);
  });

  it('of no questions never reach a floor: nothing was measured', () => {
    expect([recallAt(5, []) >= 0, meanReciprocalRank([]) >= 0]).toEqual([false, false]);
  });
});

describe('a percentile', () => {
  it.each([
    [50, [1, 2, 3, 4], 2],
    [50, [3, 1, 2], 2],
    [95, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1], 10],
    [95, Array.from({ length: 100 }, (_, index) => index + 1), 95],
    [0, [5, 4], 4],
    [100, [5, 4], 5],
    [95, [7], 7],
    [50, [10, 9, 100], 10],
  ])('%i of %j', (percent, values, value) => {
    expect(percentile(percent, values)).toBe(value);
  });

  it('is one of the values, with at least that share at or below it, and leaves them as they were', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.array(number, { minLength: 1 }), (percent, values) => {
        const before = [...values];
        const value = percentile(percent, values);
        expect(values).toEqual(before);
        expect(values).toContain(value);
        const below = values.filter((one) => one <= value).length;
        expect(below).toBeGreaterThanOrEqual((percent / 100) * values.length - 1e-9);
      }),
    );
  });
});
