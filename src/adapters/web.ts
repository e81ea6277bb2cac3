import { WebSocket } from 'undici';
import { codeOf } from './cause.js';
import type { Web } from '../ports.js';

/** Characters kept of an answer. */
const MOST = 64 * 1024;
/** Deadlines in ms. */
const GET_MS = 10_000;
const CONVERSATION_MS = 30_000;

export function createWeb(runSignal: AbortSignal): Web {
  return {
    get: async (url) => {
      const signal = AbortSignal.any([runSignal, AbortSignal.timeout(GET_MS)]);
      try {
        const response = await fetch(url, { redirect: 'manual', signal });
        return { status: response.status, text: (await response.text()).slice(0, MOST) };
      } catch (error) {
        runSignal.throwIfAborted();
        throw new Error(codeOf(error), { cause: error });
      }
    },
    converse: async (url, first, isLast) => {
      try {
        return await converse(url, first, isLast, AbortSignal.any([runSignal, AbortSignal.timeout(CONVERSATION_MS)]));
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
  const socket = new WebSocket(url);
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
  }
}
