import { describe, expect, it } from 'vitest';
import { items } from '../../src/json.js';
import { ApiFailure } from '../../src/maas/failure.js';
import type { OpenAiApi } from '../../src/ports.js';
import { metered, meteredOnly } from '../../src/spend/metered.js';
import { BudgetSpent } from '../../src/spend/meter.js';
import { chunk, completion, FakeStack, responded, responseMessage, type Route } from '../helpers/fake-stack.js';
import { failing, httpFailure, noAnswer } from '../helpers/failures.js';
import { limited, meterOf } from '../helpers/meter.js';

const ROUTES = ['/chat/completions', '/responses', '/embeddings'];
const USAGE = { prompt_tokens: 7, completion_tokens: 3 };
const BODY = { model: 'maas/chat' };

/** An API of which what it answers is counted. */
function meteredApi(replaced: Record<string, Route> = {}, over: Parameters<typeof meterOf>[0] = {}) {
  const [stack, counts] = [new FakeStack(replaced), meterOf(over)];
  counts.meter.of('chat');
  return { stack, ...counts, api: metered(stack, 'stack', counts.meter) };
}

/** Asks for this at a route, and reads all of it. */
async function read(api: OpenAiApi, way: 'POST' | 'STREAM', path: string, body: object = BODY): Promise<unknown> {
  if (way === 'POST') return (await api.post(path, body)).body;
  const chunks = [];
  for await (const one of api.stream(path, body)) chunks.push(one);
  return chunks;
}

/** The same; what it throws comes back. */
const askFor = (...of: Parameters<typeof read>): Promise<unknown> => read(...of).catch((error: unknown) => error);

const bothWays = <T>(rows: T[]): ['POST' | 'STREAM', T][] =>
  (['POST', 'STREAM'] as const).flatMap((way) => rows.map((row): ['POST' | 'STREAM', T] => [way, row]));

describe('a request to a model', () => {
  it.each(bothWays(ROUTES))('is counted: %s %s', async (way, path) => {
    const answer = way === 'POST' ? { usage: USAGE } : [{ choices: [] }, { usage: USAGE }];
    const { api, spend, stack } = meteredApi({ [`${way} ${path}`]: () => answer });
    expect(await askFor(api, way, path)).toEqual(answer);
    expect(stack.calls).toEqual([{ route: `${way} ${path}`, body: BODY }]);
    expect(spend.rows).toEqual([
      {
        check: 'chat',
        hop: 'stack',
        model: 'maas/chat',
        requests: 1,
        unreported: 0,
        promptTokens: 7,
        completionTokens: 3,
      },
    ]);
  });

  it.each(bothWays(['/conversations', '/vector_stores', '/chat/completions/x', '/v1/embeddings', '/models']))(
    'is not: %s %s',
    async (way, path) => {
      const answer = way === 'POST' ? { usage: USAGE } : [{ usage: USAGE }];
      const over = { limits: limited({ requests: 1 }), onBudget: 'stop' as const };
      const { api, spend } = meteredApi({ [`${way} ${path}`]: () => answer }, over);
      for (let call = 0; call < 3; call += 1) expect(await askFor(api, way, path)).toEqual(answer);
      expect(spend.rows).toEqual([]);
    },
  );

  it('is none where something is read, uploaded or deleted', async () => {
    const { api, spend, stack } = meteredApi({ UPLOAD: () => ({ usage: USAGE }) });
    await api.get('/models');
    await api.upload({ name: 'a.txt', type: 'text/plain', content: 'a' });
    await api.delete('/responses/resp-1');
    expect(stack.calls.map(({ route }) => route)).toEqual(['GET /models', 'UPLOAD', 'DELETE /responses/resp-1']);
    expect(spend.rows).toEqual([]);
  });

  it('of a body without a model is one of no name', async () => {
    const { api, spend } = meteredApi();
    await askFor(api, 'POST', '/embeddings', { input: [] });
    expect(spend.rows).toMatchObject([{ model: '' }]);
  });
});

describe('reported tokens', () => {
  it.each([
    ['none', {}],
    ['null', { usage: null }],
    ['-1: not counted', { usage: { prompt_tokens: -1, completion_tokens: -1 } }],
    ['a number as text', { usage: { prompt_tokens: '7' } }],
  ])('that are %s are unreported, and not summed', async (_, answer) => {
    const { api, spend } = meteredApi({
      'POST /embeddings': () => answer,
      'STREAM /chat/completions': () => [answer, answer],
    });
    await askFor(api, 'POST', '/embeddings');
    await askFor(api, 'STREAM', '/chat/completions');
    expect(spend.rows).toMatchObject([{ requests: 2, unreported: 2, promptTokens: 0, completionTokens: 0 }]);
  });

  it('of a stream are the last that it reports: they are sums already', async () => {
    const chunks = [{ usage: { prompt_tokens: 7, completion_tokens: 1 } }, { usage: USAGE }, { usage: null }];
    const { api, spend } = meteredApi({ 'STREAM /chat/completions': () => chunks });
    await askFor(api, 'STREAM', '/chat/completions');
    expect(spend.rows).toMatchObject([{ requests: 1, unreported: 0, promptTokens: 7, completionTokens: 3 }]);
  });

  it('of a streamed response are in the event that ends it', async () => {
    const usage = { input_tokens: 40, output_tokens: 5 };
    const events = [
      { type: 'response.created', response: { id: 'r', usage: null, output: [] } },
      { type: 'response.output_text.delta', delta: 'x' },
      { type: 'response.completed', response: { id: 'r', usage, output: [responseMessage('x')] } },
    ];
    const { api, spend } = meteredApi({ 'STREAM /responses': () => events });
    await askFor(api, 'STREAM', '/responses');
    expect(spend.rows).toMatchObject([{ requests: 1, unreported: 0, promptTokens: 40, completionTokens: 5 }]);
  });
});

describe('the tools that a response called', () => {
  const search = { type: 'file_search_call', results: [] };
  const output = [search, { type: 'reasoning' }, search, responseMessage('x')];

  it('are a further request to the model each', async () => {
    const { api, spend } = meteredApi({
      'POST /responses': () => ({ output, usage: { input_tokens: 1, output_tokens: 1 } }),
    });
    await askFor(api, 'POST', '/responses');
    expect(spend.rows).toMatchObject([{ requests: 3, unreported: 0 }]);
  });

  it('are counted once, however many events of a stream tell of them', async () => {
    const partly = { type: 'response.in_progress', response: { output: [search] } };
    const { api, spend } = meteredApi({ 'STREAM /responses': () => [partly, responded(output), partly] });
    await askFor(api, 'STREAM', '/responses');
    expect(spend.rows).toMatchObject([{ requests: 3, unreported: 1 }]);
  });

  it('are none of a chat, which leaves them to its user', async () => {
    const tool_calls = [{ type: 'function_call', function: { name: 'search', arguments: '{}' } }];
    const { api, spend } = meteredApi({
      'POST /chat/completions': () => ({ choices: [{ message: { content: null, tool_calls } }], usage: USAGE }),
    });
    await askFor(api, 'POST', '/chat/completions');
    expect(spend.rows).toMatchObject([{ requests: 1 }]);
  });
});

describe.each(['POST', 'STREAM'] as const)('a call that fails (%s)', (way) => {
  it.each<[string, Error, number, number]>([
    ['with HTTP 400: a request, of which nothing need be reported', httpFailure(400, 'no'), 1, 0],
    ['with HTTP 503: a request, of which nothing need be reported', httpFailure(503), 1, 0],
    ['with ECONNREFUSED: no request', noAnswer('connection', 'ECONNREFUSED'), 0, 0],
    ['with ENOTFOUND: no request', noAnswer('connection', 'ENOTFOUND'), 0, 0],
    ['by its deadline: an unreported request', noAnswer('timeout'), 1, 1],
    ['with a connection that broke: an unreported request', noAnswer('connection', 'ECONNRESET'), 1, 1],
    ['with a bug: an unreported request', new TypeError('a bug'), 1, 1],
  ])('is passed on, and counted: %s', async (_, failure, requests, unreported) => {
    const { api, spend } = meteredApi({ [`${way} /chat/completions`]: failing(failure) });
    await expect(read(api, way, '/chat/completions')).rejects.toBe(failure);
    expect(spend.rows).toMatchObject([{ requests, unreported, promptTokens: 0, completionTokens: 0 }]);
  });

  it('with a limited rate is told with the headers that say so', async () => {
    const headers = { 'retry-after': '5', 'x-ratelimit-remaining-tokens': '0', server: 'x' };
    const limit = new ApiFailure('status', 'POST /chat/completions', 'slow down', { status: 429, headers });
    const { api, spend } = meteredApi({ [`${way} /chat/completions`]: failing(limit) });
    await askFor(api, way, '/chat/completions');
    expect(spend.rows).toMatchObject([{ requests: 1, unreported: 0 }]);
    expect(spend.traffic).toMatchObject({
      rateLimited: 1,
      limitHeaders: { 'retry-after': '5', 'x-ratelimit-remaining-tokens': '0' },
    });
  });
});

describe('a stream', () => {
  /** A stream of these chunks that ends with an error, where one is given; and what its reader asked of it. */
  function streaming(chunks: unknown[], error?: Error) {
    const asked = { begun: 0, closed: 0 };
    const { api, stack, spend, meter } = meteredApi();
    stack.stream = async function* () {
      asked.begun += 1;
      try {
        yield* await Promise.resolve(chunks);
        if (error) throw error;
      } finally {
        asked.closed += 1;
      }
    };
    return { api, spend, meter, asked };
  }

  it('that broke is an unreported request', async () => {
    const broke = noAnswer('connection', 'the answer broke off, ECONNRESET');
    const { api, spend } = streaming([chunk('a')], broke);
    await expect(read(api, 'STREAM', '/chat/completions')).rejects.toBe(broke);
    expect(spend.rows).toMatchObject([{ requests: 1, unreported: 1 }]);
  });

  it('that broke after it reported its tokens has them', async () => {
    const { api, spend } = streaming([{ usage: USAGE }], noAnswer('connection', 'ECONNRESET'));
    await askFor(api, 'STREAM', '/chat/completions');
    expect(spend.rows).toMatchObject([{ requests: 1, unreported: 0, promptTokens: 7 }]);
  });

  it.each([
    ['before its tokens came is an unreported request', [chunk('a'), { usage: USAGE }], 1, 0],
    ['after its tokens came has them', [{ usage: USAGE }, chunk('a')], 0, 7],
  ])('whose reader has enough %s, counted once and closed', async (_, chunks, unreported, promptTokens) => {
    const { api, spend, asked } = streaming(chunks);
    for await (const one of api.stream('/chat/completions', BODY)) {
      expect(one).toBe(chunks[0]);
      break;
    }
    expect(asked).toEqual({ begun: 1, closed: 1 });
    expect(spend.rows).toMatchObject([{ requests: 1, unreported, promptTokens }]);
  });

  it('whose reader stops, and stops again, is counted once', async () => {
    const { api, spend } = streaming([chunk('a'), chunk('b')]);
    const iterator = api.stream('/chat/completions', BODY)[Symbol.asyncIterator]();
    await iterator.next();
    await iterator.return?.();
    await iterator.return?.();
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(spend.rows).toMatchObject([{ requests: 1, unreported: 1 }]);
  });

  it('that nobody reads is no request', () => {
    const { api, spend, asked } = streaming([chunk('a')]);
    api.stream('/chat/completions', BODY);
    expect([asked.begun, spend.rows]).toEqual([0, []]);
  });

  it('belongs to the check that began to read it', async () => {
    const { api, spend, meter } = streaming([chunk('a'), { usage: USAGE }]);
    const iterator = api.stream('/chat/completions', BODY)[Symbol.asyncIterator]();
    await iterator.next();
    meter.of('load');
    await iterator.next();
    await iterator.next();
    expect(spend.rows).toMatchObject([{ check: 'chat', promptTokens: 7 }]);
  });
});

describe('a spent budget', () => {
  const STOP = { limits: limited({ requests: 3 }), onBudget: 'stop' as const };
  const slow = async (): Promise<void> => await new Promise((resolve) => setImmediate(resolve));

  it.each(bothWays(ROUTES))('keeps from asking: %s %s', async (way, path) => {
    const { api, stack, spend, meter } = meteredApi({ [`${way} ${path}`]: () => [] }, STOP);
    for (let call = 0; call < 3; call += 1) await askFor(api, way, path);
    await expect(read(api, way, path)).rejects.toBeInstanceOf(BudgetSpent);
    expect([stack.calls.length, spend.rows[0]?.requests]).toEqual([3, 3]);
    const only = meteredOnly(stack, 'model service', meter);
    expect(await askFor(only, way, path)).toEqual([]);
    expect(stack.calls).toHaveLength(4);
    expect(spend.rows).toMatchObject([{ requests: 3 }, { hop: 'model service', requests: 1 }]);
  });

  it('of requests is not gone beyond by calls that are made in parallel', async () => {
    const { api, stack, spend } = meteredApi({}, STOP);
    const { post } = stack;
    stack.post = async (path, body) => {
      const answer = await post(path, body);
      await slow();
      return answer;
    };
    const asked = Array.from({ length: 10 }, (_, call) =>
      askFor(api, call % 2 ? 'POST' : 'STREAM', '/chat/completions'),
    );
    const refused = (await Promise.all(asked)).filter((ended) => ended instanceof BudgetSpent);
    expect([stack.calls.length, refused.length]).toEqual([3, 7]);
    expect(items(spend.rows)).toMatchObject([{ requests: 3 }]);
    expect(spend.stopped).toBe('a budget of the run is spent: request-budget: 3 of 3 spent');
  });

  it('of tokens lets what is under way end, which is counted', async () => {
    const over = { limits: limited({ tokens: 10 }), onBudget: 'fail' as const };
    const { api, spend } = meteredApi({ 'POST /chat/completions': () => completion('x', USAGE) }, over);
    await Promise.all(Array.from({ length: 3 }, () => askFor(api, 'POST', '/chat/completions')));
    expect(spend.rows).toMatchObject([{ requests: 3, promptTokens: 21, completionTokens: 9 }]);
    expect(await askFor(api, 'POST', '/chat/completions')).toBeInstanceOf(BudgetSpent);
  });
});
