import * as http from 'node:http';
import * as https from 'node:https';
import { isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { codeOf } from './cause.js';
import { readable } from './http-body.js';
import { HttpFailure } from './http-failure.js';
import { CONNECT_MS, openTunnel } from './http-tunnel.js';

/**
 * All HTTP of the action, by Node's own http and https: undici's parser ends the process (`assert(!this.paused)`) where a
 * peer closes while it is paused, in the versions that run on Node 20 and in the fetch of Node 20 to 24
 * (https://github.com/nodejs/undici/issues/5360). @actions/http-client goes the same way, but cannot be aborted and reads
 * bodies without a limit.
 *
 * Each request has a connection of its own. One that is kept may be closed by its peer just when the next request is sent,
 * which looks as if the service was away; and an open connection holds the process.
 */
export interface Asking {
  method?: string;
  headers?: Record<string, string>;
  body?: Uint8Array;
  /** Ends it at any moment, with its reason. */
  signal: AbortSignal;
  /** Bytes of the unpacked body that are read; more is an HttpFailure. */
  mostBytes: number;
  /** A connection on which nothing moves for this long, in ms, is given up. */
  idleMs?: number;
}

export interface Answer {
  status: number;
  headers: Headers;
  /** Unpacked. Reading it ends with an HttpFailure where it is too large, broken off or badly packed. */
  body: AsyncIterable<Uint8Array>;
  /** Leaves the rest unread; whoever does not read to the end calls it. */
  close: () => void;
}

/**
 * One request, and the head of its answer. Redirects are not followed.
 *
 * @throws HttpFailure, or what the system says (its `code`), where no answer comes; the signal's reason
 */
export async function ask(url: URL, asking: Asking): Promise<Answer> {
  const { signal } = asking;
  if (!/^https?:$/.test(url.protocol)) throw new HttpFailure('connection', `${url.protocol} is neither http nor https`);
  if (url.username || url.password) throw new HttpFailure('connection', 'the URL holds a name or a password');
  signal.throwIfAborted();
  const tunnel = await openTunnel(url, signal);
  if (signal.aborted) tunnel?.destroy();
  signal.throwIfAborted();
  return await new Promise((resolve, reject) => {
    const request = send(url, asking, tunnel);
    let trouble: Error | undefined;
    const end = () => request.destroy(signal.reason as Error);
    signal.addEventListener('abort', end, { once: true });
    request.on('close', () => signal.removeEventListener('abort', end));
    request.on('error', (error) => {
      trouble ??= error;
      reject(signal.aborted ? (signal.reason as Error) : notHttp(error));
    });
    request.on('upgrade', (_, socket: Socket) => {
      socket.on('error', () => undefined).destroy();
      reject(new HttpFailure('connection', 'the server wants another protocol than HTTP (HTTP 101)'));
    });
    request.on('response', (incoming) => {
      incoming.on('error', () => undefined); // who reads hears of it; who does not, need not
      const close = () => void request.destroy();
      const bytes = bytesOf(incoming, signal, () => trouble);
      const body = readable(bytes, incoming.headers['content-encoding'] ?? '', asking.mostBytes);
      resolve({ status: incoming.statusCode ?? 0, headers: headersOf(incoming), body: closing(body, close), close });
    });
    request.end(asking.body);
  });
}

function send(url: URL, { method = 'GET', headers, body, idleMs }: Asking, tunnel?: Socket): http.ClientRequest {
  const isSecure = url.protocol === 'https:';
  const length = body ? { 'content-length': String(body.length) } : {};
  // host too: without an agent Node takes 80 for the usual port of https, and names it
  const options: http.RequestOptions = { method, headers: { ...headers, ...length, host: url.host } };
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const names = isIP(host) ? { host } : { host, servername: host };
  const inTunnel = (socket: Socket) => (isSecure ? connectTls({ socket, ...names }) : socket);
  const way = tunnel ? { createConnection: () => inTunnel(tunnel) } : { agent: false };
  const request = (isSecure ? https : http).request(url, { ...options, ...way });
  const late = () => request.destroy(new Error(`timed out: no connection within ${CONNECT_MS / 1000} s`));
  const timer = setTimeout(late, CONNECT_MS);
  request.on('close', () => clearTimeout(timer));
  request.on('socket', (socket) => {
    if (isSecure || socket.connecting) socket.once(isSecure ? 'secureConnect' : 'connect', () => clearTimeout(timer));
    else clearTimeout(timer);
  });
  if (idleMs !== undefined)
    request.setTimeout(idleMs, () => request.destroy(new Error(`timed out: nothing for ${idleMs / 1000} s`)));
  return request;
}

/** Node's parser has codes of its own, which say nothing to those who do not know it. */
function notHttp(error: Error): Error {
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'HPE_HEADER_OVERFLOW')
    return new HttpFailure('connection', `the headers of the answer are larger than 16 kB (${code})`, error);
  return code.startsWith('HPE_') ? new HttpFailure('connection', `what answers is no HTTP (${code})`, error) : error;
}

/** As they are on the wire: those of one name joined. */
function headersOf({ rawHeaders }: http.IncomingMessage): Headers {
  const headers = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '');
  return headers;
}

/** The body as it comes. A connection that ends too early is an error, also where it is its end that ends the body. */
async function* bytesOf(
  incoming: http.IncomingMessage,
  signal: AbortSignal,
  trouble: () => Error | undefined,
): AsyncGenerator<Uint8Array> {
  const isFramed = 'content-length' in incoming.headers || 'transfer-encoding' in incoming.headers;
  try {
    for await (const part of incoming) yield part as Uint8Array;
    // with a length, or in chunks, it was whole, whatever came behind it
    const met = isFramed && incoming.complete ? undefined : trouble();
    if (met) throw met;
  } catch (error) {
    signal.throwIfAborted();
    throw new HttpFailure('broken off', codeOf(trouble() ?? error), error);
  }
}

async function* closing(body: AsyncIterable<Uint8Array>, close: () => void): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } finally {
    close();
  }
}
