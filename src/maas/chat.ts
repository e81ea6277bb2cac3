import type { RunError } from '../errors.js';
import type { OpenAiApi } from '../ports.js';
import { readCompletion, readStream, type Completion } from './answers.js';
import { ApiFailure } from './failure.js';
import type { Calls } from './calls.js';

/** Of a chat completion what checks use: https://platform.openai.com/docs/api-reference/chat/create */
export interface ChatRequest {
  messages: { role: 'system' | 'user'; content: string }[];
  max_tokens?: number;
  response_format?: { type: 'json_object' };
  tools?: object[];
  tool_choice?: object;
}

/** A request of one user message. */
export function asking(content: string): ChatRequest {
  return { messages: [{ role: 'user', content }] };
}

export interface Answer extends Completion {
  /** From the request to the whole answer, without the waiting for the pace. */
  ms: number;
}

/** A model that chats: at the service itself, or through the stack. Failures come as RunError. */
export interface Chat {
  complete(request: ChatRequest): Promise<Answer>;
  completeStreamed(request: ChatRequest): Promise<Answer>;
}

/** What a chat needs beside its API. */
export interface ChatMeans {
  model: string;
  calls: Calls;
  /** What a failed call means. */
  errorOf: (failure: ApiFailure) => RunError;
}

/** A chat by the API of a server. A call is one request at the model service, and one more where it refuses a parameter. */
export function createChat(api: OpenAiApi, { model, calls, errorOf }: ChatMeans): Chat {
  const timed = async (call: () => Promise<Completion>): Promise<Answer> => {
    const began = performance.now();
    return { ...(await call()), ms: performance.now() - began };
  };
  const ask = async (call: () => Promise<Completion>): Promise<Answer> => {
    try {
      return await calls.make(1, () => timed(call));
    } catch (error) {
      throw error instanceof ApiFailure ? errorOf(error) : error;
    }
  };
  const path = '/chat/completions';
  const refused = new Set<string>();
  const helped = (request: ChatRequest, extra: object, call: (body: object) => Promise<Completion>) =>
    ask(() => tolerating(refused, extra, (kept) => call({ model, ...request, ...kept })));
  return {
    complete: (request) =>
      helped(request, LIKELIEST, async (body) => readCompletion((await api.post(path, body)).body)),
    completeStreamed: (request) =>
      helped(request, { ...LIKELIEST, ...COUNTED }, async (body) => await readStream(api.stream(path, body))),
  };
}

/** The likeliest answer, so that it does not vary; and the count of tokens at the end of a stream. */
const LIKELIEST = { temperature: 0 };
const COUNTED = { stream_options: { include_usage: true } };

/**
 * A call with parameters that help, where the server takes them. What it refuses by name (reasoning models: temperature)
 * is left out, now and in later calls.
 */
async function tolerating<T>(refused: Set<string>, extra: object, call: (kept: object) => Promise<T>): Promise<T> {
  const kept = Object.entries(extra).filter(([name]) => !refused.has(name));
  try {
    return await call(Object.fromEntries(kept));
  } catch (error) {
    const { status = 0, detail } = error instanceof ApiFailure ? error : { detail: '' };
    const named = kept.map(([name]) => name).filter((name) => detail.includes(name));
    if (![400, 422].includes(status) || named.length === 0) throw error;
    named.forEach((name) => refused.add(name));
    return await tolerating(refused, extra, call);
  }
}
