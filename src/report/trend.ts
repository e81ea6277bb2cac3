import type { CheckResult, Verdict } from '../assert/check.js';
import { at, isRecord, items, member, text } from '../json.js';
import type { RunRecord } from './record.js';

/** What one run took for a check. */
export interface Sample {
  ms: number;
  tokens: number;
}

/** The samples of checks, by name, the newest last: a report carries those of earlier runs with the same model on. */
export interface Samples {
  model: string;
  checks: Record<string, Sample[]>;
}

/** Samples that are kept of a check. */
const KEPT = 9;

/** What a change of a measure must be to be more than noise. docs/trend.md */
interface Noise {
  /** The least difference that is told, in the measure's unit, where there are samples enough and where there are not. */
  least: number;
  leastOfFew: number;
}
const NOISE: Record<keyof Sample, Noise> = {
  ms: { least: 1000, leastOfFew: 2000 },
  tokens: { least: 50, leastOfFew: 100 },
};
/** Fewer samples than these say nothing of how much a measure varies. */
const ENOUGH = 3;
/** Part of the median, and how many median absolute deviations, that a change must be beyond. */
const PART = 0.5;
const DEVIATIONS = 3;

/** An earlier run, of its report. */
export interface Baseline {
  result: string;
  code: string;
  verdicts: Map<string, string>;
  samples: Samples;
}

/** A measure of a check that is not what it was. */
export interface Change {
  check: string;
  measure: keyof Sample;
  /** The median of the earlier runs. */
  from: number;
  to: number;
}

export interface Trend {
  /** Result of the earlier run, with its code where it failed. */
  baseline: string;
  /** Checks that fail now, and did not. */
  newFailures: string[];
  /** Checks that pass now, and did not. */
  fixed: string[];
  changes: Change[];
  /** Why times and tokens were not compared; empty where they were. */
  notCompared: string;
}

/** @throws Error where the text is no report of this action */
export function readBaseline(report: string): Baseline {
  const read = JSON.parse(report) as unknown;
  if (!Array.isArray(member(read, 'checks')) || member(read, 'version') !== 1)
    throw new Error('it is no report.json of this action, of version 1');
  return {
    result: text(member(read, 'result')),
    code: text(at(read, 'failure', 'code')),
    verdicts: new Map(
      items(member(read, 'checks')).map((check) => [text(member(check, 'name')), text(member(check, 'verdict'))]),
    ),
    samples: readSamples(member(read, 'samples')),
  };
}

/** What is no sample is left out: a zero in its place would be one. */
function readSamples(value: unknown): Samples {
  const read = (sample: unknown): Sample[] => {
    const [ms, tokens] = [member(sample, 'ms'), member(sample, 'tokens')];
    return isMeasure(ms) && isMeasure(tokens) ? [{ ms, tokens }] : [];
  };
  const checks = member(value, 'checks');
  const all = Object.entries(isRecord(checks) ? checks : {});
  return {
    model: text(member(value, 'model')),
    checks: Object.fromEntries(all.map(([name, list]) => [name, items(list).flatMap(read).slice(-KEPT)])),
  };
}

function isMeasure(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

/** Any name may be one of a check, also that of a member that every object has. */
function samplesFor(check: string, { checks }: Pick<Samples, 'checks'>): Sample[] {
  return Object.hasOwn(checks, check) ? (checks[check] ?? []) : [];
}

/** What of a run is compared. */
type Compared = Pick<RunRecord, 'checks' | 'spend' | 'model'> & Partial<Pick<RunRecord, 'standIn'>>;

/**
 * The samples of earlier runs with this one's: of checks that passed, others end early. Those of another model are dropped; a
 * run without one hands them on as they are.
 */
export function samplesOf(record: Compared, baseline?: Baseline): Samples {
  if (record.standIn !== undefined && baseline) return baseline.samples;
  if (!record.model && baseline?.samples.model) return baseline.samples;
  const earlier = baseline?.samples.model === record.model ? baseline.samples.checks : {};
  const now = record.checks
    .filter(hasPassed)
    .map(
      (check) =>
        [check.name, [...samplesFor(check.name, { checks: earlier }), sampleOf(check, record)].slice(-KEPT)] as const,
    );
  return { model: record.model, checks: { ...earlier, ...Object.fromEntries(now) } };
}

function sampleOf({ name, ms }: CheckResult, { spend }: Pick<RunRecord, 'spend'>): Sample {
  const rows = spend.rows.filter(({ check }) => check === name);
  return { ms, tokens: rows.reduce((sum, row) => sum + row.promptTokens + row.completionTokens, 0) };
}

/** What is not as it was. Pure; it changes no verdict. */
export function compare(record: Compared, baseline: Baseline): Trend {
  const { verdicts, samples, result, code } = baseline;
  const was = (check: CheckResult, ...wanted: Verdict[]) => wanted.some((one) => one === verdicts.get(check.name));
  const isSameModel = record.standIn === undefined && samples.model === record.model;
  const now = record.checks.filter(hasPassed);
  return {
    baseline: [result, code].filter(Boolean).join(' '),
    newFailures: record.checks
      .filter((check) => check.verdict === 'failed' && was(check, 'passed', 'warned'))
      .map(({ name }) => name),
    fixed: now.filter((check) => was(check, 'failed', 'blocked')).map(({ name }) => name),
    changes: isSameModel ? now.flatMap((check) => changesOf(check, record, samplesFor(check.name, samples))) : [],
    notCompared: isSameModel ? '' : `the earlier runs were with ${samples.model || 'no model'}`,
  };
}

function changesOf(check: CheckResult, record: Pick<RunRecord, 'spend'>, earlier: Sample[]): Change[] {
  const now = sampleOf(check, record);
  return (['ms', 'tokens'] as const).flatMap((measure) => {
    const values = earlier.map((sample) => sample[measure]);
    if (!values.length || !isBeyondNoise(now[measure], values, NOISE[measure])) return [];
    return [{ check: check.name, measure, from: medianOf(values), to: now[measure] }];
  });
}

/** Whether a value differs from earlier ones by more than they do from one another. */
export function isBeyondNoise(value: number, earlier: number[], { least, leastOfFew }: Noise): boolean {
  const median = medianOf(earlier);
  const difference = Math.abs(value - median);
  if (earlier.length < ENOUGH) return difference >= leastOfFew && (value >= 2 * median || value <= median / 2);
  const deviation = medianOf(earlier.map((one) => Math.abs(one - median)));
  return difference >= least && difference > PART * median && difference > DEVIATIONS * deviation;
}

/** The middle of at least one value; of an even number the mean of both. */
export function medianOf(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] =
    sorted.length % 2 ? [sorted[middle], sorted[middle]] : sorted.slice(middle - 1, middle + 1);
  return (low + high) / 2;
}

function hasPassed({ verdict }: CheckResult): boolean {
  return verdict === 'passed' || verdict === 'warned';
}
