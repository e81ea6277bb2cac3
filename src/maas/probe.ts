import type { OpenAiApi } from '../ports.js';
import { readCompletion, readEmbeddings, readModelIds, type Usage } from './answers.js';
import { ApiFailure } from './failure.js';
import { chooseModel, looksLikeChat } from './models.js';
import type { Calls } from './calls.js';
import { serviceError } from './service-error.js';

/** What a run learned about the model service: the questions every adopter asks. */
export interface ServiceFacts {
  baseUrl: string;
  /** Ids that the service lists. */
  models: string[];
  /** The one that the run uses. */
  model: string;
  /** Headers that tell of rate limits, as they came with the completion. */
  rateLimits: Record<string, string>;
  /** Headers that were needed beyond Authorization. */
  headersNeeded: string[];
  embeddings: { offered: true; model: string; dimension: number } | { offered: false; why: string };
  usage: Usage[];
}

/**
 * Asks the model service before anything is built: its list, one tiny completion, one embedding.
 * @throws RunError of hop "model service" where the stack could not work with it either
 */
export async function probeService(
  api: OpenAiApi,
  baseUrl: string,
  wanted: string,
  calls: Calls,
): Promise<ServiceFacts> {
  const models = await asService(baseUrl, () =>
    calls.make(0, async () => readModelIds((await api.get('/models')).body)),
  );
  const model = chooseModel(wanted, models);
  const { headers, usage } = await asService(baseUrl, () => calls.make(2, () => tinyCompletion(api, model)));
  const embedder = models.find((id) => !looksLikeChat(id) && /embed|bge|e5|gte/i.test(id)) ?? model;
  const embedding = await tryEmbedding(api, embedder, calls);
  return {
    baseUrl,
    models,
    model,
    rateLimits: rateLimitHeaders(headers),
    headersNeeded: [],
    embeddings: embedding.result,
    usage: [usage, embedding.usage].filter((usage) => usage !== undefined),
  };
}

/** Newer models refuse max_tokens and want max_completion_tokens: https://platform.openai.com/docs/api-reference/chat/create */
async function tinyCompletion(
  api: OpenAiApi,
  model: string,
): Promise<{ headers: Record<string, string>; usage: Usage | undefined }> {
  const request = { model, messages: [{ role: 'user', content: 'Reply with OK' }] };
  const post = async (limit: object) => {
    const { body, headers } = await api.post('/chat/completions', { ...request, ...limit });
    return { headers, usage: readCompletion(body).usage };
  };
  try {
    return await post({ max_tokens: 16 });
  } catch (error) {
    const wantsOther =
      error instanceof ApiFailure && error.status === 400 && error.detail.includes('max_completion_tokens');
    if (!wantsOther) throw error;
    return await post({ max_completion_tokens: 16 });
  }
}

async function tryEmbedding(
  api: OpenAiApi,
  model: string,
  calls: Calls,
): Promise<{ result: ServiceFacts['embeddings']; usage: Usage | undefined }> {
  try {
    const { body } = await calls.make(1, () => api.post('/embeddings', { model, input: ['ping'] }));
    const { vectors, usage } = readEmbeddings(body);
    return { result: { offered: true, model, dimension: vectors[0]?.length ?? 0 }, usage };
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error;
    return { result: { offered: false, why: error.message }, usage: undefined };
  }
}

export function rateLimitHeaders(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => /rate-?limit|^retry-after$/i.test(name)));
}

async function asService<T>(baseUrl: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw error instanceof ApiFailure ? serviceError(error, baseUrl) : error;
  }
}
