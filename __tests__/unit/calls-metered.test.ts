import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ApiFailure } from '../../src/maas/failure.js';
import { RetryBudget } from '../../src/retry/budget.js';
import { httpFailure } from '../helpers/failures.js';
import { answered, callsOf, LIMIT, made, RESET } from '../helpers/made-calls.js';
import { meterOf } from '../helpers/meter.js';

vi.mock('node:timers/promises', async () => (await import('../helpers/clock.js')).fakeablePauses);

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

const CUT = new ApiFailure('stream', 'POST /chat/completions (stream)', 'it was cut');

/** What a meter is told of a call that fails in these ways. */
async function told(errors: Error[], bench: Parameters<typeof made>[1] = {}) {
  const { meter, spend } = meterOf();
  const { at } = await made(errors, { ...bench, calls: callsOf({ ...bench, meter }) });
  const { retries, waitedMs } = spend.traffic;
  return { retries, waitedMs, lastAt: at.at(-1) };
}

it.each<[string, Error[], number, number]>([
  ['nothing of a call that is answered', [], 0, 0],
  ['of each retry, and of the pause before it', [RESET, httpFailure(503)], 2, 500 + 1000],
  ['of the wait that a limit makes of the pace', [LIMIT, LIMIT], 2, 1000 + 2000],
  ['of a wait that the service asked for', [answered(429, { 'retry-after': '20' })], 1, 21_000],
  ['of waits of both kinds', [RESET, LIMIT], 2, 500 + 2000],
])('a meter is told %s', async (_, errors, retries, waitedMs) => {
  expect(await told(errors)).toEqual({ retries, waitedMs, lastAt: waitedMs });
});

it('a meter is told of the wait for a limit that nothing at the service counts', async () => {
  expect(await told([LIMIT, LIMIT], { requests: 0 })).toEqual({ retries: 2, waitedMs: 3000, lastAt: 3000 });
});

it.each<[string, Error[], Parameters<typeof told>[1]]>([
  ['can not heal', [CUT], {}],
  ['may not be made again: the budget of retries is spent', [RESET], { budget: new RetryBudget(0) }],
])('a meter is told nothing of a call that %s', async (_, errors, bench) => {
  expect(await told(errors, bench)).toMatchObject({ retries: 0, waitedMs: 0 });
});

it('a meter is told of the last retry, and not of the failure that ends a call', async () => {
  expect(await told([RESET, httpFailure(401)])).toMatchObject({ retries: 1, waitedMs: 500 });
});

it('calls without a meter are made again all the same', async () => {
  expect((await made([RESET])).at).toEqual([0, 500]);
});

it('calls of changes, and calls without retries, have the meter of the others', async () => {
  const { meter, spend } = meterOf();
  const calls = callsOf({ meter });
  await made([new ApiFailure('connection', 'POST /x', 'ECONNREFUSED')], { calls: calls.ofChanges() });
  await made([RESET], { calls: calls.withoutRetries() });
  expect(spend.traffic).toMatchObject({ retries: 1, waitedMs: 500 });
});
