import { vi } from 'vitest';
import { Calls, type CallMeans } from '../../src/maas/calls.js';
import { ApiFailure } from '../../src/maas/failure.js';
import { Pace } from '../../src/maas/pace.js';
import { RetryBudget } from '../../src/retry/budget.js';
import { httpFailure, noAnswer } from './failures.js';

export const RESET = noAnswer('connection', 'ECONNRESET');
export const LIMIT = httpFailure(429, 'slow down');

export interface Bench {
  calls?: Calls;
  budget?: RetryBudget;
  signal?: AbortSignal;
  random?: () => number;
  meter?: CallMeans['meter'];
  requests?: number;
  /** ms that each attempt takes. */
  takes?: number;
}

/** Calls without a limit of their own, whose pauses are the longest. */
export function callsOf({
  budget = new RetryBudget(),
  signal = new AbortController().signal,
  random = () => 1,
  meter,
}: Bench = {}): Calls {
  const pace = new Pace(undefined, signal, (ms) => meter?.waited(ms));
  return new Calls({ pace, budget, signal, random, ...(meter && { meter }) });
}

export function answered(status: number, headers: Record<string, string>, detail = ''): ApiFailure {
  return new ApiFailure('status', 'POST /chat/completions', detail, { status, headers });
}

/**
 * A call that fails as often as there are errors and is then answered: when it was made, and how it ended. For fake timers and
 * `fakeablePauses`.
 */
export async function made(
  errors: Error[],
  { calls, requests = 1, takes = 0, ...bench }: Bench = {},
): Promise<{ at: number[]; ended: unknown }> {
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

export const many = (count: number, error: Error): Error[] => Array.from({ length: count }, () => error);
