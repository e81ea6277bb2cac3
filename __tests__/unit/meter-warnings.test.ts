import { describe, expect, it } from 'vitest';
import { noAnswer } from '../helpers/failures.js';
import type { Meter } from '../../src/spend/meter.js';
import type { Spend } from '../../src/spend/spend.js';
import { limited, meterOf } from '../helpers/meter.js';

const spendTokens = (meter: Meter, promptTokens: number, completionTokens = 0) =>
  meter.count('stack', 'm')({ usage: { promptTokens, completionTokens }, further: 0, failure: undefined });

/** What is warned of after each of several calls. */
function warnedAfter(over: Partial<Spend>, ...tokens: number[]): string[][] {
  const { meter, warnings } = meterOf(over);
  return tokens.map((count) => {
    spendTokens(meter, count);
    return warnings.splice(0);
  });
}

const LIMITS = limited({ tokens: 100 });
const ENDS = [
  ['warn', '; the run goes on (on-budget: warn)'],
  ['stop', '; nothing more is asked of a model (on-budget: stop)'],
  ['fail', '; nothing more is asked of a model (on-budget: fail)'],
] as const;

describe.each(ENDS)('a budget, on-budget %s', (onBudget, end) => {
  it('is told of at 80 % and where it is spent, once each, and never again', () => {
    expect(warnedAfter({ limits: LIMITS, onBudget }, 79, 1, 19, 1, 1, 500)).toEqual([
      [],
      ['token-budget: 80 of 100 spent, 80 % or more'],
      [],
      [`token-budget: 100 of 100 spent${end}`],
      [],
      [],
    ]);
  });

  it('is told of once where one call spends all of it', () => {
    expect(warnedAfter({ limits: LIMITS, onBudget }, 150, 1)).toEqual([[`token-budget: 150 of 100 spent${end}`], []]);
  });
});

it('is told of for each budget by itself', () => {
  const prices = [{ model: '', prompt: 10_000, completion: 10_000 }];
  const limits = { tokens: 100, requests: 4, cost: 1 };
  expect(warnedAfter({ limits, prices }, 30, 30, 30, 30)).toEqual([
    [],
    [],
    ['token-budget: 90 of 100 spent, 80 % or more', 'cost-budget: 0.90 of 1.00 spent, 80 % or more'],
    [
      'token-budget: 120 of 100 spent; the run goes on (on-budget: warn)',
      'request-budget: 4 of 4 spent; the run goes on (on-budget: warn)',
      'cost-budget: 1.20 of 1.00 spent; the run goes on (on-budget: warn)',
    ],
  ]);
});

it('is not told of where there is none', () => {
  expect(warnedAfter({}, 1_000_000, 1_000_000)).toEqual([[], []]);
});

it('is told of where another request is refused, when none of those before has been answered yet', () => {
  const { meter, warnings } = meterOf({ limits: limited({ requests: 1 }), onBudget: 'stop' });
  meter.begin('stack', 'm');
  expect(warnings).toEqual([]);
  expect(meter.refusal()).toBeDefined();
  expect(warnings).toEqual(['request-budget: 1 of 1 spent; nothing more is asked of a model (on-budget: stop)']);
});

it('is told once of a model without a price, where there is a budget for the cost', () => {
  const prices = [{ model: 'other', prompt: 1, completion: 1 }];
  expect(warnedAfter({ prices, limits: { ...LIMITS, cost: 1 } }, 1, 1)[0]).toEqual([
    expect.stringMatching(/^price has none for the model .*: cost-budget does not see what it costs$/),
  ]);
  expect(warnedAfter({ prices, limits: { ...LIMITS, cost: 1 } }, 1, 1)[1]).toEqual([]);
  expect(warnedAfter({ prices, limits: LIMITS }, 1)).toEqual([[]]);
});

it('a budget is not told as spent by a request that nobody took', () => {
  const { meter, warnings } = meterOf({ limits: limited({ requests: 1 }), onBudget: 'stop' });
  const failure = noAnswer('connection', 'ECONNREFUSED');
  meter.begin('stack', 'm')({ usage: undefined, further: 0, failure });
  expect([meter.refusal(), warnings]).toEqual([undefined, []]);
});

it('80 % are not told as more', () => {
  expect(warnedAfter({ limits: LIMITS }, 80)).toEqual([[expect.not.stringContaining('more than')]]);
});
