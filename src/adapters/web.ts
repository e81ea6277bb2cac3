import type { Socket } from 'node:net';
import { Agent, buildConnector, WebSocket } from 'undici';
import { codeOf } from './cause.js';
import { within } from './deadline.js';
import { ACCEPTED_CODINGS, firstOf } from './http-body.js';
import { ask } from './http.js';
import type { Web } from '../ports.js';

/** Bytes of a page that are read; the rest is left. */
const MOST = 64 * 1024;
/** What may be unpacked while these are read. */
const MOST_PAGE = 2 * MOST;
/** Deadlines in ms. */
const GET_MS = 10_000;
const CONVERSATION_MS = 30_000;

export function createWeb(runSignal: AbortSignal): Web {
  return {
    get: async (url) => {
      try {
        return await within(GET_MS, runSignal, async (signal) => {
          const headers = { accept: '*/*', 'accept-encoding': ACCEPTED_CODINGS };
          const { status, body, close } = await ask(new URL(url), { headers, signal, mostBytes: MOST_PAGE });
          const { bytes, trouble } = await firstOf(body, MOST);
          close();
          if (trouble !== undefined) throw trouble as Error;
          return { status, text: bytes.toString() };
        });
      } catch (error) {
        runSignal.throwIfAborted();
        throw new Error(codeOf(error), { cause: error });
      }
    },
    converse: async (url, first, isLast) => {
      try {
        return await within(CONVERSATION_MS, runSignal, (signal) => converse(url, first, isLast, signal));
      } catch (error) {
        runSignal.throwIfAborted();
        throw error;
      }
    },
  };
}

/** Node has a WebSocket of its own only from 22 on; this is the one it has, and is in the bundle anyway. */
async function converse(
  url: string,
  first: Uint8Array,
  isLast: (message: Uint8Array) => boolean,
  signal: AbortSignal,
): Promise<Uint8Array[]> {
  signal.throwIfAborted();
  // the socket is kept: a server that does not answer the closing would hold the process, and the agent no longer has it
  let held: Socket | undefined;
  const connect = buildConnector({});
  const dispatcher = new Agent({
    connect: (options, done) =>
      connect(options, (...result) => {
        held = result[1] ?? undefined;
        done(...result);
      }),
  });
  const socket = new WebSocket(url, { dispatcher });
  socket.binaryType = 'arraybuffer';
  const messages: Uint8Array[] = [];
  try {
    return await new Promise((resolve, reject) => {
      const giveUp = () => reject(new Error(`no end within ${CONVERSATION_MS / 1000} s`));
      signal.addEventListener('abort', giveUp, { once: true });
      socket.addEventListener('open', () => socket.send(first));
      socket.addEventListener('message', ({ data }) => {
        if (!(data instanceof ArrayBuffer)) return;
        const message = new Uint8Array(data);
        messages.push(message);
        if (isLast(message)) resolve([...messages]);
      });
      socket.addEventListener('error', ({ message }) => reject(new Error(message || 'the connection failed')));
      socket.addEventListener('close', ({ code }) => reject(new Error(`closed with code ${code} before the end`)));
    });
  } finally {
    socket.close();
    held?.destroy();
    await dispatcher.destroy();
  }
}
