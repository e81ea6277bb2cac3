import { messageOf } from '../errors.js';
import type { OpenAiApi } from '../ports.js';
import { seconds } from '../progress.js';

/** Characters of a request or an answer that are shown. */
const SHOWN = 2000;

/** An API of which each call is told, with what was asked and what came: for debug logging. */
export function traced(api: OpenAiApi, baseUrl: string, tell: (line: string) => void): OpenAiApi {
  const call = async <T>(what: string, sent: unknown, work: () => Promise<T>, shown: (came: T) => unknown) => {
    const began = performance.now();
    const after = () => seconds(performance.now() - began);
    try {
      const came = await work();
      tell(`${what} ${brief(sent)} → after ${after()}: ${brief(shown(came))}`);
      return came;
    } catch (error) {
      tell(`${what} ${brief(sent)} → failed after ${after()}: ${messageOf(error)}`);
      throw error;
    }
  };
  const body = ({ body: came }: { body: unknown }) => came;
  return {
    get: (path) => call(`GET ${baseUrl}${path}`, undefined, () => api.get(path), body),
    post: (path, sent) => call(`POST ${baseUrl}${path}`, sent, () => api.post(path, sent), body),
    delete: (path) => call(`DELETE ${baseUrl}${path}`, undefined, () => api.delete(path), body),
    upload: (file) => call(`POST ${baseUrl}/files`, file.name, () => api.upload(file), body),
    async *stream(path, sent) {
      const chunks: unknown[] = [];
      const what = `POST ${baseUrl}${path} (stream)`;
      let end = () => `${chunks.length} chunks, the last ${brief(chunks.at(-1))}`;
      try {
        for await (const chunk of api.stream(path, sent)) {
          chunks.push(chunk);
          yield chunk;
        }
      } catch (error) {
        end = () => `failed after ${chunks.length} chunks: ${messageOf(error)}`;
        throw error;
      } finally {
        tell(`${what} ${brief(sent)} → ${end()}`); // a reader may have had enough
      }
    },
  };
}

function brief(value: unknown): string {
  const text = value === undefined ? '' : JSON.stringify(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}… (${text.length} characters)` : text;
}
