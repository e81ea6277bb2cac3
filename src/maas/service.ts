import type { ApiTarget, OpenAiApi } from '../ports.js';
import { createChat, type Chat, type ChatMeans } from './chat.js';
import { serviceError } from './service-error.js';

/** A chat with the model service itself, without the stack between: for the question whose fault an answer is. */
export function createServiceChat(
  openAi: (target: ApiTarget) => OpenAiApi,
  target: ApiTarget,
  means: Omit<ChatMeans, 'errorOf'>,
): Chat {
  return createChat(openAi(target), { ...means, errorOf: (failure) => serviceError(failure, target.baseUrl) });
}
