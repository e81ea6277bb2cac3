// A proxy before the stack. It hands everything on as it is, until a row of the matrix has it hold a request back, change
// it, or answer in the stack's place.
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { buffer, text } from 'node:stream/consumers';

/** What belongs to one connection, not to the message. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'host'];

/**
 * Starts on a free port of 127.0.0.1. `spoil({ method, path, body })` may return `{ body }` to send in the request's
 * place, `{ answer }` to answer with instead of asking, `{ change }` to change the text of the answer, or nothing; it is
 * awaited, so that what it does to the cluster is done before the stack is asked.
 */
export async function startProxy(target) {
  const proxy = { spoil: undefined };
  const server = createServer((incoming, outgoing) => {
    relay(proxy, target, incoming, outgoing).catch(() => outgoing.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return Object.assign(proxy, {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  });
}

async function relay(proxy, target, incoming, outgoing) {
  const { method, url: path } = incoming;
  const sent = await buffer(incoming);
  const spoiled = (await proxy.spoil?.({ method, path, body: sent })) ?? {};
  if (spoiled.answer) return outgoing.writeHead(200, { 'content-type': 'application/json' }).end(spoiled.answer);
  const kept = Object.entries(incoming.headers).filter(([name]) => !HOP_BY_HOP.includes(name));
  const body = spoiled.body ?? sent;
  const headers = { ...Object.fromEntries(kept), 'accept-encoding': 'identity', 'content-length': body.length };
  // a connection for each request: what the stack does with the last one is no matter of the next
  const asking = request(`${target}${path}`, { method, headers, agent: false }).end(body);
  const [response] = await once(asking, 'response');
  outgoing.writeHead(response.statusCode, { 'content-type': response.headers['content-type'] ?? 'text/plain' });
  if (spoiled.change) return outgoing.end(spoiled.change(await text(response)));
  return await pipeline(response, outgoing);
}
