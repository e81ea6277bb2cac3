import { RunError } from '../errors.js';
import { pause } from '../pause.js';
import { ApiFailure } from '../maas/failure.js';
import { pauseBefore } from '../maas/calls.js';
import { asking } from '../maas/chat.js';
import { looksLikeChat } from '../maas/models.js';
import { BudgetSpent } from '../spend/meter.js';
import type { OpenAiApi } from '../ports.js';
import type { StackModel } from './stack/readings.js';
import type { Stack } from './stack/stack.js';

const POLL_MS = 500;
/** An error that the running stack gives for this long, in ms, is its answer and no start-up trouble. */
const SETTLED_MS = 15_000;
/** One of a rate limit, in ms: others may use the same key, and leave room when their minute is over. */
const LIMITED_MS = 50_000;
/** A stack that has not answered for this long, in ms, has ended and starts anew; less is a connection that broke. */
const GONE_MS = 5000;

/**
 * The chat model as the stack lists it: the provider's key and the model's id, exactly. Where the chart decides who the
 * provider is (an empty key), the first that has the model.
 */
export function findModel(models: StackModel[], modelKey: string, model: string): StackModel {
  const found = models.find(({ id, providerId, providerModel }) =>
    modelKey
      ? id === `${modelKey}/${model}` || (providerId === modelKey && providerModel === model)
      : id === model || id === `${providerId}/${model}` || providerModel === model,
  );
  if (found) return found;
  const listed = models.map(({ id }) => id).join(', ') || 'none';
  throw new RunError(
    'E_STACK_MODEL',
    'stack',
    `the stack does not list ${modelKey ? `${modelKey}/` : ''}${model}; it lists ${listed}`,
    'Check that the chart takes its models from global.models, and that no later values disable this one.',
  );
}

/**
 * The chat model as a server that is no stack lists it: the same id, or what follows a provider's. Applications name their
 * models themselves: where there is one for chat, it is taken.
 */
function findServed(models: StackModel[], model: string): StackModel {
  const same = models.filter(({ id }) => id === model);
  const found = same.length ? same : models.filter(({ id }) => id.endsWith(`/${model}`));
  const chat = models.filter(({ id, type }) => type === 'llm' && looksLikeChat(id));
  const [only, ...others] = found.length ? found : chat;
  if (only && others.length === 0) return only;
  const listed = models.map(({ id }) => id).join(', ') || 'none';
  const what = found.length ? `${found.length} models that ${model} fits` : `no ${model}, nor one chat model alone`;
  throw new RunError(
    'E_STACK_MODEL',
    'stack',
    `the stack lists ${what}; it lists ${listed}`,
    'Check which models the application serves, and the input model.',
  );
}

/** The chat model as the server lists it; one without a list is asked for it by the name that the service has for it. */
async function modelAt(stack: Stack, modelKey: string, model: string): Promise<StackModel> {
  if (stack.kind !== 'openai') return findModel(await stack.models(), modelKey, model);
  const models = await stack.listedModels();
  return models
    ? findServed(models, model)
    : { id: model, type: 'llm', providerId: '', providerModel: model, dimension: undefined };
}

/** What the server answers when it is asked for its models, as soon as it does; undefined where that is an error. */
export async function awaitModels(
  api: OpenAiApi,
  waiting: (forWhat: string) => void,
  signal: AbortSignal,
): Promise<unknown> {
  for (;;) {
    try {
      return (await api.get('/models')).body;
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error;
      if (!isStarting({ cause: error })) return undefined;
      waiting('the stack to list its models (it does not answer yet)');
      await pause(POLL_MS, signal);
    }
  }
}

/**
 * Waits for one real completion through the stack. A listed model or a healthy server proves nothing: both are there
 * while the model service is out of reach.
 *
 * @throws RunError at once where the key is refused; after 15 s where the running stack keeps giving the same error
 */
export async function awaitCompletion(
  stack: Stack,
  modelKey: string,
  model: string,
  waiting: (forWhat: string) => void,
  signal: AbortSignal,
): Promise<StackModel> {
  let settledAt: number | undefined;
  let answeredAt = Date.now();
  let refusals = 0;
  for (;;) {
    try {
      const found = await modelAt(stack, modelKey, model);
      await stack.chat(found.id).complete(asking('Reply with OK'));
      return found;
    } catch (error) {
      if (!(error instanceof RunError)) throw error;
      const now = Date.now();
      if (!isStarting(error)) {
        [answeredAt, settledAt] = [now, settledAt ?? now];
        const patience = error.code === 'E_RATE_LIMITED' ? LIMITED_MS : SETTLED_MS;
        if (isFinal(error) || now - settledAt > patience) throw error;
      } else if (now - answeredAt > GONE_MS) settledAt = undefined;
      waiting(`a completion through the stack (${isStarting(error) ? 'it does not answer yet' : error.message})`);
      const ms = error.code === 'E_RATE_LIMITED' ? untilNext(refusals++, error) : POLL_MS;
      // the first time as long as the service says; then no longer than there is patience
      const tooLong = refusals > 1 && settledAt !== undefined && now + (ms ?? 0) - settledAt > LIMITED_MS;
      if (ms === undefined || tooLong) throw error;
      await pause(ms, signal);
    }
  }
}

/** ms until a service that limits the rate is asked again; undefined where that is no use. */
function untilNext(refusals: number, { cause }: RunError): number | undefined {
  return cause instanceof ApiFailure ? pauseBefore(refusals, cause) : undefined;
}

/** Waits until the stack lists its models, where none is tested. */
export async function awaitStack(stack: Stack, waiting: (forWhat: string) => void, signal: AbortSignal): Promise<void> {
  let settledAt: number | undefined;
  for (;;) {
    try {
      await stack.listedModels();
      return;
    } catch (error) {
      if (!(error instanceof RunError)) throw error;
      if (!isStarting(error)) settledAt ??= Date.now();
      if (settledAt !== undefined && Date.now() - settledAt > SETTLED_MS) throw error;
      waiting(`the stack to list its models (${error.message})`);
      await pause(POLL_MS, signal);
    }
  }
}

/** Nobody listens yet, or a port accepts with nobody behind. A completion that hangs in a running stack is no start. */
function isStarting({ cause }: Pick<Error, 'cause'>): boolean {
  if (!(cause instanceof ApiFailure)) return false;
  return cause.kind === 'connection' || (cause.kind === 'timeout' && cause.call === 'GET /models');
}

function isFinal(error: RunError): boolean {
  if (error instanceof BudgetSpent) return true;
  return error.cause instanceof ApiFailure && (error.cause.status === 401 || error.cause.status === 403);
}
