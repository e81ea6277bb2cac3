import { RunError } from '../errors.js';
import type { Answer, Chat, ChatRequest } from '../maas/chat.js';
import { ApiFailure, isRateLimit, oneLine } from '../maas/failure.js';
import { NotApplicable, type CheckContext } from './check.js';

/** A question to the model and what is wrong with an answer, if anything. */
export interface ModelQuestion {
  request: ChatRequest;
  /** How it is put. */
  by?: keyof Chat;
  wrong: (answer: Answer) => string | undefined;
  /** What the user can do where the service answers it wrongly too. */
  fix: string;
}

/** Something that not every service offers. */
export interface Feature extends Omit<ModelQuestion, 'fix'> {
  name: string;
  /** Where a service that takes the request must also do it right: what the user can do. */
  fix?: string;
}

/** What came of a question: a right answer, one with something wrong, or an error that depends on the request. */
export interface Trial {
  answer?: Answer;
  wrong?: string;
  error?: RunError;
  /** The server does not take the request as such. */
  refused: boolean;
}

/** Statuses by which servers say that they do not know a parameter. */
const REFUSALS = [400, 404, 405, 415, 422, 501];

/**
 * Asks through the stack.
 * @throws RunError of the model service where that, asked the same directly, fails or answers as wrongly; of the stack
 *   where it does not
 */
export async function ask({ chat, service }: CheckContext, question: ModelQuestion): Promise<Answer> {
  const through = await trial(chat, question);
  if (through.answer) return through.answer;
  const what = told(through);
  const direct = await directly(service, question, what);
  if (direct.answer) throw stackChanges(what, through);
  if (direct.error) throw located(direct.error, what);
  if (through.error) throw through.error;
  throw new RunError('E_WRONG_ANSWER', 'model service', what, question.fix);
}

/**
 * Asks for something that not every service offers, and an application in front of its model need not hand on.
 * @throws NotApplicable where the service, asked the same directly, does not do it; RunError of the stack where it does
 */
export async function askFeature({ chat, service, stack }: CheckContext, feature: Feature): Promise<Answer> {
  const through = await trial(chat, feature);
  if (through.answer) return through.answer;
  const what = told(through);
  const isStack = stack.kind !== 'openai';
  if (!isStack && through.refused)
    throw new NotApplicable(`the server does not offer ${feature.name}: ${oneLine(what)}`);
  const direct = await directly(service, feature, what);
  if (direct.answer && !isStack && through.wrong !== undefined)
    throw new NotApplicable(`the server does not hand on ${feature.name}, which the model does: ${oneLine(what)}`);
  if (direct.answer) throw stackChanges(what, through);
  if (direct.error && !direct.refused) throw located(direct.error, what);
  if (direct.wrong !== undefined) {
    if (feature.fix !== undefined) throw new RunError('E_WRONG_ANSWER', 'model service', direct.wrong, feature.fix);
    if (through.error && !through.refused) throw through.error;
  }
  const said = oneLine(told(direct));
  throw new NotApplicable(`not offered: asked directly for ${feature.name}, the model service fails too: ${said}`);
}

/**
 * One question to one model.
 * @throws what does not depend on the request: the key, the rate, the connection, a deadline
 */
export async function trial(
  model: Chat,
  { request, by = 'complete', wrong }: Omit<ModelQuestion, 'fix'>,
): Promise<Trial> {
  try {
    const answer = await model[by](request);
    const what = wrong(answer);
    return what === undefined ? { answer, refused: false } : { wrong: what, refused: false };
  } catch (error) {
    const failure = error instanceof RunError && error.cause instanceof ApiFailure ? error.cause : undefined;
    const { status = 0 } = failure ?? {};
    if (!(error instanceof RunError) || !failure || status < 400 || [401, 403].includes(status) || isRateLimit(failure))
      throw error;
    return { error, refused: REFUSALS.includes(status) };
  }
}

/** The same question to the service itself. What fails there is its own fault: it has been located. */
async function directly(service: Chat, question: Omit<ModelQuestion, 'fix'>, what: string): Promise<Trial> {
  try {
    return await trial(service, question);
  } catch (error) {
    throw error instanceof RunError ? located(error, what) : error;
  }
}

function located(error: RunError, what: string): RunError {
  const cause = `${error.message} (asked directly; through the stack: ${what})`;
  return new RunError(error.code, error.hop, cause, error.fix, { cause: error });
}

function told({ wrong, error }: Trial): string {
  return wrong ?? error?.message ?? '';
}

function stackChanges(what: string, { error }: Trial): RunError {
  if (error)
    return new RunError(error.code, 'stack', `${what}; asked directly, the model service answers`, error.fix, {
      cause: error,
    });
  return new RunError(
    'E_STACK_CHANGES',
    'stack',
    `through the stack, ${what}; asked directly, the model service does it right`,
    "Check the stack's provider for the model (type, model id, options): it does not hand on what was asked. A model whose answers vary looks the same.",
  );
}
