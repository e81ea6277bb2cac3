import { describe, expect, it, vi } from 'vitest';
import { Stack } from '../../src/assert/stack/stack.js';
import { VectorStores } from '../../src/assert/stack/stores.js';
import { items, member } from '../../src/json.js';
import { Pace } from '../../src/maas/pace.js';
import { STACK_NAMES } from '../helpers/assertion.js';
import { madeOnce } from '../helpers/calls.js';
import { useClock } from '../helpers/clock.js';
import { FakeStack, type Route } from '../helpers/fake-stack.js';
import { failureOf } from '../helpers/failures.js';
import { meterOf } from '../helpers/meter.js';
import { judging, status } from '../helpers/openai-server.js';
import { application, fullApplication, modelsOf } from '../helpers/servers.js';

vi.mock('node:timers/promises', async () => (await import('../helpers/clock.js')).instantPauses);
useClock();

const OF_CHAT = ['chat', 'chat-stream', 'chat-limit', 'chat-system', 'chat-json', 'chat-tool'];
const CHAT = 'POST /chat/completions';
const NO_STORES = 'the server has no vector stores';
const UNPROVEN = `retrieval is not proven: ${NO_STORES}; test-command can`;

describe('an application with the API of chat alone', () => {
  it('is green by what it has, with a warning of what was not seen; all else is skipped', async () => {
    const server = application();
    const { done, verdicts, resultOf, record, log } = judging(server);
    await done();
    const judged = [...OF_CHAT, 'negative-control', 'load'];
    const expected = (name: string) =>
      name === 'stack-models' ? 'warned' : judged.includes(name) ? 'passed' : 'skipped';
    expect(verdicts()).toEqual(STACK_NAMES.map((name) => `${name} ${expected(name)}`));
    expect(resultOf('files')?.cause).toBe(`${NO_STORES} (HTTP 404)`);
    expect(resultOf('embeddings')?.cause).toBe('the server lists no embedding model');
    expect(resultOf('stack-models')).toMatchObject({ hop: 'application', cause: UNPROVEN });
    expect(log.lines.join('\n')).toContain(UNPROVEN);
    expect(record.model).toBe('rag');
    const asked = (route: string) => server.asked.filter((one) => one === route).length;
    expect(asked('GET /v1/vector_stores')).toBe(1);
    expect(server.asked.filter((route) => /version|providers|inspect/.test(route))).toEqual([]);
  });

  it.each([404, 405, 501])('has no vector stores where it answers with HTTP %i', async (code) => {
    const own = { 'GET /v1/vector_stores': status(code, 'GET /vector_stores') };
    const { done, resultOf } = judging(application(own), { checks: ['chat', 'rag-chat', 'empty-store'] });
    await done();
    for (const name of ['rag-chat', 'empty-store']) expect(resultOf(name)?.cause).toBe(`${NO_STORES} (HTTP ${code})`);
    expect(resultOf('chat')).toMatchObject({ verdict: 'warned', cause: UNPROVEN });
  });

  it('has none where it answers every path with its page', async () => {
    const own = { 'GET /v1/vector_stores': () => '<html>' };
    const { done, resultOf } = judging(application(own), { checks: ['chat', 'files'] });
    await done();
    expect(resultOf('files')).toMatchObject({ verdict: 'skipped', cause: NO_STORES });
  });

  it.each([
    [401, 'E_STACK_AUTH', 'application'],
    [500, 'E_VECTOR_STORE', 'vector store'],
  ])('is red where its vector stores answer with HTTP %i', async (code, error, hop) => {
    const own = { 'GET /v1/vector_stores': status(code, 'GET /vector_stores') };
    const failure = await failureOf(judging(application(own)).done);
    expect([failure.code, failure.hop]).toEqual([error, hop]);
  });

  it('is judged below the path that the user names', async () => {
    const server = application({ 'GET /api/models': modelsOf('rag') });
    const { done } = judging(server, { checks: ['chat'], subject: { basePath: '/api' } });
    await failureOf(done);
    expect(new Set(server.asked)).toEqual(new Set(['GET /api/models', 'POST /api/chat/completions']));
  });

  it('has the warning at its user interface where nothing else was seen', async () => {
    const { done, verdicts, resultOf } = judging(application(), {
      checks: ['files', 'ui-health'],
      subject: { uiUrl: 'http://127.0.0.1:8501' },
    });
    await done();
    expect(verdicts()).toEqual(['files skipped', 'ui-health warned']);
    expect(resultOf('ui-health')?.cause).toBe(UNPROVEN);
  });

  it('is judged without its model while the service is away, and inference is auto', async () => {
    const away = { [CHAT]: status(503, CHAT) };
    const given = judging(application({}, new FakeStack(away)), { service: away, inference: 'auto' });
    await given.done();
    expect(given.record.untested).toContain('(asked directly; through the application: ');
    expect(given.verdicts()).toContain('chat skipped');
  });

  it('is no pass where nothing could be judged', async () => {
    const { done } = judging(application(), { checks: ['files', 'retrieval'] });
    expect((await failureOf(done)).code).toBe('E_NOTHING_JUDGED');
  });
});

describe("an application with all of OpenAI's API", () => {
  it('is judged in full', async () => {
    const { done, verdicts, api, resultOf } = judging(fullApplication());
    await done();
    expect(verdicts()).toEqual(STACK_NAMES.map((name) => `${name} passed`));
    expect(api.sent('POST /vector_stores')[0]).toEqual({ name: expect.stringContaining('maas-e2e') as string });
    expect(resultOf('embeddings')?.evidence).toMatchObject({ expected: 'vectors of 3, nearer for a paraphrase' });
    expect(resultOf('stack-models')?.evidence).toEqual({ expected: 'rag', got: 'rag, text-embed' });
  });

  it.each([404, 405, 501])('may have no embeddings (HTTP %i); its stores are judged all the same', async (code) => {
    const { done, verdicts, resultOf } = judging(
      fullApplication({ 'POST /v1/embeddings': status(code, 'POST /embeddings') }),
    );
    await done();
    expect(verdicts().filter((one) => !one.endsWith('passed'))).toEqual(['embeddings skipped']);
    expect(resultOf('embeddings')?.cause).toBe(`the server does not offer POST /embeddings (HTTP ${code})`);
  });

  it('may list no embedding model: one that ranks is none', async () => {
    const { done, resultOf } = judging(fullApplication({ 'GET /v1/models': modelsOf('rag', 'bge-rerank') }), {
      checks: ['chat', 'embeddings'],
    });
    await done();
    expect(resultOf('embeddings')).toMatchObject({
      verdict: 'skipped',
      cause: 'the server lists no embedding model',
    });
  });

  it('may embed with as many dimensions as it likes', async () => {
    const healthy = new FakeStack();
    const longer: Route = (body) => ({
      data: items(member(healthy.healthy('POST /embeddings', body), 'data')).map((one) => ({
        embedding: [...items(member(one, 'embedding')), 0.25],
      })),
    });
    const { done, resultOf } = judging(fullApplication({}, new FakeStack({ 'POST /embeddings': longer })));
    await done();
    expect(resultOf('embeddings')?.evidence?.expected).toBe('vectors of 4, nearer for a paraphrase');
  });

  it('may ask the model service for each vector, so that as many requests are counted', async () => {
    const pace = new Pace(undefined, new AbortController().signal);
    const spent: number[] = [];
    pace.spend = async (requests, work) => {
      spent.push(requests);
      return await work();
    };
    const api = new FakeStack({ 'GET /models': modelsOf('rag', 'text-embed') });
    const means = { api, chatApi: api, briefApi: api, modelKey: '', calls: madeOnce(pace), meter: meterOf().meter };
    const stack = new Stack({ ...means, kind: 'openai' });
    const embedding = await stack.embeddingModel();
    expect(embedding).toEqual({ id: 'text-embed', dimension: undefined, requests: 1 });
    const stores = new VectorStores(stack, undefined);
    await stores.search(await stores.create('n'), 'q', 1);
    await stores.add('vs-1', { name: 'a.txt', type: 'text/plain', content: 'a' });
    expect(spent.reduce((sum, count) => sum + count, 0)).toBe(2);
  });

  it('may have no responses', async () => {
    const { done, verdicts } = judging(fullApplication({ 'POST /v1/responses': undefined }));
    await done();
    expect(verdicts().filter((one) => !one.endsWith('passed'))).toEqual(['rag-responses skipped']);
  });

  it('is red where its embeddings are wrong: of a length that varies', async () => {
    const vector = (length: number) => ({ embedding: Array<number>(length).fill(1) });
    const stack = new FakeStack({ 'POST /embeddings': () => ({ data: [vector(3), vector(2), vector(3)] }) });
    const failure = await failureOf(judging(fullApplication({}, stack)).done);
    expect(failure).toMatchObject({ code: 'E_EMBEDDING', hop: 'embedder' });
    expect(failure.message).toContain('text-embed gives 2 dimensions and before gave 3');
  });

  it.each<[string, Record<string, Route>, string, string, string]>([
    [
      'finds nothing',
      {
        'POST /vector_stores/vs-1/search': () => ({ data: [] }),
        'POST /vector_stores/vs-2/search': () => ({ data: [] }),
      },
      'E_VECTOR_STORE',
      'vector store',
      'nor what is stored now',
    ],
    [
      'can not index',
      { 'POST /vector_stores/vs-1/files': () => ({ status: 'failed', last_error: { message: 'no tokens' } }) },
      'E_FILE_PROCESSING',
      'file processing',
      'no tokens',
    ],
  ])('is red where it has stores and %s, also without embeddings', async (_, stack, code, hop, said) => {
    const server = fullApplication({ 'POST /v1/embeddings': undefined }, new FakeStack(stack));
    const failure = await failureOf(judging(server).done);
    expect([failure.code, failure.hop]).toEqual([code, hop]);
    expect(failure.message).toContain(said);
  });

  it('is red where a filter that fits brings nothing: its version is not known', async () => {
    const filtered: Route = (body) =>
      JSON.stringify(body).includes('filters') ? { data: [] } : stack.healthy('POST /vector_stores/vs-1/search', body);
    const stack = new FakeStack({ 'POST /vector_stores/vs-1/search': filtered });
    const { done, api } = judging(fullApplication({}, stack));
    expect((await failureOf(done)).message).toContain('check metadata-filter: a filter that fits brings nothing');
    expect(api.sent('GET /version')).toEqual([]);
  });
});
