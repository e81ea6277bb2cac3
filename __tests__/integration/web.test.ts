import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { createWeb } from '../../src/adapters/web.js';
import type { Web } from '../../src/ports.js';
import { listen, type Listening } from '../helpers/network.js';
import { listenForSockets, listenMutely, type Peer, type WebSocketServer } from '../helpers/web-socket.js';

const LIVE = new AbortController().signal;
const HELLO = Uint8Array.of(90, 0);
const END = Uint8Array.of(48, 0);
const isEnd = (message: Uint8Array) => message[0] === END[0];

let server: Pick<WebSocketServer | Listening, 'close'> | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function serve(onMessage: (peer: Peer, message: Uint8Array) => void, status?: number): Promise<WebSocketServer> {
  const sockets = await listenForSockets(onMessage, () => status);
  server = sockets;
  return sockets;
}
const converse = (url: string, signal = LIVE): ReturnType<Web['converse']> =>
  createWeb(signal).converse(`${url}/stream`, HELLO, isEnd);

describe('a conversation by WebSocket', () => {
  it('sends the first message and passes what comes, until the last', async () => {
    const { url, opened, received } = await serve((peer) => {
      for (const byte of [1, 2, 3]) peer.send(Uint8Array.of(byte));
      peer.send(END);
      peer.send(Uint8Array.of(4));
    });
    expect(await converse(url)).toEqual([Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3), END]);
    expect(opened).toEqual(['/stream']);
    expect(received).toEqual([HELLO]);
  });

  it.each([0, 125, 126, 65_535, 65_536, 300_000])('passes messages of %i bytes as they are', async (length) => {
    const long = new Uint8Array(length).fill(7);
    const { url } = await serve((peer) => {
      peer.send(long);
      peer.send(END);
    });
    const [first] = await converse(url);
    expect(first?.length).toBe(length);
    expect(Buffer.from(first ?? []).equals(long)).toBe(true);
  });

  it('does not look at text: the protocol has none', async () => {
    const { url } = await serve((peer) => {
      peer.send('hello');
      peer.send(END);
    });
    expect(await converse(url)).toEqual([END]);
  });

  it.each<[string, (peer: Peer) => void, RegExp]>([
    ['closes', (peer) => peer.close(1000), /^closed with code 1000 before the end$/],
    ['closes with an error', (peer) => peer.close(1011), /^closed with code 1011 before the end$/],
    ['drops the connection', (peer) => peer.drop(), /./],
    [
      'closes after some messages',
      (peer) => {
        peer.send(Uint8Array.of(1));
        peer.close(1001);
      },
      /code 1001/,
    ],
  ])('is a failure where the server %s before the last message', async (_, end, message) => {
    const { url } = await serve(end);
    await expect(converse(url)).rejects.toThrow(message);
  });

  it.each([404, 403, 500])('is a failure where it is refused with HTTP %i', async (status) => {
    const { url, opened } = await serve(() => expect.fail('it was opened'), status);
    await expect(converse(url)).rejects.toThrow(/./);
    expect(opened).toEqual([]);
  });

  it('is a failure where the server knows no WebSockets', async () => {
    const plain = await listen((_, response) => response.writeHead(200).end('<html>'));
    server = plain;
    await expect(converse(`ws://127.0.0.1:${plain.port}`)).rejects.toThrow(/./);
  });

  it('is a failure where nobody listens', async () => {
    const { url, close } = await serve(() => undefined);
    await close();
    await expect(converse(url)).rejects.toThrow(/./);
  });

  it('is a failure where the URL is none', async () => {
    await expect(createWeb(LIVE).converse('no url', HELLO, isEnd)).rejects.toThrow(/./);
  });
});

describe('the end of the run', () => {
  it('ends a conversation that waits, with its reason', async () => {
    const end = new AbortController();
    const { url, received } = await serve(() => end.abort(new Error('the job was cancelled')));
    await expect(converse(url, end.signal)).rejects.toThrow(/^the job was cancelled$/);
    expect(received).toEqual([HELLO]);
  });

  it('leaves no connection open, also where the server does not answer the goodbye', async () => {
    const end = new AbortController();
    let closed: Promise<unknown> = Promise.reject(new Error('it was not opened'));
    closed.catch(() => undefined);
    const mute = await listenMutely((socket) => {
      closed = once(socket, 'end');
      socket.once('data', () => end.abort(new Error('the job was cancelled')));
    });
    server = mute;
    await expect(converse(mute.url, end.signal)).rejects.toThrow(/^the job was cancelled$/);
    const late = pause(1000, 'still open', { ref: false });
    expect(await Promise.race([closed.then(() => 'closed'), late])).toBe('closed');
  });

  it('that has come already lets none begin', async () => {
    const { url } = await serve(() => undefined);
    await expect(converse(url, AbortSignal.abort(new Error('over')))).rejects.toThrow(/^over$/);
  }, 3000);
});
