import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Calls, pauseBefore } from '../../src/maas/calls.js';
import { ApiFailure } from '../../src/maas/failure.js';
import { Pace } from '../../src/maas/pace.js';
import { RetryBudget } from '../../src/retry/budget.js';
import { httpFailure, noAnswer } from '../helpers/failures.js';

vi.mock('node:timers/promises', async () => (await import('../helpers/clock.js')).fakeablePauses);

const RESET = noAnswer('connection', 'ECONNRESET');
const CUT = new ApiFailure('stream', 'POST /chat/completions (stream)', 'it was cut');
const LIMIT = httpFailure(429, 'slow down');

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

interface Bench {
  calls?: Calls;
  budget?: RetryBudget;
  signal?: AbortSignal;
  random?: () => number;
  requests?: number;
  /** ms that each attempt takes. */
  takes?: number;
}

function callsOf({ budget = new RetryBudget(), signal = new AbortController().signal, random = () => 1 }: Bench = {}) {
  return new Calls({ pace: new Pace(undefined, signal), budget, signal, random });
}

function answered(status: number, headers: Record<string, string>, detail = ''): ApiFailure {
  return new ApiFailure('status', 'POST /chat/completions', detail, { status, headers });
}

/** A call that fails as often as there are errors and is then answered: when it was made, and how it ended. */
async function made(errors: Error[], { calls, requests = 1, takes = 0, ...bench }: Bench = {}) {
  const left = [...errors];
  const at: number[] = [];
  const work = async () => {
    at.push(Date.now());
    if (takes) await new Promise((resolve) => setTimeout(resolve, takes));
    const error = left.shift();
    if (error) throw error;
    return 'the answer';
  };
  const ended = (calls ?? callsOf(bench)).make(requests, work).catch((error: unknown) => error);
  await vi.runAllTimersAsync();
  return { at, ended: await ended };
}
const many = (count: number, error: Error) => Array.from({ length: count }, () => error);

it('a call is made once where it is answered', async () => {
  expect(await made([])).toEqual({ at: [0], ended: 'the answer' });
});

describe('a call that is made again', () => {
  it.each<[string, Error]>([
    ['the connection broke before an answer', RESET],
    ['nobody listens for a moment', noAnswer('connection', 'ECONNREFUSED')],
    ...[408, 502, 503, 504].map((status): [string, Error] => [`a gateway says HTTP ${status}`, httpFailure(status)]),
  ])('where %s: after 0.5 s, and each time after twice as long', async (_, error) => {
    const { at, ended } = await made(many(4, error));
    expect(at).toEqual([0, 500, 1500, 3500, 7500]);
    expect(ended).toBe('the answer');
  });

  it.each<[string, Error]>([
    ['HTTP 429', LIMIT],
    ['HTTP 403 (3scale)', httpFailure(403, 'Limits exceeded')],
    ['HTTP 500 (the stack)', httpFailure(500, 'Too Many Requests')],
    ['HTTP 400', httpFailure(400, 'rate_limit_exceeded')],
    ['HTTP 503', httpFailure(503, 'Request was throttled')],
    ['an event of a stream', new ApiFailure('stream', 'POST /responses (stream)', 'Rate limit reached')],
  ])('where the rate is limited, told by %s: after 1 s, and each time after twice as long', async (_, error) => {
    const { at, ended } = await made(many(5, error));
    expect(at).toEqual([0, 1000, 3000, 7000, 15_000, 31_000]);
    expect(ended).toBe('the answer');
  });

  it('pauses for half of that at the least, so that callers do not come back together', async () => {
    expect((await made([RESET, RESET], { random: () => 0 })).at).toEqual([0, 250, 750]);
    expect((await made([LIMIT], { random: () => 0 })).at.map((ms) => ms - 750)).toEqual([0, 500]);
  });

  it('may fail in another way each time', async () => {
    const { at, ended } = await made([RESET, LIMIT, httpFailure(503)]);
    expect(at).toEqual([0, 500, 2500, 4500]);
    expect(ended).toBe('the answer');
  });

  it.each([1, 0])('pauses also for a limit where it causes %i requests at the model service', async (requests) => {
    expect((await made([LIMIT, LIMIT], { requests })).at).toEqual([0, 1000, 3000]);
  });
});

describe('a call is not made again', () => {
  it.each<[string, Error]>([
    ['an answer that broke off', noAnswer('connection', 'the answer broke off, UND_ERR_SOCKET')],
    ['no answer in time', noAnswer('timeout')],
    ['an answer in another form', new ApiFailure('shape', 'GET /models', '')],
    ['a stream that was cut', CUT],
    ...[301, 400, 401, 403, 404, 422, 500, 501].map((status): [string, Error] => [
      `HTTP ${status}`,
      httpFailure(status, 'no'),
    ]),
    ['a bug', new TypeError('x')],
  ])('after %s', async (_, error) => {
    const { at, ended } = await made([error]);
    expect(at).toEqual([0]);
    expect(ended).toBe(error);
  });

  it.each(['insufficient_quota', 'Check your plan and billing details', 'no subscription for this key'])(
    'after a limit that no waiting heals: %s',
    async (detail) => {
      const { at, ended } = await made([httpFailure(429, detail)]);
      expect(at).toEqual([0]);
      expect((ended as Error).message).toContain(detail);
    },
  );

  it('after another error than one that may pass', async () => {
    const refused = httpFailure(401);
    expect(await made([RESET, refused])).toEqual({ at: [0, 500], ended: refused });
  });

  it('after five attempts, or six where the rate is limited; the last error is told', async () => {
    const last = noAnswer('connection', 'ECONNREFUSED');
    const broken = await made([...many(4, RESET), last, RESET]);
    expect(broken.at).toHaveLength(5);
    expect(broken.ended).toBe(last);
    expect((await made(many(7, LIMIT))).at).toHaveLength(6);
  });

  it('where it would begin later than two minutes after the first attempt', async () => {
    const away = httpFailure(504);
    expect((await made([away], { takes: 119_500 })).at).toEqual([0, 120_000]);
    vi.setSystemTime(0);
    expect(await made([away], { takes: 119_501 })).toEqual({ at: [0], ended: away });
    vi.setSystemTime(0);
    const asked = answered(503, { 'retry-after': '60' });
    expect((await made([asked, asked])).at).toEqual([0, 60_500]);
  });
});

it('the two minutes of a call begin with its first attempt, not with its waiting for the pace', async () => {
  const signal = new AbortController().signal;
  const calls = new Calls({ pace: new Pace(1, signal), budget: new RetryBudget(), signal, random: () => 1 });
  for (const earlier of [1, 2]) void calls.make(1, () => Promise.resolve(earlier));
  expect(await made([RESET], { calls })).toEqual({ at: [122_000, 183_000], ended: 'the answer' });
});

describe('a service that asks to wait', () => {
  it.each<[string, ApiFailure, number]>([
    ['for seconds', answered(429, { 'retry-after': '7' }), 8000],
    ['for ms', answered(429, { 'retry-after-ms': '1500' }), 2500],
    ['until a date', answered(429, { 'retry-after': 'Thu, 01 Jan 1970 00:00:20 GMT' }), 21_000],
    ['for as long as is waited at the most', answered(429, { 'retry-after': '65' }), 66_000],
    ['under another status', answered(503, { 'retry-after': '7' }), 7500],
    ['not at all', answered(429, { 'retry-after': '0' }), 1000],
  ])('is waited for %s, and a moment more', async (_, error, ms) => {
    const { at, ended } = await made([error]);
    expect(at).toEqual([0, ms]);
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

describe('the budget', () => {
  it('is shared by all calls; where it is exhausted a call is made once', async () => {
    const calls = callsOf({ budget: new RetryBudget(3) });
    expect((await made(many(5, RESET), { calls })).at).toHaveLength(4);
    const { at, ended } = await made([RESET], { calls });
    expect(at).toHaveLength(1);
    expect(ended).toBe(RESET);
  });

  it('is spent by nothing that is not tried again', async () => {
    const calls = callsOf({ budget: new RetryBudget(1) });
    for (const error of [CUT, httpFailure(500), answered(429, { 'retry-after': '900' })])
      await made([error], { calls });
    expect((await made([RESET], { calls })).at).toHaveLength(2);
  });

  it('grows by answers: five of them earn one more retry', async () => {
    const calls = callsOf({ budget: new RetryBudget(1) });
    await made([RESET, CUT], { calls });
    for (let answers = 0; answers < 4; answers += 1) await made([], { calls });
    expect((await made([RESET], { calls })).at).toHaveLength(1);
    await made([], { calls });
    expect((await made([RESET], { calls })).at).toHaveLength(2);
  });

  it('of calls without retries is none, and their pace is the same', async () => {
    const calls = callsOf();
    const once = calls.withoutRetries();
    for (const error of [RESET, httpFailure(503)]) expect((await made([error], { calls: once })).at).toHaveLength(1);
    expect(((await made([LIMIT], { calls: once })).ended as Error).message).toContain('up to 3 requests of this run');
    expect((await made([RESET], { calls })).at).toHaveLength(2);
  });
});

describe('the end of the run', () => {
  it.each([
    ['a broken connection', RESET],
    ['a limit', LIMIT],
  ])('ends a pause for %s with its reason', async (_, error) => {
    const end = new AbortController();
    const reason = new Error('the deadline passed');
    setTimeout(() => end.abort(reason), 300);
    const { at, ended } = await made([error], { signal: end.signal });
    expect([at, ended, Date.now()]).toEqual([[0], reason, 300]);
  });

  it('lets no call begin after it', async () => {
    const over = new Error('over');
    expect(await made([], { signal: AbortSignal.abort(over) })).toEqual({ at: [], ended: over });
  });
});

describe('the error of a limit', () => {
  it('tells how many requests the run has sent in the last minute, and keeps all else', async () => {
    const cause = new Error('of the SDK');
    const headers = { 'x-ratelimit-limit-requests': '2' };
    const limit = new ApiFailure('status', 'POST /chat/completions', 'slow down', { status: 429, headers, cause });
    const { ended } = await made(many(6, limit));
    expect(ended).toBeInstanceOf(ApiFailure);
    expect(ended).toMatchObject({
      message: 'POST /chat/completions: HTTP 429 (slow down; up to 6 requests of this run in the last minute)',
      kind: 'status',
      call: 'POST /chat/completions',
      status: 429,
      headers,
      cause,
    });
  });

  it('tells how long the service asks to wait where that is too long', async () => {
    const { ended } = await made([answered(429, { 'retry-after': '3600' })]);
    expect((ended as ApiFailure).detail).toBe('up to 1 requests of this run in the last minute, asks to wait 3600.0 s');
  });

  it('keeps its kind where it came in a stream', async () => {
    const limit = new ApiFailure('stream', 'POST /responses (stream)', 'Too Many Requests');
    const { ended } = await made(many(6, limit));
    expect(ended).toMatchObject({
      kind: 'stream',
      status: undefined,
      detail: expect.stringContaining('; up to 6 requests') as string,
    });
  });
});

it('a pause is random where no numbers are given, within its half', () => {
  const pauses = Array.from({ length: 50 }, () => pauseBefore(0, RESET) ?? 0);
  for (const ms of pauses) expect(ms).toSatisfy((value: number) => value >= 250 && value <= 500);
  expect(new Set(pauses).size).toBeGreaterThan(5);
});
