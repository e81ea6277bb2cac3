import { describe, expect, it } from 'vitest';
import { budgetsOf, costOf, inWords, newSpend, totalsOf } from '../../src/spend/spend.js';
import { limited, usageRow } from '../helpers/meter.js';

const ROWS = [
  usageRow({ check: 'probe', hop: 'model service', requests: 2, unreported: 1, promptTokens: 10, completionTokens: 1 }),
  usageRow({ model: 'nomic', requests: 3, promptTokens: 200 }),
  usageRow({ requests: 4, unreported: 2, completionTokens: 30 }),
];

describe('what a run spent in all', () => {
  it('is the sum over checks, hops and models', () => {
    expect(totalsOf(ROWS)).toEqual({
      requests: 9,
      unreported: 3,
      promptTokens: 210,
      completionTokens: 31,
      totalTokens: 241,
    });
  });

  it('is nothing where nothing was asked', () => {
    expect(totalsOf([])).toEqual({
      requests: 0,
      unreported: 0,
      promptTokens: 0,
      completionTokens: 0,
      totalTokens: 0,
    });
  });
});

describe('what a run cost', () => {
  const ANY = { model: '', prompt: 1, completion: 10 };
  const row = usageRow({ promptTokens: 500_000, completionTokens: 250_000 });

  it('is not known without a price', () => {
    expect(costOf({ rows: [row], prices: [] })).toBeUndefined();
  });

  it('is that of a million tokens, prompt and completion, by the part of it', () => {
    expect(costOf({ rows: [row], prices: [ANY] })).toEqual({ amount: 3, isLowerBound: false });
  });

  it('is that of each model by its own price', () => {
    const rows = [row, { ...row, model: 'maas/nomic' }, { ...row, check: 'load' }];
    const prices = [ANY, { model: 'nomic', prompt: 0.2, completion: 0 }];
    expect(costOf({ rows, prices })).toEqual({ amount: 3 + 0.1 + 3, isLowerBound: false });
  });

  it('is nothing where nothing was asked', () => {
    expect(costOf({ rows: [], prices: [ANY] })).toEqual({ amount: 0, isLowerBound: false });
  });

  it('is at least that where a call reported no tokens', () => {
    const silent = usageRow({ check: 'load', unreported: 1 });
    expect(costOf({ rows: [row, silent], prices: [ANY] })).toEqual({ amount: 3, isLowerBound: true });
  });

  it('is at least that where a model has no price', () => {
    const prices = [{ ...ANY, model: 'acme/chat' }];
    const other = { ...row, model: 'other' };
    expect(costOf({ rows: [other, row], prices })).toEqual({ amount: 3, isLowerBound: true });
    expect(costOf({ rows: [other], prices })).toEqual({ amount: 0, isLowerBound: true });
  });

  it('is exact, and nothing, by a price of nothing', () => {
    const prices = [{ model: '', prompt: 0, completion: 0 }];
    expect(costOf({ rows: [row], prices })).toEqual({ amount: 0, isLowerBound: false });
  });
});

describe('the budgets of a run', () => {
  const prices = [{ model: '', prompt: 100, completion: 1000 }];

  it('are those that have a limit, with what of it is spent', () => {
    const limits = { tokens: 500, requests: 20, cost: 0.5 };
    const spent = (210 * 100 + 31 * 1000) / 1_000_000;
    expect(budgetsOf({ rows: ROWS, prices, limits })).toEqual([
      { name: 'token-budget', spent: 241, limit: 500 },
      { name: 'request-budget', spent: 9, limit: 20 },
      { name: 'cost-budget', spent: expect.closeTo(spent, 12) as number, limit: 0.5 },
    ]);
  });

  it.each([
    ['tokens', { tokens: 1 }, ['token-budget']],
    ['requests', { requests: 1 }, ['request-budget']],
    ['the cost', { cost: 1 }, ['cost-budget']],
    ['nothing', {}, []],
  ])('may be of %s alone', (_, over, names) => {
    expect(budgetsOf({ rows: ROWS, prices, limits: limited(over) }).map(({ name }) => name)).toEqual(names);
  });

  it.each([
    [{ name: 'token-budget', spent: 512, limit: 500 }, 'token-budget: 512 of 500 spent'],
    [{ name: 'request-budget', spent: 0, limit: 20 }, 'request-budget: 0 of 20 spent'],
    [{ name: 'cost-budget', spent: 0.000236, limit: 0.5 }, 'cost-budget: 0.00024 of 0.50 spent'],
  ] as const)('in words: %j', (budget, words) => {
    expect(inWords(budget)).toBe(words);
  });
});

it('two runs share nothing of what they spend', () => {
  const one = newSpend();
  one.rows.push(usageRow());
  one.traffic.limitHeaders['retry-after'] = '1';
  one.limits.tokens = 1;
  one.prices.push({ model: '', prompt: 1, completion: 1 });
  expect(newSpend()).toEqual({
    prices: [],
    limits: { tokens: undefined, requests: undefined, cost: undefined },
    onBudget: 'warn',
    rows: [],
    traffic: { retries: 0, rateLimited: 0, waitedMs: 0, limitHeaders: {} },
    stopped: undefined,
  });
});
