import { Meter } from '../../src/spend/meter.js';
import { newSpend, type Spend, type UsageRow } from '../../src/spend/spend.js';

/** A meter, what it counts, and what it warned of. */
export function meterOf(over: Partial<Spend> = {}): { meter: Meter; spend: Spend; warnings: string[] } {
  const [spend, warnings] = [{ ...newSpend(), ...over }, [] as string[]];
  return { meter: new Meter(spend, (line) => void warnings.push(line)), spend, warnings };
}

/** What one check asked of one model: one request, of which nothing is known beyond what is given. */
export function usageRow(over: Partial<UsageRow> = {}): UsageRow {
  return {
    check: 'chat',
    hop: 'stack',
    model: 'maas/acme/chat',
    requests: 1,
    unreported: 0,
    promptTokens: 0,
    completionTokens: 0,
    ...over,
  };
}

/** A spend with limits, of which those that are left out are none. */
export function limited(over: Partial<Spend['limits']>): Spend['limits'] {
  return { ...newSpend().limits, ...over };
}
