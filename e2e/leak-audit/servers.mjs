// The servers that a run talks to, each with a record of all that it was sent.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { readAddress } from '../../dist/index.js';
import { temptations, temptingText } from './spelled.mjs';

/** Address of this machine that both the runner and pods reach. */
export const hostAddress = () =>
  readAddress(execFileSync('docker', ['network', 'inspect', 'bridge'], { encoding: 'utf8' }));

/** A server that keeps every request: { method, path, head, body }. */
async function recordingServer(host, answer) {
  const requests = [];
  const server = createServer(async (incoming, outgoing) => {
    const { method, url: path, rawHeaders, headers } = incoming;
    const body = await buffer(incoming).catch(() => Buffer.alloc(0));
    const request = { method, path, headers, head: rawHeaders.join('\n'), body };
    requests.push(request);
    await Promise.resolve(answer(request, outgoing)).catch(() => outgoing.destroy());
  });
  await once(server.listen(0, host), 'listening');
  const { port } = server.address();
  return {
    host,
    port,
    url: `http://${host}:${port}`,
    requests,
    server,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Everything of a request in which the key could stand. */
export function textsOf({ method, path, head, body, headers }) {
  const plain = headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
  return [`${method} ${path}`, head, plain];
}

/** Hands a request on; `change` may rewrite a whole answer: ({ headers, body }) → the same. */
async function handOn({ method, path, headers, body }, base, outgoing, { extra = {}, change } = {}) {
  const target = new URL(base);
  const kept = without(headers, 'host', 'accept-encoding', 'connection');
  const upstream = httpRequest({
    host: target.hostname,
    port: target.port,
    method,
    path,
    headers: { ...kept, ...extra },
  });
  upstream.end(body);
  outgoing.on('close', () => upstream.destroy());
  const [answer] = await once(upstream, 'response');
  const sent = without(answer.headers, 'transfer-encoding', 'connection');
  if (!change) {
    outgoing.writeHead(answer.statusCode, sent);
    answer.pipe(outgoing);
    return;
  }
  const isStream = sent['content-type']?.includes('event-stream') ?? false;
  const { headers: more, body: changed } = change(isStream ? undefined : await buffer(answer));
  if (changed) sent['content-length'] = String(changed.length);
  outgoing.writeHead(answer.statusCode, { ...sent, ...more });
  if (changed) outgoing.end(changed);
  else answer.pipe(outgoing);
}

const without = (headers, ...names) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)));

/** A mirror of release downloads that hands on the lab's. */
export const startMirror = (base) =>
  recordingServer('127.0.0.1', (request, outgoing) => handOn(request, base, outgoing));

/** A server at which the key must never arrive; it takes everything. */
export const startDecoy = (host) =>
  recordingServer(host, (_, outgoing) => send(outgoing, 200, { object: 'list', data: [] }));

/** A proxy of the kind that HTTP_PROXY names. What passes through a tunnel is the origin's; its opening is not. */
export async function startForwardProxy() {
  const { connect } = await import('node:net');
  const proxy = await recordingServer('127.0.0.1', (_, outgoing) => send(outgoing, 502, {}));
  const tunnels = new Set();
  proxy.server.on('connect', ({ url: path, rawHeaders, headers }, client) => {
    proxy.requests.push({ method: 'CONNECT', path, headers, head: rawHeaders.join('\n'), body: Buffer.alloc(0) });
    const [host, port] = path.split(':');
    const target = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      target.pipe(client).pipe(target);
    });
    for (const socket of [client, target]) {
      tunnels.add(socket);
      socket.on('error', () => [client, target].forEach((end) => end.destroy()));
    }
  });
  const close = () => {
    proxy.close();
    tunnels.forEach((socket) => socket.destroy());
  };
  return { ...proxy, close };
}

/**
 * The model service of a run: it wants the canary, and hands on what it is asked to the lab's, which has a key of its own.
 * What it says beside that is made to end up in a log, and told by `behave`:
 *   tempting    right answers, with the key in headers, in a model's id and behind the word of the first check
 *   failing     every answer is HTTP 500, with the key in all forms
 *   planted     every answer of the model is the key in all forms
 *   refusing    HTTP 401, with the request's own headers and the key in all forms
 *   redirecting HTTP 307 to the decoy
 */
export async function startOrigin({ host, key, endpoint, labKey, decoy }) {
  let manner = 'tempting';
  let turn = key.charCodeAt(key.length - 1);
  const { pathname } = new URL(endpoint);
  const answer = (request, outgoing) => {
    if (request.headers.authorization !== `Bearer ${key}`)
      return send(outgoing, 401, { error: { message: 'who are you?' } });
    const said = `${temptingText(key, turn++)} | you sent ${request.head.replace(/\s+/g, ' ')}`;
    const isChat = request.path.endsWith('/chat/completions');
    if (manner === 'failing') return send(outgoing, 500, { error: { message: said, code: key } }, temptingHeaders(key));
    if (manner === 'refusing') return send(outgoing, 401, { error: { message: said } }, temptingHeaders(key), key);
    if (manner === 'redirecting') return send(outgoing, 307, {}, { location: `${decoy.url}${request.path}` });
    if (manner === 'planted' && isChat) return plant(request, outgoing, said);
    const asked = { ...request, path: request.path.replace(/^\/v1/, pathname.replace(/\/$/, '')) };
    const change = (body) => tempted({ request, isChat, turn }, body, key);
    return handOn(asked, endpoint, outgoing, { extra: { authorization: `Bearer ${labKey}` }, change });
  };
  const origin = await recordingServer(host, answer);
  return { ...origin, endpoint: `${origin.url}/v1`, behave: (how) => (manner = how) };
}

/** As gateways that tell of limits do; the action publishes these. */
function temptingHeaders(key) {
  const forms = temptations(key);
  return {
    'x-ratelimit-limit-requests': `${key} ${forms.hex} ${forms['base64 1']}`,
    'x-ratelimit-limit-tokens': `${forms.URL} ${forms['double base64']} ${forms['every letter: \\u']}`,
    'x-ratelimit-remaining-tokens': `${forms['every letter: percent']} ${forms["Go's bytes"]} ${forms.base32}`,
    'x-ratelimit-remaining-requests': `${forms['every letter: HTML, hex']} ${forms['regular expression']}`,
    'x-ratelimit-reset-requests': `${forms['SHA-256']} ${forms['first half']}`,
  };
}

function tempted({ request, isChat, turn }, body, key) {
  const forms = temptations(key);
  const headers = isChat ? temptingHeaders(key) : {};
  if (body === undefined) return { headers };
  if (request.path.endsWith('/models')) {
    const list = JSON.parse(body);
    const like = list.data?.[0] ?? { object: 'model' };
    // no model that chats, so that the choice stays clear
    list.data?.push({ ...like, id: `rerank/${key}` }, { ...like, id: `rerank/${forms['base64 0']}` });
    return { headers, body: Buffer.from(JSON.stringify(list)) };
  }
  if (isChat && /Repeat this word/.test(request.body)) {
    const answer = JSON.parse(body);
    const message = answer.choices?.[0]?.message;
    if (message) message.content += ` ${temptingText(key, turn)}`;
    return { headers, body: Buffer.from(JSON.stringify(answer)) };
  }
  return { headers, body };
}

/** An answer of a model that says nothing but the key, cut in the middle where it is streamed. */
function plant({ body }, outgoing, said) {
  const { stream, model } = JSON.parse(body);
  const head = { id: 'chatcmpl-planted', created: 1, model };
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
  if (!stream) {
    const message = { role: 'assistant', content: said };
    const choices = [{ index: 0, message, finish_reason: 'stop' }];
    return send(outgoing, 200, { ...head, object: 'chat.completion', choices, usage });
  }
  outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
  const event = (delta, finish_reason = null) =>
    outgoing.write(
      `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason }] })}\n\n`,
    );
  event({ role: 'assistant', content: '' });
  for (let at = 0; at < said.length; at += 11) event({ content: said.slice(at, at + 11) });
  event({}, 'stop');
  outgoing.end('data: [DONE]\n\n');
}

function send(outgoing, status, value, headers = {}, reason = undefined) {
  const body = Buffer.from(JSON.stringify(value));
  const all = { 'content-type': 'application/json', 'content-length': String(body.length), ...headers };
  if (reason) outgoing.writeHead(status, reason, all);
  else outgoing.writeHead(status, all);
  outgoing.end(body);
}
