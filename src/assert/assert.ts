import { unlessBroken, type Deployment } from '../deploy/deploy.js';
import { messageOf, RunError } from '../errors.js';
import type { Chat } from '../maas/chat.js';
import type { Calls } from '../maas/calls.js';
import { isUnavailable } from '../maas/service-error.js';
import type { Ports } from '../ports.js';
import { seconds, type Progress } from '../progress.js';
import type { RunRecord } from '../report/record.js';
import type { BasicContext, Check, CheckResult } from './check.js';
import { basicContext, makeContext } from './context.js';
import { locate } from './locate.js';
import { awaitCompletion, awaitStack } from './readiness.js';
import { runChecks } from './runner.js';
import type { StackModel } from './stack/readings.js';
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
export interface Subject extends Pick<Deployment, 'uiUrl' | 'rolledOut'> {
  stackUrl: string;
  /** undefined: the model is not tested. */
  tested: TestedModel | undefined;
}

export interface TestedModel {
  /** Key of the model under global.models: the stack's provider id. */
  modelKey: string;
  /** The model's id at the service. */
  model: string;
  /** That model at the service itself, with a deadline for an answer in ms. */
  serviceWithin: (timeoutMs: number, calls: Calls) => Chat;
}

/** Whether the model is tested: always, where its service is available, never. */
export type Inference = 'required' | 'auto' | 'off';

/** What the user says of the checks. */
export interface AssertInputs {
  /** Names of the checks to run. */
  checks: string[];
  minRecall: number;
  parallel: number;
  /** auto: a model service that is unavailable leaves the checks that ask no model. */
  inference: Inference;
}

export interface Assertion {
  ports: Pick<Ports, 'openAi' | 'web'>;
  progress: Progress;
  record: Pick<RunRecord, 'checks' | 'usage' | 'model' | 'untested'>;
  signal: AbortSignal;
  calls: Calls;
}

/**
 * Judges a stack: the checks of its API as soon as it completes a chat, those of the UI when all workloads are available.
 * @throws RunError of the first check that failed, or of the rollout
 */
export async function assertStack(subject: Subject, inputs: AssertInputs, assertion: Assertion): Promise<void> {
  const { rolledOut } = subject;
  const { progress, record, signal } = assertion;
  const model = await unlessBroken(
    progress.stage('readiness', () => ready(subject, inputs, assertion)),
    rolledOut,
  );
  record.model = model?.id ?? '';

  const stack = connect(subject, { calls: assertion.calls, callMs: CALL_MS }, assertion);
  const context = contextOf(subject, stack, model, inputs, assertion);
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

function connect(
  { stackUrl, tested }: Subject,
  { calls, callMs }: { calls: Calls; callMs: number },
  { ports, record }: Assertion,
): Stack {
  const api = (timeoutMs: number) => ports.openAi({ baseUrl: `${stackUrl}/v1`, apiKey: 'none', timeoutMs });
  const apis = { api: api(callMs), chatApi: api(CHAT_MS), briefApi: api(BRIEF_MS) };
  return new Stack({ ...apis, modelKey: tested?.modelKey ?? '', calls, usage: record.usage });
}

function contextOf(
  { uiUrl, tested }: Subject,
  stack: Stack,
  model: StackModel | undefined,
  { minRecall, parallel }: AssertInputs,
  { ports: { web }, calls }: Assertion,
): BasicContext {
  const given = { stack, uiUrl, web, minRecall };
  if (!tested || !model) return basicContext(given);
  const [service, probe] = [
    tested.serviceWithin(CHAT_MS, calls),
    tested.serviceWithin(PROBE_MS, calls.withoutRetries()),
  ];
  return makeContext({ ...given, model, service, probe, parallel });
}

/**
 * The model, once the stack completes a chat with it; undefined where it is not tested.
 * @throws RunError of the hop that keeps the stack from completing a chat
 */
async function ready(
  subject: Subject,
  { inference }: AssertInputs,
  assertion: Assertion,
): Promise<StackModel | undefined> {
  const { progress, record, signal } = assertion;
  const calls = assertion.calls.withoutRetries(); // it asks again by itself
  const stack = connect(subject, { calls, callMs: CHAT_MS }, assertion);
  const waiting = (forWhat: string) => progress.waiting('readiness', forWhat);
  const { tested } = subject;
  if (!tested) {
    await awaitStack(stack, waiting, signal);
    return undefined;
  }
  try {
    return await awaitCompletion(stack, tested.modelKey, tested.model, waiting, signal);
  } catch (error) {
    signal.throwIfAborted();
    const located = await locate(error, tested.serviceWithin(PROBE_MS, calls));
    if (inference !== 'auto' || !isUnavailable(located)) throw located;
    record.untested = messageOf(located);
    progress.say('readiness', `going on without the model: ${record.untested}`);
    return undefined;
  }
}

async function judgeAll(
  checks: Check[],
  context: BasicContext,
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
  if (!first) return;
  const { code = 'E_UNEXPECTED', hop, name, cause, fix, chain } = first;
  throw new RunError(code, hop, `check ${name}: ${cause}`, fix, { cause: linked(chain) });
}

/** Errors again, of what a result keeps of them. */
function linked(chain: string[]): Error | undefined {
  return chain.reduceRight<Error | undefined>((cause, message) => new Error(message, { cause }), undefined);
}

/** Green must mean that something was seen to work. */
function throwIfNothingJudged(checks: CheckResult[]): void {
  if (checks.some(({ verdict }) => verdict === 'passed' || verdict === 'warned')) return;
  const why = checks.map(({ name, cause }) => `${name}: ${cause}`).join('; ');
  throw new RunError(
    'E_NOTHING_JUDGED',
    'inputs',
    `none of the chosen checks could be judged (${why})`,
    'Choose others by the input checks.',
  );
}
