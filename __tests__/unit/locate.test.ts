import { describe, expect, it } from 'vitest';
import { locate } from '../../src/assert/locate.js';
import { stackError } from '../../src/assert/stack/stack-error.js';
import { RunError } from '../../src/errors.js';
import { ApiFailure } from '../../src/maas/failure.js';
import { chunk, contextFor, FakeStack, type Route } from '../helpers/fake-stack.js';
import { failing, httpFailure } from '../helpers/failures.js';

const CHAT = 'POST /chat/completions';
const STREAM = 'STREAM /chat/completions';
const CUT: Route = () => [chunk('OK')];

/** What becomes of an error, and what the service was asked for. */
async function located(error: unknown, service: Record<string, Route> = {}) {
  const direct = new FakeStack(service);
  const found = await locate(error, contextFor(new FakeStack(), {}, direct).service);
  return { found: found as RunError, asked: direct.calls.map(({ route }) => route) };
}
const through = (failure: ApiFailure) => stackError(failure, 'stack');
const broke = (call: string, kind: ApiFailure['kind'] = 'stream') => through(new ApiFailure(kind, call, 'it was cut'));

describe('a failed call to the model', () => {
  it.each<[string, RunError]>([
    ['HTTP 500', through(httpFailure(500, 'boom'))],
    ['a refused key', through(httpFailure(401, 'bad key'))],
    ['another form', broke(CHAT, 'shape')],
    ['no answer in time', broke(CHAT, 'timeout')],
    ['a response', through(httpFailure(500, 'boom', 'POST /responses'))],
  ])('is the fault of the stack where the service answers: %s', async (_, error) => {
    const { found, asked } = await located(error);
    expect(found.hop).toBe('stack');
    expect(found.message).toBe(`${error.message}; asked directly, the model service answers`);
    expect([found.code, found.fix, found.cause]).toEqual([error.code, error.fix, error.cause]);
    expect(asked).toEqual([CHAT]);
  });

  it('is the fault of the service where that fails too; both are told', async () => {
    const { found } = await located(through(httpFailure(500, 'boom')), {
      [CHAT]: failing(httpFailure(403, 'expired')),
    });
    expect([found.code, found.hop]).toEqual(['E_AUTH', 'model service']);
    expect(found.message).toMatch(
      /refuses the key \(HTTP 403\): expired \(asked directly; through the stack: POST \/chat\/completions: HTTP 500 \(boom\)\)$/,
    );
    expect(found.fix).toContain('Renew the secret');
  });

  it.each(['POST /chat/completions (stream)', 'POST /responses (stream)'])(
    'that was streamed is tried as a stream too: %s',
    async (call) => {
      const [well, cut] = [await located(broke(call)), await located(broke(call), { [STREAM]: CUT })];
      expect([well.found.hop, cut.found.hop]).toEqual(['stack', 'model service']);
      expect([well.found.code, cut.found.code]).toEqual(['E_STREAM_CUT', 'E_STREAM_CUT']);
      expect(well.asked).toEqual([CHAT, STREAM]);
      expect(cut.found.message).toMatch(/breaks off.*it was cut.*through the stack: POST/);
    },
  );

  it('that was not streamed says nothing of streams', async () => {
    const { found } = await located(through(httpFailure(500)), { [STREAM]: CUT });
    expect(found.hop).toBe('stack');
  });

  it.each([httpFailure(429), httpFailure(500, 'Too Many Requests'), httpFailure(503, 'rate_limit_exceeded')])(
    'for a limit of the rate stays with the service, even if the next one passes: %s',
    async (failure) => {
      const error = through(failure);
      expect([error.code, error.hop]).toEqual(['E_RATE_LIMITED', 'model service']);
      expect((await located(error)).found).toBe(error);
    },
  );

  it('that the service answers with something unclassified is told as well', async () => {
    const { found } = await located(through(httpFailure(500)), { [CHAT]: failing(new TypeError('a bug')) });
    expect([found.code, found.hop]).toEqual(['E_SERVICE_DOWN', 'model service']);
    expect(found.message).toContain('a bug');
  });
});

describe('what is about something else comes back as it is, and nobody is asked', () => {
  const inner = through(httpFailure(500));
  it.each<[string, unknown]>([
    ['a wrong answer', new RunError('E_UNEXPECTED', 'model service', 'it says no', 'x')],
    ['no connection to the stack', broke(CHAT, 'connection')],
    ['a search', stackError(httpFailure(500, 'boom', 'POST /vector_stores/vs-1/search'), 'vector store')],
    ['an embedding', stackError(httpFailure(500, 'boom', 'POST /embeddings'), 'embedder')],
    ['an error that explains another', new RunError('E_UNEXPECTED', 'embedder', 'x', 'y', { cause: inner })],
    ['a bug', new TypeError('x')],
    ['nothing', undefined],
  ])('%s', async (_, error) => {
    const { found, asked } = await located(error);
    expect(found).toBe(error);
    expect(asked).toEqual([]);
  });
});
