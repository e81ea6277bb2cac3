import type { Place } from '../ports.js';
import { plainText } from '../report/xml.js';
import { Excerpt, LONGEST_TEXT } from './excerpt.js';
import { placeOf, placeOfAttributes } from './places.js';
import { piecesOf, type Attributes } from './tags.js';
import { Unreadable } from '../unreadable.js';

/** What a JUnit report counts. */
export interface JunitCounts {
  tests: number;
  failed: number;
  skipped: number;
  /** The first of those that failed. */
  failures: FailedCase[];
}

export interface FailedCase {
  /** With the name of its class before it. */
  name: string;
  /** One line. */
  message: string;
  place: Place | undefined;
}

/** Failed cases that are kept, for the summary; the first of them become annotations. */
const KEPT = 50;
/** Characters that are kept of a name and of a message. */
const LONGEST_LINE = 300;

/** A suite that has not ended yet. */
interface Suite {
  attributes: Attributes;
  /** Where it is, else where the suite is that it lies in. */
  place: Place | undefined;
  /** Failures that are seen in it. */
  seen: number;
}

/** A testcase as far as it was read. */
interface Case {
  attributes: () => Attributes;
  failed: boolean;
  skipped: boolean;
}

/** An element that has not ended yet. */
interface Open {
  name: string;
  /** The nearest suite that it is, or lies in. */
  suite: Suite | undefined;
  /** The testcase that it is, or lies in. */
  within: Case | undefined;
  /** What a test printed: nothing in it is told by the report. */
  isOutput: boolean;
  /** What is read of the failure that it is, or lies in. */
  text: Excerpt | undefined;
  /** Once it has ended. */
  done?: () => void;
}

/** A suite of 100,000 cases has some 300,000 elements; what a test printed may look like elements that do not end. */
const MOST_ELEMENTS = 1_000_000;
const DEEPEST = 10_000;

function tooMuch(what: string): Unreadable {
  return new Unreadable(what, 'Look at what writes it: no suite of tests needs that.');
}

const FAILED = ['failure', 'error'];
/** What Maven adds to them is of an attempt, and not of the case. */
const ATTEMPTS = ['rerunFailure', 'rerunError', 'flakyFailure', 'flakyError'];
const OUTPUT = ['system-out', 'system-err'];
const REPORT = ['testsuites', 'testsuite', 'testcase'];

/**
 * The counts of a JUnit report: https://github.com/testmoapp/junitxml. Those of its elements, as not every writer sums them
 * up in the suites; a failure outside of the cases counts, too, and one that a suite only tells as a number. Undefined where
 * the text is no such report; "cut off" where it does not end: what it has of a suite that was killed says nothing of the rest.
 * @throws Unreadable for more elements, or levels of them, than any suite writes
 */
export function readJunit(xml: string, workspace: string): JunitCounts | 'cut off' | undefined {
  const reader = new Reader(workspace);
  let isWhole = true;
  for (const piece of piecesOf(xml)) {
    if (piece.kind === 'open' || piece.kind === 'empty') reader.open(piece.name, piece.attributes);
    if (piece.kind === 'close' || piece.kind === 'empty') reader.close(piece.name);
    if (piece.kind === 'text' || piece.kind === 'literal') reader.text(piece.text, piece.kind === 'literal');
    if (piece.kind === 'unended') isWhole = false;
  }
  if (!reader.elements) return /^\s*(<|$)/.test(xml) ? 'cut off' : undefined;
  if (!reader.isReport) return undefined;
  return isWhole && reader.isClosed() ? reader.counts : 'cut off';
}

/** Counts as elements come and go. */
class Reader {
  readonly counts: JunitCounts = { tests: 0, failed: 0, skipped: 0, failures: [] };
  elements = 0;
  /** Whether there was one of those that a report is made of. */
  isReport = false;
  /** Names of elements that are open, with how many of them. */
  private readonly unended = new Map<string, number>();
  private readonly stack: Open[] = [];

  constructor(private readonly workspace: string) {}

  open(name: string, attributes: () => Attributes): void {
    const { suite, within, isOutput = false, text } = this.stack.at(-1) ?? {};
    this.count(name);
    const its: Open = { name, suite, within, isOutput: isOutput || OUTPUT.includes(name), text };
    this.stack.push(its);
    if (its.isOutput) {
      its.text = undefined;
      return;
    }
    if (name === 'testsuite' && !within && !text) this.openSuite(its, attributes());
    if (name === 'testcase') {
      this.counts.tests += 1;
      its.within = { attributes, failed: false, skipped: false };
    }
    if (FAILED.includes(name)) this.openFailure(its, attributes);
    if (suite && ATTEMPTS.includes(name)) suite.seen += 1;
    if (name === 'skipped' && within && !within.skipped) {
      this.counts.skipped += 1;
      within.skipped = true;
    }
  }

  /** Ends an element with all in it that nobody has ended: not every writer escapes what a test printed. */
  close(name: string): void {
    if (!this.unended.has(name)) return;
    for (let last = this.stack.pop(); last; last = this.stack.pop()) {
      const left = (this.unended.get(last.name) ?? 0) - 1;
      if (left) this.unended.set(last.name, left);
      else this.unended.delete(last.name); // else all names of a text would be kept
      last.done?.();
      if (last.name === name) return;
    }
  }

  text(text: string, isLiteral: boolean): void {
    this.stack.at(-1)?.text?.add(text, isLiteral);
  }

  private count(name: string): void {
    this.elements += 1;
    if (this.elements > MOST_ELEMENTS) throw tooMuch(`has more than ${MOST_ELEMENTS} elements`);
    if (this.stack.length >= DEEPEST) throw tooMuch(`has elements nested more than ${DEEPEST} deep`);
    this.isReport ||= REPORT.includes(name);
    this.unended.set(name, (this.unended.get(name) ?? 0) + 1);
  }

  isClosed(): boolean {
    return !this.stack.length;
  }

  /**
   * A suite's own numbers count where they are more than what was seen in it: a writer may tell a suite that could not begin
   * by them alone. Seen is each element, as they count a case twice that has a failure and an error, and each attempt; of a
   * suite in it the larger of both, as most, and not all, sum up what lies in them. Those of testsuites do not count: they
   * only repeat, and gotestsum's "errors" are lines that a compiler printed, warnings of a green run among them.
   */
  private openSuite(its: Open, attributes: Attributes): void {
    const outer = its.suite;
    const place = placeOfAttributes(attributes, this.workspace) ?? outer?.place;
    const suite: Suite = { attributes, place, seen: 0 };
    its.suite = suite;
    its.done = () => {
      const told = numberOf(attributes, 'failures') + numberOf(attributes, 'errors');
      const missing = Math.max(0, told - suite.seen);
      if (outer) outer.seen += suite.seen + missing;
      this.counts.failed += missing;
      if (missing && this.hasRoom()) {
        const message = `its suite tells of ${missing} failed, and has no case of them`;
        this.counts.failures.push({ name: nameOf(suite), message, place });
      }
    };
  }

  /** Of a case with several the first one is told. */
  private openFailure(its: Open, attributes: () => Attributes): void {
    const { suite, within } = its;
    if (suite) suite.seen += 1;
    if (within?.failed) return;
    if (within) within.failed = true;
    this.counts.failed += 1;
    const text = (its.text = new Excerpt());
    if (!this.hasRoom()) return;
    const told = attributes();
    const case_ = within?.attributes();
    const place = (case_ && placeOfAttributes(case_, this.workspace)) ?? suite?.place;
    const failed: FailedCase = { name: nameOf(suite, case_), message: '', place };
    this.counts.failures.push(failed); // here, as one in another keeps its turn
    its.done = () => {
      const said = plainText(text.read());
      failed.message = messageOf(told, said);
      failed.place = placeOf(place, said, this.workspace);
    };
  }

  private hasRoom(): boolean {
    return this.counts.failures.length < KEPT;
  }
}

function numberOf(attributes: Attributes, name: string): number {
  const value = attributes.get(name) ?? '';
  return /^\d{1,9}$/.test(value) ? Number(value) : 0;
}

/** Some writers have the name of the class in that of the case already. */
function nameOf(suite: Suite | undefined, case_?: Attributes): string {
  const [className, name] = [line(case_?.get('classname')), line(case_?.get('name'))];
  if (!className && !name) return line(suite?.attributes.get('name')) || '(no name)';
  if (!className || !name || ` ${name} `.includes(` ${className} `)) return name || className;
  return line(`${className}.${name}`);
}

/** Messages that say no more than that there is one: gotestsum's, pytest's of a file that it can not import. */
const SAYS_NOTHING = /^(failed|collection failure)?$/i;

function messageOf(attributes: Attributes, text: string): string {
  const message = line(attributes.get('message'));
  if (!SAYS_NOTHING.test(message)) return message;
  const lines = text.split('\n').map(line);
  const told = lines.find((one) => one && !/^(===|---) /.test(one)); // "=== RUN TestX" is Go's
  return told ?? (message || line(attributes.get('type')) || 'it failed without a message');
}

/** A text of unknown origin as one line. */
function line(text = ''): string {
  const plain = plainText(text.slice(0, LONGEST_TEXT)).replace(/\s+/g, ' ').trim();
  if (plain.length <= LONGEST_LINE) return plain;
  return `${plain.slice(0, LONGEST_LINE - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
