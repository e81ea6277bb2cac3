import type { OpenAiApi } from '../ports.js';
import { createChat, type Chat, type ChatMeans } from './chat.js';
import { serviceError } from './service-error.js';

/** A chat with the model service itself, without the stack between: for the question whose fault an answer is. */
export function createServiceChat(api: OpenAiApi, baseUrl: string, means: Omit<ChatMeans, 'errorOf'>): Chat {
  return createChat(api, { ...means, errorOf: (failure) => serviceError(failure, baseUrl) });
}
