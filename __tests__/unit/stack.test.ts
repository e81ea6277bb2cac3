import type { Usage } from '../../src/maas/answers.js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Stack, type RagResponse } from '../../src/assert/stack.js';
import { chunk, completion, EMBEDDER, FakeStack, hit, listedModel } from '../helpers/fake-stack.js';
import { failureOf, httpFailure } from '../helpers/failures.js';

type Routes = ConstructorParameters<typeof FakeStack>[0];

const stackWith = (routes: Routes = {}): Stack => new Stack(new FakeStack(routes));
const failing = (error: Error) => () => {
  throw error;
};
const EMBEDDING = { id: 'st/nomic', dimension: 3 };

describe('the models of a stack', () => {
  it('are read with type, provider and dimension', async () => {
    const bare = { id: 'x' };
    const models = { data: [listedModel('a/b', 'llm', 'a', 'b'), EMBEDDER, bare] };
    expect(await stackWith({ 'GET /models': () => models }).models()).toEqual([
      { id: 'a/b', type: 'llm', providerId: 'a', providerModel: 'b', dimension: undefined },
      { id: 'st/nomic', type: 'embedding', providerId: 'st', providerModel: 'nomic', dimension: 3 },
      { id: 'x', type: 'llm', providerId: '', providerModel: '', dimension: undefined },
    ]);
  });

  it.each([
    ['none', { data: [] }],
    ['one without an id (an older stack)', { data: [{ identifier: 'a' }] }],
    ['a page', '<html>'],
  ])('are not %s', async (_, body) => {
    const failure = await failureOf(() => stackWith({ 'GET /models': () => body }).models());
    expect(failure.hop).toBe('stack');
    expect(failure.message).toMatch(/unknown form.*models with an id/);
  });

  it('have an embedding model: the first with a dimension', async () => {
    const data = [
      listedModel('llm', 'llm', 'p', 'm', 7),
      listedModel('e0', 'embedding', 'p', 'm'),
      listedModel('e1', 'embedding', 'p', 'm', 0),
      { id: 'e2', custom_metadata: { model_type: 'embedding', embedding_dimension: '384' } },
      EMBEDDER,
    ];
    expect(await stackWith({ 'GET /models': () => ({ data }) }).embeddingModel()).toEqual({ id: 'e2', dimension: 384 });
    const failure = await failureOf(() =>
      stackWith({ 'GET /models': () => ({ data: data.slice(0, 3) }) }).embeddingModel(),
    );
    expect(failure.hop).toBe('embedder');
    expect(failure.message).toContain('no embedding model with a dimension');
  });

  it.each([
    [{ version: '0.6.7' }, '0.6.7'],
    [{}, 'unknown'],
  ])('version %j', async (body, version) => {
    expect(await stackWith({ 'GET /version': () => body }).version()).toBe(version);
  });
});

describe('tokens', () => {
  it('are kept of every call that reports them', async () => {
    const usage = (count: number) => ({ prompt_tokens: count, completion_tokens: 1 });
    const api = new FakeStack({
      'POST /chat/completions': () => completion('x', usage(1)),
      'STREAM /chat/completions': () => [chunk('x', 'stop'), { usage: usage(2) }],
      'POST /embeddings': () => ({ data: [{ embedding: [1] }], usage: { prompt_tokens: -1 } }),
      'POST /responses': () => ({ output: [{ type: 'message' }], usage: { input_tokens: 3, output_tokens: 1 } }),
    });
    const counted: Usage[] = [];
    const stack = new Stack(api, counted);
    await stack.complete('m', 'p');
    await stack.completeStreamed('m', 'p');
    await stack.embed('m', ['p']);
    await stack.respond('m', 'q', 'vs-1');
    expect(counted.map(({ promptTokens }) => promptTokens)).toEqual([1, 2, 3]);
    expect(api.sent('STREAM /chat/completions')[0]).toMatchObject({ stream_options: { include_usage: true } });
  });
});

describe('a vector store', () => {
  it.each([
    ['pgvector where it is offered', ['faiss', 'pgvector'], 'pgvector'],
    ['the first one otherwise', ['milvus', 'faiss'], 'milvus'],
  ])('names model, dimension and provider: %s', async (_, offered, provider) => {
    const data = [
      { api: 'inference', provider_id: 'maas' },
      ...offered.map((provider_id) => ({ api: 'vector_io', provider_id })),
    ];
    const api = new FakeStack({ 'GET /providers': () => ({ data }) });
    expect(await new Stack(api).createStore('name', EMBEDDING)).toBe('vs-1');
    expect(api.sent('POST /vector_stores')).toEqual([
      { name: 'name', embedding_model: 'st/nomic', embedding_dimension: 3, provider_id: provider },
    ]);
  });

  it.each<[string, Routes, RegExp]>([
    [
      'no provider',
      { 'GET /providers': () => ({ data: [{ api: 'inference', provider_id: 'x' }] }) },
      /no vector_io provider/,
    ],
    ['no id in the answer', { 'POST /vector_stores': () => ({}) }, /unknown form.*a store with an id/],
    ['a refusal', { 'POST /vector_stores': failing(httpFailure(400, 'no such model')) }, /no such model/],
  ])('can not be made with %s', async (_, routes, message) => {
    const failure = await failureOf(() => stackWith(routes).createStore('name', EMBEDDING));
    expect(failure.hop).toBe('vector store');
    expect(failure.message).toMatch(message);
  });

  it('is searched by the question; hits keep the uploaded file id, which the attribute has', async () => {
    const renamed = { ...hit('b', 'random'), attributes: { file_id: 'file-2' } };
    const api = new FakeStack({ 'POST /vector_stores/vs-1/search': () => ({ data: [hit('a', 'file-1'), renamed] }) });
    expect(await new Stack(api).search('vs-1', 'why?', 4)).toEqual([
      { fileId: 'file-1', fileName: 'a.txt', text: 'a' },
      { fileId: 'file-2', fileName: 'a.txt', text: 'b' },
    ]);
    expect(api.sent('POST /vector_stores/vs-1/search')).toEqual([{ query: 'why?', max_num_results: 4 }]);
  });

  it('that answers in another form is no store without hits', async () => {
    const failure = await failureOf(() =>
      stackWith({ 'POST /vector_stores/vs-1/search': () => ({}) }).search('vs-1', 'q', 1),
    );
    expect(failure.hop).toBe('vector store');
    expect(failure.message).toContain('a list of hits');
  });
});

describe('a file of a store', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const ATTACH = 'POST /vector_stores/vs-1/files';
  const LOOK = 'GET /vector_stores/vs-1/files/file-1';
  const add = async (routes: Routes): Promise<unknown> => {
    const ended = stackWith(routes)
      .addFile('vs-1', 'a.txt', 'text')
      .catch((error: unknown) => error);
    await vi.runAllTimersAsync();
    const result = await ended;
    if (result instanceof Error) throw result;
    return result;
  };

  it('is there when it is indexed, which is looked at again and again', async () => {
    let looks = 0;
    const routes = {
      [ATTACH]: () => ({ status: 'in_progress' }),
      [LOOK]: () => ({ status: ++looks < 4 ? 'in_progress' : 'completed' }),
    };
    expect(await add(routes)).toEqual({ fileId: 'file-1', fileName: 'a.txt' });
    expect(looks).toBe(4);
  });

  it('is given up after two minutes', async () => {
    const began = Date.now();
    const pending = () => ({ status: 'in_progress' });
    const failure = await failureOf(() => add({ [ATTACH]: pending, [LOOK]: pending }));
    expect(failure.message).toBe('indexing a.txt ended as "in_progress"');
    expect(Date.now() - began).toBe(120_000);
  });

  it.each([
    [
      'failed',
      { status: 'failed', last_error: { message: 'no tokenizer' } },
      'file processing',
      /"failed": no tokenizer$/,
    ],
    ['cancelled', { status: 'cancelled' }, 'file processing', /"cancelled"$/],
    ['nothing', {}, 'file processing', /"no status"$/],
    ['the database', { status: 'failed', last_error: { message: 'psycopg2: closed' } }, 'vector store', /psycopg2/],
    ['a connection', { status: 'failed', last_error: { message: 'Connection refused' } }, 'vector store', /refused$/],
  ])('fails inside of a 200: %s', async (_, attached, hop, message) => {
    const failure = await failureOf(() => add({ [ATTACH]: () => attached }));
    expect(failure.hop).toBe(hop);
    expect(failure.message).toMatch(message);
    expect(failure.fix).toMatch(hop === 'vector store' ? /database runs/ : /file processor/);
  });

  it('is not there without an id', async () => {
    const failure = await failureOf(() => add({ UPLOAD: () => ({}) }));
    expect(failure.hop).toBe('file processing');
    expect(failure.message).toContain('a file with an id');
  });
});

describe('a response', () => {
  const read = (output: unknown): Promise<RagResponse> =>
    stackWith({ 'POST /responses': () => ({ output }) }).respond('m', 'q', 'vs-1');

  it('tells the answer, that a search ran, and what it brought', async () => {
    const search = (results: unknown) => ({ type: 'file_search_call', results });
    const message = (text: string) => ({ type: 'message', content: [{ type: 'output_text', text }] });
    expect(await read([search([{}, {}]), search([{}]), { type: 'reasoning' }, message('a'), message('b')])).toEqual({
      answer: 'a\nb',
      searched: true,
      results: ['', '', ''],
    });
    expect(await read([search(null), message('a')])).toEqual({ answer: 'a', searched: true, results: [] });
    expect(await read([message('a')])).toEqual({ answer: 'a', searched: false, results: [] });
  });

  it('asks for the results of file_search in the store', async () => {
    const api = new FakeStack({ 'POST /responses': () => ({ output: [{}] }) });
    await new Stack(api).respond('m', 'q', 'vs-9');
    expect(api.sent('POST /responses')).toEqual([
      {
        model: 'm',
        input: 'q',
        tools: [{ type: 'file_search', vector_store_ids: ['vs-9'], max_num_results: 5 }],
        include: ['file_search_call.results'],
        store: false,
      },
    ]);
  });

  it('without an output is none', async () => {
    expect((await failureOf(() => read([]))).message).toContain('expected an output');
  });
});

it('an error that is no answer of the stack passes as it is', async () => {
  await expect(stackWith({ 'GET /version': failing(new TypeError('a bug')) }).version()).rejects.toThrow(TypeError);
});
