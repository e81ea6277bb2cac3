import * as http from 'node:http';
import * as https from 'node:https';
import type { Socket } from 'node:net';
import { getProxyUrl } from '@actions/http-client/lib/proxy';
import { codeOf } from './cause.js';
import { HttpFailure } from './http-failure.js';

/** A connection that is not there within this many ms, never comes. */
export const CONNECT_MS = 10_000;

/**
 * A tunnel to the host of the URL, through the proxy that the environment names for it (HTTPS_PROXY, HTTP_PROXY, NO_PROXY, as
 * the runner reads them); undefined where it names none. A tunnel is made for http too: the proxy never sees a key.
 *
 * @throws HttpFailure, which names the proxy; the signal's reason
 */
export async function openTunnel(url: URL, signal: AbortSignal): Promise<Socket | undefined> {
  const proxy = getProxyUrl(url);
  if (!proxy) return undefined;
  const name = `the proxy ${proxy.host}`;
  if (!/^https?:$/.test(proxy.protocol)) throw new HttpFailure('connection', `${name} is not one of http or https`);
  const target = `${url.hostname}:${url.port || (url.protocol === 'https:' ? 443 : 80)}`;
  const credentials = Buffer.from(`${proxy.username}:${proxy.password}`).toString('base64');
  const headers = {
    host: target,
    ...(proxy.username || proxy.password ? { 'proxy-authorization': `Basic ${credentials}` } : {}),
  };
  const { request } = proxy.protocol === 'https:' ? https : http;
  const place = { host: proxy.hostname.replace(/^\[|\]$/g, ''), port: proxy.port || undefined };
  const asking = request({ ...place, method: 'CONNECT', path: target, headers, agent: false });
  return await connected(asking, name, signal);
}

function connected(asking: http.ClientRequest, name: string, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const end = () => asking.destroy(signal.reason as Error);
    const late = () => asking.destroy(new Error(`timed out: no tunnel within ${CONNECT_MS / 1000} s`));
    const timer = setTimeout(late, CONNECT_MS);
    const settle = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
    };
    signal.addEventListener('abort', end, { once: true });
    asking.on('error', (error) => {
      settle();
      reject(
        signal.aborted ? (signal.reason as Error) : new HttpFailure('connection', `${codeOf(error)} (${name})`, error),
      );
    });
    asking.on('connect', ({ statusCode = 0 }, socket: Socket, head) => {
      settle();
      socket.on('error', () => undefined); // whoever takes the socket hears of it, too
      if (statusCode >= 200 && statusCode < 300) {
        if (head.length > 0) socket.unshift(head);
        return resolve(socket);
      }
      socket.destroy();
      reject(new HttpFailure('connection', `${name} answers HTTP ${statusCode}`));
    });
    asking.end();
  });
}
