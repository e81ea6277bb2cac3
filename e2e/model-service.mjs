// A model service with the OpenAI API and without a model, for the demo and for end-to-end tests. It only extracts: its
// answer is a sentence of the context that it is given. A pipeline whose retrieval is broken answers wrongly with it.
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';

const { Request, Response } = globalThis;
export const DIMENSION = 768;
const UNKNOWN = "I don't know.";
const STOP_WORDS = new Set(
  'a an and at by do does for how in is it of on or the to was what when where who'.split(' '),
);

/** A failure that the client is told, in the form of the OpenAI API. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Serves a handler of web-standard requests; what it throws becomes a JSON error. */
export async function serve(handle, host, port) {
  const server = createServer(async (incoming, outgoing) => {
    const response = await answerOf(handle, incoming);
    outgoing.writeHead(response.status, { 'content-type': response.headers.get('content-type') ?? 'text/plain' });
    await pipeline(Readable.fromWeb(response.body), outgoing).catch(() => outgoing.destroy());
  });
  await once(server.listen(port, host), 'listening');
  const close = () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    return closed;
  };
  return { port: server.address().port, close };
}

async function answerOf(handle, incoming) {
  try {
    const { url, method, headers } = incoming;
    const sent = await buffer(incoming);
    const kept = { authorization: headers.authorization ?? '', 'content-type': headers['content-type'] ?? '' };
    return await handle(
      new Request(`http://service${url}`, { method, headers: kept, body: sent.length ? sent : null }),
    );
  } catch (error) {
    const status = error.status ?? (error instanceof SyntaxError ? 400 : 500);
    return Response.json({ error: { message: error.message, code: status } }, { status });
  }
}

/** Starts the service: it wants `apiKey`, and has `model` and an embedding model. */
export async function startModelService({ host, port = 0, apiKey, model }) {
  const routes = {
    '/v1/chat/completions': { answer: chat, id: model },
    '/v1/embeddings': { answer: embeddings, id: 'demo-embed' },
  };
  const data = Object.values(routes).map(({ id }) => ({ id, object: 'model', created: 0, owned_by: 'demo' }));
  const handle = async (request) => {
    if (request.headers.get('authorization') !== `Bearer ${apiKey}`) throw new ApiError(401, 'Unauthorized');
    const { pathname } = new URL(request.url);
    if (request.method === 'GET' && pathname === '/v1/models') return Response.json({ object: 'list', data });
    const route = request.method === 'POST' ? routes[pathname] : undefined;
    if (!route) throw new ApiError(404, `No route ${request.method} ${pathname}`);
    const asked = await request.json();
    if (asked?.model !== route.id) throw new ApiError(404, `The model \`${asked?.model}\` does not exist.`);
    return route.answer(asked);
  };
  return serve(handle, host, port);
}

function chat({ model, messages, tools = [], tool_choice: choice, response_format: format, max_tokens, ...rest }) {
  const { stream, stream_options: options } = rest;
  if (!messages?.length) throw new ApiError(400, 'messages must be a list of messages');
  const conversation = read(messages);
  const call = toolCall(conversation, tools, choice?.function?.name);
  const said = `${answerTo(conversation)}${endingOf(messages)}`;
  const whole = (format?.type === 'json_object' ? JSON.stringify({ answer: said }) : said).match(/\s*\S+/g);
  const content = call ? null : whole.slice(0, max_tokens).join('');
  const prompt = messages.map((message) => textOf(message.content)).join(' ');
  const usage = usageOf(prompt, content ?? call.function.arguments);
  const head = { id: `chatcmpl-${randomUUID()}`, created: Math.floor(Date.now() / 1000), model };
  const finish_reason = call ? 'tool_calls' : whole.length > max_tokens ? 'length' : 'stop';
  if (!stream) {
    const message = { role: 'assistant', content, ...(call && { tool_calls: [call] }) };
    return Response.json({
      ...head,
      object: 'chat.completion',
      choices: [{ index: 0, message, finish_reason }],
      usage,
    });
  }
  const pieces = content?.match(/\s*\S+/g) ?? [];
  const deltas = call ? [{ tool_calls: [{ index: 0, ...call }] }] : pieces.map((piece) => ({ content: piece }));
  const chunks = [{ role: 'assistant', content: '' }, ...deltas].map((delta) => ({ delta, finish_reason: null }));
  const events = [...chunks, { delta: {}, finish_reason }].map((choice) => ({ choices: [{ index: 0, ...choice }] }));
  if (options?.include_usage) events.push({ choices: [], usage });
  const lines = events.map((event) => JSON.stringify({ ...head, object: 'chat.completion.chunk', ...event }));
  const body = [...lines, '[DONE]'].map((line) => `data: ${line}\n\n`).join('');
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
}

/** The answer to an embeddings request; the embedded stack gives it too, for a model of its own. */
export function embeddings({ model, input }) {
  const texts = [input].flat();
  if (!texts.every((text) => typeof text === 'string')) throw new ApiError(400, 'input must be text');
  const data = texts.map((text, index) => ({ object: 'embedding', index, embedding: embed(text) }));
  return Response.json({ object: 'list', model, data, usage: usageOf(texts.join(' ')) });
}

/** A vector of length one. Every word adds to three places that its hash names: common words bring texts near. */
export function embed(text) {
  const vector = new Array(DIMENSION).fill(0);
  for (const word of wordsOf(text)) {
    const hash = createHash('sha256').update(word).digest();
    for (const at of [0, 8, 16]) vector[hash.readUInt32LE(at) % DIMENSION] += hash[at + 4] % 2 ? 1 : -1;
  }
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => value / length);
}

function usageOf(prompt, completion = '') {
  const [prompt_tokens, completion_tokens] = [prompt, completion].map((text) => text.match(/\S+/g)?.length ?? 0);
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
}

const textOf = (content) => (Array.isArray(content) ? content.map(({ text }) => text).join('\n') : (content ?? ''));
const wordsOf = (text) => (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).filter((word) => !STOP_WORDS.has(word));
const literalOf = (question) => /^(?:repeat this (?:word|text):|reply with)\s+(.+)$/i.exec(question)?.[1];

/** What a system instruction wants at the end of every answer. */
function endingOf([{ role, content }]) {
  const word = role === 'system' && /End every answer with the word "(\w+)"/.exec(content)?.[1];
  return word ? ` ${word}` : '';
}

/** The last question, and what is given to answer it from: after CONTEXT: in the prompt, or by tools since then. */
function read(messages) {
  const last = messages.findLastIndex(({ role }) => role === 'user');
  const [before, after = ''] = textOf(messages[last]?.content).split(/\bCONTEXT:/);
  const [given, question = before] = after.split(/\bQUERY:/);
  const found = messages.slice(last + 1).filter(({ role }) => role === 'tool');
  const context = [given, ...found.map(({ content }) => textOf(content))].join('\n');
  return { question: question.trim(), context, searched: found.length > 0 };
}

/** A model with a search tool searches before it answers; what it is told to say it need not look up. */
function toolCall({ question, searched }, tools, forced) {
  const name = forced ?? tools.map((tool) => tool.function?.name ?? '').find((one) => one.includes('search'));
  if (!name || (!forced && (searched || literalOf(question)))) return undefined;
  const call = { name, arguments: JSON.stringify({ query: question }) };
  return { id: `call_${randomUUID()}`, type: 'function', function: call };
}

/** The sentence that shares most words with the question, at least two, and holds its names: a near miss is no answer. */
function answerTo({ question, context }) {
  const asked = new Set(wordsOf(question));
  const names = wordsOf((question.match(/(?<=[^.?!\s]\s+)\p{Lu}[\p{L}\p{N}]*/gu) ?? []).join(' '));
  let best = { score: 1, sentence: literalOf(question) ?? UNKNOWN };
  for (const sentence of context.split(/\n+|(?<=[.!?])\s+/)) {
    const shared = new Set(wordsOf(sentence).filter((word) => asked.has(word)));
    const fits = names.every((name) => shared.has(name)) && !sentence.includes('?');
    if (fits && shared.size > best.score) best = { score: shared.size, sentence: sentence.trim() };
  }
  return best.sentence;
}
