import { describe, expect, it } from 'vitest';
import { toFailure } from '../../src/errors.js';
import { ApiFailure, rateLimitHeaders } from '../../src/maas/failure.js';
import { BudgetSpent, type Meter, type Outcome } from '../../src/spend/meter.js';
import { httpFailure, noAnswer } from '../helpers/failures.js';
import { limited, meterOf } from '../helpers/meter.js';

const NOTHING: Outcome = { usage: undefined, further: 0, failure: undefined };
const used = (promptTokens: number, completionTokens = 0): Outcome => ({
  ...NOTHING,
  usage: { promptTokens, completionTokens },
});
const failed = (failure: unknown): Outcome => ({ ...NOTHING, failure });
const ask = (meter: Meter, outcome: Outcome = NOTHING) => meter.begin('stack', 'm')(outcome);

/** What a meter throws, or nothing. */
function thrownBy(work: () => unknown): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('what is asked', () => {
  it('is counted by check, hop and model, in the order in which they first came', () => {
    const { meter, spend } = meterOf();
    meter.of('probe');
    meter.begin('model service', 'm')(used(5, 1));
    meter.of('chat');
    meter.begin('stack', 'm')(used(10, 2));
    meter.begin('stack', 'other')(used(20));
    meter.count('model service', 'm')(used(30));
    meter.begin('stack', 'm')(used(1, 1));
    const row = { unreported: 0, requests: 1 };
    expect(spend.rows).toEqual([
      { ...row, check: 'probe', hop: 'model service', model: 'm', promptTokens: 5, completionTokens: 1 },
      { ...row, check: 'chat', hop: 'stack', model: 'm', requests: 2, promptTokens: 11, completionTokens: 3 },
      { ...row, check: 'chat', hop: 'stack', model: 'other', promptTokens: 20, completionTokens: 0 },
      { ...row, check: 'chat', hop: 'model service', model: 'm', promptTokens: 30, completionTokens: 0 },
    ]);
  });

  it('is counted before it is answered', () => {
    const { meter, spend } = meterOf();
    const end = meter.begin('stack', 'm');
    expect(spend.rows).toMatchObject([{ requests: 1, unreported: 0, promptTokens: 0 }]);
    end(used(3));
    expect(spend.rows).toMatchObject([{ requests: 1, promptTokens: 3 }]);
  });

  it('belongs to who asked, though the answer comes when another does', () => {
    const { meter, spend } = meterOf();
    meter.of('chat');
    const end = meter.begin('stack', 'm');
    meter.of('load');
    end(used(3));
    expect(spend.rows).toMatchObject([{ check: 'chat', promptTokens: 3 }]);
  });

  it('counts the further requests that an answer tells of', () => {
    const { meter, spend } = meterOf();
    ask(meter, { ...used(3), further: 2 });
    expect(spend.rows).toMatchObject([{ requests: 3, unreported: 0 }]);
  });

  it('is told as unreported where no tokens came', () => {
    const { meter, spend } = meterOf();
    ask(meter);
    ask(meter, used(0, 0));
    expect(spend.rows).toMatchObject([{ requests: 2, unreported: 1 }]);
  });
});

describe('a call that fails', () => {
  it.each<[string, unknown, number, number]>([
    ...[400, 401, 404, 429, 500, 503].map((status): [string, unknown, number, number] => [
      `with HTTP ${status} is a request, of which nothing need be reported`,
      httpFailure(status),
      1,
      0,
    ]),
    ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'].map((detail): [string, unknown, number, number] => [
      `with ${detail} is no request: nobody took it`,
      noAnswer('connection', detail),
      0,
      0,
    ]),
    ['with a connection that broke is an unreported request', noAnswer('connection', 'ECONNRESET'), 1, 1],
    [
      'with an answer that broke off is an unreported request, whatever broke it',
      noAnswer('connection', 'the answer broke off, ECONNREFUSED'),
      1,
      1,
    ],
    ['by its deadline is an unreported request', noAnswer('timeout'), 1, 1],
    ['by its deadline is one whatever it says', noAnswer('timeout', 'ECONNREFUSED'), 1, 1],
    ['with a stream that was cut is an unreported request', new ApiFailure('stream', 'POST /x', 'it was cut'), 1, 1],
    ['in another form is an unreported request', new ApiFailure('shape', 'POST /x', ''), 1, 1],
    ['by the end of the run is an unreported request', new Error('cancelled'), 1, 1],
  ])('%s', (_, failure, requests, unreported) => {
    const { meter, spend } = meterOf();
    ask(meter, failed(failure));
    expect(spend.rows).toMatchObject([{ requests, unreported, promptTokens: 0, completionTokens: 0 }]);
  });

  it('keeps the tokens that were reported before', () => {
    const { meter, spend } = meterOf();
    ask(meter, { ...used(7, 1), failure: noAnswer('timeout') });
    expect(spend.rows).toMatchObject([{ unreported: 0, promptTokens: 7, completionTokens: 1 }]);
  });
});

describe('the traffic', () => {
  const limit = (headers: Record<string, string>) =>
    new ApiFailure('status', 'POST /chat/completions', '', { status: 429, headers });

  it('tells how often the rate was limited, and by which headers', () => {
    const { meter, spend } = meterOf();
    ask(meter, failed(limit({ 'retry-after': '3', 'x-ratelimit-limit-requests': '5', 'content-type': 'text/html' })));
    ask(meter, failed(limit({ 'retry-after': '7' })));
    ask(meter, failed(httpFailure(500, 'Too Many Requests')));
    ask(meter, failed(httpFailure(500, 'boom')));
    ask(meter, failed(noAnswer('timeout')));
    expect(spend.traffic).toMatchObject({ rateLimited: 3, limitHeaders: { 'retry-after': '7' } });
  });

  it('tells how often calls were made again, and how long they waited, in whole ms', () => {
    const { meter, spend } = meterOf();
    for (const ms of [1500, 0.6, 20]) meter.waited(ms);
    for (let retry = 0; retry < 3; retry += 1) meter.retried();
    expect(spend.traffic).toEqual({ retries: 3, rateLimited: 0, waitedMs: 1521, limitHeaders: {} });
  });
});

describe('headers of rate limits', () => {
  it.each(['x-ratelimit-limit-tokens', 'RateLimit-Policy', 'x-rate-limit-reset', 'retry-after'])(
    '%s is one',
    (name) => {
      expect(rateLimitHeaders({ [name]: '1' })).toEqual({ [name]: '1' });
    },
  );

  it.each(['content-type', 'x-retry-after-note', 'authorization'])('%s is none', (name) => {
    expect(rateLimitHeaders({ [name]: '1' })).toEqual({});
  });
});

describe('a budget that is spent', () => {
  const WAYS = [
    ['tokens', { limits: limited({ tokens: 10 }) }, used(6, 4), 'token-budget: 10 of 10 spent'],
    ['requests', { limits: limited({ requests: 1 }) }, NOTHING, 'request-budget: 1 of 1 spent'],
    [
      'cost',
      { limits: limited({ cost: 0.01 }), prices: [{ model: 'm', prompt: 1000, completion: 2000 }] },
      used(6, 2),
      'cost-budget: 0.01 of 0.01 spent',
    ],
  ] as const;

  describe.each(['stop', 'fail'] as const)('where the user wants it kept (%s)', (onBudget) => {
    it.each(WAYS)('lets nothing more be asked: %s', (_, over, outcome, what) => {
      const { meter, spend } = meterOf({ ...over, prices: [...('prices' in over ? over.prices : [])], onBudget });
      expect(meter.refusal()).toBeUndefined();
      ask(meter, outcome);
      expect(spend.stopped).toBeUndefined();
      const error = thrownBy(() => meter.begin('stack', 'm'));
      expect(error).toBeInstanceOf(BudgetSpent);
      expect(toFailure(error)).toMatchObject({ code: 'E_BUDGET', hop: 'run' });
      expect(toFailure(error).cause).toBe(`a budget of the run is spent: ${what}`);
      expect(toFailure(error).fix).toContain('Raise the budget');
      expect(spend.stopped).toBe(`a budget of the run is spent: ${what}`);
      expect(spend.rows).toMatchObject([{ requests: 1 }]);
    });

    it('counts what is asked all the same to tell whose fault a failure is', () => {
      const { meter, spend } = meterOf({ limits: limited({ requests: 1 }), onBudget });
      ask(meter);
      meter.count('model service', 'm')(used(9));
      expect(spend.rows).toMatchObject([{ requests: 1 }, { hop: 'model service', requests: 1, promptTokens: 9 }]);
      expect(spend.stopped).toBeUndefined();
    });

    it('gives the first reason for which nothing more was asked', () => {
      const { meter, spend } = meterOf({ limits: limited({ tokens: 100, requests: 1 }), onBudget });
      ask(meter);
      thrownBy(() => meter.begin('stack', 'm'));
      meter.count('model service', 'm')(used(200));
      thrownBy(() => meter.begin('stack', 'm'));
      expect(spend.stopped).toContain('request-budget');
    });
  });

  it.each(WAYS)('lets the run go on where the user wants to be warned: %s', (_, over, outcome) => {
    const { meter, spend } = meterOf({ ...over, prices: [...('prices' in over ? over.prices : [])] });
    for (let call = 0; call < 5; call += 1) ask(meter, outcome);
    expect([meter.refusal(), spend.stopped]).toEqual([undefined, undefined]);
    expect(spend.rows).toMatchObject([{ requests: 5 }]);
  });

  it('of requests is given back what nobody took', () => {
    const { meter, spend } = meterOf({ limits: limited({ requests: 1 }), onBudget: 'stop' });
    for (let call = 0; call < 5; call += 1) ask(meter, failed(noAnswer('connection', 'ECONNREFUSED')));
    expect([meter.refusal(), spend.stopped]).toEqual([undefined, undefined]);
  });

  it('of requests is kept by calls that are under way at the same time', () => {
    const { meter, spend } = meterOf({ limits: limited({ requests: 3 }), onBudget: 'stop' });
    const begun = Array.from({ length: 8 }, () => thrownBy(() => meter.begin('stack', 'm')));
    expect(begun.map((error) => error instanceof BudgetSpent)).toEqual([
      ...[false, false, false],
      ...[true, true, true, true, true],
    ]);
    expect(spend.rows).toMatchObject([{ requests: 3 }]);
  });
});

describe('the end of a run', () => {
  const end = (onBudget: 'warn' | 'stop' | 'fail', tokens: number, asksAgain = false) => {
    const { meter } = meterOf({ limits: limited({ tokens: 10 }), onBudget });
    ask(meter, used(tokens));
    if (asksAgain) thrownBy(() => meter.begin('stack', 'm'));
    return thrownBy(() => meter.throwIfOverspent());
  };

  it.each([
    ['went beyond its budget', 11, false, 'token-budget: 11 of 10 spent'],
    ['was kept from asking', 10, true, 'token-budget: 10 of 10 spent'],
  ])('is red where it %s, and the user wants that', (_, tokens, asksAgain, what) => {
    expect(end('fail', tokens, asksAgain)).toMatchObject({
      code: 'E_BUDGET',
      message: `a budget of the run is spent: ${what}`,
    });
  });

  it.each([
    ['spent a part of its budget', 9],
    ['spent its budget, and needed no more', 10],
  ])('is no failure where it %s', (_, tokens) => {
    expect(end('fail', tokens)).toBeUndefined();
  });

  it.each(['warn', 'stop'] as const)('is never red because of a budget where the user wrote %s', (onBudget) => {
    for (const tokens of [10, 11, 1000])
      for (const asksAgain of [false, true]) expect(end(onBudget, tokens, asksAgain)).toBeUndefined();
  });

  it('is no failure without a budget', () => {
    const { meter } = meterOf({ onBudget: 'fail' });
    ask(meter, used(1e9));
    expect(thrownBy(() => meter.throwIfOverspent())).toBeUndefined();
  });
});

it('a run that went beyond its budget was kept from nothing', () => {
  const { meter, spend } = meterOf({ limits: limited({ tokens: 10 }), onBudget: 'fail' });
  ask(meter, used(11));
  thrownBy(() => meter.throwIfOverspent());
  expect(spend.stopped).toBeUndefined();
});

it('headers of limits are those of refusals, the last of each name', () => {
  const { meter, spend } = meterOf();
  const limit = (headers: Record<string, string>) => new ApiFailure('status', 'POST /x', '', { status: 429, headers });
  ask(meter, failed(limit({ 'x-ratelimit-remaining-tokens': '0', 'retry-after': '3' })));
  ask(meter, failed(limit({ 'retry-after': '7' })));
  expect(spend.traffic.limitHeaders).toEqual({ 'x-ratelimit-remaining-tokens': '0', 'retry-after': '7' });
});
