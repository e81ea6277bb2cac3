import type { ErrorCode } from '../error-codes.js';
import type { Hop } from '../errors.js';
import type { Chat } from '../maas/chat.js';
import type { Web } from '../ports.js';
import type { Meter } from '../spend/meter.js';
import type { Corpus } from './corpus/corpus.js';
import type { Inventor } from './corpus/facts.js';
import type { StackModel } from './stack/readings.js';
import type { EmbeddingModel, Stack } from './stack/stack.js';
import type { VectorStores } from './stack/stores.js';

/** What a check expected and what it got, in words for the report. */
export interface Evidence {
  expected: string;
  got: string;
  /** What its reader should know although it passed; makes the verdict "warned". */
  warning?: string;
}

/** The corpus in a vector store of this run. */
export interface Indexed {
  stores: VectorStores;
  storeId: string;
  /** Id of an indexed file, by its name. */
  fileIds: Map<string, string>;
}

/** What checks that ask no model work with. */
export interface BasicContext {
  stack: Stack;
  /** The chat model, as the stack lists it; undefined where the model is not tested. */
  model: StackModel | undefined;
  corpus: Corpus;
  inventor: Inventor;
  /** The server's embedding model, asked for at the first call. @throws NotApplicable where a server that is no stack has none */
  embedding: () => Promise<EmbeddingModel>;
  /** @throws NotApplicable where a server that is no stack has none */
  stores: () => Promise<VectorStores>;
  /** Uploaded at the first call, shared by the later ones. */
  indexed: () => Promise<Indexed>;
  /** Recall@5 below which retrieval fails, from 0 to 1. */
  minRecall: number;
  /** Base URL of the user interface; undefined where the chart has none. */
  uiUrl: string | undefined;
  web: Web;
  /** Counts what each check asks of the model. */
  meter: Meter;
}

/** What checks that ask the model work with. */
export interface CheckContext extends BasicContext {
  model: StackModel;
  /** That model through the stack. */
  chat: Chat;
  /** That model at the service itself: who is at fault shows when both are asked. */
  service: Chat;
  /** The same with a short deadline, for whether it answers at all. */
  probe: Chat;
  /** Questions that the load check asks at a time. */
  parallel: number;
}

export function hasModel(context: BasicContext): context is CheckContext {
  return context.model !== undefined;
}

/** One check: a new one is a file in checks/ and a line in suite.ts. */
interface CheckFacts {
  name: string;
  /** The hop that it judges, at fault when it fails unless it finds another to blame. */
  hop: Hop;
  /** What a pass proves, and what it can not: for README and docs/checks.md. */
  proves: string;
  cannot: string;
  /** Checks without which this one can not be judged. */
  needs: string[];
}

/** @throws RunError that names hop, cause and fix; @throws NotApplicable where the part is not there */
type Judge<Context> = (context: Context) => Promise<Evidence>;

/** Whether it asks the chat model; those that do not are the basic ones. */
export type Check = CheckFacts &
  ({ asksModel: true; run: Judge<CheckContext> } | { asksModel: false; run: Judge<BasicContext> });

/** The part that a check judges is not there, or not offered; that is no failure, and no pass. */
export class NotApplicable extends Error {}

/** skipped: there is nothing to judge. blocked: an earlier hop is down, so that it can not be judged. */
export type Verdict = 'passed' | 'warned' | 'failed' | 'skipped' | 'blocked';

export interface CheckResult {
  name: string;
  hop: Hop;
  verdict: Verdict;
  ms: number;
  evidence: Evidence | undefined;
  /** Of a failed one. */
  code: ErrorCode | undefined;
  /** Why it is not passed. */
  cause: string;
  fix: string;
  /** What lies under the cause of a failed one, the nearest first. */
  chain: string[];
}
