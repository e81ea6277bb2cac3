import { RunError } from '../errors.js';
import type { Usage } from '../maas/answers.js';
import { ApiFailure, isMisconfigured, isRateLimit, rateLimitHeaders } from '../maas/failure.js';
import { priceOf } from './price.js';
import { budgetsOf, inWords, type AskedHop, type Budget, type Spend, type UsageRow } from './spend.js';

/** Share of a budget at which its reader is warned. */
const WARNED_AT = 0.8;

/** A budget is spent: what was under way asks no further. */
export class BudgetSpent extends RunError {
  constructor(what: string) {
    super(
      'E_BUDGET',
      'run',
      `a budget of the run is spent: ${what}`,
      'Raise the budget, choose fewer checks, or a model that says less.',
    );
    this.name = 'BudgetSpent';
  }
}

/** What came of one call. */
export interface Outcome {
  usage: Usage | undefined;
  /** Further requests to the model that the answer tells of. */
  further: number;
  failure: unknown;
}

/** Counts what a run asks of models, by who asks, and keeps it within its budgets. */
export class Meter {
  private asker = '';
  private readonly warned = new Set<string>();

  /**
   * @param spend takes the counts
   * @param warn is told, once each, of a budget at 80 %, when it is spent, and of what it can not see
   */
  constructor(
    private readonly spend: Spend,
    private readonly warn: (line: string) => void,
  ) {}

  /** From here on it is this check, or stage, that asks. */
  of(asker: string): void {
    this.asker = asker;
  }

  /**
   * Counts a call that is about to be made: before it, so that parallel ones keep to a budget of requests.
   * @returns takes what came of it
   * @throws BudgetSpent
   */
  begin(hop: AskedHop, model: string): (outcome: Outcome) => void {
    const spent = this.refusal();
    if (spent) throw spent;
    return this.count(hop, model);
  }

  /** Counts a call that is made whatever was spent: it tells whose fault a failure is. */
  count(hop: AskedHop, model: string): (outcome: Outcome) => void {
    const row = this.rowOf(hop, model);
    row.requests += 1;
    return (outcome) => {
      this.end(row, outcome);
      this.tell(row);
    };
  }

  /** Why nothing more may be asked: a budget is spent, and the user wants it kept. undefined where there is none. */
  refusal(): BudgetSpent | undefined {
    const spent = this.spend.onBudget === 'warn' ? undefined : this.spent();
    if (!spent) return undefined;
    this.tell();
    this.spend.stopped ??= spent.message;
    return spent;
  }

  /** @throws BudgetSpent where the user wants a run red that its budget did not suffice for, or that went beyond */
  throwIfOverspent(): void {
    const isBeyond = this.budgets().some(({ spent, limit }) => spent > limit);
    const spent = isBeyond || this.spend.stopped !== undefined ? this.spent() : undefined;
    if (spent && this.spend.onBudget === 'fail') throw spent;
  }

  /** A call is made again. */
  retried(): void {
    this.spend.traffic.retries += 1;
  }

  /** A call waited this many ms for its turn. */
  waited(ms: number): void {
    this.spend.traffic.waitedMs += Math.round(ms);
  }

  private end(row: UsageRow, { usage, further, failure }: Outcome): void {
    if (failure instanceof ApiFailure) {
      if (isNobodyThere(failure)) row.requests -= 1;
      if (isRateLimit(failure)) this.limited(failure);
    }
    row.requests += further;
    if (usage) {
      row.promptTokens += usage.promptTokens;
      row.completionTokens += usage.completionTokens;
    } else if (!isRefusal(failure)) row.unreported += 1;
  }

  private limited({ headers }: ApiFailure): void {
    const { traffic } = this.spend;
    traffic.rateLimited += 1;
    traffic.limitHeaders = { ...traffic.limitHeaders, ...rateLimitHeaders(headers) };
  }

  private spent(): BudgetSpent | undefined {
    const budget = this.budgets().find(({ spent, limit }) => spent >= limit);
    return budget && new BudgetSpent(inWords(budget));
  }

  private tell(row?: UsageRow): void {
    for (const budget of this.budgets()) {
      const { name, spent, limit } = budget;
      if (spent >= limit) this.once(`${name} spent`, `${inWords(budget)}${this.consequence()}`);
      else if (spent >= WARNED_AT * limit) this.once(name, `${inWords(budget)}, 80 % or more`);
    }
    if (row && this.spend.limits.cost !== undefined && !priceOf(row.model, this.spend.prices))
      this.once(
        `no price ${row.model}`,
        `price has none for the model ${row.model}: cost-budget does not see what it costs`,
      );
  }

  private consequence(): string {
    const { onBudget } = this.spend;
    if (onBudget === 'warn') return '; the run goes on (on-budget: warn)';
    return `; nothing more is asked of a model (on-budget: ${onBudget})`;
  }

  private once(what: string, line: string): void {
    if (this.warned.has(what)) return;
    this.warned.add(what);
    this.warn(line);
  }

  private budgets(): Budget[] {
    return budgetsOf(this.spend);
  }

  private rowOf(hop: AskedHop, model: string): UsageRow {
    const { rows } = this.spend;
    const known = rows.find((row) => row.check === this.asker && row.hop === hop && row.model === model);
    if (known) return known;
    const row = { check: this.asker, hop, model, requests: 0, unreported: 0, promptTokens: 0, completionTokens: 0 };
    rows.push(row);
    return row;
  }
}

/** Statuses by which a gateway gives up on an answer that may have been on its way. */
const LATE = [408, 499, 504];

/** What is refused costs nothing, so that nothing need be reported. What broke or came too late may have been answered. */
function isRefusal(failure: unknown): boolean {
  if (!(failure instanceof ApiFailure)) return false;
  const { status } = failure;
  return (status !== undefined && !LATE.includes(status)) || isNobodyThere(failure);
}

/** Nobody took the request. */
function isNobodyThere(failure: ApiFailure): boolean {
  const { kind, detail } = failure;
  return isMisconfigured(failure) || (kind === 'connection' && /^(ECONNREFUSED|EAI_AGAIN)/.test(detail));
}
