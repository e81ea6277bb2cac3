/** What a JUnit report counts. */
export interface JunitCounts {
  tests: number;
  failed: number;
  skipped: number;
}

/** A testcase as far as it was read. */
interface Case {
  failed: boolean;
  skipped: boolean;
}

/** An element that has not ended yet. */
interface Open {
  name: string;
  /** The testcase that it is, or lies in. */
  within: Case | undefined;
  /** What a test printed: nothing in it is told by the report. */
  isOutput: boolean;
}

/** What Maven adds to them (rerunFailure, flakyError) is of an attempt, and not of the case. */
const FAILED = ['failure', 'error'];
const OUTPUT = ['system-out', 'system-err'];
const REPORT = ['testsuites', 'testsuite', 'testcase'];

/**
 * The counts of a JUnit report: https://github.com/testmoapp/junitxml. Those of its elements, as not every writer sums them
 * up in the suites; a failure outside of the cases counts, too. Undefined where the text is no such report; "cut off" where it
 * does not end: what it has of a suite that was killed says nothing of the rest.
 */
export function readJunit(xml: string): JunitCounts | 'cut off' | undefined {
  const counter = new Counter();
  let isWhole = true;
  for (const { name, kind } of tagsOf(xml)) {
    if (kind === 'open' || kind === 'empty') counter.open(name);
    if (kind === 'close' || kind === 'empty') counter.close(name);
    if (kind === 'unended') isWhole = false;
  }
  if (!counter.seen.size) return /^\s*(<|$)/.test(xml) ? 'cut off' : undefined;
  if (!REPORT.some((name) => counter.seen.has(name))) return undefined;
  return isWhole && counter.isClosed() ? counter.counts : 'cut off';
}

/** Counts as elements come and go. */
class Counter {
  readonly counts: JunitCounts = { tests: 0, failed: 0, skipped: 0 };
  /** Names of elements, with how many of them are open. */
  readonly seen = new Map<string, number>();
  private readonly stack: Open[] = [];

  open(name: string): void {
    const { within, isOutput = false } = this.stack.at(-1) ?? {};
    this.seen.set(name, (this.seen.get(name) ?? 0) + 1);
    const its = name === 'testcase' && !isOutput ? { failed: false, skipped: false } : within;
    this.stack.push({ name, within: its, isOutput: isOutput || OUTPUT.includes(name) });
    if (isOutput) return;
    if (name === 'testcase') this.counts.tests += 1;
    if (FAILED.includes(name)) this.mark('failed', its ?? { failed: false, skipped: false });
    if (name === 'skipped' && its) this.mark('skipped', its);
  }

  /** Ends an element with all in it that nobody has ended: not every writer escapes what a test printed. */
  close(name: string): void {
    if (!this.seen.get(name)) return;
    for (let last = this.stack.pop(); last; last = this.stack.pop()) {
      this.seen.set(last.name, (this.seen.get(last.name) ?? 0) - 1);
      if (last.name === name) return;
    }
  }

  isClosed(): boolean {
    return !this.stack.length;
  }

  private mark(what: keyof Case, its: Case): void {
    if (!its[what]) this.counts[what] += 1;
    its[what] = true;
  }
}

/** A tag, without the prefix of its namespace; "unended": the text ends in the middle of something. */
interface Tag {
  name: string;
  kind: 'open' | 'close' | 'empty' | 'unended';
}

/** The tags of an XML text, in one pass: each character is looked at a fixed number of times, whatever the text. */
function* tagsOf(xml: string): Generator<Tag> {
  for (let at = xml.indexOf('<'); at >= 0; at = xml.indexOf('<', at)) {
    const name = nameAt(xml, at);
    const end = name === undefined ? endOfOther(xml, at) : endOfTag(xml, at);
    if (end < 0) {
      yield { name: '', kind: 'unended' };
      return;
    }
    if (name !== undefined)
      yield { name, kind: xml[at + 1] === '/' ? 'close' : xml[end - 2] === '/' ? 'empty' : 'open' };
    at = end;
  }
}

const NAME = /<\/?([\p{L}_:][^\s/>"'<]*)/uy;
const DELIMITER = /[>"']/g;

/** The name of the tag that begins here; undefined: it is none. */
function nameAt(xml: string, at: number): string | undefined {
  NAME.lastIndex = at;
  const name = NAME.exec(xml)?.[1];
  return name?.slice(name.lastIndexOf(':') + 1);
}

/** The place after a tag: after the next > that no quotes hold; -1: it does not end. */
function endOfTag(xml: string, from: number): number {
  for (let at = from; ;) {
    DELIMITER.lastIndex = at;
    const found = DELIMITER.exec(xml);
    if (!found) return -1;
    if (found[0] === '>') return found.index + 1;
    const quote = xml.indexOf(found[0], found.index + 1);
    if (quote < 0) return -1;
    at = quote + 1;
  }
}

/** What looks like markup and has no elements in it, by how it begins and ends; the first that fits. */
const OTHERS = [
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
  ['<?', '?>'],
] as const;

/** The place after a comment and the like; -1: it does not end. */
function endOfOther(xml: string, at: number): number {
  for (const [begin, end] of OTHERS) {
    if (!xml.startsWith(begin, at)) continue;
    const found = xml.indexOf(end, at + begin.length);
    return found < 0 ? -1 : found + end.length;
  }
  return xml[at + 1] === '!' ? endOfTag(xml, at) : at + 1; // a document type, or a < that should have been escaped
}
