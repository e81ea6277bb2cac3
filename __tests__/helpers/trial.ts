import {
  NotApplicable,
  type BasicContext,
  type Check,
  type CheckContext,
  type CheckResult,
  type Evidence,
} from '../../src/assert/check.js';
import { basicContext } from '../../src/assert/context.js';
import { runChecks, type Listener } from '../../src/assert/runner.js';
import { contextFor, FakeStack, type Route } from './fake-stack.js';

type Routes = Record<string, Route>;

/** A check, and the stack and the model service that it asks: some of their routes replaced. */
export function trial(
  check: Check,
  { stack = {}, service = {}, over = {} }: { stack?: Routes; service?: Routes; over?: Partial<CheckContext> } = {},
): { api: FakeStack; direct: FakeStack; context: CheckContext; done: () => Promise<Evidence> } {
  const [api, direct] = [new FakeStack(stack), new FakeStack(service)];
  const context = contextFor(api, over, direct);
  return { api, direct, context, done: () => check.run(context) };
}

/** Nobody follows the checks. */
export const UNHEARD: Listener = { begins: () => undefined, judged: () => undefined };

/** The word that a check invents first. */
export const WORD = contextFor(new FakeStack()).inventor.word();

/** What the runner makes of a check. */
export async function judged(check: Check, stack: Routes = {}, service: Routes = {}): Promise<CheckResult> {
  return await judgedIn(trial(check, { stack, service }).context, check);
}

/** The same where no model is tested. */
export async function judgedWithoutModel(
  check: Check,
  stack: Routes = {},
  over: Partial<BasicContext> = {},
): Promise<CheckResult> {
  return await judgedIn({ ...basicContext(trial(check, { stack }).context), ...over }, check);
}

/** The same in a context of its own. */
export async function judgedIn(context: BasicContext, check: Check): Promise<CheckResult> {
  const [result] = await runChecks([check], context, [], UNHEARD, new AbortController().signal);
  if (!result) throw new Error('it was not judged');
  return result;
}

/** Why a check does not apply. Anything else that it ends with fails the test. */
export async function notApplicable(work: () => Promise<unknown>): Promise<string> {
  const ended: unknown = await work().catch((error: unknown) => error);
  if (ended instanceof NotApplicable) return ended.message;
  throw ended instanceof Error ? ended : new Error('it applied');
}
