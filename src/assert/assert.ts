import { unlessBroken, type Deployment } from '../deploy/deploy.js';
import { RunError } from '../errors.js';
import type { Chat } from '../maas/chat.js';
import type { Pace } from '../maas/pace.js';
import { RETRY_PAUSES_MS, retrying } from '../maas/retry.js';
import type { Ports } from '../ports.js';
import { seconds, type Progress } from '../progress.js';
import type { RunRecord } from '../report/record.js';
import type { Check, CheckContext, CheckResult } from './check.js';
import { makeContext } from './context.js';
import { locate } from './locate.js';
import { awaitCompletion } from './readiness.js';
import { runChecks } from './runner.js';
import { Stack } from './stack/stack.js';
import { STACK_CHECKS, UI_CHECKS } from './suite.js';

/** Deadline of one call, in ms. The first embedding on a hosted runner may download the embedding model. */
const CALL_MS = 180_000;
/** Deadline of one answer of the model, in ms: of a service that has answered before, and while the stack starts. */
const CHAT_MS = 60_000;
/** Deadlines of a look whether the service answers at all, and of a deletion, in ms. */
const PROBE_MS = 20_000;
const BRIEF_MS = 5000;

/** A stack to judge: one that comes up, or one that runs. */
export interface Subject extends Deployment {
  /** Key of the model under global.models: the stack's provider id. */
  modelKey: string;
  /** The model's id at the service. */
  model: string;
  /** That model at the service itself, with a deadline for an answer in ms. */
  serviceWithin: (timeoutMs: number) => Chat;
}

/** What the user says of the checks. */
export interface AssertInputs {
  /** Names of the checks to run. */
  checks: string[];
  minRecall: number;
  parallel: number;
}

export interface Assertion {
  ports: Pick<Ports, 'openAi' | 'web'>;
  progress: Progress;
  record: Pick<RunRecord, 'checks' | 'usage' | 'model'>;
  signal: AbortSignal;
  pace: Pace;
}

/**
 * Judges a stack: the checks of its API as soon as it completes a chat, those of the UI when all workloads are available.
 * @throws RunError of the first check that failed, or of the rollout
 */
export async function assertStack(subject: Subject, inputs: AssertInputs, assertion: Assertion): Promise<void> {
  const { rolledOut, uiUrl, serviceWithin } = subject;
  const { progress, record, signal, ports } = assertion;
  const model = await unlessBroken(
    progress.stage('readiness', () => ready(subject, assertion)),
    rolledOut,
  );
  record.model = model.id;

  const stack = connect(subject, assertion);
  const { minRecall, parallel } = inputs;
  const [service, probe] = [serviceWithin(CHAT_MS), serviceWithin(PROBE_MS)];
  const context = makeContext({ stack, model, service, probe, uiUrl, web: ports.web, minRecall, parallel });
  const selected = (checks: Check[]) => checks.filter(({ name }) => inputs.checks.includes(name));
  const judge = (checks: Check[]) => judgeAll(selected(checks), context, assertion);
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
  throwIfNothingJudged(record.checks);
}

/** The stack for the checks: a call is tried again where the transport breaks. */
function connect({ stackUrl, modelKey }: Subject, { ports, record, signal, pace }: Assertion): Stack {
  const once = (timeoutMs: number) => ports.openAi({ baseUrl: `${stackUrl}/v1`, apiKey: 'none', timeoutMs });
  const api = (timeoutMs: number) => retrying(once(timeoutMs), RETRY_PAUSES_MS, signal);
  const apis = { api: api(CALL_MS), chatApi: api(CHAT_MS), briefApi: once(BRIEF_MS) };
  return new Stack({ ...apis, modelKey, pace, usage: record.usage });
}

/** @throws RunError of the hop that keeps the stack from completing a chat */
async function ready(
  { stackUrl, modelKey, model, serviceWithin }: Subject,
  { ports, progress, record, signal, pace }: Assertion,
): Promise<CheckContext['model']> {
  const api = ports.openAi({ baseUrl: `${stackUrl}/v1`, apiKey: 'none', timeoutMs: CHAT_MS });
  const stack = new Stack({ api, chatApi: api, briefApi: api, modelKey, pace, usage: record.usage });
  const waiting = (forWhat: string) => progress.waiting('readiness', forWhat);
  try {
    return await awaitCompletion(stack, modelKey, model, waiting, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw await locate(error, serviceWithin(PROBE_MS));
  }
}

async function judgeAll(
  checks: Check[],
  context: CheckContext,
  { progress, record, signal }: Assertion,
): Promise<void> {
  const onResult = (result: CheckResult) => {
    record.checks.push(result);
    progress.say('checks', describe(result));
  };
  await runChecks(checks, context, record.checks, onResult, signal);
}

async function tidy(stack: Stack, progress: Progress): Promise<void> {
  const left = await stack.deleteAll();
  if (left.length) progress.say('deletion', `could not be deleted: ${left.join(', ')}`);
}

function describe({ name, verdict, ms, evidence, cause }: CheckResult): string {
  const what = evidence ? [evidence.got, evidence.warning].filter(Boolean).join('; ') : cause;
  return `${verdict} ${name} (${seconds(ms)}): ${what}`;
}

function throwIfFailed(checks: CheckResult[]): void {
  const first = checks.find(({ verdict }) => verdict === 'failed');
  if (first) throw new RunError(first.hop, `check ${first.name}: ${first.cause}`, first.fix);
}

/** Green must mean that something was seen to work. */
function throwIfNothingJudged(checks: CheckResult[]): void {
  if (checks.some(({ verdict }) => verdict === 'passed' || verdict === 'warned')) return;
  const why = checks.map(({ name, cause }) => `${name}: ${cause}`).join('; ');
  throw new RunError(
    'inputs',
    `none of the chosen checks could be judged (${why})`,
    'Choose others by the input checks.',
  );
}
