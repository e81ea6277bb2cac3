import type { Hop } from '../../errors.js';
import { seconds, type StageTime } from '../../progress.js';
import { linesThatMatter } from '../diagnostics.js';
import { placeInWords } from '../place.js';
import { resultOf, tally, type RunRecord } from '../record.js';
import { MARKS } from './marks.js';
import { alert, block, code, plain } from './markdown.js';
import { spendInWords } from './usage.js';

/** The verdict in a line, and the run in another. */
export function verdict(record: RunRecord, stages: StageTime[]): string {
  return [`## ${headline(record)}`, atAGlance(record, stages)].filter(Boolean).join('\n\n');
}

function headline(record: RunRecord): string {
  const { failure, dryRun, wiring, untested, standIn, spend, checks, model } = record;
  const result = resultOf(record);
  if (result === 'skipped') return `${MARKS.skipped} MaaS E2E: skipped`;
  if (result === 'failed') return `${MARKS.failed} MaaS E2E: failed (broken hop: ${failure?.hop ?? ''})`;
  if (dryRun)
    return `${MARKS.planned} MaaS E2E: planned (wiring ${code(wiring?.name ?? 'none')}; nothing was deployed)`;
  if (spend.stopped !== undefined)
    return `${MARKS.warned} MaaS E2E: passed as far as the budget went (${tally(checks)})`;
  if (untested !== undefined) return `${MARKS.warned} MaaS E2E: passed (basic: model not tested; ${tally(checks)})`;
  if (standIn !== undefined) return `${MARKS.warned} MaaS E2E: passed with a stand-in for the model (${tally(checks)})`;
  return `${MARKS.passed} MaaS E2E: passed (${tally(checks)} with ${code(model)})`;
}

function atAGlance({ plan, spend }: RunRecord, stages: StageTime[]): string {
  if (!plan) return '';
  const ms = Math.max(0, ...stages.map(({ endMs }) => endMs));
  const against = plan.endpoint ? ` against ${code(plan.endpoint)}` : '';
  const spent = spend.rows.length ? ` · ${plain(spendInWords(spend))}` : '';
  return `Chart ${code(plan.chart)}${against} in ${seconds(ms)}${spent}`;
}

/** Why the verdict is not a whole one. */
export function warnings({ skipped, untested, standIn, spend }: RunRecord): string {
  const stood = 'The embedded model service stood in for the real one: all but the model is tested.';
  return [
    skipped === undefined ? '' : alert('NOTE', [`Nothing was run: ${plain(skipped)}`]),
    untested === undefined ? '' : alert('WARNING', [`The model was not tested: ${plain(untested)}`]),
    standIn === undefined ? '' : alert('WARNING', [`${stood} ${plain(standIn)}`]),
    spend.stopped === undefined ? '' : alert('WARNING', [`Not all checks were run: ${plain(spend.stopped)}`]),
  ]
    .filter(Boolean)
    .join('\n\n');
}

/** Characters of cause and fix: what says why stands at the end of a long one. */
const LONG = 1000;

/** What is broken, why, and what to do: first of all where a run is red. */
export function failureOf({ failure }: RunRecord): string {
  if (!failure) return '';
  const { code: errorCode, hop, cause, fix, place } = failure;
  const where = place && [`**Place:** ${code(placeInWords(place))}`];
  const lines = [`**Cause:** ${plain(cause, LONG)}`, `**Fix:** ${plain(fix, LONG)}`, ...(where ?? [])];
  return alert('CAUTION', [`**Hop:** ${hop} (${code(errorCode)})  `, ...lines.map((line) => `${line}  `)]);
}

/** Hops of which the cluster's warnings may tell. */
const IN_THE_CLUSTER: Hop[] = [
  'cluster',
  'chart',
  'stack',
  'embedder',
  'file processing',
  'vector store',
  'UI',
  'application',
  'run',
];

/** The lines that show it, and where the rest is. */
export function evidence({ failure, places, diagnostics }: RunRecord): string {
  if (!failure) return '';
  const lines = linesThatMatter({ failure, diagnostics: IN_THE_CLUSTER.includes(failure.hop) ? diagnostics : [] });
  const folder =
    places &&
    `Everything that was collected is in the folder of the output \`diagnostics\`: ${code(places.diagnostics)}`;
  return [lines.length ? block(lines) : '', folder ?? ''].filter(Boolean).join('\n\n');
}
