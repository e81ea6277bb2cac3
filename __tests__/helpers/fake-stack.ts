import type { Check, CheckContext, Evidence } from '../../src/assert/check.js';
import { indexCorpus, makeCorpus, type Corpus, type IndexedCorpus } from '../../src/assert/corpus.js';
import { Stack, type StackModel } from '../../src/assert/stack.js';
import { at, items, text } from '../../src/json.js';
import type { ApiAnswer, OpenAiApi, Web } from '../../src/ports.js';

type Route = (body: unknown) => unknown;

/** Random numbers that differ from call to call and are the same in every run. */
export function countingRandom(): (below: number) => number {
  let count = 0;
  return (below) => (count += 7919) % below;
}

export const CORPUS: Corpus = makeCorpus(countingRandom());
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

export function completion(content: string, usage?: object): object {
  return { choices: [{ message: { content }, finish_reason: 'stop' }], ...(usage && { usage }) };
}

export function chunk(content: string, finishReason: string | null = null): object {
  return { choices: [{ delta: { content }, finish_reason: finishReason }] };
}

export function hit(content: string, fileId: string, fileName = 'a.txt'): object {
  return { file_id: fileId, filename: fileName, content: [{ type: 'text', text: content }] };
}

/**
 * A small healthy stack in memory: its model repeats words and reads its context, its search finds the document that
 * shares most words. Any route can be replaced, by "METHOD /path"; one that throws is a failed call.
 */
export class FakeStack implements OpenAiApi {
  readonly calls: { route: string; body: unknown }[] = [];
  private readonly files: { id: string; name: string; text: string }[] = [];

  constructor(private readonly replaced: Record<string, Route> = {}) {}

  get = (path: string): Promise<ApiAnswer> => this.answer(`GET ${path}`, undefined);
  post = (path: string, body: object): Promise<ApiAnswer> => this.answer(`POST ${path}`, body);
  delete = (path: string): Promise<ApiAnswer> => this.answer(`DELETE ${path}`, undefined);
  upload = (name: string, content: string): Promise<ApiAnswer> => this.answer('UPLOAD', { name, text: content });

  async *stream(path: string, body: object): AsyncIterable<unknown> {
    const { body: chunks } = await this.answer(`STREAM ${path}`, body);
    yield* items(chunks);
  }

  /** What was sent to a route, in order. */
  sent(route: string): unknown[] {
    return this.calls.filter((call) => call.route === route).map(({ body }) => body);
  }

  private async answer(route: string, body: unknown): Promise<ApiAnswer> {
    this.calls.push({ route, body });
    const handler = this.replaced[route] ?? this.healthy[route] ?? this.byPattern(route);
    return await Promise.resolve({ body: handler(body), headers: {} });
  }

  private byPattern(route: string): Route {
    if (route.startsWith('DELETE /')) return () => ({ deleted: true });
    throw new Error(`the fake stack has no ${route}`);
  }

  private readonly healthy: Record<string, Route> = {
    'GET /version': () => ({ version: '0.6.7' }),
    'GET /models': () => ({ data: [CHAT_MODEL, EMBEDDER] }),
    'GET /providers': () => ({
      data: [
        { api: 'inference', provider_id: 'maas' },
        { api: 'vector_io', provider_id: 'pgvector' },
      ],
    }),
    'POST /chat/completions': (body) => completion(say(promptOf(body)), { prompt_tokens: 5, completion_tokens: 2 }),
    'STREAM /chat/completions': (body) => [chunk(say(promptOf(body))), chunk('', 'stop')],
    'POST /embeddings': (body) => ({
      data: items(at(body, 'input')).map((input) => ({ embedding: [text(input).length, 1, 0.5] })),
    }),
    'POST /vector_stores': () => ({ id: 'vs-1' }),
    'POST /vector_stores/vs-1/files': () => ({ status: 'completed' }),
    'POST /vector_stores/vs-1/search': (body) => ({ data: this.search(text(at(body, 'query'))) }),
    'POST /responses': (body) => ({ output: this.respond(text(at(body, 'input'))) }),
    UPLOAD: (body) => {
      const file = { id: `file-${this.files.length + 1}`, name: text(at(body, 'name')), text: text(at(body, 'text')) };
      this.files.push(file);
      return { id: file.id };
    },
  };

  private search(query: string): object[] {
    const words = query.toLowerCase().split(/\W+/);
    const score = (content: string) => words.filter((word) => content.toLowerCase().includes(word)).length;
    return [...this.files]
      .sort((a, b) => score(b.text) - score(a.text))
      .map(({ id, name, text: content }) => hit(content, id, name));
  }

  private respond(question: string): object[] {
    const results = this.search(question);
    const context = text(at(items(at(results[0], 'content'))[0], 'text'));
    return [
      {
        type: 'file_search_call',
        results: results.map((result) => ({ text: text(at(items(at(result, 'content'))[0], 'text')) })),
      },
      { type: 'message', content: [{ type: 'output_text', text: say(context) }] },
    ];
  }
}

function promptOf(body: unknown): string {
  return text(at(items(at(body, 'messages'))[0], 'content'));
}

/** The model: repeats a word, reads the sentence with a number, else knows nothing. */
function say(prompt: string): string {
  const word = /^Repeat this word: (\w+)/.exec(prompt)?.[1];
  return word ?? /The .* is \d+\./.exec(prompt)?.[0] ?? 'I do not know.';
}

const NO_WEB: Web = { get: (url) => Promise.reject(new Error(`nothing at ${url}`)) };

/** What a check works with, against a fake stack; the corpus is indexed once, as in a run. */
export function contextFor(api: OpenAiApi, over: Partial<CheckContext> = {}): CheckContext {
  const stack = new Stack(api);
  const model: StackModel = {
    id: MODEL_ID,
    type: 'llm',
    providerId: 'maas',
    providerModel: 'acme/chat-1.5',
    dimension: undefined,
  };
  let indexing: Promise<IndexedCorpus> | undefined;
  const indexed = () => (indexing ??= indexCorpus(stack, CORPUS, { id: 'st/nomic', dimension: 3 }));
  return { stack, model, corpus: CORPUS, indexed, uiUrl: undefined, web: NO_WEB, ...over };
}

/** Runs a check against a stack of which some routes are replaced. */
export function runCheck(check: Check, replaced: Record<string, Route> = {}): Promise<Evidence> {
  return check.run(contextFor(new FakeStack(replaced)));
}
