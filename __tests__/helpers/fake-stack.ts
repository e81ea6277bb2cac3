import type { Check, CheckContext, Evidence } from '../../src/assert/check.js';
import { makeContext } from '../../src/assert/context.js';
import type { StackModel } from '../../src/assert/stack/readings.js';
import { Stack } from '../../src/assert/stack/stack.js';
import { at, items, member, text } from '../../src/json.js';
import { createChat } from '../../src/maas/chat.js';
import { serviceError } from '../../src/maas/service-error.js';
import type { ApiAnswer, OpenAiApi, Upload, Web } from '../../src/ports.js';
import { meteredOnly } from '../../src/spend/metered.js';
import { ONCE } from './calls.js';
import { modelReply, readFor } from './fake-model.js';
import { meterOf } from './meter.js';

export type Route = (body: unknown) => unknown;

/** Random numbers that differ from call to call and are the same in every run. */
export function countingRandom(): (below: number) => number {
  let state = 1;
  return (below) => (state = (state * 48_271) % 2_147_483_647) % below; // Lehmer's generator: it takes long to repeat
}

export const MODEL_ID = 'maas/acme/chat-1.5';
export const CHAT_MODEL = listedModel(MODEL_ID, 'llm', 'maas', 'acme/chat-1.5');
export const EMBEDDER = listedModel('st/nomic', 'embedding', 'st', 'nomic', 3);

export function listedModel(id: string, type: string, provider: string, resource: string, dimension?: number): object {
  return {
    id,
    custom_metadata: {
      model_type: type,
      provider_id: provider,
      provider_resource_id: resource,
      ...(dimension !== undefined && { embedding_dimension: dimension }),
    },
  };
}

export function completion(content: string, usage?: object, finishReason = 'stop'): object {
  return { choices: [{ message: { content }, finish_reason: finishReason }], ...(usage && { usage }) };
}

export function chunk(content: string, finishReason: string | null = null): object {
  return { choices: [{ delta: { content }, finish_reason: finishReason }] };
}

export function hit(content: string, fileId: string, fileName = 'a.txt', attributes?: object): object {
  return {
    file_id: fileId,
    filename: fileName,
    content: [{ type: 'text', text: content }],
    ...(attributes && { attributes }),
  };
}

interface StoredFile {
  id: string;
  name: string;
  text: string;
  storeId: string;
  attributes: object;
}

/**
 * A small healthy stack in memory, with filters: its search finds the chunk that shares most words. Ids count up: vs-1,
 * file-1. Any route can be replaced, by "METHOD /path"; one that throws is a failed call.
 */
export class FakeStack implements OpenAiApi {
  readonly calls: { route: string; body: unknown }[] = [];
  private readonly files: StoredFile[] = [];
  private made = 0;

  constructor(private readonly replaced: Record<string, Route> = {}) {}

  get = (path: string): Promise<ApiAnswer> => this.answer(`GET ${path}`, undefined);
  post = (path: string, body: object): Promise<ApiAnswer> => this.answer(`POST ${path}`, body);
  delete = (path: string): Promise<ApiAnswer> => this.answer(`DELETE ${path}`, undefined);
  upload = (file: Upload): Promise<ApiAnswer> => this.answer('UPLOAD', file);

  async *stream(path: string, body: object): AsyncIterable<unknown> {
    const { body: chunks } = await this.answer(`STREAM ${path}`, body);
    yield* items(chunks);
  }

  /** What was sent to a route, in order. */
  sent(route: string): unknown[] {
    return this.calls.filter((call) => call.route === route).map(({ body }) => body);
  }

  /** What a route of the healthy stack answers, for a replacement that only changes it. */
  healthy(route: string, body: unknown): unknown {
    const [pattern, id] = [route.replace(/vs-\d+/, ':store').replace(/file-\d+/, ':file'), /vs-\d+/.exec(route)?.[0]];
    const handler = this.routes[pattern];
    if (handler) return handler(body, id ?? '', /file-\d+/.exec(route)?.[0] ?? '');
    if (route.startsWith('DELETE /')) return { deleted: true };
    throw new Error(`the fake stack has no ${route}`);
  }

  private async answer(route: string, body: unknown): Promise<ApiAnswer> {
    this.calls.push({ route, body });
    const replacement = this.replaced[route];
    return await Promise.resolve({ body: replacement ? replacement(body) : this.healthy(route, body), headers: {} });
  }

  private readonly routes: Record<string, (body: unknown, storeId: string, fileId: string) => unknown> = {
    'GET /version': () => ({ version: '0.6.7' }),
    'GET /models': () => ({ data: [CHAT_MODEL, EMBEDDER] }),
    'GET /providers': () => ({
      data: [
        { api: 'inference', provider_id: 'maas' },
        { api: 'vector_io', provider_id: 'pgvector' },
      ],
    }),
    'POST /chat/completions': (body) => {
      const { content, finishReason, call } = modelReply(body);
      const message = { content, ...(call && { tool_calls: [{ function: call }] }) };
      return { choices: [{ message, finish_reason: finishReason }], usage: { prompt_tokens: 5, completion_tokens: 2 } };
    },
    'STREAM /chat/completions': (body) => [chunk(modelReply(body).content), chunk('', 'stop')],
    'POST /embeddings': (body) => ({
      data: items(member(body, 'input')).map((input) => ({ embedding: vectorOf(text(input)) })),
    }),
    'GET /vector_stores': () => ({ data: [] }),
    'POST /vector_stores': () => ({ id: `vs-${(this.made += 1)}` }),
    'POST /vector_stores/:store/files': (body, storeId) => {
      const file = this.files.find(({ id }) => id === member(body, 'file_id'));
      if (file) Object.assign(file, { storeId, attributes: member(body, 'attributes') ?? {} });
      return { status: file ? 'completed' : 'failed' };
    },
    'DELETE /vector_stores/:store/files/:file': (_, __, fileId) => {
      for (const file of this.files) if (file.id === fileId) file.storeId = '';
      return { deleted: true };
    },
    'POST /vector_stores/:store/search': (body, storeId) => ({
      data: this.search(storeId, text(member(body, 'query')), member(body, 'filters')).slice(
        0,
        Number(member(body, 'max_num_results')),
      ),
    }),
    'POST /conversations': () => ({ id: 'conv-1' }),
    'STREAM /responses': (body) => [{ type: 'response.created' }, responded(this.respond(body))],
    UPLOAD: (body) => {
      const id = `file-${this.files.length + 1}`;
      const [name, content] = [text(member(body, 'name')), member(body, 'content')];
      this.files.push({ id, name, text: plainText(content), storeId: '', attributes: {} });
      return { id };
    },
  };

  private search(storeId: string, query: string, filters: unknown): object[] {
    const [key, value] = [text(member(filters, 'key')), member(filters, 'value')];
    const words = query.toLowerCase().split(/\W+/);
    const score = (content: string) => words.filter((word) => content.toLowerCase().includes(word)).length;
    return this.files
      .filter((file) => file.storeId === storeId && (!key || member(file.attributes, key) === value))
      .flatMap((file) => chunksOf(file.text).map((content) => ({ ...file, content })))
      .sort((a, b) => score(b.content) - score(a.content))
      .map(({ id, name, content, attributes }) => hit(content, id, name, { file_id: id, ...attributes }));
  }

  private respond(body: unknown): object[] {
    const question = text(member(body, 'input'));
    const storeId = text(items(at(items(member(body, 'tools'))[0], 'vector_store_ids'))[0]);
    const hits = this.search(storeId, question, undefined);
    const [best] = hits;
    const texts = hits.map((one) => text(at(items(member(one, 'content'))[0], 'text')));
    return [
      {
        type: 'file_search_call',
        queries: [question],
        results: hits.map((one, index) => ({ text: texts[index], file_id: member(one, 'file_id') })),
      },
      responseMessage(readFor(question, texts[0] ?? '') ?? 'I do not know.', text(member(best, 'file_id'))),
    ];
  }
}

export function responseMessage(content: string, citedFile?: string): object {
  const annotations = citedFile === undefined ? [] : [{ type: 'file_citation', file_id: citedFile }];
  return { type: 'message', content: [{ type: 'output_text', text: content, annotations }] };
}

/** The event that ends a streamed response. */
export function responded(output: object[]): object {
  return { type: 'response.completed', response: { id: 'resp-1', output } };
}

/** Files are text, or PDF of our own making. A chunk is two lines; a short file is one. */
function plainText(content: unknown): string {
  if (typeof content === 'string') return content;
  const pdf = Buffer.from(content as Uint8Array).toString();
  return [...pdf.matchAll(/\((.*)\) Tj/g)].map(([, line]) => line).join('\n');
}

function chunksOf(content: string): string[] {
  const lines = content.split('\n').filter(Boolean);
  if (lines.length <= 10) return [content];
  return Array.from({ length: Math.ceil(lines.length / 2) }, (_, index) =>
    lines.slice(index * 2, index * 2 + 2).join('\n'),
  );
}

/** Animals that sleep are near to each other, and banks are not. */
function vectorOf(input: string): number[] {
  return [/cat|kitten/i.test(input) ? 1 : 0, /bank/i.test(input) ? 1 : 0, 0.5];
}

const NO_WEB: Web = {
  get: (url) => Promise.reject(new Error(`nothing at ${url}`)),
  converse: (url) => Promise.reject(new Error(`nothing at ${url}`)),
};

/** What a check works with, against a fake stack and a fake model service; the corpus is indexed once, as in a run. */
export function contextFor(
  api: OpenAiApi,
  over: Partial<CheckContext> = {},
  service: OpenAiApi = new FakeStack(),
): CheckContext {
  const { meter = meterOf().meter } = over;
  const stack = new Stack({ api, chatApi: api, briefApi: api, modelKey: 'maas', calls: ONCE, meter });
  const model: StackModel = {
    id: MODEL_ID,
    type: 'llm',
    providerId: 'maas',
    providerModel: 'acme/chat-1.5',
    dimension: undefined,
  };
  const direct = createChat(meteredOnly(service, 'model service', meter), {
    model: 'acme/chat-1.5',
    calls: ONCE,
    errorOf: (failure) => serviceError(failure, 'https://maas.example.com/v1'),
  });
  const given = {
    stack,
    model,
    service: direct,
    probe: direct,
    uiUrl: undefined,
    web: NO_WEB,
    minRecall: 0.9,
    parallel: 2,
    meter,
  };
  return { ...makeContext(given, countingRandom()), ...over };
}

/** Runs a check against a stack, and a service, of which some routes are replaced. */
export function runCheck(
  check: Check,
  replaced: Record<string, Route> = {},
  ofService: Record<string, Route> = {},
): Promise<Evidence> {
  return check.run(contextFor(new FakeStack(replaced), {}, new FakeStack(ofService)));
}

/** The corpus that every context of `contextFor` has: its random numbers are the same. */
export const CORPUS = contextFor(new FakeStack()).corpus;

/** A chat that answers this to everything, at a stack or a service. */
export function alwaysSaying(content: string): Record<string, Route> {
  return {
    'POST /chat/completions': () => completion(content),
    'STREAM /chat/completions': () => [chunk(content), chunk('', 'stop')],
  };
}
