import { pause } from '../pause.js';
import { backoffMs } from '../retry/backoff.js';
import type { RetryBudget } from '../retry/budget.js';
import { retryAfterMs } from '../retry/retry-after.js';
import { seconds } from '../progress.js';
import { ApiFailure, isMisconfigured, isQuotaSpent, isRateLimit } from './failure.js';
import type { Pace } from './pace.js';
import type { Meter } from '../spend/meter.js';

/** A service that asks to wait for longer, in ms, is not waited for: a window of a minute passes, one of an hour does not. */
const LONGEST_WAIT_MS = 65_000;
/** No attempt begins later than this after the first one, in ms. */
const TOTAL_MS = 120_000;
/** Retries of one call, first and longest pause in ms: a rate needs a window of a minute, a broken connection a moment. */
const OF_A_LIMIT = { most: 9, baseMs: 1000, longestMs: 16_000 };
const OF_THE_REST = { most: 4, baseMs: 500, longestMs: 4000 };
/** A rate that is still limited this long after the first attempt, in ms, is not one of requests a minute. */
const LIMIT_MS = 65_000;
/** Statuses of gateways before a server that is away or slow for a moment. */
const PASSING = [408, 429, 502, 503, 504];

export interface CallMeans {
  /** Keeps to the rate that the user named, and waits where the service asked to. */
  pace: Pace;
  /** Shared by all calls of a run: the retries of check, client and stack do not multiply. */
  budget: RetryBudget;
  signal: AbortSignal;
  /** Counts retries and waits. */
  meter?: Pick<Meter, 'retried' | 'waited'>;
  /** From 0 to 1. */
  random?: () => number;
  /** What may be tried again at all; everything that can heal where left out. */
  mayRepeat?: (failure: ApiFailure) => boolean;
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
    const { pace, budget, signal, meter, random, mayRepeat = () => true } = this.means;
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
        const ms = mayRepeat(error) ? pauseBefore(retry, error, random) : undefined;
        const elapsed = Date.now() - (began ?? Date.now());
        const late = isRateLimit(error) ? elapsed > LIMIT_MS : elapsed + (ms ?? 0) > TOTAL_MS;
        // of all calls that the same limit refuses, one pays
        const paid = (isRateLimit(error) && pace.isHeld()) || (ms !== undefined && !late && budget.take());
        if (ms === undefined || late || !paid) throw this.told(error);
        meter?.retried();
        if (isRateLimit(error)) pace.holdOff(ms);
        if (isRateLimit(error) && requests > 0) continue; // the pace holds what it counts
        meter?.waited(ms);
        await pause(ms, signal);
      }
    }
  }

  /** Calls of the same pace that are made once: to find out whose fault it is. */
  withoutRetries(): Calls {
    return new Calls({ ...this.means, mayRepeat: () => false });
  }

  /** Calls that change something at each time: made again where nobody took the first one. */
  ofChanges(): Calls {
    const nobodyListened = ({ kind, detail }: ApiFailure) => kind === 'connection' && detail === 'ECONNREFUSED';
    return new Calls({ ...this.means, mayRepeat: nobodyListened });
  }

  /** A rate limit with what was seen of it: gateways seldom name theirs. */
  private told(failure: ApiFailure): ApiFailure {
    if (!isRateLimit(failure)) return failure;
    const { call, detail, status, headers, kind } = failure;
    const asked = retryAfterMs(headers) ?? 0;
    const sent = this.means.pace.sentInWindow();
    const said = [
      detail,
      sent > 0 && `up to ${sent} requests of this run in the last minute`,
      asked > LONGEST_WAIT_MS && `it asks to wait ${seconds(asked)}`,
    ];
    const options = { headers, cause: failure.cause, ...(status !== undefined && { status }) };
    return new ApiFailure(kind, call, said.filter(Boolean).join('; '), options);
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
  const asked = retryAfterMs(failure.headers) ?? 0;
  if (asked > LONGEST_WAIT_MS) return undefined;
  return asked + Math.min(policy.longestMs, backoffMs(retry, policy.baseMs, random));
}

function canHeal(failure: ApiFailure): boolean {
  const { kind, detail, status = 0 } = failure;
  if (isRateLimit(failure)) return !isQuotaSpent(failure);
  return kind === 'connection' ? !detail.includes('broke off') && !isMisconfigured(failure) : PASSING.includes(status);
}
