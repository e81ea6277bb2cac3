import { amount, priceOf, type Price } from './price.js';

/** Who was asked: the service itself, or the stack, which asks it in turn. */
export type AskedHop = 'model service' | 'stack';

/** What the requests of one check to one model came to. */
export interface UsageRow {
  /** The check, or the stage before any (probe, readiness). */
  check: string;
  hop: AskedHop;
  model: string;
  /** Chat completions, responses and embeddings that were asked for, each attempt; and what a response says that it caused beyond. */
  requests: number;
  /** Calls of these whose token counts nobody reported, or reported as -1. */
  unreported: number;
  promptTokens: number;
  completionTokens: number;
}

/** What happened to the calls on their way. */
export interface Traffic {
  /** Calls that were made again. */
  retries: number;
  /** Refusals for the rate. */
  rateLimited: number;
  /** Waiting before a retry, of each call, and for the pace, which lets calls through one after the other; in ms. */
  waitedMs: number;
  /** Headers of rate limits, as refusals had them, the last of each name. */
  limitHeaders: Record<string, string>;
}

/** What the run may spend at the most; what is undefined has no limit. */
export interface Limits {
  tokens: number | undefined;
  requests: number | undefined;
  /** In the currency of the prices. */
  cost: number | undefined;
}

/** What happens when a limit is reached. */
export type OnBudget = 'warn' | 'fail' | 'stop';

export interface SpendInputs {
  prices: Price[];
  limits: Limits;
  onBudget: OnBudget;
}

/** Everything that is known of what a run spent; filled in as it goes. */
export interface Spend extends SpendInputs {
  rows: UsageRow[];
  traffic: Traffic;
  /** Why the run asked no further; undefined where it was not kept from anything. */
  stopped: string | undefined;
}

export function newSpend(): Spend {
  return {
    prices: [],
    limits: { tokens: undefined, requests: undefined, cost: undefined },
    onBudget: 'warn',
    rows: [],
    traffic: { retries: 0, rateLimited: 0, waitedMs: 0, limitHeaders: {} },
    stopped: undefined,
  };
}

export interface Totals {
  requests: number;
  unreported: number;
  promptTokens: number;
  completionTokens: number;
  totalTokens: number;
}

export function totalsOf(rows: UsageRow[]): Totals {
  const sum = (count: (row: UsageRow) => number) => rows.reduce((total, row) => total + count(row), 0);
  const [promptTokens, completionTokens] = [sum((row) => row.promptTokens), sum((row) => row.completionTokens)];
  return {
    requests: sum((row) => row.requests),
    unreported: sum((row) => row.unreported),
    promptTokens,
    completionTokens,
    totalTokens: promptTokens + completionTokens,
  };
}

export interface Cost {
  amount: number;
  /** Some calls reported no tokens, or their model has no price. */
  isLowerBound: boolean;
}

/** What the tokens of a row cost; undefined where its model has no price. */
export function costOfRow({ model, promptTokens, completionTokens }: UsageRow, prices: Price[]): number | undefined {
  const price = priceOf(model, prices);
  return price && (promptTokens * price.prompt + completionTokens * price.completion) / 1_000_000;
}

/** What the reported tokens cost; undefined where no price was given. */
export function costOf({ rows, prices }: Pick<Spend, 'rows' | 'prices'>): Cost | undefined {
  if (!prices.length) return undefined;
  const costs = rows.map((row) => costOfRow(row, prices));
  return {
    amount: costs.reduce<number>((sum, cost) => sum + (cost ?? 0), 0),
    isLowerBound: costs.includes(undefined) || rows.some(({ unreported }) => unreported > 0),
  };
}

/** One limit and how much of it is spent. */
export interface Budget {
  /** The input that set it. */
  name: 'token-budget' | 'request-budget' | 'cost-budget';
  spent: number;
  limit: number;
}

export function budgetsOf(spend: Pick<Spend, 'rows' | 'prices' | 'limits'>): Budget[] {
  const { tokens, requests, cost } = spend.limits;
  const totals = totalsOf(spend.rows);
  const all = [
    { name: 'token-budget' as const, spent: totals.totalTokens, limit: tokens },
    { name: 'request-budget' as const, spent: totals.requests, limit: requests },
    { name: 'cost-budget' as const, spent: costOf(spend)?.amount ?? 0, limit: cost },
  ];
  return all.flatMap(({ limit, ...rest }) => (limit === undefined ? [] : [{ ...rest, limit }]));
}

/** "token-budget: 512 of 500 spent" */
export function inWords({ name, spent, limit }: Budget): string {
  const told = (value: number) => (name === 'cost-budget' ? amount(value) : String(value));
  return `${name}: ${told(spent)} of ${told(limit)} spent`;
}
