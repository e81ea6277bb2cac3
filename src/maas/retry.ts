import { pause } from '../pause.js';
import type { OpenAiApi } from '../ports.js';
import { ApiFailure } from './failure.js';

/** ms before the second and the third attempt. */
export const RETRY_PAUSES_MS = [500, 2000];

/**
 * An API whose calls are tried again where the transport broke before an answer came: nobody listened, or the connection
 * was reset. An answer, a wrong or a broken one too, is never asked for again; nor is a stream that has begun.
 */
export function retrying(api: OpenAiApi, pausesMs: number[], signal: AbortSignal): OpenAiApi {
  /** @throws the error, unless another attempt may heal it: then it waits for that */
  const waitOrThrow = async (error: unknown, attempt: number) => {
    const ms = error instanceof ApiFailure && isUnanswered(error) ? pausesMs[attempt] : undefined;
    if (ms === undefined) throw error;
    await pause(ms, signal);
  };
  const tried = async <T>(call: () => Promise<T>): Promise<T> => {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await call();
      } catch (error) {
        await waitOrThrow(error, attempt);
      }
    }
  };
  return {
    get: (path) => tried(() => api.get(path)),
    post: (path, body) => tried(() => api.post(path, body)),
    delete: (path) => tried(() => api.delete(path)),
    upload: (file) => tried(() => api.upload(file)),
    async *stream(path, body) {
      for (let attempt = 0; ; attempt += 1) {
        let begun = false;
        try {
          for await (const chunk of api.stream(path, body)) {
            begun = true;
            yield chunk;
          }
          return;
        } catch (error) {
          if (begun) throw error;
          await waitOrThrow(error, attempt);
        }
      }
    },
  };
}

function isUnanswered({ kind, detail }: ApiFailure): boolean {
  return kind === 'connection' && !detail.includes('broke off');
}
