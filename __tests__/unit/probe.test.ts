import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../src/error-codes.js';
import { Pace } from '../../src/maas/pace.js';
import { probeService } from '../../src/maas/probe.js';
import type { ApiAnswer, OpenAiApi } from '../../src/ports.js';
import { madeOnce, ONCE } from '../helpers/calls.js';
import { completion } from '../helpers/fake-stack.js';
import { failureOf, httpFailure, noAnswer } from '../helpers/failures.js';

const BASE = 'https://maas.example.com/v1';

interface Service {
  served?: unknown;
  headers?: Record<string, string>;
  chat?: (body: object) => unknown;
  embed?: (body: object) => unknown;
}

/** A model service in memory, and the requests that it got. */
function service({ served, headers = {}, chat, embed }: Service): { api: OpenAiApi; sent: [string, object][] } {
  const sent: [string, object][] = [];
  const answer = async (body: unknown): Promise<ApiAnswer> => await Promise.resolve({ body, headers });
  const api: OpenAiApi = {
    get: async () => await answer(served ?? { data: [{ id: 'acme/chat' }, { id: 'acme/nomic-embed' }] }),
    post: async (path, body) => {
      sent.push([path, body]);
      if (path === '/chat/completions') return await answer((chat ?? (() => completion('OK')))(body));
      return await answer((embed ?? (() => ({ data: [{ embedding: [1, 2, 3] }] })))(body));
    },
    delete: () => Promise.reject(new Error('a probe deletes nothing')),
    upload: () => Promise.reject(new Error('a probe uploads nothing')),
    stream: () => {
      throw new Error('a probe does not stream');
    },
  };
  return { api, sent };
}

const failing = (error: unknown) => () => {
  throw error;
};

describe('a probe of a healthy service', () => {
  it('reports what adopters ask: models, limits, embeddings', async () => {
    const { api } = service({
      headers: { 'x-ratelimit-limit-requests': '60', 'content-type': 'application/json' },
    });
    expect(await probeService(api, BASE, '', ONCE)).toEqual({
      baseUrl: BASE,
      models: ['acme/chat', 'acme/nomic-embed'],
      model: 'acme/chat',
      rateLimits: { 'x-ratelimit-limit-requests': '60' },
      headersNeeded: [],
      embeddings: { offered: true, model: 'acme/nomic-embed', dimension: 3 },
    });
  });

  it('asks the chosen model for a tiny completion, and the embedding model for one vector', async () => {
    const { api, sent } = service({});
    await probeService(api, BASE, 'chat', ONCE);
    expect(sent).toEqual([
      ['/chat/completions', expect.objectContaining({ model: 'acme/chat', max_tokens: 16 })],
      ['/embeddings', { model: 'acme/nomic-embed', input: ['ping'] }],
    ]);
  });

  it('asks the chat model for a vector where no embedding model is listed', async () => {
    const { api, sent } = service({ served: { data: [{ id: 'chat' }, { id: 'whisper-1' }] } });
    await probeService(api, BASE, '', ONCE);
    expect(sent[1]).toEqual(['/embeddings', { model: 'chat', input: ['ping'] }]);
  });

  it('does not take a chat model for one of embeddings because of a part of its name', async () => {
    const { api, sent } = service({ served: { data: [{ id: 'chat' }, { id: 'acme-e50' }, { id: 'bge-m3' }] } });
    await probeService(api, BASE, 'chat', ONCE);
    expect(sent[1]).toEqual(['/embeddings', { model: 'bge-m3', input: ['ping'] }]);
  });

  it.each([
    ['refuses them', httpFailure(404, 'no route'), /HTTP 404 \(no route\)/],
    ['does not answer', noAnswer('timeout'), /timeout/],
  ])('is no failure where it offers no embeddings: it %s', async (_, error, why) => {
    const { embeddings } = await probeService(service({ embed: failing(error) }).api, BASE, '', ONCE);
    expect(embeddings).toEqual({ offered: false, why: expect.stringMatching(why) as string });
  });

  it('does not take a page for a vector', async () => {
    const { embeddings } = await probeService(service({ embed: () => '<html>' }).api, BASE, '', ONCE);
    expect(embeddings).toMatchObject({ offered: false });
  });

  it('speaks to newer models, which want max_completion_tokens', async () => {
    const refusal = httpFailure(400, "Use 'max_completion_tokens' instead");
    const { api, sent } = service({
      chat: (body) => ('max_tokens' in body ? failing(refusal)() : completion('OK')),
    });
    expect((await probeService(api, BASE, '', ONCE)).model).toBe('acme/chat');
    expect(sent[1]?.[1]).toMatchObject({ model: 'acme/chat', max_completion_tokens: 16 });
    expect(sent[1]?.[1]).not.toHaveProperty('max_tokens');
  });
});

describe('the requests of a probe', () => {
  /** What a probe announces, and the paths that it asks for at each. */
  async function announced(behaviour: Service): Promise<[number, string[]][]> {
    const { api, sent } = service(behaviour);
    const spent: [number, string[]][] = [];
    const pace = new Pace(undefined, new AbortController().signal);
    pace.spend = async (requests, work) => {
      const before = sent.length;
      try {
        return await work();
      } finally {
        spent.push([requests, sent.slice(before).map(([path]) => path)]);
      }
    };
    await probeService(api, BASE, 'chat', madeOnce(pace)).catch(() => undefined);
    expect(spent.flatMap(([, paths]) => paths)).toHaveLength(sent.length);
    return spent;
  }
  const [CHAT, EMBED] = ['/chat/completions', '/embeddings'];
  const LIST: [number, string[]] = [0, []];

  it.each<[string, Service, [number, string[]][]]>([
    [
      'none for the list, two for the completion, which may be asked for twice, and one for the vector',
      {},
      [LIST, [2, [CHAT]], [1, [EMBED]]],
    ],
    [
      'as many where it is asked for twice',
      {
        chat: (body) =>
          'max_tokens' in body ? failing(httpFailure(400, 'max_completion_tokens'))() : completion('OK'),
      },
      [LIST, [2, [CHAT, CHAT]], [1, [EMBED]]],
    ],
    ['none for a vector where the completion failed', { chat: failing(httpFailure(500)) }, [LIST, [2, [CHAT]]]],
    ['none at all where the model is not served', { served: { data: [{ id: 'other' }] } }, [LIST]],
  ])('are announced to the pace: %s', async (_, behaviour, spent) => {
    expect(await announced(behaviour)).toEqual(spent);
  });
});

describe('a probe is red', () => {
  const page = () => '<html>sign in</html>';
  it.each<[string, Service, ErrorCode, RegExp]>([
    [
      'where the list is a page',
      { served: '<html>' },
      'E_SERVICE_FORM',
      /does not answer like an OpenAI API.*a list of models/,
    ],
    ['where the completion is a page', { chat: page }, 'E_SERVICE_FORM', /does not answer like an OpenAI API.*sign in/],
    ['where the key is refused', { chat: failing(httpFailure(403)) }, 'E_AUTH', /refuses the key/],
    [
      'where the model refuses',
      { chat: failing(httpFailure(400, 'no chat template')) },
      'E_REQUEST_REFUSED',
      /no chat template/,
    ],
    [
      'where the rate is limited',
      { chat: failing(httpFailure(429)) },
      'E_RATE_LIMITED',
      /limits the rate \(HTTP 429\): up to \d+ requests of this run/,
    ],
    [
      'where it is down',
      { chat: failing(noAnswer('connection', 'ECONNREFUSED')) },
      'E_SERVICE_UNREACHABLE',
      /can not be reached: ECONNREFUSED/,
    ],
    [
      'where the model is not served',
      { served: { data: [{ id: 'other' }] } },
      'E_MODEL_NOT_SERVED',
      /"chat" is not served.*other/,
    ],
  ])('%s', async (_, behaviour, code, message) => {
    const failure = await failureOf(() => probeService(service(behaviour).api, BASE, 'chat', ONCE));
    expect([failure.code, failure.hop]).toEqual([code, 'model service']);
    expect(failure.message).toMatch(message);
  });

  it('asks only once where the refusal is about something else', async () => {
    const { api, sent } = service({ chat: failing(httpFailure(400, 'bad max_tokens')) });
    await failureOf(() => probeService(api, BASE, 'chat', ONCE));
    expect(sent).toHaveLength(1);
  });

  it('does not take a server error for a wish for max_completion_tokens', async () => {
    const { api, sent } = service({ chat: failing(httpFailure(500, 'max_completion_tokens')) });
    await failureOf(() => probeService(api, BASE, 'chat', ONCE));
    expect(sent).toHaveLength(1);
  });

  it.each<[string, Service]>([
    ['completion', { chat: failing(new Error('cancelled')) }],
    ['embedding', { embed: failing(new Error('cancelled')) }],
  ])('and does not hide what ends the run during the %s', async (_, behaviour) => {
    const { api } = service(behaviour);
    await expect(probeService(api, BASE, 'chat', ONCE)).rejects.toThrow(/^cancelled$/);
  });
});
