import { describe, expect, it, vi } from 'vitest';
import type { RagResponse } from '../../src/assert/stack/readings.js';
import { Stack } from '../../src/assert/stack/stack.js';
import type { Calls } from '../../src/maas/calls.js';
import { asking } from '../../src/maas/chat.js';
import { Pace } from '../../src/maas/pace.js';
import { EMBEDDER, FakeStack, listedModel, responded, responseMessage, type Route } from '../helpers/fake-stack.js';
import { madeOnce, ONCE } from '../helpers/calls.js';
import { failing, failingOnce, failureOf, httpFailure, noAnswer } from '../helpers/failures.js';
import { callsOf } from '../helpers/made-calls.js';
import { meterOf } from '../helpers/meter.js';
import { olderModel } from '../helpers/servers.js';

vi.mock('node:timers/promises', async () => (await import('../helpers/clock.js')).fakeablePauses);

type Routes = Record<string, Route>;
const stackOf = (api: FakeStack, calls: Calls = ONCE, { meter } = meterOf()) =>
  new Stack({ api, chatApi: api, briefApi: api, modelKey: 'maas', calls, meter });
const stackWith = (routes: Routes = {}) => stackOf(new FakeStack(routes));
const EMBEDDING = { id: 'st/nomic', dimension: 3, requests: 0 };

describe('the models of a stack', () => {
  it('are read with type, provider and dimension', async () => {
    const models = { data: [listedModel('a/b', 'llm', 'a', 'b'), EMBEDDER, { id: 'x' }] };
    expect(await stackWith({ 'GET /models': () => models }).models()).toEqual([
      { id: 'a/b', type: 'llm', providerId: 'a', providerModel: 'b', dimension: undefined },
      { id: 'st/nomic', type: 'embedding', providerId: 'st', providerModel: 'nomic', dimension: 3 },
      { id: 'x', type: 'llm', providerId: '', providerModel: '', dimension: undefined },
    ]);
  });

  it('are read as stacks up to 0.3 list them, too', async () => {
    const data = [
      olderModel('maas/a', 'llm', 'maas', 'a', {}),
      olderModel('st/nomic', 'embedding', 'st', 'nomic', { embedding_dimension: 3 }),
      { identifier: 'x' },
    ];
    expect(await stackWith({ 'GET /models': () => ({ data }) }).models()).toEqual([
      { id: 'maas/a', type: 'llm', providerId: 'maas', providerModel: 'a', dimension: undefined },
      { id: 'st/nomic', type: 'embedding', providerId: 'st', providerModel: 'nomic', dimension: 3 },
      { id: 'x', type: 'llm', providerId: '', providerModel: '', dimension: undefined },
    ]);
  });

  it('may be none: an empty list is one', async () => {
    expect(await stackWith({ 'GET /models': () => ({ data: [] }) }).models()).toEqual([]);
  });

  it.each([
    ['no list', {}],
    ['null', { data: null }],
    ['one without an id', { data: [{ name: 'a' }] }],
    ['one of which one has none', { data: [{ id: 'a' }, {}] }],
    ['a page', '<html>'],
  ])('are not %s', async (_, body) => {
    const failure = await failureOf(() => stackWith({ 'GET /models': () => body }).models());
    expect([failure.code, failure.hop]).toEqual(['E_STACK_FORM', 'stack']);
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
    expect(await stackWith({ 'GET /models': () => ({ data }) }).embeddingModel()).toMatchObject({
      id: 'e2',
      dimension: 384,
    });
    const few = stackWith({ 'GET /models': () => ({ data: data.slice(0, 3) }) });
    const failure = await failureOf(() => few.embeddingModel());
    expect([failure.code, failure.hop]).toEqual(['E_EMBEDDING', 'embedder']);
    expect(failure.message).toContain('no embedding model with a dimension');
  });

  it.each([
    ['of the model service', 'maas', 1],
    ['of the stack itself', 'st', 0],
    ['of a provider with a longer name', 'maas-2', 0],
  ])('an embedding model %s causes requests there, or none', async (_, provider, requests) => {
    const data = [listedModel('e', 'embedding', provider, 'm', 3)];
    expect(await stackWith({ 'GET /models': () => ({ data }) }).embeddingModel()).toEqual({
      id: 'e',
      dimension: 3,
      requests,
    });
  });

  it.each([
    [{ version: '0.6.7' }, '0.6.7'],
    [{}, 'unknown'],
  ])('version %j', async (body, version) => {
    expect(await stackWith({ 'GET /version': () => body }).version()).toBe(version);
  });
});

describe('every call', () => {
  it('tells the pace how many requests it may cause at the model service', async () => {
    const pace = new Pace(undefined, new AbortController().signal);
    const spent: number[] = [];
    pace.spend = async (requests, work) => {
      spent.push(requests);
      return await work();
    };
    const stack = stackOf(new FakeStack(), madeOnce(pace));
    await stack.version();
    await stack.chat('m').complete(asking('Reply with OK'));
    await stack.embed(EMBEDDING, ['a']);
    await stack.embed({ ...EMBEDDING, requests: 1 }, ['a']);
    await stack.respond('m', 'q', 'vs-1', EMBEDDING);
    expect(spent.filter((requests) => requests > 0)).toEqual([1, 1, 3]);
  });

  it('chats by its own API, which answers sooner than files are indexed', async () => {
    const [api, chatApi] = [new FakeStack(), new FakeStack()];
    const stack = new Stack({ api, chatApi, briefApi: api, modelKey: 'maas', calls: ONCE, meter: meterOf().meter });
    await stack.chat('m').complete(asking('Reply with OK'));
    await stack.respond('m', 'q', 'vs-1', EMBEDDING);
    await stack.embed(EMBEDDING, ['a']);
    expect(chatApi.calls.map(({ route }) => route)).toEqual(['POST /chat/completions', 'STREAM /responses']);
    expect(api.calls.map(({ route }) => route)).toEqual(['POST /conversations', 'POST /embeddings']);
  });

  it('is made again where it may be, one that changes something only where nobody took it', async () => {
    vi.useFakeTimers({ now: 0 });
    const attempts = async (error: Error, ask: 'call' | 'change') => {
      const stack = stackOf(new FakeStack(), callsOf());
      let count = 0;
      const work = failingOnce(error, 'done');
      const ended = stack[ask]('stack', 0, () => ((count += 1), Promise.resolve(work()))).catch(() => 'failed');
      await vi.runAllTimersAsync();
      return [count, await ended];
    };
    expect(await attempts(noAnswer('connection', 'ECONNRESET'), 'call')).toEqual([2, 'done']);
    expect(await attempts(noAnswer('connection', 'ECONNRESET'), 'change')).toEqual([1, 'failed']);
    expect(await attempts(noAnswer('connection', 'ECONNREFUSED'), 'change')).toEqual([2, 'done']);
    vi.useRealTimers();
  });

  it('that ends with no answer of the stack passes that on as it is', async () => {
    const stack = stackWith({ 'GET /version': failing(new TypeError('a bug')) });
    await expect(stack.version()).rejects.toThrow(TypeError);
  });
});

describe('a response', () => {
  const read = (...events: unknown[]): Promise<RagResponse> =>
    stackWith({ 'STREAM /responses': () => events }).respond('m', 'q', 'vs-1', EMBEDDING);
  const search = (...texts: string[]) => ({
    type: 'file_search_call',
    queries: ['q'],
    results: texts.map((text) => ({ text, file_id: 'f' })),
  });

  it('tells the answer, that a search ran, what it brought, and what is cited', async () => {
    const output = [
      search('x', 'y'),
      search('z'),
      { type: 'reasoning' },
      responseMessage('a', 'f1'),
      responseMessage('b'),
    ];
    expect(await read({ type: 'response.created' }, responded(output))).toEqual({
      id: 'resp-1',
      answer: 'a\nb',
      searched: true,
      queries: ['q', 'q'],
      results: ['x', 'y', 'z'].map((text) => ({ text, fileId: 'f' })),
      incomplete: '',
      cited: ['f1'],
    });
    expect(await read(responded([{ type: 'file_search_call', results: null }, responseMessage('a')]))).toMatchObject({
      searched: true,
      results: [],
    });
    expect(await read(responded([responseMessage('a')]))).toMatchObject({ searched: false, results: [], cited: [] });
  });

  it('may be incomplete, and says why', async () => {
    const response = { id: 'r', output: [responseMessage('a')], incomplete_details: { reason: 'length' } };
    expect(await read({ type: 'response.incomplete', response })).toMatchObject({ answer: 'a', incomplete: 'length' });
  });

  it('cites files alone, and not places on the web', async () => {
    const annotations = [
      { type: 'url_citation', url: 'x' },
      { type: 'file_citation', file_id: 'f2' },
    ];
    const message = { type: 'message', content: [{ type: 'output_text', text: 'a', annotations }] };
    expect((await read(responded([message]))).cited).toEqual(['f2']);
  });

  it.each([
    ['is empty', [], /before the response was complete: it was cut/],
    ['ends early', [{ type: 'response.created' }, { type: 'response.output_text.delta', delta: 'x' }], /it was cut/],
    ['carries a failure', [{ type: 'response.failed', response: { error: { message: 'no\nroom' } } }], /: no room/],
    ['carries an error', [{ type: 'error', message: 'boom' }], /boom/],
    ['carries an error of its own form', [{ error: { message: 'overloaded' } }], /overloaded/],
    ['has no output', [responded([])], /expected an output/],
  ])('that %s is a failure', async (_, events, message) => {
    expect((await failureOf(() => read(...events))).message).toMatch(message);
  });

  it('may have a member "error" that is empty', async () => {
    expect(
      (await read({ type: 'response.created', response: { error: null } }, responded([responseMessage('a')]))).answer,
    ).toBe('a');
  });

  it('asks in a conversation of its own each time', async () => {
    const api = new FakeStack();
    await stackOf(api).respond('m', 'q', 'vs-9', EMBEDDING);
    await stackOf(api).respond('m', 'q', 'vs-9', EMBEDDING);
    expect(api.sent('POST /conversations')).toHaveLength(2);
    expect(api.sent('STREAM /responses')[0]).toEqual({
      model: 'm',
      input: 'q',
      tools: [{ type: 'file_search', vector_store_ids: ['vs-9'], max_num_results: 5 }],
      include: ['file_search_call.results'],
      conversation: 'conv-1',
    });
  });

  it('is not asked for where there is no conversation', async () => {
    const api = new FakeStack({ 'POST /conversations': failing(httpFailure(500, 'boom')) });
    expect((await failureOf(() => stackOf(api).respond('m', 'q', 'vs-1', EMBEDDING))).hop).toBe('stack');
    expect(api.sent('STREAM /responses')).toEqual([]);
  });
});
