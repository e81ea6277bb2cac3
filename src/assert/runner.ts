import { toFailure } from '../errors.js';
import { NotApplicable, type Check, type CheckContext, type CheckResult } from './check.js';

/**
 * Runs checks one after the other. One whose need did not pass is skipped, and says so; a failure never ends the suite,
 * so that the report shows all that is known.
 *
 * @param earlier results that needs may refer to
 * @throws what is no verdict: the run was cancelled
 */
export async function runChecks(
  checks: Check[],
  context: CheckContext,
  earlier: CheckResult[],
  onResult: (result: CheckResult) => void,
  signal: AbortSignal,
): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of checks) {
    const unmet = check.needs.find(
      (need) => [...earlier, ...results].find(({ name }) => name === need)?.verdict !== 'passed',
    );
    const result = unmet ? skipped(check, `needs ${unmet}, which did not pass`) : await judge(check, context);
    signal.throwIfAborted();
    results.push(result);
    onResult(result);
  }
  return results;
}

async function judge(check: Check, context: CheckContext): Promise<CheckResult> {
  const began = performance.now();
  const timed = (rest: Omit<CheckResult, 'name' | 'ms'>): CheckResult => ({
    name: check.name,
    ms: Math.round(performance.now() - began),
    ...rest,
  });
  try {
    const evidence = await check.run(context);
    return timed({ hop: check.hop, verdict: 'passed', evidence, cause: '', fix: '' });
  } catch (error) {
    if (error instanceof NotApplicable) return skipped(check, error.message);
    const { hop, cause, fix } = toFailure(error);
    return timed({ hop, verdict: 'failed', evidence: undefined, cause, fix });
  }
}

function skipped({ name, hop }: Check, cause: string): CheckResult {
  return { name, hop, verdict: 'skipped', ms: 0, evidence: undefined, cause, fix: '' };
}
