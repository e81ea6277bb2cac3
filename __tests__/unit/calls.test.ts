import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Calls, pauseBefore } from '../../src/maas/calls.js';
import { ApiFailure } from '../../src/maas/failure.js';
import { Pace } from '../../src/maas/pace.js';
import { RetryBudget } from '../../src/retry/budget.js';
import { httpFailure, noAnswer } from '../helpers/failures.js';
import { answered, callsOf, LIMIT, made, many, RESET } from '../helpers/made-calls.js';

vi.mock('node:timers/promises', async () => (await import('../helpers/clock.js')).fakeablePauses);

const CUT = new ApiFailure('stream', 'POST /chat/completions (stream)', 'it was cut');

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

it('a call is made once where it is answered', async () => {
  expect(await made([])).toEqual({ at: [0], ended: 'the answer' });
});

describe('a call that is made again', () => {
  it.each<[string, Error]>([
    ['the connection broke before an answer', RESET],
    ['nobody listens for a moment', noAnswer('connection', 'ECONNREFUSED')],
    ['names are not resolved for a moment', noAnswer('connection', 'EAI_AGAIN')],
    ...[408, 502, 503, 504].map((status): [string, Error] => [`a gateway says HTTP ${status}`, httpFailure(status)]),
  ])('where %s: after 0.5 s, and each time after twice as long', async (_, error) => {
    const { at, ended } = await made(many(4, error));
    expect(at).toEqual([0, 500, 1500, 3500, 7500]);
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
    ['an answer that broke off', noAnswer('connection', 'the answer broke off, ECONNRESET')],
    ['no answer in time', noAnswer('timeout')],
    ...[
      'ENOTFOUND',
      'EPROTO',
      'CERT_HAS_EXPIRED',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    ].map((detail): [string, Error] => [`an address that is wrong: ${detail}`, noAnswer('connection', detail)]),
    ...[400, 413, 422].map((status): [string, Error] => [
      `a request that is too large (HTTP ${status})`,
      httpFailure(status, 'maximum context limit exceeded'),
    ]),
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

  it('after another error than one that may pass', async () => {
    const refused = httpFailure(401);
    expect(await made([RESET, refused])).toEqual({ at: [0, 500], ended: refused });
  });

  it('after five attempts; the last error is told', async () => {
    const last = noAnswer('connection', 'ECONNREFUSED');
    const broken = await made([...many(4, RESET), last, RESET]);
    expect(broken.at).toHaveLength(5);
    expect(broken.ended).toBe(last);
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

describe('a call that changes something each time', () => {
  it('is made again only where nobody took the first one', async () => {
    const refused = noAnswer('connection', 'ECONNREFUSED');
    expect(await made(many(4, refused), { calls: callsOf().ofChanges() })).toEqual({
      at: [0, 500, 1500, 3500, 7500],
      ended: 'the answer',
    });
  });

  it.each([RESET, noAnswer('connection', 'EAI_AGAIN'), httpFailure(503), answered(503, { 'retry-after': '1' })])(
    'is made once after %s',
    async (error) => {
      expect(await made([error], { calls: callsOf().ofChanges() })).toEqual({ at: [0], ended: error });
    },
  );

  it('is made once after a limit, and has the pace and the budget of the others', async () => {
    const calls = callsOf({ budget: new RetryBudget(1) });
    const { at, ended } = await made([LIMIT], { calls: calls.ofChanges() });
    expect([at, ended]).toMatchObject([
      [0],
      { status: 429, detail: 'slow down; up to 1 requests of this run in the last minute' },
    ]);
    const refused = noAnswer('connection', 'ECONNREFUSED');
    expect((await made([refused], { calls: calls.ofChanges() })).at).toHaveLength(2);
    expect((await made([RESET], { calls })).at).toHaveLength(1);
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

it('a pause is random where no numbers are given, within its half', () => {
  const pauses = Array.from({ length: 50 }, () => pauseBefore(0, RESET) ?? 0);
  for (const ms of pauses) expect(ms).toSatisfy((value: number) => value >= 250 && value <= 500);
  expect(new Set(pauses).size).toBeGreaterThan(5);
});
