import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOpenAi } from '../../src/adapters/openai.js';
import { readStream } from '../../src/maas/answers.js';
import { listen, type Listening } from '../helpers/network.js';

// AbortSignal.any holds its sources weakly: a signal of AbortSignal.timeout that nothing else holds may be collected, and then
// never comes (Node 20). A whole run meets that by chance (service.test.ts, a body that does not end); here it is made to.
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const DEADLINE_MS = 600;
let server: Listening;

beforeEach(async () => {
  server = await listen((request, response) => {
    const isStream = request.method === 'POST';
    response.writeHead(200, { 'content-type': isStream ? 'text/event-stream' : 'application/json' });
    // a part of an answer: at once, and then no more
    response.write(isStream ? ': thinking\n\n' : '{"data":', () => setTimeout(collect, 100));
  });
});
afterEach(() => server.close());

describe('fault 19: an answer that begins and does not end is given up, whatever the garbage collector does', () => {
  const client = () => {
    const target = { baseUrl: `http://127.0.0.1:${server.port}/v1`, apiKey: 'test-key', timeoutMs: DEADLINE_MS };
    return createOpenAi(target, new AbortController().signal, (text) => text);
  };
  /** How a call ends; "hangs" where it has not long after its deadline. */
  const endOf = (call: Promise<unknown>) =>
    Promise.race([
      call.then(
        () => 'an answer',
        (error: unknown) => (error as { kind?: string }).kind ?? String(error),
      ),
      new Promise((resolve) => setTimeout(() => resolve('hangs'), DEADLINE_MS * 5)),
    ]);

  it('a call', async () => {
    expect(await endOf(client().get('/models'))).toBe('timeout');
  });

  it('a stream', async () => {
    expect(await endOf(readStream(client().stream('/chat/completions', {})))).toBe('timeout');
  });
});
