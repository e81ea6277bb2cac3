import { RunError, messageOf } from '../errors.js';
import { asking, type Chat } from '../maas/chat.js';
import { ApiFailure, isRateLimit } from '../maas/failure.js';

/**
 * Whose fault a failed call to the model is. Only through the stack it shows; so the service is asked directly, in the
 * same manner: where that fails too, it is the service's, else the stack's or that of its way there.
 *
 * @returns the error that names the hop; what is about something else comes back as it is
 */
export async function locate(error: unknown, service: Chat): Promise<unknown> {
  if (!(error instanceof RunError) || !(error.cause instanceof ApiFailure)) return error;
  const failure = error.cause;
  const ofTheModel = /\/(chat\/completions|responses)\b/.test(failure.call) && failure.kind !== 'connection';
  if (!ofTheModel) return error;
  const direct = await failureOf(service, failure.call.includes('(stream)'));
  if (direct) {
    const cause = `${direct.message} (asked directly; through the stack: ${failure.message})`;
    return new RunError(direct.code, 'model service', cause, direct.fix, { cause: direct });
  }
  // a limit lets some requests through: that the next one passes says nothing
  if (isRateLimit(failure)) return error;
  const cause = `${error.message}; asked directly, the model service answers`;
  return new RunError(error.code, 'stack', cause, error.fix, { cause: failure });
}

async function failureOf(service: Chat, streamed: boolean): Promise<RunError | undefined> {
  try {
    await service.complete(asking('Reply with OK'));
    if (streamed) await service.completeStreamed(asking('Reply with OK'));
    return undefined;
  } catch (error) {
    return error instanceof RunError
      ? error
      : new RunError('E_SERVICE_DOWN', 'model service', messageOf(error), 'Look at the service.');
  }
}
