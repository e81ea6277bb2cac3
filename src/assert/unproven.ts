import type { CheckResult } from './check.js';
import type { ServerKind } from './stack/server.js';
import { STACK_CHECKS } from './suite.js';

/** Names of the checks that need a vector store: that of the files, and what comes after it. */
const OF_STORES = STACK_CHECKS.reduce<string[]>(
  (known, { name, needs }) =>
    name === 'files' || needs.some((need) => known.includes(need)) ? [...known, name] : known,
  [],
);

/**
 * Green must not pass for more than was seen: where the server has no vector stores, so that none of the checks that were
 * asked for could look at retrieval, the first that passed says so.
 *
 * @returns the warning, where there is one
 */
export function warnOfUnproven(results: CheckResult[], kind: ServerKind): string | undefined {
  if (kind === 'llama-stack') return undefined;
  const ofStores = results.filter(({ name }) => OF_STORES.includes(name));
  const [first] = ofStores;
  if (!first || ofStores.some(({ verdict }) => verdict !== 'skipped')) return undefined;
  const warning = `retrieval is not proven: ${first.cause.replace(/ \(HTTP \d+\)$/, '')}; test-command can`;
  const index = results.findIndex(({ verdict }) => verdict === 'passed');
  const passed = results[index];
  if (!passed?.evidence) return undefined;
  results[index] = { ...passed, verdict: 'warned', evidence: { ...passed.evidence, warning }, cause: warning };
  return warning;
}
