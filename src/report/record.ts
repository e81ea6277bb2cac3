import type { CheckResult, Verdict } from '../assert/check.js';
import type { Section } from '../section.js';
import type { Failure } from '../errors.js';
import type { ServiceFacts } from '../maas/probe.js';
import type { PlanFacts, ReportPlaces } from '../plan.js';
import type { Tool } from '../provision/pins.js';
import type { InstalledTool } from '../provision/tools.js';
import type { JunitCounts } from '../tests/junit.js';
import type { Origin } from './origin.js';
import type { Trend } from './trend.js';
import { redactAll, type Redact } from '../secrets/redact.js';
import { newSpend, type Spend } from '../spend/spend.js';

/** What a run found out, filled in as it goes, so that a run that ends early reports all it knows. */
export interface RunRecord {
  /** Why nothing was run; undefined where it was. */
  skipped: string | undefined;
  failure: Failure | undefined;
  /** Where the run comes from; undefined for checks alone. */
  origin: Origin | undefined;
  /** Where the reports go; undefined for checks alone, which have none. */
  places: ReportPlaces | undefined;
  /** What was planned, without the key and the values. */
  plan: PlanFacts | undefined;
  /** Why the model is not tested, where it is not. */
  untested: string | undefined;
  /** The model as the stack lists it. */
  model: string;
  service: ServiceFacts | undefined;
  tools: Partial<Record<Tool, InstalledTool>>;
  docker: string;
  /** What the chart serves; the stack's where it is one. */
  apiUrl: string;
  stackUrl: string;
  uiUrl: string;
  /** Set as soon as a cluster may be there. */
  kubeconfig: string;
  checks: CheckResult[];
  /** What was asked of models, what it cost, and the budgets for it. */
  spend: Spend;
  /** What the report of the consumer's own tests says; undefined where there is none. */
  ownTests: JunitCounts | undefined;
  /** How the service is wired in, and why so. */
  wiring: { name: string; because: string } | undefined;
  /** Why the embedded model service stands in for the real one; undefined where it does not. */
  standIn: string | undefined;
  /** What the reader should know of the chart. */
  notes: string[];
  /** What changed since an earlier run; undefined where there is none to compare with. */
  trend: Trend | undefined;
  /** What a dry run saw of the chart; undefined where the run was a real one. */
  dryRun: DryRun | undefined;
  /** What the chart does with the key that it should not. */
  securityNotes: string[];
  diagnostics: Section[];
}

/** What a dry run saw of the chart, and what a real one would do. */
export interface DryRun {
  /** Objects that the chart renders. */
  objects: number;
  /** Kinds that would be stubbed, as Kind.group. */
  stubs: string[];
  /** The objects by kind, in the order of the alphabet. */
  rendered: { kind: string; names: string[] }[];
  /** What would be handed to the chart of the model service. */
  injected: Injected;
  /** The tests that would run. */
  tests: { checks: string[]; command: string; report: string };
  /** What the inputs name and is not in the workspace, each with its input. */
  missing: string[];
}

/** Where the model service gets into a chart: names and places, no values. */
export interface Injected {
  /** Paths of the values that are set over those of the chart and of the user. */
  values: string[];
  /** Objects that are made before the install, a Secret with the names in it. */
  objects: string[];
  /** Places of the rendered objects where its address shows up. */
  places: string[];
}

export function newDryRun(): DryRun {
  return {
    objects: 0,
    stubs: [],
    rendered: [],
    injected: { values: [], objects: [], places: [] },
    tests: { checks: [], command: '', report: '' },
    missing: [],
  };
}

export function newRecord(): RunRecord {
  return {
    skipped: undefined,
    failure: undefined,
    origin: undefined,
    places: undefined,
    plan: undefined,
    untested: undefined,
    model: '',
    service: undefined,
    tools: {},
    docker: '',
    apiUrl: '',
    stackUrl: '',
    uiUrl: '',
    kubeconfig: '',
    checks: [],
    spend: newSpend(),
    ownTests: undefined,
    wiring: undefined,
    standIn: undefined,
    notes: [],
    trend: undefined,
    dryRun: undefined,
    securityNotes: [],
    diagnostics: [],
  };
}

/** Why the model is not tested where `inference` is off. */
const OFF = 'the input inference is off';

/**
 * The record of a run of which nothing but its inputs is known, as they are written: one that ends at once says what it was
 * to be. A `dry-run` that is neither true nor false was meant to be something other than false.
 */
export function recordOf(raw: { 'dry-run'?: string; inference?: string }): RunRecord {
  const isDry = !['', 'false'].includes(raw['dry-run'] ?? '');
  return {
    ...newRecord(),
    dryRun: isDry ? newDryRun() : undefined,
    untested: raw.inference === 'off' ? OFF : undefined,
  };
}

/** All texts of a record redacted, and the names that a server chose. */
export function redactRecord(record: RunRecord, redact: Redact): RunRecord {
  const redacted = redactAll(record, redact);
  const { service, spend } = redacted;
  const named = (headers: Record<string, string>) =>
    Object.fromEntries(Object.entries(headers).map(([name, value]) => [redact(name), value])) as Record<string, string>;
  const traffic = { ...spend.traffic, limitHeaders: named(spend.traffic.limitHeaders) };
  return {
    ...redacted,
    spend: { ...spend, traffic },
    service: service && { ...service, rateLimits: named(service.rateLimits) },
  };
}

export type Result = 'passed' | 'failed' | 'skipped' | 'planned';

/** A dry run never passes: nothing was deployed, and a later step must not take it for a pass. */
export function resultOf({ skipped, failure, dryRun }: RunRecord): Result {
  if (failure) return 'failed';
  if (skipped !== undefined) return 'skipped';
  return dryRun ? 'planned' : 'passed';
}

export const VERDICTS = ['passed', 'warned', 'failed', 'blocked', 'skipped'] as const satisfies Verdict[];

export type Mode = 'full' | 'partial' | 'stand-in' | 'basic' | 'dry-run';

/** What the run was about: all, as much as a budget let it, all but the model, without the model, or no cluster. */
export function modeOf({ dryRun, standIn, untested, spend }: RunRecord): Mode {
  if (dryRun) return 'dry-run';
  if (spend.stopped !== undefined) return 'partial';
  if (standIn !== undefined) return 'stand-in';
  return untested === undefined ? 'full' : 'basic';
}

/** Checks by verdict, in words: "17 checks passed, 1 warned, 2 skipped". */
export function tally(checks: CheckResult[]): string {
  const count = (verdict: Verdict) => checks.filter((check) => check.verdict === verdict).length;
  const others = VERDICTS.filter((verdict) => verdict !== 'passed' && count(verdict) > 0);
  return [
    `${count('passed')} ${count('passed') === 1 ? 'check' : 'checks'} passed`,
    ...others.map((verdict) => `${count(verdict)} ${verdict}`),
  ].join(', ');
}
