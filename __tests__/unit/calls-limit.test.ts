import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiFailure } from '../../src/maas/failure.js';
import { Calls } from '../../src/maas/calls.js';
import { Pace } from '../../src/maas/pace.js';
import { RetryBudget } from '../../src/retry/budget.js';
import { httpFailure } from '../helpers/failures.js';
import { answered, callsOf, LIMIT, made, many, RESET } from '../helpers/made-calls.js';

vi.mock('node:timers/promises', async () => (await import('../helpers/clock.js')).fakeablePauses);

const LIVE = new AbortController().signal;

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a rate that is limited', () => {
  it.each<[string, Error]>([
    ['HTTP 429', LIMIT],
    ['HTTP 403 (3scale)', httpFailure(403, 'Limits exceeded')],
    ['HTTP 500 (the stack)', httpFailure(500, 'Too Many Requests')],
    ['HTTP 400', httpFailure(400, 'rate_limit_exceeded')],
    ['HTTP 429 with a Retry-After of 0', answered(429, { 'retry-after': '0' })],
    ['HTTP 429 with a Retry-After of -1', answered(429, { 'retry-after': '-1' })],
    ['HTTP 503', httpFailure(503, 'Request was throttled')],
    ['an event of a stream', new ApiFailure('stream', 'POST /responses (stream)', 'Rate limit reached')],
  ])('told by %s, is asked again after 1 s, and each time after twice as long', async (_, error) => {
    const { at, ended } = await made(many(5, error));
    expect(at).toEqual([0, 1000, 3000, 7000, 15_000, 31_000]);
    expect(ended).toBe('the answer');
  });

  it('is asked again after 16 s at the most, for a minute and no longer', async () => {
    const at = [0, 1000, 3000, 7000, 15_000, 31_000, 47_000, 63_000, 79_000];
    expect(await made(many(8, LIMIT))).toEqual({ at, ended: 'the answer' });
    vi.setSystemTime(0);
    const { at: all, ended } = await made(many(9, LIMIT));
    expect([all, ended]).toMatchObject([at, { status: 429 }]);
  });

  it('is asked ten times at the most, however short its pauses are', async () => {
    const short = { random: () => 0 };
    expect((await made(many(9, LIMIT), short)).ended).toBe('the answer');
    vi.setSystemTime(0);
    const { at, ended } = await made(many(10, LIMIT), short);
    expect(at).toEqual([0, 500, 1500, 3500, 7500, 15_500, 31_500, 47_500, 63_500, 79_500]);
    expect(ended).toMatchObject({ status: 429 });
  });

  it('is given up 65 s after the first attempt', async () => {
    const asked = answered(429, { 'retry-after': '31' });
    expect((await made([asked, asked, asked, asked])).at).toEqual([0, 32_000, 65_000, 100_000]);
    vi.setSystemTime(0);
    expect((await made([LIMIT], { takes: 65_000 })).at).toEqual([0, 66_000]);
    vi.setSystemTime(0);
    expect((await made([LIMIT], { takes: 65_001 })).at).toEqual([0]);
  });

  it.each(['insufficient_quota', 'Check your plan and billing details', 'no subscription for this key'])(
    'is not asked again where no waiting heals it: %s',
    async (detail) => {
      const { at, ended } = await made([httpFailure(429, detail)]);
      expect(at).toEqual([0]);
      expect((ended as Error).message).toContain(detail);
    },
  );
});

/** A service that refuses everything that comes before this moment, after 100 ms, and asks to wait for so many seconds. */
function limitedUntil(ms: number, retryAfter: string) {
  const at: number[] = [];
  const ask = async () => {
    const now = Date.now();
    at.push(now);
    await new Promise((resolve) => setTimeout(resolve, 100));
    if (now < ms) throw answered(429, { 'retry-after': retryAfter });
    return 'the answer';
  };
  return { at, ask };
}

/** So many calls at the same time, and how they ended. */
async function parallel(count: number, calls: Calls, ask: () => Promise<string>): Promise<unknown[]> {
  const all = Array.from({ length: count }, () => calls.make(1, ask).catch((error: unknown) => error));
  await vi.runAllTimersAsync();
  return await Promise.all(all);
}

describe('of many calls that one limit refuses', () => {
  it('all get over it, and one pays', async () => {
    const budget = new RetryBudget(1);
    const { at, ask } = limitedUntil(2000, '2');
    expect(new Set(await parallel(64, callsOf({ budget }), ask))).toEqual(new Set(['the answer']));
    expect(at).toEqual([...Array<number>(64).fill(0), ...Array<number>(64).fill(3100)]);
  });

  it('all get over it by the budget of a run, whatever the pauses are', async () => {
    const { at, ask } = limitedUntil(2000, '2');
    const calls = new Calls({ pace: new Pace(undefined, LIVE), budget: new RetryBudget(), signal: LIVE });
    expect(new Set(await parallel(64, calls, ask))).toEqual(new Set(['the answer']));
    expect(at).toHaveLength(128);
  });

  it('one pays for each time that it is limited anew', async () => {
    const { ask } = limitedUntil(5000, '2');
    const ended = async (most: number) => new Set(await parallel(64, callsOf({ budget: new RetryBudget(most) }), ask));
    expect(await ended(2)).toEqual(new Set(['the answer']));
    vi.setSystemTime(0);
    expect(await ended(1)).not.toContain('the answer');
  });

  it('all fail where nobody can pay', async () => {
    const { at, ask } = limitedUntil(2000, '2');
    const ended = await parallel(3, callsOf({ budget: new RetryBudget(0) }), ask);
    expect(ended).toMatchObject(many(3, LIMIT).map(() => ({ status: 429 })));
    expect(at).toEqual([0, 0, 0]);
  });

  it('those that are made once are made once', async () => {
    const calls = callsOf();
    const { at, ask } = limitedUntil(2000, '2');
    const [ended] = await Promise.all([parallel(1, calls, ask), parallel(1, calls.withoutRetries(), ask)]);
    expect(ended).toEqual(['the answer']);
    expect(at).toEqual([0, 0, 3100]);
  });
});

describe('a service that asks to wait', () => {
  it.each<[string, ApiFailure, number]>([
    ['for seconds', answered(429, { 'retry-after': '7' }), 8000],
    ['for ms', answered(429, { 'retry-after-ms': '1500' }), 2500],
    ['until a date', answered(429, { 'retry-after': 'Thu, 01 Jan 1970 00:00:20 GMT' }), 21_000],
    ['for as long as is waited at the most', answered(429, { 'retry-after': '65' }), 66_000],
    ['under another status', answered(503, { 'retry-after': '7' }), 7500],
  ])('is waited for %s, and a moment more', async (_, error, ms) => {
    const { at, ended } = await made([error]);
    expect(at).toEqual([0, ms]);
    expect(ended).toBe('the answer');
  });

  it('is waited for longer each time that it was not enough', async () => {
    const { at, ended } = await made(many(4, answered(429, { 'retry-after': '2' })));
    expect(at).toEqual([0, 3000, 7000, 13_000, 23_000]);
    expect(ended).toBe('the answer');
  });

  it.each([
    ['429', answered(429, { 'retry-after': '66' })],
    ['503', answered(503, { 'retry-after': '66' })],
    ['429 in ms', answered(429, { 'retry-after-ms': '65001' })],
  ])('is not waited for above 65 s (HTTP %s)', async (_, error) => {
    expect((await made([error])).at).toEqual([0]);
  });

  it('is waited for by all calls of the pace that ask the model', async () => {
    const calls = callsOf();
    const failing = made([answered(429, { 'retry-after': '20' })], { calls });
    const other: number[] = [];
    setTimeout(() => void calls.make(1, () => Promise.resolve(other.push(Date.now()))), 100);
    expect([(await failing).at, other]).toEqual([[0, 21_000], [21_000]]);
  });

  it('is asked by other calls meanwhile where only a connection broke', async () => {
    const calls = callsOf();
    const failing = made([RESET], { calls });
    const other: number[] = [];
    setTimeout(() => void calls.make(1, () => Promise.resolve(other.push(Date.now()))), 100);
    expect([(await failing).at, other]).toEqual([[0, 500], [100]]);
  });
});

describe('the error of a limit', () => {
  it('tells how many requests the run has sent in the last minute, and keeps all else', async () => {
    const cause = new Error('of the SDK');
    const headers = { 'x-ratelimit-limit-requests': '2' };
    const limit = new ApiFailure('status', 'POST /chat/completions', 'slow down', { status: 429, headers, cause });
    const { ended } = await made(many(3, limit), { budget: new RetryBudget(2) });
    expect(ended).toBeInstanceOf(ApiFailure);
    expect(ended).toMatchObject({
      message: 'POST /chat/completions: HTTP 429 (slow down; up to 3 requests of this run in the last minute)',
      kind: 'status',
      call: 'POST /chat/completions',
      status: 429,
      headers,
      cause,
    });
  });

  it('tells how long the service asks to wait where that is too long', async () => {
    const { ended } = await made([answered(429, { 'retry-after': '3600' })]);
    expect((ended as ApiFailure).detail).toBe(
      'up to 1 requests of this run in the last minute; it asks to wait 3600.0 s',
    );
  });

  it('keeps its kind where it came in a stream', async () => {
    const limit = new ApiFailure('stream', 'POST /responses (stream)', 'Too Many Requests');
    const { ended } = await made(many(3, limit), { budget: new RetryBudget(2) });
    expect(ended).toMatchObject({
      kind: 'stream',
      status: undefined,
      detail: expect.stringContaining('; up to 3 requests') as string,
    });
  });

  it('tells of no requests where the last one was more than a minute ago', async () => {
    const { ended } = await made([LIMIT], { requests: 0, budget: new RetryBudget(0) });
    expect((ended as ApiFailure).detail).toBe('slow down');
  });
});
