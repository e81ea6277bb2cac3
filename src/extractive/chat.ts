import { randomUUID } from 'node:crypto';
import { at, items, member, text } from '../json.js';
import { answerTo, contentOf, endingOf, literalOf, readConversation, type Conversation } from './answer.js';
import { ApiError } from './api-error.js';
import { tokensOf, usageOf } from './tokens.js';

interface ToolCall {
  id: string;
  type: 'function';
  function: { name: string; arguments: string };
}

/** What the model says, ready for both forms of an answer: a text, or the call of a tool. */
interface Reply {
  message: { role: 'assistant'; content: string | null; tool_calls?: ToolCall[] };
  /** The same for a stream, in parts. */
  deltas: object[];
  /** What its tokens are counted of. */
  said: string;
  finish_reason: 'stop' | 'length' | 'tool_calls';
}

/**
 * The answer to `POST /chat/completions`. It heeds what the checks of a stack ask for: tools, JSON mode, a limit of tokens,
 * an instruction of the system, streams.
 *
 * @throws ApiError where there are no messages
 */
export function chat(request: unknown): Response {
  const messages = items(member(request, 'messages'));
  if (messages.length === 0) throw new ApiError(400, 'messages must be a list of messages');
  const reply = replyTo(request, messages);
  const head = {
    id: `chatcmpl-${randomUUID()}`,
    created: Math.floor(Date.now() / 1000),
    model: member(request, 'model'),
  };
  const usage = usageOf(messages.map(contentOf).join(' '), reply.said);
  if (member(request, 'stream')) {
    const counted = Boolean(at(request, 'stream_options', 'include_usage'));
    return streamed(head, reply, counted ? usage : undefined);
  }
  const { message, finish_reason } = reply;
  const choices = [{ index: 0, message, finish_reason }];
  return Response.json({ ...head, object: 'chat.completion', choices, usage });
}

function replyTo(request: unknown, messages: unknown[]): Reply {
  const role = 'assistant';
  const conversation = readConversation(messages);
  const call = toolCall(conversation, request);
  if (call)
    return {
      message: { role, content: null, tool_calls: [call] },
      deltas: [{ tool_calls: [{ index: 0, ...call }] }],
      said: call.function.arguments,
      finish_reason: 'tool_calls',
    };
  const { pieces, cut } = textOf(`${answerTo(conversation)}${endingOf(messages)}`, request);
  const content = pieces.join('');
  return {
    message: { role, content },
    deltas: pieces.map((piece) => ({ content: piece })),
    said: content,
    finish_reason: cut ? 'length' : 'stop',
  };
}

/** A model with a search tool searches before it answers; what it is told to say it need not look up. */
function toolCall({ question, searched }: Conversation, request: unknown): ToolCall | undefined {
  const forced = text(at(request, 'tool_choice', 'function', 'name'));
  const offered = items(member(request, 'tools')).map((tool) => text(at(tool, 'function', 'name')));
  const answers = searched || literalOf(question) !== undefined;
  const name = forced || (answers ? undefined : offered.find((one) => one.includes('search')));
  if (!name) return undefined;
  const call = { name, arguments: JSON.stringify({ query: question }) };
  return { id: `call_${randomUUID()}`, type: 'function', function: call };
}

/** What is said as the request wants it: as JSON, and no longer than max_tokens. */
function textOf(said: string, request: unknown): { pieces: string[]; cut: boolean } {
  const inJson = at(request, 'response_format', 'type') === 'json_object';
  const whole = tokensOf(inJson ? JSON.stringify({ answer: said }) : said);
  const limit = member(request, 'max_tokens');
  const most = typeof limit === 'number' ? limit : whole.length;
  return { pieces: whole.slice(0, most), cut: whole.length > most };
}

/** A completion as server-sent events: who speaks, the parts, how it ended, and the usage where it is asked for. */
function streamed(head: object, { deltas, finish_reason }: Reply, usage: object | undefined): Response {
  const spoken = [{ role: 'assistant', content: '' }, ...deltas].map((delta) => ({ delta, finish_reason: null }));
  const choices = [...spoken, { delta: {}, finish_reason }];
  const events: object[] = choices.map((choice) => ({ choices: [{ index: 0, ...choice }] }));
  if (usage) events.push({ choices: [], usage });
  const lines = events.map((event) => JSON.stringify({ ...head, object: 'chat.completion.chunk', ...event }));
  const body = [...lines, '[DONE]'].map((line) => `data: ${line}\n\n`).join('');
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
}
