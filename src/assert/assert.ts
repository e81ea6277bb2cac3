import { randomInt } from 'node:crypto';
import { unlessBroken, type Deployment } from '../deploy/deploy.js';
import { RunError } from '../errors.js';
import type { Ports } from '../ports.js';
import { seconds, type Progress } from '../progress.js';
import type { RunRecord } from '../report/record.js';
import type { Check, CheckContext, CheckResult } from './check.js';
import { indexCorpus, makeCorpus, type IndexedCorpus } from './corpus.js';
import { awaitCompletion } from './readiness.js';
import { runChecks } from './runner.js';
import { Stack, type StackModel } from './stack.js';
import { STACK_CHECKS, UI_CHECKS } from './suite.js';

/** Deadline of one call, in ms. The first embedding on a hosted runner may download the embedding model. */
const CALL_MS = 180_000;
/** While the stack starts, a call that hangs is given up sooner. */
const READINESS_CALL_MS = 60_000;

/** A stack to judge: one that comes up, or one that runs. */
export interface Subject extends Deployment {
  /** Key of the model under global.models: the stack's provider id. */
  modelKey: string;
  /** The model's id at the service. */
  model: string;
}

export interface Assertion {
  ports: Pick<Ports, 'openAi' | 'web'>;
  progress: Progress;
  record: Pick<RunRecord, 'checks' | 'usage' | 'model'>;
  signal: AbortSignal;
}

/**
 * Judges a stack: the checks of its API as soon as it completes a chat, those of the UI when all workloads are available.
 * @throws RunError of the first check that failed, or of the rollout
 */
export async function assertStack(subject: Subject, { ports, progress, record, signal }: Assertion): Promise<void> {
  const { stackUrl, uiUrl, rolledOut, modelKey, model } = subject;
  const connect = (timeoutMs: number) =>
    new Stack(ports.openAi({ baseUrl: `${stackUrl}/v1`, apiKey: 'none', timeoutMs }), record.usage);
  const waiting = (forWhat: string) => progress.waiting('readiness', forWhat);
  const starting = progress.stage('readiness', () =>
    awaitCompletion(connect(READINESS_CALL_MS), modelKey, model, waiting, signal),
  );
  const found = await unlessBroken(starting, rolledOut);
  record.model = found.id;

  const stack = connect(CALL_MS);
  const context = contextOf(stack, found, uiUrl, ports.web);
  const onResult = (result: CheckResult) => {
    record.checks.push(result);
    progress.say('checks', describe(result));
  };
  const judge = (checks: Check[]) => runChecks(checks, context, record.checks, onResult, signal);
  try {
    await unlessBroken(
      progress.stage('checks', () => judge(STACK_CHECKS)),
      rolledOut,
    );
  } finally {
    if (!signal.aborted) await progress.stage('deletion', () => tidy(stack, progress));
  }
  throwIfFailed(record.checks);
  await rolledOut;
  await progress.stage('UI checks', () => judge(UI_CHECKS));
  throwIfFailed(record.checks);
}

function contextOf(stack: Stack, model: StackModel, uiUrl: string | undefined, web: Ports['web']): CheckContext {
  const corpus = makeCorpus(randomInt);
  let indexing: Promise<IndexedCorpus> | undefined;
  const indexed = async () =>
    await (indexing ??= stack.embeddingModel().then((embedding) => indexCorpus(stack, corpus, embedding)));
  return { stack, model, corpus, indexed, uiUrl, web };
}

async function tidy(stack: Stack, progress: Progress): Promise<void> {
  const left = await stack.deleteAll();
  if (left.length) progress.say('deletion', `could not be deleted: ${left.join(', ')}`);
}

function describe({ name, verdict, ms, evidence, cause }: CheckResult): string {
  const what = evidence ? evidence.got : cause;
  return `${verdict} ${name} (${seconds(ms)}): ${what}`;
}

function throwIfFailed(checks: CheckResult[]): void {
  const first = checks.find(({ verdict }) => verdict === 'failed');
  if (first) throw new RunError(first.hop, `check ${first.name}: ${first.cause}`, first.fix);
}
