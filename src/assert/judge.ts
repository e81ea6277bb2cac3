import { toFailure, type Hop } from '../errors.js';
import type { CheckResult, Evidence } from './check.js';

/**
 * Does what ends the run where it fails, and tells what came of it first.
 * @throws what the work throws
 */
export async function judge(
  { name, hop }: { name: string; hop: Hop },
  work: () => Promise<Evidence>,
  onResult: (result: CheckResult) => void,
  signal: AbortSignal,
): Promise<void> {
  const began = performance.now();
  const tell = (rest: Partial<CheckResult> & Pick<CheckResult, 'verdict'>) => {
    const ms = Math.round(performance.now() - began);
    onResult({ name, hop, ms, evidence: undefined, code: undefined, cause: '', fix: '', chain: [], ...rest });
  };
  try {
    const evidence = await work();
    const { warning = '' } = evidence;
    tell({ verdict: warning ? 'warned' : 'passed', evidence, cause: warning });
  } catch (error) {
    signal.throwIfAborted();
    const { code, cause, fix, chain } = toFailure(error);
    tell({ verdict: 'failed', code, cause, fix, chain });
    throw error;
  }
}
