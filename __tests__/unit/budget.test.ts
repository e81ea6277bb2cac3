import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RetryBudget } from '../../src/retry/budget.js';

/** Retries that are given in a row. */
function drain(budget: RetryBudget): number {
  let taken = 0;
  while (taken < 100 && budget.take()) taken += 1;
  return taken;
}
function earn(budget: RetryBudget, times: number): void {
  for (let time = 0; time < times; time += 1) budget.earn();
}

describe('a budget of retries', () => {
  it('has ten at the start', () => {
    expect(drain(new RetryBudget())).toBe(10);
  });

  it('has one more after five answers, and none after four', () => {
    const budget = new RetryBudget();
    drain(budget);
    earn(budget, 4);
    expect(drain(budget)).toBe(0);
    earn(budget, 1);
    expect(drain(budget)).toBe(1);
  });

  it('saves up no more than it had', () => {
    for (const [most, budget] of [[10, new RetryBudget()] as const, [3, new RetryBudget(3)] as const]) {
      earn(budget, 1000);
      expect(drain(budget)).toBe(most);
      earn(budget, 1000);
      expect(drain(budget)).toBe(most);
    }
  });

  it('of 0 gives none, whatever it earns', () => {
    const budget = new RetryBudget(0);
    expect(budget.take()).toBe(false);
    earn(budget, 1000);
    expect(budget.take()).toBe(false);
  });

  it('loses nothing by a retry that it does not give', () => {
    const budget = new RetryBudget(1);
    expect([budget.take(), budget.take(), budget.take()]).toEqual([true, false, false]);
    earn(budget, 5);
    expect(budget.take()).toBe(true);
  });
});

describe('whatever is asked and answered', () => {
  const calls = fc.array(fc.constantFrom<'retry' | 'answer'>('retry', 'answer'), { size: 'large' });

  it('there are never more retries than ten and a fifth of the answers', () => {
    fc.assert(
      fc.property(calls, (order) => {
        const budget = new RetryBudget();
        let [retries, answers] = [0, 0];
        for (const call of order) {
          if (call === 'answer') {
            budget.earn();
            answers += 1;
          } else if (budget.take()) retries += 1;
          expect(5 * retries).toBeLessThanOrEqual(50 + answers);
        }
      }),
    );
  });

  it('an earned retry is given: it counts in whole fifths', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 12 }), calls, (most, order) => {
        const budget = new RetryBudget(most);
        let fifths = 5 * most;
        for (const call of order) {
          if (call === 'answer') {
            budget.earn();
            fifths = Math.min(5 * most, fifths + 1);
          } else {
            expect(budget.take()).toBe(fifths >= 5);
            if (fifths >= 5) fifths -= 5;
          }
        }
      }),
    );
  });
});
