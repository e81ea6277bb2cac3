import type { CheckResult } from '../assert/check.js';
import type { Failure } from '../errors.js';
import type { StageTime } from '../progress.js';
import { modeOf, resultOf, type RunRecord } from './record.js';
import { plainText, xmlOf, type XmlElement } from './xml.js';

/** Characters kept of a message or a name, of a line, and of the text of one element. */
const MESSAGE = 300;
const LINE = 1000;
const TEXT = 8000;
/** Characters of a text that are looked at: enough for what is kept, with the codes of a terminal among it. */
const LOOKED_AT = 64 * 1024;

/** Prefix of the classes: a testcase is known by class and name, so neither tells what only this run found out. */
const NAME = 'maas-e2e';

interface TestCase {
  name: string;
  ms: number;
  /** Undefined: it passed. */
  outcome: Outcome | undefined;
  output: string[];
}

interface Outcome {
  /** failure: a check says no. error: the run broke. skipped: nobody can say. */
  kind: 'failure' | 'error' | 'skipped';
  message: string;
  /** Of what is broken. */
  type?: string;
  body?: string[];
}

/** What the report tells of a failure. */
type Told = Pick<Failure, 'code' | 'hop' | 'cause' | 'fix' | 'chain' | 'evidence'>;

/**
 * The run as a JUnit report (https://github.com/testmoapp/junitxml), by the schema of Jenkins' xUnit plugin (junit-10.xsd).
 * A red run has a failure or an error in it, and what was not judged never reads as passed. Pure.
 */
export function junitOf(record: RunRecord, stages: StageTime[]): string {
  const checks = casesOfChecks(record);
  const run = casesOfRun(record, stages);
  const checksMs = record.checks.reduce((sum, { ms }) => sum + ms, 0);
  const runMs = Math.max(0, ...stages.map(({ endMs }) => endMs));
  const ms = Math.max(runMs, checksMs); // the checks lie in stages: no sum
  // the plugin refuses a count of the skipped here: https://github.com/kyrus/python-junit-xml/pull/34
  const { tests, failures, errors } = countsOf([...checks, ...run]);
  const properties = propertiesOf(record);
  return xmlOf({
    name: 'testsuites',
    attributes: { name: NAME, tests, failures, errors, time: secondsOf(ms) },
    content: [
      ...(checks.length ? [suiteOf('checks', checks, checksMs, properties)] : []),
      suiteOf('run', run, runMs, properties),
    ],
  });
}

function casesOfChecks({ checks, failure }: RunRecord): TestCase[] {
  return checks.map((check) => {
    const { name, ms, hop, evidence } = check;
    const { warning, expected, got } = evidence ?? {};
    const output = Object.entries({ warning, hop, expected, got }).flatMap(([label, text]) =>
      text ? [labelled(label, text)] : [],
    );
    return { name, ms, outcome: outcomeOf(check, failure), output };
  });
}

/** A blocked check is none that failed: what blocks it did, and is to be found among few. */
function outcomeOf(check: CheckResult, failure: Failure | undefined): Outcome | undefined {
  const { verdict, code = 'E_UNEXPECTED', hop, cause, fix, chain } = check;
  switch (verdict) {
    case 'passed':
    case 'warned':
      return undefined;
    case 'skipped':
    case 'blocked':
      return unjudged(cause);
    case 'failed': {
      const evidence = failure && isOf(check, failure) ? failure.evidence : [];
      return broken('failure', { code, hop, cause, fix, chain, evidence });
    }
  }
}

/** Whether the failure of the run is what this check found; the run may put the check's name before its cause. */
function isOf({ verdict, code = 'E_UNEXPECTED', hop, cause }: CheckResult, failure: Failure): boolean {
  return verdict === 'failed' && code === failure.code && hop === failure.hop && failure.cause.endsWith(cause);
}

/** Of the stages of a dry run: they went well, and prove nothing of what is deployed. */
const REHEARSED = 'a dry run: nothing was deployed';

/** The stages; and the run itself, where it was skipped, or failed in none of them and by no check. */
function casesOfRun({ failure, skipped, checks, dryRun }: RunRecord, stages: StageTime[]): TestCase[] {
  const own = failure && !checks.some((check) => isOf(check, failure)) ? failure : undefined;
  const guilty = own && stageOf(own, stages);
  const stopped = failure ? `the run failed at ${failure.hop} (${failure.code})` : 'the run went on without it';
  const cases = [...stages]
    .sort((a, b) => a.startMs - b.startMs)
    .map((stage) => {
      const ended = stage === guilty && own ? broken('error', own) : unjudged(`not done: ${stopped}`);
      const went = dryRun ? unjudged(REHEARSED) : undefined;
      return { name: stage.name, ms: stage.endMs - stage.startMs, outcome: stage.ok ? went : ended, output: [] };
    });
  const ofAll = (outcome: Outcome) => ({ name: 'run', ms: 0, outcome, output: [] });
  if (own && !guilty) return [...cases, ofAll(broken('error', own))];
  if (!failure && skipped !== undefined) return [...cases, ofAll(unjudged(skipped))];
  return cases;
}

/** The stage that a failure names; or the first that ended in one: those beside it end with it. */
function stageOf({ cause }: Failure, stages: StageTime[]): StageTime | undefined {
  const notOk = stages.filter(({ ok }) => !ok);
  return notOk.find(({ name }) => cause.startsWith(`stage ${name} `)) ?? notOk[0];
}

function unjudged(message: string): Outcome {
  return { kind: 'skipped', message };
}

/**
 * No line of the body begins with what others wrote: dorny/test-reporter looks for Java's stack traces in it, by an
 * expression that takes minutes for some lines.
 */
function broken(kind: 'failure' | 'error', { code, hop, cause, fix, chain, evidence }: Told): Outcome {
  const told = [
    labelled('cause', cause),
    labelled('fix', fix),
    labelled('hop', hop),
    ...chain.map((line) => labelled('caused by', line)),
  ];
  const room = TEXT - told.join('\n').length;
  return { kind, type: code, message: cause, body: [...told, ...lastThatFit(evidence, room)] };
}

/** The end of a log says why. */
function lastThatFit(lines: string[], room: number): string[] {
  const kept: string[] = [];
  let left = room;
  for (const line of lines.toReversed()) {
    const shown = `| ${clipped(oneLine(line), MESSAGE)}`;
    left -= shown.length + 1;
    if (left < 0) break;
    kept.unshift(shown);
  }
  return kept;
}

function propertiesOf(record: RunRecord): XmlElement {
  const result = resultOf(record);
  const values = {
    result,
    mode: result === 'skipped' ? '' : modeOf(record),
    model: record.model,
    'error-code': record.failure?.code ?? '',
  };
  const content = Object.entries(values).flatMap(([name, value]) =>
    value ? [{ name: 'property', attributes: { name, value: clipped(oneLine(value), MESSAGE) } }] : [],
  );
  return { name: 'properties', content };
}

function suiteOf(name: string, cases: TestCase[], ms: number, properties: XmlElement): XmlElement {
  const classname = `${NAME}.${name}`;
  return {
    name: 'testsuite',
    attributes: { name, ...countsOf(cases), time: secondsOf(ms) },
    content: [properties, ...eachOnce(cases).map((testCase) => caseOf(testCase, classname))],
  };
}

/** Names, each once: consumers take one that comes again for another attempt, and the better result for the truth. */
function eachOnce(cases: TestCase[]): TestCase[] {
  const taken = new Set<string>();
  return cases.map((testCase) => {
    const name = clipped(oneLine(testCase.name), MESSAGE) || '(no name)';
    let free = name;
    for (let times = 2; taken.has(free); times += 1) free = `${name} (${times})`;
    taken.add(free);
    return { ...testCase, name: free };
  });
}

function caseOf({ name, ms, outcome, output }: TestCase, classname: string): XmlElement {
  const content: XmlElement[] = [];
  if (outcome) {
    const { kind, type, message, body = [] } = outcome;
    const attributes = { type, message: clipped(legible(message), MESSAGE) };
    content.push({ name: kind, attributes, content: clipped(body.join('\n'), TEXT) });
  }
  if (output.length) content.push({ name: 'system-out', content: clipped(output.join('\n'), TEXT) });
  return { name: 'testcase', attributes: { name, classname, time: secondsOf(ms) }, content };
}

function countsOf(cases: TestCase[]): Record<'tests' | 'failures' | 'errors' | 'skipped', number> {
  const count = (kind: Outcome['kind']) => cases.filter(({ outcome }) => outcome?.kind === kind).length;
  return { tests: cases.length, failures: count('failure'), errors: count('error'), skipped: count('skipped') };
}

function secondsOf(ms: number): string {
  return (ms / 1000).toFixed(3);
}

function labelled(label: string, text: string): string {
  return clipped(`${label}: ${oneLine(text)}`, LINE);
}

function oneLine(text: string): string {
  return legible(text).replace(/\s+/g, ' ').trim();
}

function legible(text: string): string {
  return plainText(text.slice(0, LOOKED_AT));
}

/** Plain text up to its limit, and no half of a character. */
function clipped(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return `${text.slice(0, limit - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
