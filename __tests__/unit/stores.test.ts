import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Stack } from '../../src/assert/stack/stack.js';
import { VectorStores } from '../../src/assert/stack/stores.js';
import type { ErrorCode } from '../../src/error-codes.js';
import type { Calls } from '../../src/maas/calls.js';
import { Pace } from '../../src/maas/pace.js';
import { madeOnce, ONCE } from '../helpers/calls.js';
import { FakeStack, hit, type Route } from '../helpers/fake-stack.js';
import { failing, failureOf, httpFailure, noAnswer } from '../helpers/failures.js';
import { callsOf } from '../helpers/made-calls.js';
import { limited, meterOf, usageRow } from '../helpers/meter.js';

vi.mock('node:timers/promises', async () => (await import('../helpers/clock.js')).fakeablePauses);

type Routes = Record<string, Route>;
const SEARCH = 'POST /vector_stores/vs-1/search';
const ATTACH = 'POST /vector_stores/vs-1/files';
const LOOK = 'GET /vector_stores/vs-1/files/file-1';

function storesOf(api: FakeStack, requests = 0, calls: Calls = ONCE, { meter } = meterOf()): VectorStores {
  const stack = new Stack({ api, chatApi: api, briefApi: api, modelKey: 'maas', calls, meter });
  return new VectorStores(stack, { id: 'st/nomic', dimension: 3, requests });
}
const storesWith = (routes: Routes = {}) => storesOf(new FakeStack(routes));

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
    expect(await storesOf(api).create('name')).toBe('vs-1');
    expect(api.sent('POST /vector_stores')).toEqual([
      { name: 'name', embedding_model: 'st/nomic', embedding_dimension: 3, provider_id: provider },
    ]);
  });

  it.each<[string, Routes, ErrorCode, RegExp]>([
    [
      'no provider',
      { 'GET /providers': () => ({ data: [{ api: 'inference', provider_id: 'x' }] }) },
      'E_VECTOR_STORE',
      /no vector_io/,
    ],
    [
      'no id in the answer',
      { 'POST /vector_stores': () => ({}) },
      'E_STACK_FORM',
      /unknown form.*a vector store with an id/,
    ],
    [
      'a refusal',
      { 'POST /vector_stores': failing(httpFailure(400, 'no such model')) },
      'E_STACK_ERROR',
      /no such model/,
    ],
  ])('can not be made with %s', async (_, routes, code, message) => {
    const failure = await failureOf(() => storesWith(routes).create('name'));
    expect([failure.code, failure.hop]).toEqual([code, 'vector store']);
    expect(failure.message).toMatch(message);
  });

  it('is searched by the question; hits keep the uploaded file id, which the attribute has', async () => {
    const renamed = hit('b', 'random', 'b.txt', { file_id: 'file-2', shelf: 'x' });
    const parts = { file_id: 'file-3', content: [{ text: 'c' }, { text: 'd' }, {}] };
    const api = new FakeStack({ [SEARCH]: () => ({ data: [hit('a', 'file-1'), renamed, parts] }) });
    expect(await storesOf(api).search('vs-1', 'why?', 4)).toEqual([
      { fileId: 'file-1', fileName: 'a.txt', text: 'a', attributes: {} },
      { fileId: 'file-2', fileName: 'b.txt', text: 'b', attributes: { file_id: 'file-2', shelf: 'x' } },
      { fileId: 'file-3', fileName: '', text: 'c\nd\n', attributes: {} },
    ]);
    expect(api.sent(SEARCH)).toEqual([{ query: 'why?', max_num_results: 4 }]);
  });

  it('is searched with a filter where one is given', async () => {
    const api = new FakeStack({ [SEARCH]: () => ({ data: [] }) });
    const filters = { type: 'eq', key: 'k', value: 'v' } as const;
    expect(await storesOf(api).search('vs-1', 'q', 1, filters)).toEqual([]);
    expect(api.sent(SEARCH)).toEqual([{ query: 'q', max_num_results: 1, filters }]);
  });

  it('that answers in another form is no store without hits', async () => {
    const failure = await failureOf(() => storesWith({ [SEARCH]: () => ({}) }).search('vs-1', 'q', 1));
    expect([failure.code, failure.hop]).toEqual(['E_STACK_FORM', 'vector store']);
    expect(failure.message).toContain('a list of hits');
  });

  it('that the stack forgot is a fault of the stack', async () => {
    const gone = failing(httpFailure(404, "Vector_store 'vs-1' not found", SEARCH));
    const failure = await failureOf(() => storesWith({ [SEARCH]: gone }).search('vs-1', 'q', 1));
    expect([failure.code, failure.hop]).toEqual(['E_STACK_STATE_LOST', 'stack']);
    expect(failure.message).toContain('no longer knows a vector store');
  });
});

it.each([0, 1])('searching and attaching cause the requests of an embedding: %i', async (requests) => {
  const pace = new Pace(undefined, new AbortController().signal);
  const spent: number[] = [];
  pace.spend = async (count, work) => {
    spent.push(count);
    return await work();
  };
  const stores = storesOf(new FakeStack(), requests, madeOnce(pace));
  await stores.search(await stores.create('n'), 'q', 1);
  await stores.add('vs-1', { name: 'a.txt', type: 'text/plain', content: 'a' });
  await stores.remove('vs-1', 'file-1');
  expect(spent.reduce((sum, count) => sum + count, 0)).toBe(2 * requests);
});

describe('a file of a store', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const FILE = { name: 'a.txt', type: 'text/plain', content: 'text' };
  const add = async (api: FakeStack, ...attachment: [object?]): Promise<unknown> => {
    const ended = storesOf(api)
      .add('vs-1', FILE, ...attachment)
      .catch((error: unknown) => error);
    await vi.runAllTimersAsync();
    const result = await ended;
    if (result instanceof Error) throw result;
    return result;
  };

  it('is uploaded as it is, and attached with what is given', async () => {
    const api = new FakeStack();
    expect(await add(api, { attributes: { shelf: 'x' } })).toBe('file-1');
    expect(api.sent('UPLOAD')).toEqual([FILE]);
    expect(api.sent(ATTACH)).toEqual([{ file_id: 'file-1', attributes: { shelf: 'x' } }]);
  });

  it('is there when it is indexed, which is looked at again and again', async () => {
    let looks = 0;
    const api = new FakeStack({
      [ATTACH]: () => ({ status: 'in_progress' }),
      [LOOK]: () => ({ status: ++looks < 4 ? 'in_progress' : 'completed' }),
    });
    expect(await add(api)).toBe('file-1');
    expect(looks).toBe(4);
    expect(api.sent(ATTACH)).toEqual([{ file_id: 'file-1' }]);
  });

  it('is given up after two minutes', async () => {
    const began = Date.now();
    const pending = () => ({ status: 'in_progress' });
    const failure = await failureOf(() => add(new FakeStack({ [ATTACH]: pending, [LOOK]: pending })));
    expect(failure.message).toBe('indexing a.txt ended as "in_progress"');
    expect(Date.now() - began).toBe(120_000);
  });

  it.each([
    ['failed', { status: 'failed', last_error: { message: 'no tokens' } }, 'file processing', /"failed": no tokens$/],
    ['cancelled', { status: 'cancelled' }, 'file processing', /"cancelled"$/],
    ['nothing', {}, 'file processing', /"no status"$/],
    ['the database', { status: 'failed', last_error: { message: 'psycopg2: closed' } }, 'vector store', /psycopg2/],
    ['a connection', { status: 'failed', last_error: { message: 'Connection refused' } }, 'vector store', /refused$/],
  ])('fails inside of a 200: %s', async (_, attached, hop, message) => {
    const failure = await failureOf(() => add(new FakeStack({ [ATTACH]: () => attached })));
    const code = hop === 'vector store' ? 'E_VECTOR_STORE' : 'E_FILE_PROCESSING';
    expect([failure.code, failure.hop]).toEqual([code, hop]);
    expect(failure.message).toMatch(message);
    expect(failure.fix).toMatch(hop === 'vector store' ? /database runs/ : /file processor/);
  });

  it('is not attached, nor taken out, twice where an answer was lost', async () => {
    vi.useFakeTimers({ now: 0 });
    const lost = failing(noAnswer('connection', 'ECONNRESET'));
    const api = new FakeStack({ [ATTACH]: lost, [`DELETE ${LOOK.slice(4)}`]: lost });
    const stores = storesOf(api, 0, callsOf());
    for (const change of [() => stores.add('vs-1', FILE), () => stores.remove('vs-1', 'file-1')]) {
      const ended = change().catch((error: unknown) => error);
      await vi.runAllTimersAsync();
      expect(await ended).toMatchObject({ code: 'E_STACK_UNREACHABLE' });
    }
    expect([api.sent(ATTACH).length, api.sent(`DELETE ${LOOK.slice(4)}`).length]).toEqual([1, 1]);
  });

  it('is not there without an id', async () => {
    const failure = await failureOf(() => add(new FakeStack({ UPLOAD: () => ({}) })));
    expect([failure.code, failure.hop]).toEqual(['E_STACK_FORM', 'file processing']);
    expect(failure.message).toContain('a file a.txt with an id');
  });
});

it('a file that is not indexed is that, though a budget is spent', async () => {
  const counts = meterOf({ limits: limited({ requests: 1 }), onBudget: 'stop', rows: [usageRow()] });
  const attached = { status: 'failed', last_error: { message: 'no parser' } };
  const stores = storesOf(new FakeStack({ [ATTACH]: () => attached }), 1, ONCE, counts);
  const failure = await failureOf(() => stores.add('vs-1', { name: 'a.txt', type: 'text/plain', content: 'a' }));
  expect([failure.code, failure.hop]).toEqual(['E_FILE_PROCESSING', 'file processing']);
});
