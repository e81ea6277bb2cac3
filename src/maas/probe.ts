import type { OpenAiApi } from '../ports.js';
import { readCompletion, readEmbeddings, readModelIds } from './answers.js';
import { ApiFailure, rateLimitHeaders } from './failure.js';
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
  const headers = await asService(baseUrl, () => calls.make(2, () => tinyCompletion(api, model)));
  const embedder = models.find((id) => !looksLikeChat(id) && /embed|bge|e5|gte/i.test(id)) ?? model;
  return {
    baseUrl,
    models,
    model,
    rateLimits: rateLimitHeaders(headers),
    headersNeeded: [],
    embeddings: await tryEmbedding(api, embedder, calls),
  };
}

/** Newer models refuse max_tokens and want max_completion_tokens: https://platform.openai.com/docs/api-reference/chat/create */
async function tinyCompletion(api: OpenAiApi, model: string): Promise<Record<string, string>> {
  const request = { model, messages: [{ role: 'user', content: 'Reply with OK' }] };
  const post = async (limit: object) => {
    const { body, headers } = await api.post('/chat/completions', { ...request, ...limit });
    readCompletion(body); // or it is no completion
    return headers;
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

async function tryEmbedding(api: OpenAiApi, model: string, calls: Calls): Promise<ServiceFacts['embeddings']> {
  try {
    const { body } = await calls.make(1, () => api.post('/embeddings', { model, input: ['ping'] }));
    return { offered: true, model, dimension: readEmbeddings(body)[0]?.length ?? 0 };
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error;
    return { offered: false, why: error.message };
  }
}

async function asService<T>(baseUrl: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw error instanceof ApiFailure ? serviceError(error, baseUrl) : error;
  }
}
