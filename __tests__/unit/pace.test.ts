import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Pace } from '../../src/maas/pace.js';

vi.mock('node:timers/promises', async () => (await import('../helpers/clock.js')).fakeablePauses);

const LIVE = new AbortController().signal;
const MINUTE = 60_000;
/** What a slot counts after its answer: a minute, and one second for what is on its way. */
const WINDOW = 61_000;

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

interface Sent {
  name: number;
  requests: number;
  at: number;
  answeredAt: number;
}

/** Asks for all at once; what was sent, in the order in which it was. */
async function send(pace: Pace, works: { requests?: number; takes?: number; fails?: boolean }[]): Promise<Sent[]> {
  const sent: Sent[] = [];
  const all = works.map(({ requests = 1, takes = 0, fails = false }, name) =>
    pace.spend(requests, async () => {
      const one = { name, requests, at: Date.now(), answeredAt: 0 };
      sent.push(one);
      if (takes) await wait(takes);
      one.answeredAt = Date.now();
      if (fails) throw new Error('it failed');
    }),
  );
  const ended = Promise.allSettled(all);
  await vi.runAllTimersAsync();
  await ended;
  return sent;
}
const times = (sent: Sent[]) => sent.map(({ at }) => at);
const many = (count: number, work: object = {}) => Array.from({ length: count }, () => work);

describe('a limit of requests per minute', () => {
  it('lets so many go at once, and each further one a window after an answer', async () => {
    expect(times(await send(new Pace(3, LIVE), many(7)))).toEqual([0, 0, 0, WINDOW, WINDOW, WINDOW, 2 * WINDOW]);
  });

  it('counts from the answer: the stack may hand a request on at any moment before it', async () => {
    const sent = await send(new Pace(1, LIVE), many(3, { takes: 10_000 }));
    for (const [index, { at }] of sent.entries())
      if (index) expect(at - sent[index - 1]!.answeredAt).toBeGreaterThanOrEqual(WINDOW);
    expect(times(sent)).toEqual([0, 10_000 + WINDOW, 2 * (10_000 + WINDOW)]);
  });

  it('waits for answers that take longer than a window', async () => {
    const sent = await send(new Pace(2, LIVE), [...many(2, { takes: 100_000 }), {}]);
    expect(sent[2]?.at).toBeGreaterThanOrEqual(100_000 + WINDOW);
    expect(sent[2]?.at).toBeLessThan(100_000 + WINDOW + 1000);
  });

  it('never lets more than so many into any 60 s, whatever is asked for by how many', async () => {
    const work = fc.record({
      requests: fc.integer({ min: 1, max: 4 }),
      takes: fc.integer({ min: 0, max: 90_000 }),
      fails: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 4, max: 9 }), fc.array(work, { maxLength: 25 }), async (limit, works) => {
        vi.setSystemTime(0);
        const sent = await send(new Pace(limit, LIVE), works);
        expect(sent.map(({ name }) => name)).toEqual(works.map((_, index) => index));
        // a request reaches the service somewhere from being sent to being answered: every such moment must fit
        for (const { at } of sent) {
          const within = sent.filter((one) => one.at <= at && one.answeredAt > at - MINUTE);
          expect(within.reduce((sum, { requests }) => sum + requests, 0)).toBeLessThanOrEqual(limit);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('keeps the order of calls: a small one does not overtake a large one that waits', async () => {
    const sent = await send(new Pace(3, LIVE), [{ requests: 2 }, { requests: 3 }, { requests: 1 }]);
    expect(sent.map(({ name }) => name)).toEqual([0, 1, 2]);
    expect(times(sent)).toEqual([0, WINDOW, 2 * WINDOW]);
  });

  it('does more than a whole window holds in one that is empty', async () => {
    const sent = await send(new Pace(2, LIVE), [{}, { requests: 3 }, {}]);
    expect(times(sent)).toEqual([0, WINDOW, 2 * WINDOW]);
  });

  it('counts work that fails as any other: it frees nothing early', async () => {
    expect(times(await send(new Pace(1, LIVE), [{ fails: true }, {}]))).toEqual([0, WINDOW]);
  });

  it('lets free turns pass: nothing waits that causes no request', async () => {
    expect(times(await send(new Pace(1, LIVE), [{}, { requests: 0 }, {}]))).toEqual([0, 0, WINDOW]);
  });

  it('does not hold back who comes when the window has passed', async () => {
    const pace = new Pace(1, LIVE);
    await send(pace, [{}]);
    vi.setSystemTime(WINDOW);
    expect(times(await send(pace, [{}]))).toEqual([WINDOW]);
  });
});

describe('who follows the waits', () => {
  it('is told of each of them as it begins, in ms', async () => {
    const waits: [number, number][] = [];
    await send(new Pace(1, LIVE, (ms) => waits.push([Date.now(), ms])), many(3, { takes: 250 }));
    // while everything is under way it looks again and again
    const [first, second] = [WINDOW + 250, 2 * (WINDOW + 250)];
    expect(waits.reduce((sum, [, ms]) => sum + ms, 0)).toBe(second);
    for (const [index, [at, ms]] of waits.entries()) expect(waits[index + 1]?.[0] ?? second).toBe(at + ms);
    expect(waits.map(([at]) => at)).toContain(first);
  });

  it('is told how long the service asked to wait', async () => {
    const waits: number[] = [];
    const pace = new Pace(undefined, LIVE, (ms) => waits.push(ms));
    pace.holdOff(7000);
    await send(pace, many(2));
    expect(waits).toEqual([7000]);
  });

  it('is told nothing where nothing waits', async () => {
    const waits: number[] = [];
    await send(new Pace(3, LIVE, (ms) => waits.push(ms)), [...many(3), { requests: 0 }]);
    expect(waits).toEqual([]);
  });
});

describe('without a limit', () => {
  it('nothing waits', async () => {
    expect(times(await send(new Pace(undefined, LIVE), many(500)))).toEqual(many(500).map(() => 0));
  });
});

describe('what work gives', () => {
  it.each([undefined, 1])('comes back, also what it throws (limit %s)', async (limit) => {
    expect(await new Pace(limit, LIVE).spend(1, () => Promise.resolve('done'))).toBe('done');
    const error = new Error('x');
    await expect(new Pace(limit, LIVE).spend(1, () => Promise.reject(error))).rejects.toBe(error);
  });
});

describe('the end of the run', () => {
  it('ends every wait with its reason, and what waited is not done', async () => {
    const end = new AbortController();
    const reason = new Error('the deadline passed');
    const pace = new Pace(1, end.signal);
    await pace.spend(1, () => Promise.resolve());
    const late = [1, 2].map(() => pace.spend(1, () => Promise.resolve(expect.fail('it was done'))));
    setTimeout(() => end.abort(reason), 5000);
    const ended = Promise.allSettled(late);
    await vi.runAllTimersAsync();
    expect(await ended).toEqual(many(2, { status: 'rejected', reason }));
    expect(Date.now()).toBe(5000);
  });

  it('lets nothing begin after it', async () => {
    const pace = new Pace(5, AbortSignal.abort(new Error('over')));
    await expect(pace.spend(1, () => Promise.resolve())).rejects.toThrow(/^over$/);
  });
});
