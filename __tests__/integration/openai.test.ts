import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { createOpenAi } from '../../src/adapters/openai.js';
import { ApiFailure } from '../../src/maas/failure.js';
import { readStream } from '../../src/maas/answers.js';
import type { OpenAiApi } from '../../src/ports.js';
import { bodyOf, json, listen, type Listening } from '../helpers/network.js';

let server: Listening | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function api(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
  timeoutMs = 5000,
  signal = new AbortController().signal,
): Promise<OpenAiApi> {
  server = await listen(handler);
  return createOpenAi(
    { baseUrl: `http://127.0.0.1:${server.port}/v1`, apiKey: 'sk-test-0123456789', timeoutMs },
    signal,
    (text) => text.replaceAll('sk-test-0123456789', '***'),
  );
}

async function failureOf(call: Promise<unknown>): Promise<ApiFailure> {
  const thrown: unknown = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof ApiFailure) return thrown;
  throw new Error(`expected an ApiFailure, got ${String(thrown)}`);
}

describe('a call', () => {
  it('sends key and body to the path below the base, and gives body and headers', async () => {
    const seen: unknown[] = [];
    const client = await api((request, response) => {
      void bodyOf(request).then((body) => {
        seen.push(request.method, request.url, request.headers.authorization, JSON.parse(body));
        json(response, 200, { ok: true }, { 'x-ratelimit-limit-requests': '5' });
      });
    });
    const { body, headers } = await client.post('/chat/completions', { model: 'm' });
    expect([body, headers['x-ratelimit-limit-requests']]).toEqual([{ ok: true }, '5']);
    expect(seen).toEqual(['POST', '/v1/chat/completions', 'Bearer sk-test-0123456789', { model: 'm' }]);
  });

  it.each([
    ['a string error (vLLM)', 401, 'application/json', '{"error":"Unauthorized"}', 'Unauthorized'],
    ['an object', 404, 'application/json', '{"error":{"message":"Model not found"}}', 'Model not found'],
    ['a detail', 500, 'application/json', '{"detail":"Too Many Requests"}', 'Too Many Requests'],
    ['plain text (3scale)', 403, 'text/plain', 'Authentication failed', 'Authentication failed'],
    ['a page', 502, 'text/html', '<html>Bad Gateway</html>', '<html>Bad Gateway</html>'],
  ])('tells what a server said of its error: %s', async (_, status, type, body, detail) => {
    const client = await api((_request, response) => response.writeHead(status, { 'content-type': type }).end(body));
    const failure = await failureOf(client.get('/models'));
    expect([failure.kind, failure.status, failure.detail]).toEqual(['status', status, expect.stringContaining(detail)]);
  });

  it('is one attempt: a 429 is not tried again, whatever it says of waiting', async () => {
    let calls = 0;
    const client = await api((_request, response) => {
      calls += 1;
      json(response, 429, { error: { message: 'slow down' } }, { 'retry-after': '120' });
    });
    const failure = await failureOf(client.get('/models'));
    expect([failure.status, failure.headers['retry-after'], calls]).toEqual([429, '120', 1]);
  });

  it('does not follow a redirect', async () => {
    const client = await api((request, response) => {
      if (request.url?.includes('elsewhere')) json(response, 200, {});
      else response.writeHead(302, { location: '/elsewhere' }).end();
    });
    expect((await failureOf(client.get('/models'))).status).toBe(302);
  });

  it('ends at its deadline: no headers, or a body that stalls after them', async () => {
    const silent = await api(() => undefined, 200);
    expect((await failureOf(silent.get('/models'))).kind).toBe('timeout');
    await server?.close();
    const stalling = await api(
      (_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).write('{"data":'),
      200,
    );
    expect((await failureOf(stalling.get('/models'))).kind).toBe('timeout');
  });

  it('names the system code where nobody listens', async () => {
    const client = await api(() => undefined);
    await server?.close();
    const failure = await failureOf(client.get('/models'));
    expect([failure.kind, failure.detail]).toEqual(['connection', 'ECONNREFUSED']);
  });

  it('says so where an answer breaks off: somebody listens there', async () => {
    const client = await api((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
      response.write('{"data":', () => response.destroy());
    });
    const failure = await failureOf(client.get('/models'));
    expect(failure.kind).toBe('connection');
    expect(failure.detail).toMatch(/^the answer broke off, ./);
  });

  it('calls a body that is no JSON a wrong shape', async () => {
    const client = await api((_request, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"data": tru'),
    );
    expect((await failureOf(client.get('/models'))).kind).toBe('shape');
  });

  it('rejects with the reason of the run where that ends', async () => {
    const controller = new AbortController();
    const client = await api(() => controller.abort(new Error('the job was cancelled')), 5000, controller.signal);
    await expect(client.get('/models')).rejects.toThrow('the job was cancelled');
  });

  it.each([
    ['text', 'text/plain', 'The code is 42: Ключ.'],
    ['bytes', 'application/pdf', new TextEncoder().encode('The code is 42: Ключ.')],
  ])('uploads a file of %s as multipart with its name, type and purpose', async (_, type, content) => {
    let sent = '';
    const client = await api((request, response) => {
      void bodyOf(request).then((body) => {
        sent = body;
        json(response, 200, { id: 'file-1' });
      });
    });
    expect((await client.upload({ name: 'facts.txt', type, content })).body).toEqual({ id: 'file-1' });
    expect(sent).toMatch(/name="purpose"\r\n\r\nassistants\r\n/);
    const [head, body] = sent.split('filename="facts.txt"')[1]?.split('\r\n\r\n') ?? [];
    expect(head).toContain(`Content-Type: ${type}`);
    expect(body).toContain('The code is 42: Ключ.');
  });
});

describe('a stream', () => {
  const chunk = (delta: object, finish: string | null = null) =>
    `data: ${JSON.stringify({ choices: [{ delta, finish_reason: finish }] })}\n\n`;
  const streaming = (...parts: string[]) =>
    api((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      parts.forEach((part) => response.write(part));
      response.end();
    });

  it('that ends after a finish_reason is whole, with or without [DONE]', async () => {
    for (const end of [[], ['data: [DONE]\n\n']]) {
      const client = await streaming(chunk({ content: 'a ' }), chunk({ content: 'b' }), chunk({}, 'stop'), ...end);
      expect(await readStream(client.stream('/chat/completions', {}))).toMatchObject({
        text: 'a b',
        finishReason: 'stop',
      });
      await server?.close();
    }
  });

  it('that ends without one was cut, and never passes', async () => {
    const client = await streaming(chunk({ content: 'a ' }));
    expect((await failureOf(readStream(client.stream('/chat/completions', {})))).message).toContain('it was cut');
  });

  it('that carries an error is a failure', async () => {
    const client = await streaming(chunk({ content: 'a ' }), 'data: {"error":{"message":"upstream died"}}\n\n');
    const failure = await failureOf(readStream(client.stream('/chat/completions', {})));
    expect([failure.kind, failure.message]).toEqual(['stream', expect.stringContaining('upstream died')]);
  });

  it('does not bring the key back in its error', async () => {
    const said = `${'x'.repeat(285)} sk-test-0123456789`; // cut first, a part of the key would stay
    const broken = await streaming(`data: ${JSON.stringify({ error: { message: said } })}\n\n`);
    expect((await failureOf(readStream(broken.stream('/chat/completions', {})))).message).not.toContain('sk-te');
  });

  it('that has been read enough of is closed', async () => {
    let closed: () => void;
    const ended = new Promise<void>((resolve) => (closed = resolve));
    const client = await api((_request, response) => {
      response.on('close', () => closed());
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(chunk({ content: 'a' }));
    });
    for await (const one of client.stream('/chat/completions', {})) {
      expect(one).toBeDefined();
      break;
    }
    await ended;
  });

  /** A stream of this many chunks, so many ms apart, that never ends. */
  const dripping = (count: number, everyMs: number, timeoutMs: number) =>
    api((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      let sent = 0;
      const timer = setInterval(() => {
        if (sent < count) response.write(chunk({ content: `${(sent += 1)} ` }));
      }, everyMs);
      response.on('close', () => clearInterval(timer));
    }, timeoutMs);

  it('that has begun and stalls is given up after three quarters of the deadline: it is not slow, but stuck', async () => {
    const client = await dripping(2, 10, 400);
    const got: unknown[] = [];
    const failure = await failureOf(
      (async () => {
        for await (const one of client.stream('/chat/completions', {})) got.push(one);
      })(),
    );
    expect([failure.kind, failure.detail, got.length]).toEqual(['stream', 'the stream stalled: nothing for 0.3 s', 2]);
    expect(failure.call).toBe('POST /chat/completions (stream)');
  });

  it('that goes on ends at the deadline all the same, as one that never begins', async () => {
    for (const count of [100, 0]) {
      const client = await dripping(count, 20, 600);
      expect((await failureOf(readStream(client.stream('/chat/completions', {})))).kind).toBe('timeout');
      await server?.close();
    }
  });

  it('whose reader takes its time has not stalled', async () => {
    const client = await api((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(chunk({ content: 'a' }) + chunk({ content: 'b' }, 'stop'));
    }, 1000);
    let chunks = 0;
    for await (const one of client.stream('/chat/completions', {})) {
      chunks += one ? 1 : 0;
      if (chunks === 1) await new Promise((resolve) => setTimeout(resolve, 600));
    }
    expect(chunks).toBe(2);
  });

  it('refused before it began tells the status', async () => {
    const client = await api((_request, response) => json(response, 401, { error: 'Unauthorized' }));
    expect((await failureOf(readStream(client.stream('/chat/completions', {})))).status).toBe(401);
  });
});
