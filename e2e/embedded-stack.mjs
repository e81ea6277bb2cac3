// A small stand-in for the stack's API (Llama Stack, OGX) and its user interface, for machines without docker. It
// uploads, splits, embeds and searches for real, in memory. What it can not show is a cluster, a chart or a database.
import { randomUUID } from 'node:crypto';
import { ApiError, DIMENSION, embed, embeddings, serve } from '../dist/index.js';

const { Response } = globalThis;
const SEARCH_TOOL = { type: 'function', function: { name: 'knowledge_search' } };
const PAGE = '<!doctype html><html lang="en"><title>Embedded stack</title><h1>Embedded stack</h1></html>';

/** Starts the stack on 127.0.0.1, with one chat model: `modelKey`/`service.model`. */
export async function startEmbeddedStack({ service, modelKey }) {
  const routes = routesOf(new Stack(service, modelKey));
  const handle = async (request) => {
    const { pathname } = new URL(request.url);
    const ids = pathname.match(/(?<=\/)(?:vs|file|conv|resp)-[\w-]+/g) ?? [];
    const route = routes[`${request.method} ${ids.reduce((path, id) => path.replace(id, ':id'), pathname)}`];
    if (!route) throw new ApiError(404, `No route ${request.method} ${pathname}`);
    const answer = await route(request, ...ids);
    return answer instanceof Response ? answer : Response.json(answer);
  };
  const { port, close } = await serve(handle, '127.0.0.1', 0);
  return { url: `http://127.0.0.1:${port}`, close };
}

function routesOf(stack) {
  return {
    'GET /': () => new Response(PAGE, { headers: { 'content-type': 'text/html' } }),
    'GET /_stcore/health': () => new Response('ok'),
    'GET /v1/version': () => ({ version: 'embedded' }),
    'GET /v1/models': () => ({ data: [stack.chatModel, stack.embeddingModel] }),
    'GET /v1/providers': () => ({ data: [{ api: 'vector_io', provider_id: 'memory' }] }),
    'POST /v1/chat/completions': async (request) => stack.chat(await request.json()),
    'POST /v1/embeddings': async (request) => embeddings(known(await request.json(), stack.embeddingModel)),
    'POST /v1/responses': async (request) => streamed(await stack.respond(await request.json())),
    'POST /v1/files': async (request) => stack.upload((await request.formData()).get('file')),
    'POST /v1/vector_stores': async (request) => stack.createStore(await request.json()),
    'POST /v1/vector_stores/:id/files': async (request, id) => stack.attach(id, await request.json()),
    'POST /v1/vector_stores/:id/search': async (request, id) => ({ data: stack.search(id, await request.json()) }),
    'POST /v1/conversations': () => ({ id: `conv-${randomUUID()}`, object: 'conversation' }),
    'DELETE /v1/conversations/:id': (_, id) => ({ id, deleted: true }),
    'DELETE /v1/responses/:id': (_, id) => ({ id, deleted: true }),
    'DELETE /v1/vector_stores/:id/files/:id': (_, store, id) => stack.detach(store, id),
    'DELETE /v1/files/:id': (_, id) => ({ id, deleted: stack.files.delete(id) }),
    'DELETE /v1/vector_stores/:id': (_, id) => ({ id, deleted: stack.stores.delete(id) }),
  };
}

/** A response as the events of a stream. */
function streamed(response) {
  const events = ['response.created', 'response.completed'].map((type) => ({ type, response }));
  const body = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
}

/** The text of a file; of a PDF what its uncompressed streams show. */
function textOf(content) {
  const shown = content.startsWith('%PDF') ? [...content.matchAll(/\((.*)\) Tj/g)].map(([, line]) => line) : [content];
  return shown.join('\n');
}

/** A model as the stack lists it from 0.4 on. */
function listed(provider_id, provider_resource_id, metadata) {
  const custom_metadata = { provider_id, provider_resource_id, ...metadata };
  return { id: `${provider_id}/${provider_resource_id}`, object: 'model', owned_by: 'embedded', custom_metadata };
}

/** The request, if it names this model. */
function known(request, { id }) {
  if (request.model !== id) throw new ApiError(404, `Model '${request.model}' not found`);
  return request;
}

class Stack {
  /** Uploaded texts by id, and lists of chunks by store. */
  files = new Map();
  stores = new Map();
  embeddingModel = listed('embedded', 'bag-of-words', { model_type: 'embedding', embedding_dimension: DIMENSION });

  constructor(service, modelKey) {
    this.service = service;
    this.chatModel = listed(modelKey, service.model, { model_type: 'llm' });
  }

  /** The model service's answer as it comes, so that a stream stays a stream. */
  async chat(request) {
    const body = JSON.stringify({ ...known(request, this.chatModel), model: this.service.model });
    const headers = { authorization: `Bearer ${this.service.apiKey}`, 'content-type': 'application/json' };
    return fetch(`${this.service.baseUrl}/chat/completions`, { method: 'POST', headers, body });
  }

  async upload(file) {
    if (!file?.name) throw new ApiError(400, 'file is missing');
    const id = `file-${randomUUID()}`;
    this.files.set(id, { name: file.name, text: textOf(await file.text()) });
    return { id, object: 'file', filename: file.name };
  }

  createStore({ name }) {
    const id = `vs-${randomUUID()}`;
    this.stores.set(id, []);
    return { id, object: 'vector_store', name, status: 'completed' };
  }

  chunksOf(storeId) {
    const chunks = this.stores.get(storeId);
    if (!chunks) throw new ApiError(400, `Vector store ${storeId} not found`);
    return chunks;
  }

  /** Every paragraph of the file becomes a chunk with its vector. */
  attach(storeId, { file_id, attributes }) {
    const { name: filename, text: whole } = this.files.get(file_id) ?? {};
    if (!filename) throw new ApiError(404, `File ${file_id} not found`);
    const paragraphs = whole.split(/\n\s*\n/).filter((text) => text.trim());
    const chunks = paragraphs.map((text) => ({ file_id, filename, text, attributes, vector: embed(text) }));
    this.chunksOf(storeId).push(...chunks);
    return { id: file_id, object: 'vector_store.file', status: 'completed', last_error: null };
  }

  detach(storeId, fileId) {
    const left = this.chunksOf(storeId).filter(({ file_id }) => file_id !== fileId);
    this.stores.set(storeId, left);
    return { id: fileId, deleted: true };
  }

  /** The chunks nearest to the query: all vectors have length one, so their dot product is the cosine. */
  search(storeId, { query, max_num_results: most = 10, filters }) {
    const wanted = embed(query);
    const kept = this.chunksOf(storeId).filter(
      ({ attributes }) => !filters || attributes[filters.key] === filters.value,
    );
    const hits = kept.map(({ vector, file_id, filename, text, attributes }) => {
      const score = vector.reduce((sum, value, index) => sum + value * wanted[index], 0);
      return {
        file_id,
        filename,
        score,
        text,
        attributes: { ...attributes, file_id },
        content: [{ type: 'text', text }],
      };
    });
    return hits.sort((one, other) => other.score - one.score).slice(0, most);
  }

  /** As the real stack does it: the model is offered a search, and sees a chunk only if it asks for one. */
  async respond({ model, input, tools = [] }) {
    const offered = tools.find(({ type }) => type === 'file_search');
    const [messages, output] = [[{ role: 'user', content: input }], []];
    const usage = { input_tokens: 0, output_tokens: 0 };
    let message = await this.complete({ model, messages, tools: offered && [SEARCH_TOOL] }, usage);
    const [call] = message.tool_calls ?? [];
    if (call) {
      const query = { ...offered, ...JSON.parse(call.function.arguments) };
      const results = offered.vector_store_ids.flatMap((id) => this.search(id, query));
      output.push({ type: 'file_search_call', status: 'completed', results });
      const content = results.map(({ text }) => text).join('\n\n');
      messages.push(message, { role: 'tool', tool_call_id: call.id, content });
      message = await this.complete({ model, messages }, usage);
    }
    const annotations = output.flatMap(({ results: [best] }) => (best ? [{ type: 'file_citation', ...best }] : []));
    output.push({ type: 'message', content: [{ type: 'output_text', text: message.content, annotations }] });
    return { id: `resp-${randomUUID()}`, object: 'response', status: 'completed', model, output, usage };
  }

  async complete(request, total) {
    const answer = await this.chat(request);
    if (!answer.ok) throw new ApiError(500, `the model service answers ${answer.status}`);
    const { choices, usage } = await answer.json();
    total.input_tokens += usage.prompt_tokens;
    total.output_tokens += usage.completion_tokens;
    return choices[0].message;
  }
}
