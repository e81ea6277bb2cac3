import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { serve, startModelService } from '../../src/extractive-service.js';
import { ApiError } from '../../src/extractive/api-error.js';
import { embed } from '../../src/extractive/embed.js';
import type { Serve } from '../../src/ports.js';

const HOST = '127.0.0.1';
const KEY = 'test-key-0123456789';

let server: Awaited<ReturnType<Serve>> | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** Serves a handler on a free port; gives its URL. */
async function serving(handle: Parameters<Serve>[0]): Promise<string> {
  server = await serve(handle, HOST, 0);
  return `http://${HOST}:${server.port}`;
}

describe('a server', () => {
  it('hands on method, path, body, content type and authorization', async () => {
    const seen: unknown[] = [];
    const url = await serving(async (request) => {
      const { headers, method } = request;
      seen.push(method, new URL(request.url).pathname, new URL(request.url).search, await request.text());
      seen.push(headers.get('content-type'), headers.get('authorization'), headers.get('x-other'));
      return new Response('ok');
    });
    const headers = { authorization: 'Bearer a', 'content-type': 'text/x-test', 'x-other': 'b' };
    await fetch(`${url}/a/b?c=d`, { method: 'PUT', headers, body: 'grün' });
    expect(seen).toEqual(['PUT', '/a/b', '?c=d', 'grün', 'text/x-test', 'Bearer a', null]);
  });

  it('hands on and answers bytes as they are', async () => {
    const url = await serving(async (request) => new Response(await request.arrayBuffer()));
    const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => index % 251);
    const answer = await fetch(url, { method: 'POST', body: bytes });
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
  });

  it('answers with status, content type and body', async () => {
    const page = { status: 418, headers: { 'content-type': 'text/html; charset=x', 'content-encoding': 'gzip' } };
    const url = await serving(() => new Response('<p>', page));
    const answer = await fetch(url);
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
      418,
      'text/html; charset=x',
      '<p>',
    ]);
    // what is handed on of another server is no longer encoded
    expect(answer.headers.get('content-encoding')).toBeNull();
  });

  it('answers without a body', async () => {
    const url = await serving(() => new Response(null, { status: 204 }));
    const answer = await fetch(url);
    expect([answer.status, await answer.text()]).toEqual([204, '']);
  });

  it.each<[string, Error, number]>([
    ['an error of the API', new ApiError(409, 'not now'), 409],
    ['any other', new Error('broken'), 500],
  ])('tells of %s, thrown or rejected, and goes on', async (_, error, status) => {
    const handles: Parameters<Serve>[0][] = [
      () => Promise.reject(error),
      () => {
        throw error;
      },
      () => new Response('well'),
    ];
    const url = await serving((request) => handles.shift()?.(request) ?? Response.error());
    for (const answer of [await fetch(url), await fetch(url)]) {
      expect(answer.status).toBe(status);
      expect(await answer.json()).toEqual({ error: { message: error.message, code: status } });
    }
    expect(await (await fetch(url)).text()).toBe('well');
  });

  it.each<[string, () => Response]>([
    [
      'breaks off',
      () => {
        let parts = 0;
        const pull = (controller: ReadableStreamDefaultController<Uint8Array>) => {
          parts += 1;
          if (parts > 1) controller.error(new Error('cut'));
          else controller.enqueue(new TextEncoder().encode('half'));
        };
        return new Response(new ReadableStream({ pull }));
      },
    ],
    ['is none', () => Response.error()],
  ])('cuts the connection where an answer %s, and goes on', async (_, broken) => {
    const answers = [broken, () => new Response('well')];
    const url = await serving(() => answers.shift()?.() ?? new Response('over'));
    await expect(fetch(url).then((answer) => answer.text())).rejects.toThrow(/./);
    expect(await (await fetch(url)).text()).toBe('well');
  });

  it('goes on where a client leaves in mid-request', async () => {
    const url = await serving(() => new Response('well'));
    const leaving = connect(server?.port ?? 0, HOST);
    leaving.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nhalf', () => leaving.destroy());
    await once(leaving, 'close');
    expect(await (await fetch(url)).text()).toBe('well');
  });
});

describe('where it can not listen, it rejects with the code', () => {
  const nothing = () => new Response('ok');

  it('of an address that is not this machine', async () => {
    // 192.0.2.0/24 is for documentation: https://www.rfc-editor.org/rfc/rfc5737
    await expect(serve(nothing, '192.0.2.1', 0)).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
  });

  it('of a port that is taken', async () => {
    server = await serve(nothing, HOST, 0);
    await expect(serve(nothing, HOST, server.port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

describe('the end of a server', () => {
  it('closes connections that are kept open or wait for an answer, and frees the port', async () => {
    let asked: () => void = () => undefined;
    const waits = new Promise<void>((resolve) => (asked = resolve));
    const { port, close } = await serve(
      (request) => {
        if (new URL(request.url).pathname === '/at-once') return new Response('ok');
        asked();
        return new Promise<Response>(() => undefined);
      },
      HOST,
      0,
    );
    await (await fetch(`http://${HOST}:${port}/at-once`)).text(); // its connection is kept
    const held = expect(fetch(`http://${HOST}:${port}/`)).rejects.toThrow(/./);
    await waits;
    await close();
    await held;
    server = await serve(() => new Response('next'), HOST, port);
    expect(await (await fetch(`http://${HOST}:${port}/`)).text()).toBe('next');
  }, 3000);

  it('may come twice', async () => {
    const { close } = await serve(() => new Response('ok'), HOST, 0);
    await close();
    await expect(close()).resolves.toBeUndefined();
  });
});

describe('the model service without a model', () => {
  async function ask(path: string, body?: string, key = KEY): Promise<Response> {
    server ??= await startModelService({ host: HOST, apiKey: KEY, model: 'chat-model' });
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const sent = body === undefined ? { headers } : { method: 'POST', headers, body };
    return await fetch(`http://${HOST}:${server.port}${path}`, sent);
  }
  const chat = (fields: object) => ask('/v1/chat/completions', JSON.stringify({ model: 'chat-model', ...fields }));
  const messages = [
    { role: 'user', content: 'CONTEXT: The Blick gate opens at 7. QUERY: When does the Blick gate open?' },
  ];

  it('answers a chat, whole and streamed', async () => {
    const whole = await chat({ messages });
    expect(await whole.json()).toMatchObject({ choices: [{ message: { content: 'The Blick gate opens at 7.' } }] });
    const streamed = await chat({ messages, stream: true });
    expect(streamed.headers.get('content-type')).toBe('text/event-stream');
    const said = [...(await streamed.text()).matchAll(/"content":"([^"]*)"/g)].map(([, part]) => part);
    expect(said).toEqual(['', 'The', ' Blick', ' gate', ' opens', ' at', ' 7.']);
  });

  it('embeds', async () => {
    const answer = await ask('/v1/embeddings', JSON.stringify({ model: 'extractive-embed', input: 'gate' }));
    expect(await answer.json()).toMatchObject({ data: [{ index: 0, embedding: embed('gate') }] });
  });

  it('refuses a wrong key, a wrong route, a wrong model and what is no JSON', async () => {
    const answers = await Promise.all([
      ask('/v1/models', undefined, 'another'),
      ask('/models'),
      ask('/v1/embeddings', '{"model":"none"}'),
      ask('/v1/embeddings', '{'),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([401, 404, 404, 400]);
    expect(await answers[0].json()).toEqual({ error: { message: 'Unauthorized', code: 401 } });
  });

  it('listens at the port that is asked for', async () => {
    server = await serve(() => new Response('ok'), HOST, 0);
    const { port } = server;
    await server.close();
    server = await startModelService({ host: HOST, port, apiKey: KEY, model: 'chat-model' });
    expect(server.port).toBe(port);
    expect((await ask('/v1/models')).status).toBe(200);
  });
});
