/**
 * ms before an attempt, doubled each time, half of it random: callers that failed together do not come back together.
 * https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
 *
 * @param retry 0 before the second attempt
 * @param baseMs of the first pause
 * @param random from 0 to 1
 */
export function backoffMs(retry: number, baseMs: number, random: () => number = Math.random): number {
  const whole = baseMs * 2 ** retry;
  return Math.round(whole / 2 + (whole / 2) * random());
}
