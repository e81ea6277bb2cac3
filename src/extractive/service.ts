import { member } from '../json.js';
import { ApiError } from './api-error.js';
import { chat } from './chat.js';
import { embeddings } from './embed.js';

/** Id of its embedding model: one of its own, so that a request for the wrong kind of model is noticed. */
const EMBEDDING_MODEL = 'extractive-embed';

export interface ExtractiveService {
  /** Every request must bring it. */
  apiKey: string;
  /** The id of the chat model. */
  model: string;
}

/**
 * A model service with the OpenAI API and without a model: its answer is a sentence of the context that it is given, so
 * that a run without a key still shows whether retrieval works.
 *
 * @returns its handler, which throws ApiError for what it refuses and SyntaxError for a body that is no JSON
 */
export function createExtractiveService({ apiKey, model }: ExtractiveService): (request: Request) => Promise<Response> {
  const routes = new Map([
    ['/v1/chat/completions', { answer: chat, id: model }],
    ['/v1/embeddings', { answer: embeddings, id: EMBEDDING_MODEL }],
  ]);
  const data = [...routes.values()].map(({ id }) => ({ id, object: 'model', created: 0, owned_by: 'extractive' }));
  return async (request) => {
    if (request.headers.get('authorization') !== `Bearer ${apiKey}`) throw new ApiError(401, 'Unauthorized');
    const { pathname } = new URL(request.url);
    if (request.method === 'GET' && pathname === '/v1/models') return Response.json({ object: 'list', data });
    const route = request.method === 'POST' ? routes.get(pathname) : undefined;
    if (!route) throw new ApiError(404, `No route ${request.method} ${pathname}`);
    const asked: unknown = await request.json();
    const named = member(asked, 'model');
    if (named !== route.id) throw new ApiError(404, `The model \`${String(named)}\` does not exist.`);
    return route.answer(asked);
  };
}
