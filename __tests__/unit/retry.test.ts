import { describe, expect, it, vi } from 'vitest';
import { ApiFailure } from '../../src/maas/failure.js';
import { retrying, RETRY_PAUSES_MS } from '../../src/maas/retry.js';
import type { OpenAiApi } from '../../src/ports.js';
import { useClock } from '../helpers/clock.js';
import { FakeStack } from '../helpers/fake-stack.js';
import { httpFailure, noAnswer } from '../helpers/failures.js';

vi.mock('node:timers/promises', async () => (await import('../helpers/clock.js')).instantPauses);
useClock();

const LIVE = new AbortController().signal;
const RESET = noAnswer('connection', 'ECONNRESET');
type Call = (api: OpenAiApi) => Promise<unknown>;

async function streamed(api: OpenAiApi): Promise<unknown[]> {
  const chunks: unknown[] = [];
  for await (const chunk of api.stream('/x', {})) chunks.push(chunk);
  return chunks;
}

const CALLS: [string, string, Call][] = [
  ['get', 'GET /x', (api) => api.get('/x')],
  ['post', 'POST /x', (api) => api.post('/x', {})],
  ['delete', 'DELETE /x', (api) => api.delete('/x')],
  ['upload', 'UPLOAD', (api) => api.upload({ name: 'a', type: 'text/plain', content: '' })],
  ['stream', 'STREAM /x', streamed],
];

/** An API of which a route fails as often as there are errors, and then answers. */
function after(route: string, errors: Error[], signal = LIVE, pauses = RETRY_PAUSES_MS) {
  const left = [...errors];
  const at: number[] = [];
  const inner = new FakeStack({
    [route]: () => {
      at.push(Date.now());
      const error = left.shift();
      if (error) throw error;
      return ['the answer'];
    },
  });
  return { at, inner, api: retrying(inner, pauses, signal) };
}

describe.each(CALLS)('%s', (_, route, call) => {
  it('is asked once where it is answered', async () => {
    const { at, api } = after(route, []);
    await call(api);
    expect(at).toEqual([0]);
  });

  it('is tried again where the transport broke, after 0.5 s and after 2 s more', async () => {
    const { at, api, inner } = after(route, [RESET, RESET]);
    expect(JSON.stringify(await call(api))).toContain('the answer');
    expect(at).toEqual([0, 500, 2500]);
    const [first, ...others] = inner.sent(route);
    for (const body of others) expect(body).toBe(first);
  });

  it('is given up after three attempts, with the last error', async () => {
    const last = noAnswer('connection', 'ECONNREFUSED');
    const { at, api } = after(route, [RESET, RESET, last, RESET]);
    await expect(call(api)).rejects.toBe(last);
    expect(at).toHaveLength(3);
  });

  it.each<[string, Error]>([
    ['HTTP 500', httpFailure(500)],
    ['an answer that broke off', noAnswer('connection', 'the answer broke off, UND_ERR_SOCKET')],
    ['HTTP 429', httpFailure(429)],
    ['HTTP 401', httpFailure(401)],
    ['no answer in time', noAnswer('timeout')],
    ['another form', new ApiFailure('shape', 'GET /x', '')],
    ['a cut stream', new ApiFailure('stream', 'GET /x', '')],
    ['a bug', new TypeError('x')],
  ])('is not tried again after %s', async (_name, error) => {
    const { at, api } = after(route, [error]);
    await expect(call(api)).rejects.toBe(error);
    expect(at).toEqual([0]);
  });

  it('is not tried again where another error comes after a broken transport', async () => {
    const answer = httpFailure(503);
    const { at, api } = after(route, [RESET, answer]);
    await expect(call(api)).rejects.toBe(answer);
    expect(at).toEqual([0, 500]);
  });

  it('ends with the run, and its reason', async () => {
    const { at, api } = after(route, [RESET], AbortSignal.abort(new Error('cancelled')));
    await expect(call(api)).rejects.toThrow(/^cancelled$/);
    expect(at).toHaveLength(1);
  });
});

describe('a stream', () => {
  it('that has begun is never begun again: its first part would come twice', async () => {
    let begun = 0;
    const inner = new FakeStack();
    inner.stream = async function* () {
      begun += 1;
      yield await Promise.resolve('the first');
      throw RESET;
    };
    const got: unknown[] = [];
    const read = async () => {
      for await (const chunk of retrying(inner, RETRY_PAUSES_MS, LIVE).stream('/x', {})) got.push(chunk);
    };
    await expect(read()).rejects.toBe(RESET);
    expect([got, begun]).toEqual([['the first'], 1]);
  });
});

it('has as many attempts as it has pauses, and one', async () => {
  const { at, api } = after('GET /x', [RESET], LIVE, []);
  await expect(api.get('/x')).rejects.toBe(RESET);
  expect(at).toHaveLength(1);
});
