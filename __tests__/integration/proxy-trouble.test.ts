import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { codeOf } from '../../src/adapters/cause.js';
import { firstOf } from '../../src/adapters/http-body.js';
import { ask } from '../../src/adapters/http.js';
import { speak, type RawServer } from '../helpers/raw-server.js';

const ESTABLISHED = 'HTTP/1.1 200 Connection Established\r\n\r\n';
const LIVE = new AbortController().signal;

let proxy: RawServer | undefined;
beforeEach(() => {
  for (const name of ['http_proxy', 'https_proxy', 'no_proxy'].flatMap((name) => [name, name.toUpperCase()]))
    vi.stubEnv(name, undefined);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await proxy?.close();
  proxy = undefined;
});

async function outcomeBehind(say: (socket: Socket) => void, scheme = 'http', signal = LIVE): Promise<string> {
  proxy = await speak(say);
  process.env['HTTP_PROXY'] = process.env['HTTPS_PROXY'] = `http://127.0.0.1:${proxy.port}`;
  try {
    const { status, body } = await ask(new URL(`${scheme}://maas.example.com/`), { signal, mostBytes: 1000 });
    return `${status} ${(await firstOf(body, 1000)).bytes.toString()}`;
  } catch (error) {
    return codeOf(error).replace(String(proxy.port), 'PORT');
  }
}

describe.each(['http', 'https'])('a proxy of %s', (scheme) => {
  it.each<[string, (socket: Socket) => void, RegExp]>([
    ['closes', (socket) => socket.end(), /^ECONNRESET \(the proxy 127\.0\.0\.1:PORT\)$/],
    ['resets', (socket) => socket.resetAndDestroy(), /^ECONNRESET \(the proxy 127\.0\.0\.1:PORT\)$/],
    ['answers garbage', (socket) => socket.end('SSH-2.0\r\n'), /^HPE_\w+ \(the proxy 127\.0\.0\.1:PORT\)$/],
    [
      'wants a password, with a page',
      (socket) => socket.end(`HTTP/1.1 407 Who\r\ncontent-length: 9\r\n\r\nforbidden`),
      /^the proxy 127\.0\.0\.1:PORT answers HTTP 407$/,
    ],
    ['closes as soon as the tunnel is there', (socket) => socket.end(ESTABLISHED), /^ECONNRESET$/],
    [
      'resets when something is asked through the tunnel',
      (socket) => {
        socket.write(ESTABLISHED);
        socket.once('data', () => socket.resetAndDestroy());
      },
      /^ECONNRESET$/,
    ],
  ])('that %s is an error of its own', async (_, say, outcome) => {
    expect(await outcomeBehind(say, scheme)).toMatch(outcome);
    await expect.poll(() => proxy?.open.size).toBe(0);
  });

  it.each([
    ['before its tunnel', ''],
    ['in it', ESTABLISHED],
  ])('that hangs %s ends with the run, and holds no connection', async (_, said) => {
    const run = new AbortController();
    const say = (socket: Socket) => {
      socket.write(said);
      setTimeout(() => run.abort(new Error('the run ends')), 50);
    };
    expect(await outcomeBehind(say, scheme, run.signal)).toBe('the run ends');
    await expect.poll(() => proxy?.open.size).toBe(0);
  });
});

it('a proxy that is not there is named', async () => {
  const gone = await speak(() => undefined);
  await gone.close();
  process.env['HTTP_PROXY'] = `http://127.0.0.1:${gone.port}`;
  const asking = ask(new URL('http://maas.example.com/'), { signal: LIVE, mostBytes: 1000 });
  await expect(asking).rejects.toThrow(`ECONNREFUSED (the proxy 127.0.0.1:${gone.port})`);
});

it('a proxy that does not speak HTTP is not tried', async () => {
  process.env['HTTP_PROXY'] = 'socks5://127.0.0.1:1080';
  const asking = ask(new URL('http://maas.example.com/'), { signal: LIVE, mostBytes: 1000 });
  await expect(asking).rejects.toThrow('the proxy 127.0.0.1:1080 is not one of http or https');
});
