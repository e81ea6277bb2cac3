import { unlessBroken, type Deployment } from '../deploy/deploy.js';
import { messageOf, RunError } from '../errors.js';
import type { Chat } from '../maas/chat.js';
import type { Calls } from '../maas/calls.js';
import { createServiceChat } from '../maas/service.js';
import { isUnavailable } from '../maas/service-error.js';
import type { OpenAiApi, Ports, Tone } from '../ports.js';
import { seconds, type Progress } from '../progress.js';
import type { RunRecord } from '../report/record.js';
import { meteredOnly } from '../spend/metered.js';
import type { Meter } from '../spend/meter.js';
import { inItsWords, thrownAsApplication } from './as-application.js';
import type { BasicContext, Check, CheckResult } from './check.js';
import { basicContext, makeContext } from './context.js';
import { locate } from './locate.js';
import { awaitCompletion, awaitModels, awaitStack } from './readiness.js';
import { runChecks } from './runner.js';
import type { StackModel } from './stack/readings.js';
import { findPlace, type Declared, type Place } from './stack/server.js';
import { Stack } from './stack/stack.js';
import { checksFor, STACK_CHECKS, UI_CHECKS } from './suite.js';
import { warnOfUnproven } from './unproven.js';

/** Deadline of one call, in ms. The first embedding on a hosted runner may download the embedding model. */
const CALL_MS = 180_000;
/** Deadline of one answer of the model, in ms: of a service that has answered before, and while the stack starts. */
const CHAT_MS = 60_000;
/** Deadlines of a look whether the service answers at all, and of a deletion, in ms. */
const PROBE_MS = 20_000;
const BRIEF_MS = 5000;

/** A stack, or another server, to judge: one that comes up, or one that runs. */
export interface Subject extends Pick<Deployment, 'uiUrl' | 'rolledOut'>, Declared {
  /** Without a path. */
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

/** The model at the service, counted whatever was spent: it is asked there whose fault a failure is. */
export function testedModel(
  { modelKey, model, baseUrl, apiKey }: { modelKey: string; model: string; baseUrl: string; apiKey: string },
  { openAi }: Pick<Ports, 'openAi'>,
  meter: Meter,
): TestedModel {
  const serviceWithin: TestedModel['serviceWithin'] = (timeoutMs, calls) => {
    const api = meteredOnly(openAi({ baseUrl, apiKey, timeoutMs }), 'model service', meter);
    return createServiceChat(api, baseUrl, { model, calls });
  };
  return { modelKey, model, serviceWithin };
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
  record: Pick<RunRecord, 'checks' | 'model' | 'untested'>;
  signal: AbortSignal;
  calls: Calls;
  meter: Meter;
}

/**
 * Judges a stack: the checks of its API as soon as it completes a chat, those of the UI when all workloads are available.
 * @throws RunError of the first check that failed, or of the rollout
 */
export async function assertStack(subject: Subject, inputs: AssertInputs, assertion: Assertion): Promise<void> {
  const { rolledOut } = subject;
  const { progress, record, signal, meter } = assertion;
  meter.of('readiness');
  const { model, place } = await unlessBroken(
    progress.stage('readiness', () => ready(subject, inputs, assertion)),
    rolledOut,
  );
  record.model = model?.id ?? '';

  const stack = connect(subject, { place, calls: assertion.calls, callMs: CALL_MS }, assertion);
  const context = contextOf(subject, stack, model, inputs, assertion);
  const selected = (checks: Check[]) => checks.filter(({ name }) => inputs.checks.includes(name));
  const judge = (stage: string, checks: Check[]) =>
    judgeAll(stage, checksFor(selected(checks), place.kind), context, assertion);
  try {
    await unlessBroken(
      progress.stage('checks', () => judge('checks', STACK_CHECKS)),
      rolledOut,
    );
  } finally {
    if (!signal.aborted) await progress.stage('deletion', () => tidy(stack, progress));
  }
  throwIfFailed(record.checks);
  await rolledOut;
  await progress.stage('UI checks', () => judge('UI checks', UI_CHECKS));
  throwIfFailed(record.checks);
  throwIfNothingJudged(record.checks, meter);
  const warning = warnOfUnproven(record.checks, place.kind);
  if (warning) progress.say('checks', warning);
}

function openAt({ stackUrl }: Subject, path: string, timeoutMs: number, { ports }: Assertion): OpenAiApi {
  return ports.openAi({ baseUrl: `${stackUrl}${path}`, apiKey: 'none', timeoutMs });
}

function connect(
  subject: Subject,
  { place, calls, callMs }: { place: Place; calls: Calls; callMs: number },
  assertion: Assertion,
): Stack {
  const { kind, basePath, ownPath } = place;
  const open = (timeoutMs: number, path = basePath) => openAt(subject, path, timeoutMs, assertion);
  const apis = { api: open(callMs), chatApi: open(CHAT_MS), briefApi: open(BRIEF_MS) };
  const own = ownPath === basePath ? {} : { ownApi: open(callMs, ownPath) };
  const { meter } = assertion;
  return new Stack({ ...apis, ...own, kind, modelKey: subject.tested?.modelKey ?? '', calls, meter });
}

function contextOf(
  { uiUrl, tested }: Subject,
  stack: Stack,
  model: StackModel | undefined,
  { minRecall, parallel }: AssertInputs,
  { ports: { web }, calls, meter }: Assertion,
): BasicContext {
  const given = { stack, uiUrl, web, minRecall, meter };
  if (!tested || !model) return basicContext(given);
  const [service, probe] = [
    tested.serviceWithin(CHAT_MS, calls),
    tested.serviceWithin(PROBE_MS, calls.withoutRetries()),
  ];
  return makeContext({ ...given, model, service, probe, parallel });
}

/** What is known of a server that is ready. */
interface Ready {
  place: Place;
  /** undefined where it is not tested. */
  model: StackModel | undefined;
}

/**
 * Where the server's routes are, and the model, once it completes a chat with it.
 * @throws RunError of the hop that keeps it from completing a chat
 */
async function ready(subject: Subject, inputs: AssertInputs, assertion: Assertion): Promise<Ready> {
  const { progress, signal } = assertion;
  const waiting = (forWhat: string) => progress.waiting('readiness', forWhat);
  const place = await findPlace(
    subject,
    (path) => openAt(subject, path, CHAT_MS, assertion),
    (api) => awaitModels(api, waiting, signal),
  );
  const { kind, basePath } = place;
  if (kind === 'older-llama-stack') progress.say('readiness', `an older stack, with OpenAI's routes below ${basePath}`);
  const said = (forWhat: string) => waiting(kind === 'openai' ? inItsWords(forWhat) : forWhat);
  try {
    return { place, model: await readyModel(subject, place, inputs, said, assertion) };
  } catch (error) {
    signal.throwIfAborted();
    throw thrownAsApplication(error, kind);
  }
}

/** The model, once the server completes a chat with it; undefined where it is not tested. */
async function readyModel(
  subject: Subject,
  place: Place,
  { inference }: AssertInputs,
  waiting: (forWhat: string) => void,
  assertion: Assertion,
): Promise<StackModel | undefined> {
  const { progress, record, signal } = assertion;
  const calls = assertion.calls.withoutRetries(); // it asks again by itself
  const stack = connect(subject, { place, calls, callMs: CHAT_MS }, assertion);
  const { tested } = subject;
  if (!tested) {
    await awaitStack(stack, waiting, signal);
    return undefined;
  }
  try {
    const found = await awaitCompletion(stack, tested.modelKey, tested.model, waiting, signal);
    if (place.kind === 'openai' && found.id !== tested.model)
      progress.say('readiness', `the model is taken that the server lists as ${found.id}`);
    return found;
  } catch (error) {
    signal.throwIfAborted();
    const located = await locate(error, tested.serviceWithin(PROBE_MS, calls));
    if (inference !== 'auto' || !isUnavailable(located)) throw located;
    record.untested = messageOf(thrownAsApplication(located, place.kind));
    progress.say('readiness', `going on without the model: ${record.untested}`);
    return undefined;
  }
}

async function judgeAll(
  stage: string,
  checks: Check[],
  context: BasicContext,
  { progress, record, signal, meter }: Assertion,
): Promise<void> {
  const begins = (name: string) => {
    meter.of(name);
    progress.doing(stage, `check ${name}`);
  };
  const judged = (result: CheckResult) => {
    record.checks.push(result);
    progress.say('checks', describe(result), toneOf(result));
  };
  await runChecks(checks, context, record.checks, { begins, judged }, signal);
}

async function tidy(stack: Stack, progress: Progress): Promise<void> {
  const left = await stack.deleteAll();
  if (left.length) progress.say('deletion', `could not be deleted: ${left.join(', ')}`);
}

function toneOf({ verdict }: CheckResult): Tone | undefined {
  if (verdict === 'passed') return 'good';
  return verdict === 'failed' || verdict === 'blocked' ? 'bad' : undefined;
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
function throwIfNothingJudged(checks: CheckResult[], meter: Meter): void {
  if (checks.some(({ verdict }) => verdict === 'passed' || verdict === 'warned')) return;
  const spent = meter.refusal();
  if (spent) throw spent;
  const why = checks.map(({ name, cause }) => `${name}: ${cause}`).join('; ');
  throw new RunError(
    'E_NOTHING_JUDGED',
    'inputs',
    `none of the chosen checks could be judged (${why})`,
    'Choose others by the input checks.',
  );
}
