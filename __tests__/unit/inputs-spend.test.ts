import { describe, expect, it } from 'vitest';
import { parseInputs, type RawInputs } from '../../src/inputs.js';
import { failureOf } from '../helpers/failures.js';
import { inputs, rawInputs } from '../helpers/inputs.js';

const PRICE = '0.15/0.60';

describe('what a user may write of costs', () => {
  it('is nothing: then there is no price, no limit, and nothing to compare with', () => {
    expect(inputs()).toMatchObject({
      spend: {
        prices: [],
        limits: { tokens: undefined, requests: undefined, cost: undefined },
        onBudget: 'warn',
      },
      baseline: '',
    });
  });

  it('is all of it', () => {
    const spend = inputs({
      price: `chat = ${PRICE}\n1/2`,
      'token-budget': '100000',
      'request-budget': '200',
      'cost-budget': '0.50',
      'on-budget': 'stop',
    }).spend;
    expect(spend).toEqual({
      prices: [
        { model: 'chat', prompt: 0.15, completion: 0.6 },
        { model: '', prompt: 1, completion: 2 },
      ],
      limits: { tokens: 100_000, requests: 200, cost: 0.5 },
      onBudget: 'stop',
    });
  });

  it.each([
    ['1', 1],
    ['999999999', 999_999_999],
    ['007', 7],
  ])('budgets of tokens and requests: %s', (written, count) => {
    const { limits } = inputs({ 'token-budget': written, 'request-budget': written }).spend;
    expect(limits).toEqual({ tokens: count, requests: count, cost: undefined });
  });

  it.each(['warn', 'stop', 'fail'] as const)('on-budget %s', (onBudget) => {
    expect(inputs({ 'on-budget': onBudget, 'request-budget': '9' }).spend.onBudget).toBe(onBudget);
  });

  it.each([
    ['5', 5],
    ['0.000001', 1e-6],
  ])('cost-budget %s', (written, cost) => {
    expect(inputs({ 'cost-budget': written, price: PRICE }).spend.limits.cost).toBe(cost);
  });

  it.each(['report.json', 'old/report.json', 'a..b.json', ''])('baseline "%s"', (baseline) => {
    expect(inputs({ baseline }).baseline).toBe(baseline);
  });
});

describe('what is refused of costs names its input, and how to write it', () => {
  it.each<[keyof RawInputs, string, RegExp]>([
    ['price', '0.15', /per million tokens/],
    ['price', '0.15/0.60\nmodel: 1/2', /MODEL|llama-3-2-3b=0\.15\/0\.60/],
    ['token-budget', '0', /from 1 to 999999999/],
    ['token-budget', '-1', /whole number/],
    ['token-budget', '100k', /whole number/],
    ['token-budget', '1.5', /whole number/],
    ['token-budget', '1000000000', /from 1 to 999999999/],
    ['request-budget', '0', /from 1 to 999999999/],
    ['request-budget', 'none', /whole number/],
    ['cost-budget', '-0.5', /such as 0\.50/],
    ['cost-budget', '0,50', /such as 0\.50/],
    ['cost-budget', '$1', /such as 0\.50/],
    ['cost-budget', '1e3', /such as 0\.50/],
    ['on-budget', '', /warn, fail or stop/],
    ['on-budget', 'Stop', /warn, fail or stop/],
    ['on-budget', 'skip', /warn, fail or stop/],
    ['baseline', '/tmp/report.json', /in the workspace/],
    ['baseline', '../report.json', /in the workspace/],
    ['baseline', 'a/../../b', /in the workspace/],
    ['baseline', 'reports/', /in the workspace/],
  ])('%s: %j', async (name, text, fix) => {
    const failure = await failureOf(() => parseInputs(rawInputs({ price: PRICE, [name]: text })));
    expect([failure.code, failure.hop]).toEqual(['E_INPUT', 'inputs']);
    expect(failure.message).toContain(`input ${name} `);
    expect(failure.fix).toMatch(fix);
  });

  it.each(['', ' \n '])('cost-budget without a price is none: %j', async (price) => {
    const failure = await failureOf(() => inputs({ 'cost-budget': '0.50', price }));
    expect(failure.message).toBe('input cost-budget is set, and price is empty');
    expect(failure.fix).toContain('price');
  });

  it('a cost-budget that is no amount is told before the price that is missing', async () => {
    expect((await failureOf(() => inputs({ 'cost-budget': 'much' }))).message).toBe('input cost-budget is "much"');
  });
});
