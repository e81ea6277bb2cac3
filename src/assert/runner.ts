import { toFailure } from '../errors.js';
import { asApplication } from './as-application.js';
import { hasModel, NotApplicable, type BasicContext, type Check, type CheckResult, type Evidence } from './check.js';
import { locate } from './locate.js';
import { BudgetSpent } from '../spend/meter.js';

/** Who follows the checks. */
export interface Listener {
  begins: (name: string) => void;
  judged: (result: CheckResult) => void;
}

/**
 * Runs checks one after the other. One whose need failed is blocked, and says by which; a failure never ends the suite,
 * so that the report shows all that is known. A need that was not asked for does not count.
 *
 * @param earlier results that needs may refer to
 * @throws what is no verdict: the run was cancelled
 */
export async function runChecks(
  checks: Check[],
  context: BasicContext,
  earlier: CheckResult[],
  { begins, judged: onResult }: Listener,
  signal: AbortSignal,
): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of checks) {
    begins(check.name);
    const judged = unjudged(check, [...earlier, ...results], context) ?? (await judge(check, context));
    const result = asApplication(judged, context.stack.kind);
    signal.throwIfAborted();
    results.push(result);
    onResult(result);
  }
  return results;
}

/** The result of a check that can not be judged: a need of it is broken, a budget is spent, or a need is not there. */
function unjudged(check: Check, known: CheckResult[], { meter }: BasicContext): CheckResult | undefined {
  const needed = check.needs.flatMap((need) => known.find(({ name }) => name === need) ?? []);
  const broken = needed.find(({ verdict }) => verdict === 'failed' || verdict === 'blocked');
  if (broken) return without(check, 'blocked', blockedBy(broken));
  const spent = meter.refusal();
  if (spent) return without(check, 'skipped', spent.message);
  const absent = needed.find(({ verdict }) => verdict === 'skipped');
  return absent && without(check, 'skipped', `needs ${absent.name}: ${absent.cause}`);
}

/** Names the check that failed, not the last of a chain. */
function blockedBy({ name, hop, verdict, cause }: CheckResult): string {
  return verdict === 'blocked' ? cause : `blocked by ${name} (${hop})`;
}

/** What a check that did not fail says of failing. */
const UNBROKEN = { code: undefined, cause: '', fix: '', chain: [] };

async function judge(check: Check, context: BasicContext): Promise<CheckResult> {
  const began = performance.now();
  const timed = (rest: Omit<CheckResult, 'name' | 'ms'>): CheckResult => ({
    name: check.name,
    ms: Math.round(performance.now() - began),
    ...rest,
  });
  try {
    const evidence = await run(check, context);
    const { warning = '' } = evidence;
    return timed({ hop: check.hop, verdict: warning ? 'warned' : 'passed', evidence, ...UNBROKEN, cause: warning });
  } catch (error) {
    const isNoVerdict = error instanceof NotApplicable || error instanceof BudgetSpent;
    const absent = isNoVerdict ? error.message : context.stack.lacks(error);
    if (absent !== undefined) return without(check, 'skipped', absent);
    const { code, hop, cause, fix, chain } = toFailure(hasModel(context) ? await locate(error, context.probe) : error);
    return timed({ hop, verdict: 'failed', evidence: undefined, code, cause, fix, chain });
  }
}

async function run(check: Check, context: BasicContext): Promise<Evidence> {
  if (!check.asksModel) return await check.run(context);
  if (hasModel(context)) return await check.run(context);
  throw new NotApplicable('the model is not tested');
}

/** The result of what was not judged. */
export function without(
  { name, hop }: Pick<CheckResult, 'name' | 'hop'>,
  verdict: 'skipped' | 'blocked',
  cause: string,
): CheckResult {
  return { name, hop, verdict, ms: 0, evidence: undefined, ...UNBROKEN, cause };
}
