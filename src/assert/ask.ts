import { RunError } from '../errors.js';
import type { Completion } from '../maas/answers.js';
import type { Chat, ChatRequest } from '../maas/chat.js';
import { ApiFailure, isRateLimit, oneLine } from '../maas/failure.js';
import { NotApplicable, type CheckContext } from './check.js';

/** A question to the model and what is wrong with an answer, if anything. */
export interface ModelQuestion {
  request: ChatRequest;
  /** How it is put. */
  by?: keyof Chat;
  wrong: (completion: Completion) => string | undefined;
  /** What the user can do where the service answers it wrongly too. */
  fix: string;
}

/** Statuses by which servers say that they do not know a parameter. */
const REFUSALS = [400, 404, 405, 415, 422, 501];

/**
 * Asks through the stack.
 * @throws RunError of the model service where that, asked directly, answers as wrongly; of the stack where it does not
 */
export async function ask({ chat, service }: CheckContext, question: ModelQuestion): Promise<Completion> {
  const { request, by = 'complete', wrong, fix } = question;
  const completion = await chat[by](request);
  const what = wrong(completion);
  if (what === undefined) return completion;
  if (wrong(await directly(() => service[by](request), what)) === undefined) throw stackChanges(what);
  throw new RunError('model service', what, fix);
}

/**
 * Asks for something that not every service offers.
 * @throws NotApplicable where the service, asked directly, does not do it; RunError of the stack where it does
 */
export async function askFeature(
  { chat, service }: CheckContext,
  feature: string,
  question: Omit<ModelQuestion, 'fix'>,
): Promise<Completion> {
  const { request, by = 'complete', wrong } = question;
  const answer = await answerOrRefusal(() => chat[by](request));
  const what = typeof answer === 'string' ? answer : wrong(answer);
  if (what === undefined && typeof answer !== 'string') return answer;
  const direct = await directly(() => answerOrRefusal(() => service[by](request)), what ?? '');
  const alsoWrong = typeof direct === 'string' ? direct : wrong(direct);
  if (alsoWrong === undefined) throw stackChanges(what ?? '');
  throw new NotApplicable(
    `not offered: asked directly for ${feature}, the model service fails too: ${oneLine(alsoWrong)}`,
  );
}

/** What the service itself says. Its failure is its own: it has been located. */
async function directly<T>(call: () => Promise<T>, what: string): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    const cause = `${error.message} (asked directly, because through the stack ${what})`;
    throw new RunError(error.hop, cause, error.fix, { cause: error });
  }
}

/** @returns what was said where the server refuses the request as such */
async function answerOrRefusal(call: () => Promise<Completion>): Promise<Completion | string> {
  try {
    return await call();
  } catch (error) {
    const failure = error instanceof RunError && error.cause instanceof ApiFailure ? error.cause : undefined;
    if (failure?.status === undefined || !REFUSALS.includes(failure.status) || isRateLimit(failure)) throw error;
    return failure.message;
  }
}

function stackChanges(what: string): RunError {
  return new RunError(
    'stack',
    `through the stack, ${what}; asked directly, the model service does it`,
    "Check the stack's provider for the model (type, model id, options): it does not hand on what was asked.",
  );
}
