import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { createOpenAi } from '../../src/adapters/openai.js';
import { createWeb } from '../../src/adapters/web.js';
import { readStream } from '../../src/maas/answers.js';
import { ApiFailure } from '../../src/maas/failure.js';
import { serviceError } from '../../src/maas/service-error.js';
import type { OpenAiApi } from '../../src/ports.js';
import { endlessly, speak, type RawServer } from '../helpers/raw-server.js';

const LIVE = new AbortController().signal;
/** What a verdict may take, in ms, and the memory it may need, in bytes. */
const LONGEST_MS = 10_000;
const MOST_MEMORY = 300 * 1024 ** 2;

let server: RawServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** What a call to such a server ends with; within the time and the memory that it may take, and with no connection left. */
async function failureOf(say: (socket: Socket) => void, call: (api: OpenAiApi) => Promise<unknown>) {
  server = await speak(say);
  const target = { baseUrl: `http://127.0.0.1:${server.port}/v1`, apiKey: 'sk-test-0123456789', timeoutMs: 60_000 };
  const [began, before] = [Date.now(), process.memoryUsage().rss];
  let most = before;
  const looking = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 20);
  const failure: unknown = await call(createOpenAi(target, LIVE, (text) => text)).catch((error: unknown) => error);
  clearInterval(looking);
  expect(Date.now() - began).toBeLessThan(LONGEST_MS);
  expect(most - before).toBeLessThan(MOST_MEMORY);
  await expect.poll(() => server?.open.size).toBe(0);
  if (!(failure instanceof ApiFailure)) throw new Error(`expected an ApiFailure, got ${String(failure)}`);
  return { failure, error: serviceError(failure, 'http://x') };
}

const get = (api: OpenAiApi) => api.get('/models');
const stream = (api: OpenAiApi) => readStream(api.stream('/chat/completions', {}));
const head = (status: number, ...headers: string[]) =>
  [`HTTP/1.1 ${status} x`, 'content-type: application/json', ...headers, '', ''].join('\r\n');
/** 200 MB of zeros in 200 kB. */
const bomb = gzipSync(Buffer.alloc(200_000_000));

describe('an error of the service', () => {
  it.each<[string, (socket: Socket) => void]>([
    [
      'whose body has no end',
      (socket) => {
        socket.write(head(401));
        endlessly(socket, 'no key '.repeat(10_000));
      },
    ],
    ['that is a bomb', (socket) => socket.end(Buffer.concat([Buffer.from(head(401, 'content-encoding: gzip')), bomb]))],
    [
      'whose body comes a letter at a time',
      (socket) => {
        socket.write(head(401));
        const timer = setInterval(() => void socket.write('n'), 100);
        socket.on('close', () => clearInterval(timer));
      },
    ],
    ['whose body never comes', (socket) => void socket.write(head(401, 'content-length: 10'))],
    ['whose body breaks off', (socket) => socket.end(`${head(401, 'content-length: 99')}{"error":`)],
    ['that is not packed as it says', (socket) => socket.end(`${head(401, 'content-encoding: gzip')}{"error":"no"}`)],
  ])('%s is told by its status', async (_, say) => {
    const { failure, error } = await failureOf(say, get);
    expect([failure.kind, failure.status, error.code]).toEqual(['status', 401, 'E_AUTH']);
    expect(failure.detail.length).toBeLessThan(310);
  });
});

describe('an answer of the service', () => {
  it.each<[string, (socket: Socket) => void, (api: OpenAiApi) => Promise<unknown>]>([
    [
      'that has no end',
      (socket) => {
        socket.write(head(200));
        endlessly(socket, '"x",'.repeat(10_000));
      },
      get,
    ],
    [
      'that is a bomb',
      (socket) => socket.end(Buffer.concat([Buffer.from(head(200, 'content-encoding: gzip')), bomb])),
      get,
    ],
    [
      'that streams a line without an end',
      (socket) => {
        socket.write(head(200));
        endlessly(socket, 'data: x'.repeat(150));
      },
      stream,
    ],
    [
      'that streams lines of one event without an end',
      (socket) => {
        socket.write(head(200));
        endlessly(socket, 'data: x\n'.repeat(100));
      },
      stream,
    ],
  ])('%s is not read to it', async (_, say, call) => {
    const { failure, error } = await failureOf(say, call);
    expect([failure.kind, failure.detail]).toEqual(['shape', 'the answer is larger than 16 MB']);
    expect([error.code, error.fix]).toEqual(['E_SERVICE_FORM', expect.stringMatching(/./)]);
  });

  it('that streams events without an end ends at the same size', async () => {
    const event = `data: ${JSON.stringify({ choices: [{ delta: { content: 'x'.repeat(9000) } }] })}\n\n`;
    const { failure } = await failureOf((socket) => {
      socket.write(head(200));
      endlessly(socket, event);
    }, stream);
    expect([failure.kind, failure.detail]).toEqual(['shape', 'the answer is larger than 16 MB']);
  });

  it.each([
    ['not packed as it says', `${head(200, 'content-encoding: gzip')}{"data":[]}`, 'shape', /is not gzip, as it says/],
    ['no HTTP', 'SSH-2.0\r\n', 'connection', /^what answers is no HTTP/],
    [
      'headers without an end',
      `HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(9000)}`,
      'connection',
      /^the headers of the answer/,
    ],
    [
      'one that breaks off',
      `${head(200, 'content-length: 99')}{"data":`,
      'connection',
      /^the answer broke off, ECONNRESET$/,
    ],
  ])('that is %s has an outcome of its own', async (_, said, kind, detail) => {
    const { failure } = await failureOf((socket) => socket.end(said), get);
    expect([failure.kind, failure.detail]).toEqual([kind, expect.stringMatching(detail)]);
  });
});

it('an answer without a body is none', async () => {
  server = await speak((socket) => socket.end(head(204)));
  const target = { baseUrl: `http://127.0.0.1:${server.port}/v1`, apiKey: 'sk-test-0123456789', timeoutMs: 5000 };
  expect((await createOpenAi(target, LIVE, (text) => text).get('/models')).body).toBeNull();
});

describe('a page', () => {
  it.each<[string, (socket: Socket) => void]>([
    [
      'without an end',
      (socket) => {
        socket.write(head(200));
        endlessly(socket, '<p>'.repeat(30_000));
      },
    ],
    ['that is a bomb', (socket) => socket.end(Buffer.concat([Buffer.from(head(200, 'content-encoding: gzip')), bomb]))],
  ])('%s is read for its first 64 kB', async (_, say) => {
    server = await speak(say);
    const { status, text } = await createWeb(LIVE).get(server.url.href);
    expect([status, text.length]).toEqual([200, 65_536]);
    await expect.poll(() => server?.open.size).toBe(0);
  });
});
