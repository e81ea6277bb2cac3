import { pause } from '../pause.js';
import { backoffMs } from '../retry/backoff.js';
import { RetryBudget } from '../retry/budget.js';
import { retryAfterMs } from '../retry/retry-after.js';
import { seconds } from '../progress.js';
import { ApiFailure, isQuotaSpent, isRateLimit } from './failure.js';
import type { Pace } from './pace.js';

/** A service that asks to wait for longer, in ms, is not waited for: a window of a minute passes, one of an hour does not. */
const LONGEST_WAIT_MS = 65_000;
/** No attempt begins later than this after the first one, in ms. */
const TOTAL_MS = 120_000;
/** Retries of one call, and the first pause in ms: a rate needs time, a broken connection a moment. */
const OF_A_LIMIT = { most: 5, baseMs: 1000 };
const OF_THE_REST = { most: 4, baseMs: 500 };
/** Statuses of gateways before a server that is away or slow for a moment. */
const PASSING = [408, 429, 502, 503, 504];

export interface CallMeans {
  /** Keeps to the rate that the user named, and waits where the service asked to. */
  pace: Pace;
  /** Shared by all calls of a run: the retries of check, client and stack do not multiply. */
  budget: RetryBudget;
  signal: AbortSignal;
  /** From 0 to 1. */
  random?: () => number;
}

/**
 * The one place where a call is made again. Only what can heal: a connection that broke before an answer, a gateway's
 * passing error, a rate limit. A wrong answer, a refusal, a stream that was cut or a deadline that passed is an answer.
 */
export class Calls {
  constructor(private readonly means: CallMeans) {}

  /**
   * Makes a call.
   * @param requests what it may cause at the model service
   * @throws ApiFailure of the last attempt; the signal's reason where that is aborted
   */
  async make<T>(requests: number, work: () => Promise<T>): Promise<T> {
    const { pace, budget, signal } = this.means;
    let began: number | undefined;
    const attempt = async () => {
      began ??= Date.now(); // the waiting for the pace does not count
      return await work();
    };
    for (let retry = 0; ; retry += 1) {
      try {
        const result = await pace.spend(requests, attempt);
        budget.earn();
        return result;
      } catch (error) {
        if (!(error instanceof ApiFailure)) throw error;
        const ms = pauseBefore(retry, error, this.means.random);
        const late = Date.now() + (ms ?? 0) - (began ?? Date.now()) > TOTAL_MS;
        if (ms === undefined || late || !budget.take()) throw this.told(error);
        if (isRateLimit(error)) pace.holdOff(ms);
        if (!isRateLimit(error) || requests === 0) await pause(ms, signal); // the pace holds what it counts
      }
    }
  }

  /** Calls of the same pace that are made once: to find out whose fault it is. */
  withoutRetries(): Calls {
    return new Calls({ ...this.means, budget: new RetryBudget(0) });
  }

  /** A rate limit with what was seen of it: gateways seldom name theirs. */
  private told(failure: ApiFailure): ApiFailure {
    if (!isRateLimit(failure)) return failure;
    const { call, detail, status, headers, kind } = failure;
    const asked = retryAfterMs(headers);
    const wait = asked !== undefined && asked > LONGEST_WAIT_MS ? `, asks to wait ${seconds(asked)}` : '';
    const seen = `up to ${this.means.pace.sentInWindow()} requests of this run in the last minute${wait}`;
    const options = { headers, cause: failure.cause, ...(status !== undefined && { status }) };
    return new ApiFailure(kind, call, detail ? `${detail}; ${seen}` : seen, options);
  }
}

/** ms until a call may be made again; undefined where it may not. */
export function pauseBefore(
  retry: number,
  failure: ApiFailure,
  random: () => number = Math.random,
): number | undefined {
  const policy = isRateLimit(failure) ? OF_A_LIMIT : OF_THE_REST;
  if (!canHeal(failure) || retry >= policy.most) return undefined;
  const asked = retryAfterMs(failure.headers);
  if (asked === undefined) return backoffMs(retry, policy.baseMs, random);
  return asked > LONGEST_WAIT_MS ? undefined : asked + backoffMs(0, policy.baseMs, random);
}

function canHeal(failure: ApiFailure): boolean {
  const { kind, detail, status = 0 } = failure;
  if (isRateLimit(failure)) return !isQuotaSpent(failure);
  return kind === 'connection' ? !detail.includes('broke off') : PASSING.includes(status);
}
