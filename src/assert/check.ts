import type { Hop } from '../errors.js';
import type { Web } from '../ports.js';
import type { Corpus, IndexedCorpus } from './corpus.js';
import type { Stack, StackModel } from './stack.js';

/** What a check expected and what it got, in words for the report. */
export interface Evidence {
  expected: string;
  got: string;
}

/** What checks work with. */
export interface CheckContext {
  stack: Stack;
  /** The chat model, as the stack lists it. */
  model: StackModel;
  corpus: Corpus;
  /** The corpus in a vector store of this run: uploaded at the first call, shared by the later ones. */
  indexed: () => Promise<IndexedCorpus>;
  /** Base URL of the user interface; undefined where the chart has none. */
  uiUrl: string | undefined;
  web: Web;
}

/** One check: a new one is a file in checks/ and a line in suite.ts. */
export interface Check {
  name: string;
  /** The hop that is at fault when it fails, unless it finds another to blame. */
  hop: Hop;
  /** What a pass proves, for README and summary. */
  proves: string;
  /** Checks without which this one can not be judged. */
  needs: string[];
  /** @throws RunError that names hop, cause and fix; @throws NotApplicable where the chart lacks the part */
  run: (context: CheckContext) => Promise<Evidence>;
}

/** The part that a check judges is not there; that is no failure. */
export class NotApplicable extends Error {}

export interface CheckResult {
  name: string;
  hop: Hop;
  verdict: 'passed' | 'failed' | 'skipped';
  ms: number;
  evidence: Evidence | undefined;
  /** Why it failed or was skipped. */
  cause: string;
  fix: string;
}
