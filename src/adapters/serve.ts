import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { errorResponse } from '../extractive/api-error.js';
import type { Serve } from '../ports.js';

type Handle = Parameters<Serve>[0];

export const serve: Serve = async (handle, host, port) => {
  const server = createServer((incoming, outgoing) => void respond(handle, incoming, outgoing));
  await once(server.listen(port, host), 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => close(server) };
};

/** Never rejects: a request must not end the process. */
async function respond(handle: Handle, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  try {
    const { status, headers, body } = await answerOf(handle, incoming);
    // this header alone: those of a handed on answer are of the connection that it came by
    outgoing.writeHead(status, { 'content-type': headers.get('content-type') ?? 'text/plain' });
    if (body) await pipeline(Readable.fromWeb(body), outgoing);
    else outgoing.end();
  } catch {
    outgoing.destroy(); // the client has gone, or the answer broke off: a cut connection is all that can tell
  }
}

async function answerOf(handle: Handle, incoming: IncomingMessage): Promise<Response> {
  try {
    return await handle(await requestOf(incoming));
  } catch (error) {
    return errorResponse(error);
  }
}

/** The whole request, with the headers that a handler looks at. */
async function requestOf(incoming: IncomingMessage): Promise<Request> {
  const { url = '/', method = 'GET', headers } = incoming;
  const sent = await buffer(incoming);
  const kept = { authorization: headers.authorization ?? '', 'content-type': headers['content-type'] ?? '' };
  return new Request(`http://service${url}`, { method, headers: kept, body: sent.length > 0 ? sent : null });
}

/** Ends the connections too: one that a client keeps open would hold the server. */
function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
