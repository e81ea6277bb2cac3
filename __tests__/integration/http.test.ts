import { setTimeout as pause } from 'node:timers/promises';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { codeOf } from '../../src/adapters/cause.js';
import { firstOf } from '../../src/adapters/http-body.js';
import { HttpFailure } from '../../src/adapters/http-failure.js';
import { ask, type Asking } from '../../src/adapters/http.js';
import { listen, type Listening } from '../helpers/network.js';
import { endlessly, speak, type RawServer } from '../helpers/raw-server.js';

const LIVE = new AbortController().signal;
const MOST = 100_000;

let server: Pick<RawServer | Listening, 'close'> | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function raw(...say: Parameters<typeof speak>): Promise<RawServer> {
  const speaking = await speak(...say);
  server = speaking;
  return speaking;
}

/** Status and text of an answer, or what it ended with. */
async function outcomeOf(url: URL, asking: Partial<Asking> = {}): Promise<string> {
  try {
    const { status, body } = await ask(url, { signal: LIVE, mostBytes: MOST, ...asking });
    const { bytes, trouble } = await firstOf(body, Infinity);
    if (trouble) throw trouble as Error;
    return `${status} ${bytes.toString()}`;
  } catch (error) {
    const kind = error instanceof HttpFailure ? error.kind : 'system';
    return `${kind}: ${codeOf(error)}`;
  }
}

const packed = (coding: string, body: Buffer): string =>
  `HTTP/1.1 200 OK\r\ncontent-encoding: ${coding}\r\ncontent-length: ${body.length}\r\n\r\n${body.toString('latin1')}`;

describe('an answer', () => {
  it.each<[string, string, string]>([
    ['of HTTP/1.0 that ends with its connection', 'HTTP/1.0 200 OK\r\n\r\nyes', '200 yes'],
    ['after which it is closed', 'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 3\r\n\r\nyes', '200 yes'],
    ['that ends with its connection', 'HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nyes', '200 yes'],
    ['in chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nyes\r\n0\r\n\r\n', '200 yes'],
    ['with trailers', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nyes\r\n0\r\na: b\r\n\r\n', '200 yes'],
    ['longer than its length', 'HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nyes, and more', '200 yes'],
    [
      'with something after the close',
      'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 3\r\n\r\nyes!!',
      '200 yes',
    ],
    ['without a body', 'HTTP/1.1 204 No Content\r\n\r\n', '204 '],
    ['of nothing new', 'HTTP/1.1 304 Not Modified\r\ncontent-length: 3\r\n\r\n', '304 '],
    [
      'after others that were not yet it',
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nyes',
      '200 yes',
    ],
    ['of a status that HTTP does not know', 'HTTP/1.1 999 Denied\r\ncontent-length: 2\r\n\r\nno', '999 no'],
    ['of a redirect', 'HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 2\r\n\r\nno', '302 no'],
  ])('is read: %s', async (_, said, outcome) => {
    const { url, open } = await raw((socket) => socket.end(said, 'latin1'));
    expect(await outcomeOf(url)).toBe(outcome);
    await expect.poll(() => open.size).toBe(0);
  });

  it('to HEAD has no body, whatever its headers say', async () => {
    const { url } = await raw((socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n'));
    expect(await outcomeOf(url, { method: 'HEAD' })).toBe('200 ');
  });

  it.each<[string, string, RegExp]>([
    ['nothing', '', /^system: ECONNRESET$/],
    ['half a head', 'HTTP/1.1 200 OK\r\ncontent-', /^system: ECONNRESET$/],
    ['a greeting of SSH', 'SSH-2.0-OpenSSH_9.6\r\n', /^connection: what answers is no HTTP \(HPE_\w+\)$/],
    ['an alert of TLS', '\x15\x03\x01\x00\x02\x02\x46', /^connection: what answers is no HTTP \(HPE_\w+\)$/],
    [
      'a header with a break in it',
      'HTTP/1.1 200 OK\r\na: b\rc: d\r\n\r\n',
      /^connection: what answers is no HTTP \(HPE_\w+\)$/,
    ],
    ['a header with a zero', 'HTTP/1.1 200 OK\r\na: b\0c\r\n\r\n', /^connection: what answers is no HTTP \(HPE_\w+\)$/],
    [
      'two lengths',
      'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab',
      /^connection: what answers is no HTTP \(HPE_\w+\)$/,
    ],
    [
      'headers without an end',
      `HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(9000)}`,
      /^connection: the headers of the answer are larger than 16 kB \(HPE_HEADER_OVERFLOW\)$/,
    ],
    [
      'another protocol',
      'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\nhello',
      /^connection: the server wants another protocol/,
    ],
    ['less than its length', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nyes', /^broken off: ECONNRESET$/],
    [
      'chunks without the last',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nyes\r\n',
      /^broken off: ECONNRESET$/,
    ],
    ['half a chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nyes', /^broken off: ECONNRESET$/],
    [
      'chunks that are none',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nyes\r\n',
      /^broken off: HPE_\w+$/,
    ],
    [
      'gzip that is none',
      packed('gzip', Buffer.from('{"a":1}')),
      /^unreadable: the answer is not gzip, as it says it is \(Z_DATA_ERROR\)$/,
    ],
    [
      'gzip without its end',
      packed('gzip', gzipSync('x'.repeat(9000)).subarray(0, 40)),
      /^unreadable: the answer is not gzip, as it says it is \(Z_BUF_ERROR\)$/,
    ],
    [
      'deflate that is none',
      packed('deflate', Buffer.from('{"a":1}')),
      /^unreadable: the answer is not deflate, as it says it is \(Z_\w+\)$/,
    ],
    [
      'br that is none',
      packed('br', Buffer.from('{"a":1}')),
      /^unreadable: the answer is not br, as it says it is \(\w+\)$/,
    ],
    [
      'what is packed too often',
      packed('gzip, gzip, gzip, gzip', gzipSync('x')),
      /^unreadable: the answer is packed too often$/,
    ],
  ])('is an error of its own: %s', async (_, said, outcome) => {
    const { url, open } = await raw((socket) => socket.end(said, 'latin1'));
    expect(await outcomeOf(url)).toMatch(outcome);
    await expect.poll(() => open.size).toBe(0);
  });

  it.each([
    ['with a length', 'content-length: 1000\r\n'],
    ['that ends with its connection', ''],
    ['in chunks', 'transfer-encoding: chunked\r\n'],
  ])('whose connection is reset is never whole: %s', async (_, header) => {
    const { url } = await raw((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\n${header}\r\n3\r\nyes\r\n`, () =>
        setTimeout(() => socket.resetAndDestroy(), 20),
      );
    });
    expect(await outcomeOf(url)).toBe('broken off: ECONNRESET');
  });

  it('comes from the ports that a browser does not ask', async ({ skip }) => {
    for (const port of [6000, 10080]) {
      const { createServer } = await import('node:http');
      const there = createServer((_, response) => response.end('yes'));
      const taken = await new Promise((resolve) => {
        there.on('error', resolve).listen(port, '127.0.0.1', () => resolve(undefined));
      });
      if (taken) skip(`${port} is taken`);
      expect(await outcomeOf(new URL(`http://127.0.0.1:${port}/`))).toBe('200 yes');
      there.close();
    }
  });
});

describe('a packed answer', () => {
  const said = JSON.stringify({ data: 'yes '.repeat(2000) });
  it.each<[string, Buffer]>([
    ['gzip', gzipSync(said)],
    ['x-gzip', gzipSync(said)],
    ['GZIP', gzipSync(said)],
    ['deflate', deflateSync(said)],
    ['deflate', deflateRawSync(said)],
    ['br', brotliCompressSync(said)],
    ['gzip, br', brotliCompressSync(gzipSync(said))],
    ['identity', Buffer.from(said)],
    ['utf-8', Buffer.from(said)],
  ])('is unpacked: %s', async (coding, body) => {
    const { url } = await raw((socket) => socket.end(packed(coding, body), 'latin1'));
    expect(await outcomeOf(url)).toBe(`200 ${said}`);
  });

  it.each(['gzip', 'deflate', 'br'])('of nothing is nothing: %s', async (coding) => {
    const { url } = await raw((socket) => socket.end(packed(coding, Buffer.alloc(0)), 'latin1'));
    expect(await outcomeOf(url)).toBe('200 ');
  });

  const zeros = Buffer.alloc(50_000_000);
  it.each<[string, Buffer]>([
    ['gzip', gzipSync(zeros)],
    ['deflate', deflateSync(zeros)],
    ['br', brotliCompressSync(zeros, { params: { 1: 5 } })],
    ['gzip, gzip', gzipSync(gzipSync(zeros))],
  ])('is no larger than is allowed, unpacked: %s', async (coding, bomb) => {
    const { url, open } = await raw((socket) => socket.end(packed(coding, bomb), 'latin1'));
    expect(await outcomeOf(url)).toBe('too large: the answer is larger than 97.7 kB');
    await expect.poll(() => open.size).toBe(0);
  });

  it('that unpacks to nothing is not read for ever', async () => {
    const { url } = await raw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n');
      endlessly(socket, gzipSync(''));
    });
    expect(await outcomeOf(url)).toBe('too large: the answer is larger than 97.7 kB');
  });
});

describe('a body', () => {
  it('may be as large as is allowed, and not larger by a byte', async () => {
    const { url } = await raw((socket, asked) => {
      const body = 'x'.repeat(asked.includes('more') ? MOST + 1 : MOST);
      socket.end(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    });
    expect(await outcomeOf(url)).toHaveLength(MOST + 4);
    expect(await outcomeOf(new URL('?more', url))).toMatch(/^too large/);
  });

  it('that is never read, or whose reader left, holds no connection once it is closed', async () => {
    const { url, open } = await raw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      endlessly(socket, 'x'.repeat(10_000));
    });
    (await ask(url, { signal: LIVE, mostBytes: MOST })).close();
    await firstOf((await ask(url, { signal: LIVE, mostBytes: MOST })).body, 10);
    await expect.poll(() => open.size).toBe(0);
  });
});

describe('a signal', () => {
  const reason = new Error('the run ends');
  const head = 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n';
  it.each([
    ['before an answer', ''],
    ['in its head', 'HTTP/1.1 200 OK\r\ncon'],
    ['before its body', head],
    ['in its body', `${head}yes`],
    ['in a body that ends with its connection', 'HTTP/1.0 200 OK\r\n\r\nyes'],
  ])('ends a request with its reason: %s', async (_, said) => {
    const run = new AbortController();
    const { url, open } = await raw((socket) => {
      socket.write(said);
      setTimeout(() => run.abort(reason), 50);
    });
    const outcome = await outcomeOf(url, { signal: run.signal });
    expect(outcome).toBe('system: the run ends');
    await expect.poll(() => open.size).toBe(0);
  });

  it('ends one whose TLS never comes, and one that has not begun', async () => {
    const run = new AbortController();
    const { port, open } = await raw(() => setTimeout(() => run.abort(reason), 50));
    const url = new URL(`https://127.0.0.1:${port}/`);
    expect(await outcomeOf(url, { signal: run.signal })).toBe('system: the run ends');
    expect(await outcomeOf(url, { signal: run.signal })).toBe('system: the run ends');
    await expect.poll(() => open.size).toBe(0);
  });

  it('that comes when all is read changes nothing', async () => {
    const run = new AbortController();
    const { url } = await raw((socket) => socket.end(`${head}all of it`));
    expect(await outcomeOf(url, { signal: run.signal })).toBe('200 all of it');
    run.abort(reason);
    await pause(20);
  });
});

describe('a request', () => {
  it('is given up where nothing moves', async () => {
    const { url } = await raw((socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nyes'));
    expect(await outcomeOf(url, { idleMs: 100 })).toBe('broken off: timed out: nothing for 0.1 s');
  });

  it.each([
    ['a header with a break in it', new URL('http://127.0.0.1:1/'), { headers: { a: 'b\r\nc: d' } }],
    ['a password in its URL', new URL('http://me:secret@127.0.0.1:1/'), {}],
    ['another scheme', new URL('file:///etc/passwd'), {}],
  ])('is not made with %s', async (_, url, asking) => {
    expect(await outcomeOf(url, asking)).toMatch(
      /^(system: ERR_INVALID_CHAR|connection: (the URL holds|file: is neither))/,
    );
  });

  it('is one connection, which is closed', async () => {
    const ports = new Set<number>();
    const counting = await listen(({ socket, headers }, response) => {
      ports.add(socket.remotePort ?? 0);
      response.end(headers.connection);
    });
    server = counting;
    const url = new URL(`http://127.0.0.1:${counting.port}/`);
    expect([await outcomeOf(url), await outcomeOf(url), ports.size]).toEqual(['200 close', '200 close', 2]);
  });
});
