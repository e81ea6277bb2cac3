import type { RunError } from '../errors.js';
import type { OpenAiApi } from '../ports.js';
import { readCompletion, readStream, type Completion, type Usage } from './answers.js';
import { ApiFailure } from './failure.js';
import type { Pace } from './pace.js';

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
  pace: Pace;
  /** Takes the token counts, as reported. */
  usage: Usage[];
  /** What a failed call means. */
  errorOf: (failure: ApiFailure) => RunError;
}

/** A chat by the API of a server. Each call is one attempt and one request at the model service. */
export function createChat(api: OpenAiApi, { model, pace, usage, errorOf }: ChatMeans): Chat {
  const timed = async (call: () => Promise<Completion>): Promise<Answer> => {
    const began = performance.now();
    return { ...(await call()), ms: performance.now() - began };
  };
  const ask = async (call: () => Promise<Completion>): Promise<Answer> => {
    try {
      const answer = await pace.spend(1, () => timed(call));
      if (answer.usage) usage.push(answer.usage);
      return answer;
    } catch (error) {
      throw error instanceof ApiFailure ? errorOf(error) : error;
    }
  };
  const path = '/chat/completions';
  return {
    complete: (request) => ask(async () => readCompletion((await api.post(path, { model, ...request })).body)),
    completeStreamed: (request) =>
      ask(() => readStream(api.stream(path, { model, ...request, stream_options: { include_usage: true } }))),
  };
}
