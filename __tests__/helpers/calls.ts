import { Calls } from '../../src/maas/calls.js';
import { Pace } from '../../src/maas/pace.js';
import { RetryBudget } from '../../src/retry/budget.js';

const LIVE = new AbortController().signal;

/** Calls by a pace, without a limit where none is given; each is made once, so that a test counts what is asked for. */
export function madeOnce(pace: Pace = new Pace(undefined, LIVE)): Calls {
  return new Calls({ pace, budget: new RetryBudget(0), signal: LIVE });
}

export const ONCE = madeOnce();
