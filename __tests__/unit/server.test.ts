import { describe, expect, it, vi } from 'vitest';
import { awaitModels } from '../../src/assert/readiness.js';
import { findPlace, lacking, type Declared, type ServerKind } from '../../src/assert/stack/server.js';
import { ApiFailure } from '../../src/maas/failure.js';
import { useClock } from '../helpers/clock.js';
import { FakeStack, type Route } from '../helpers/fake-stack.js';
import { failing, httpFailure, noAnswer } from '../helpers/failures.js';
import { application, FakeServer, modelsOf, stack02, stack03, stack06 } from '../helpers/servers.js';

vi.mock('node:timers/promises', async () => (await import('../helpers/clock.js')).instantPauses);
useClock();

const LIVE = new AbortController().signal;
const NO_ROUTES = { 'GET /v1/inspect/routes': undefined };
const OLDER = '/v1/openai/v1';
const place = async (server: FakeServer, declared: Declared = {}) =>
  await findPlace(
    declared,
    (path) => server.open({ baseUrl: `http://stack${path}` }),
    (api) => awaitModels(api, () => undefined, LIVE),
  );

describe('the place of the routes', () => {
  it.each<[string, FakeServer, object, string[]]>([
    ['a stack from 0.4 on', stack06(), { kind: 'llama-stack', basePath: '/v1', ownPath: '/v1' }, []],
    [
      '0.3, by its list of routes',
      stack03(),
      { kind: 'older-llama-stack', basePath: '/v1', ownPath: '/v1' },
      ['GET /v1/inspect/routes'],
    ],
    [
      '0.2, by its list of routes',
      stack02(),
      { kind: 'older-llama-stack', basePath: OLDER, ownPath: '/v1' },
      ['GET /v1/inspect/routes'],
    ],
    [
      '0.2 without such a list: chat is not found below /v1, and models are below the other',
      stack02(NO_ROUTES),
      { kind: 'older-llama-stack', basePath: OLDER, ownPath: '/v1' },
      ['GET /v1/inspect/routes', 'GET /v1/chat/completions', `GET ${OLDER}/models`],
    ],
    [
      '0.2 whose list does not tell of chat',
      stack02({ 'GET /v1/inspect/routes': () => ({ data: [{ route: '/v1/version' }] }) }),
      { kind: 'older-llama-stack', basePath: OLDER, ownPath: '/v1' },
      ['GET /v1/inspect/routes', 'GET /v1/chat/completions', `GET ${OLDER}/models`],
    ],
    [
      '0.3 without such a list',
      stack03(NO_ROUTES),
      { kind: 'older-llama-stack', basePath: '/v1', ownPath: '/v1' },
      ['GET /v1/inspect/routes', 'GET /v1/chat/completions'],
    ],
    [
      '0.3 without such a list, where chat is no list',
      stack03({
        ...NO_ROUTES,
        'GET /v1/chat/completions': failing(httpFailure(405, 'Method Not Allowed', 'GET /chat/completions')),
      }),
      { kind: 'older-llama-stack', basePath: '/v1', ownPath: '/v1' },
      ['GET /v1/inspect/routes', 'GET /v1/chat/completions'],
    ],
    [
      'one that tells nothing',
      stack02({ ...NO_ROUTES, 'GET /v1/openai/v1/models': undefined }),
      { kind: 'older-llama-stack', basePath: '/v1', ownPath: '/v1' },
      ['GET /v1/inspect/routes', 'GET /v1/chat/completions', `GET ${OLDER}/models`],
    ],
  ])('of %s', async (_, server, found, asked) => {
    expect(await place(server)).toEqual(found);
    expect(server.asked).toEqual(['GET /v1/models', ...asked]);
  });

  it.each<[string, FakeServer, string, object]>([
    ['0.2', stack02(), '/v1', { kind: 'older-llama-stack', basePath: '/v1', ownPath: '/v1' }],
    ['0.3', stack03(), `${OLDER}/`, { kind: 'older-llama-stack', basePath: OLDER, ownPath: '/v1' }],
    ['0.2, left empty', stack02(), '', { kind: 'older-llama-stack', basePath: OLDER, ownPath: '/v1' }],
    ['0.6', stack06(), '/v1/', { kind: 'llama-stack', basePath: '/v1', ownPath: '/v1' }],
    [
      'a stack below a path',
      new FakeServer((route) => (route.includes(' /llama/v1/') ? 'of the stack' : undefined)),
      '/llama/v1',
      { kind: 'llama-stack', basePath: '/llama/v1', ownPath: '/llama/v1' },
    ],
  ])('is taken as the user names it: %s', async (_, server, basePath, found) => {
    expect(await place(server, { api: 'llama-stack', basePath })).toEqual(found);
    expect(server.asked).toHaveLength(basePath ? 1 : 2);
  });

  it.each([
    [undefined, '/v1'],
    ['', '/v1'],
    ['/api/', '/api'],
    ['/', ''],
  ])('of a server that is no stack is not looked for: %j', async (basePath, path) => {
    const server = application();
    expect(await place(server, { api: 'openai', basePath })).toEqual({ kind: 'openai', basePath: path, ownPath: path });
    expect(server.asked).toEqual([]);
  });

  it.each<[string, Route]>([
    ['an empty list', modelsOf()],
    ['an error, which readiness judges', failing(httpFailure(401, 'who?', 'GET /models'))],
    ['a page', () => '<html>'],
    ['models with both names', () => ({ data: [{ id: 'a', identifier: 'a' }] })],
    ['something without a name', () => ({ data: [{ identifier: 'a' }, {}] })],
  ])('is that of today where the stack answers with %s', async (_, models) => {
    const server = stack06({ 'GET /v1/models': models });
    expect(await place(server)).toEqual({ kind: 'llama-stack', basePath: '/v1', ownPath: '/v1' });
    expect(server.asked).toHaveLength(1);
  });

  it('ends with what is no answer', async () => {
    await expect(place(stack06({ 'GET /v1/models': failing(new TypeError('a bug')) }))).rejects.toThrow(TypeError);
    await expect(place(stack02({ 'GET /v1/inspect/routes': failing(new TypeError('a bug')) }))).rejects.toThrow(
      TypeError,
    );
  });
});

describe('a server that starts', () => {
  it.each([noAnswer('connection', 'ECONNREFUSED'), noAnswer('timeout')])('is waited for: %s', async (away) => {
    let looks = 0;
    const api = new FakeStack({ 'GET /models': () => (++looks < 100 ? failing(away)() : 'models') });
    const waits: string[] = [];
    expect(await awaitModels(api, (forWhat) => void waits.push(forWhat), LIVE)).toBe('models');
    expect([waits.length, Date.now()]).toEqual([99, 49_500]);
    expect(new Set(waits)).toEqual(new Set(['the stack to list its models (it does not answer yet)']));
  });

  it('is waited for no longer than the run', async () => {
    const api = new FakeStack({ 'GET /models': failing(noAnswer('connection')) });
    const reason = new Error('the deadline');
    await expect(awaitModels(api, () => undefined, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

describe('a route that a server lacks', () => {
  const failed = (call: string, status: number, detail = 'Not Found') => httpFailure(status, detail, call);
  it.each<[ServerKind, ApiFailure, string | undefined]>([
    [
      'older-llama-stack',
      failed('POST /conversations', 404),
      'the stack does not offer POST /conversations (HTTP 404)',
    ],
    [
      'older-llama-stack',
      failed('POST /responses (stream)', 404),
      'the stack does not offer POST /responses (HTTP 404)',
    ],
    ['older-llama-stack', failed('POST /files', 404), 'the stack does not offer POST /files (HTTP 404)'],
    [
      'older-llama-stack',
      failed('POST /vector_stores', 404),
      'the stack does not offer POST /vector_stores (HTTP 404)',
    ],
    ['older-llama-stack', failed('POST /vector_stores', 405), undefined],
    ['older-llama-stack', failed('POST /responses', 404, "Model 'x' not found"), undefined],
    ['older-llama-stack', failed('POST /vector_stores/vs-1/search', 404, 'Vector_store not found'), undefined],
    ['older-llama-stack', failed('POST /responses', 500), undefined],
    ['older-llama-stack', failed('POST /chat/completions', 404), undefined],
    ['older-llama-stack', failed('GET /version', 404), undefined],
    ['older-llama-stack', new ApiFailure('connection', 'POST /responses', 'Not Found'), undefined],
    ...['POST /conversations', 'POST /responses', 'POST /vector_stores', 'POST /embeddings'].map(
      (call): [ServerKind, ApiFailure, undefined] => ['llama-stack', failed(call, 404), undefined],
    ),
    ['openai', failed('POST /embeddings', 404, 'no'), 'the server does not offer POST /embeddings (HTTP 404)'],
    ['openai', failed('POST /embeddings', 405, ''), 'the server does not offer POST /embeddings (HTTP 405)'],
    ['openai', failed('POST /responses', 501, ''), 'the server does not offer POST /responses (HTTP 501)'],
    ['openai', failed('POST /embeddings', 500), undefined],
    ['openai', failed('POST /embeddings', 400), undefined],
    ['openai', failed('POST /chat/completions', 404), undefined],
    ['openai', failed('POST /vector_stores/vs-1/files', 404), undefined],
    ['openai', new ApiFailure('timeout', 'POST /embeddings', ''), undefined],
  ])('is none, or is told: %s %s', (kind, failure, said) => {
    expect(lacking(kind, failure)).toBe(said);
  });
});
