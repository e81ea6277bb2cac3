import type { CheckResult } from '../../assert/check.js';
import type { JunitCounts } from '../../tests/junit.js';
import { seconds } from '../../progress.js';
import { placeInWords } from '../place.js';
import { MARKS } from './marks.js';
import { plain, table } from './markdown.js';

/** The checks with what each expected and got; one that failed says what to do. */
export function checksTable(checks: CheckResult[], isWithPasses: boolean): string {
  if (!checks.length) return '';
  const shown = isWithPasses ? checks : checks.filter(({ verdict }) => verdict !== 'passed');
  const rows = grouped(shown).map(([check, ...others]) => [
    `${MARKS[check.verdict]}${SPACE}${[check, ...others].map(({ name }) => plain(name)).join(', ')}`,
    [...new Set([check, ...others].map(({ hop }) => hop))].join(', '),
    seconds(check.ms).replace(' ', SPACE),
    evidenceOf(check),
  ]);
  const left = checks.length - shown.length;
  return [
    '### Checks',
    table(['check', 'hop', 'time', 'evidence'], rows),
    ...(left ? [`_${left} checks that passed are left out, so that the rest has room; the report has them._`] : []),
  ].join('\n\n');
}

/** One that does not break the line. */
const SPACE = '&nbsp;';

type Group = [CheckResult, ...CheckResult[]];

/** Checks that were not run for the same reason are told once. */
function grouped(checks: CheckResult[]): Group[] {
  const groups: Group[] = [];
  for (const check of checks) {
    const isUnjudged = check.verdict === 'blocked' || check.verdict === 'skipped';
    const alike = ([first]: Group) => first.verdict === check.verdict && first.cause === check.cause;
    const group = isUnjudged ? groups.find(alike) : undefined;
    if (group) group.push(check);
    else groups.push([check]);
  }
  return groups;
}

function evidenceOf({ verdict, evidence, cause, fix, code }: CheckResult): string {
  if (evidence) {
    const warning = evidence.warning ? `${plain(`warning: ${evidence.warning}`)}; ` : '';
    return `${warning}${plain(`expected ${evidence.expected}`)}; ${plain(`got ${evidence.got}`)}`;
  }
  if (verdict !== 'failed') return plain(cause);
  return `${plain(cause)} **Fix:** ${plain(fix)}${code ? ` (${plain(code)})` : ''}`;
}

/** The cases of the consumer's own tests that failed. */
export function failedTests(ownTests: JunitCounts | undefined): string {
  if (!ownTests?.failures.length) return '';
  const rows = ownTests.failures.map(({ name, message, place }) => [
    plain(name),
    place ? plain(placeInWords(place)) : '',
    plain(message),
  ]);
  return `### Failed tests of your own\n\n${table(['test', 'place', 'message'], rows)}`;
}
