import { at, items, member, text } from '../../src/json.js';

/** What a model says: a text, or the call of a tool. */
export interface Said {
  content: string;
  finishReason: string;
  call?: { name: string; arguments: string };
}

/**
 * A model that follows what checks ask of it: it repeats words, heeds limits, system instructions, JSON mode and forced
 * tools, reads the sentence of its context that has the question's name, and else knows nothing.
 */
export function modelReply(body: unknown): Said {
  const forced = text(at(body, 'tool_choice', 'function', 'name'));
  const offered = items(member(body, 'tools')).map((tool) => text(at(tool, 'function', 'name')));
  const call = forced || offered.find((name) => name.includes('search'));
  const asked = JSON.stringify({ query: lastMessage(body) });
  if (call) return { content: '', finishReason: 'tool_calls', call: { name: call, arguments: asked } };
  const said = withSystem(answerTo(lastMessage(body)), firstMessage(body));
  const content = at(body, 'response_format', 'type') === 'json_object' ? JSON.stringify({ answer: said }) : said;
  const words = content.split(' ');
  const most = member(body, 'max_tokens');
  return typeof most === 'number' && words.length > most
    ? { content: words.slice(0, most).join(' '), finishReason: 'length' }
    : { content, finishReason: 'stop' };
}

const messagesOf = (body: unknown) =>
  items(member(body, 'messages')).map((message) => text(member(message, 'content')));
const firstMessage = (body: unknown) => messagesOf(body)[0] ?? '';
const lastMessage = (body: unknown) => messagesOf(body).at(-1) ?? '';

function withSystem(said: string, system: string): string {
  const ending = /^End every answer with the word "(\w+)"/.exec(system)?.[1];
  return ending ? `${said} ${ending}` : said;
}

function answerTo(prompt: string): string {
  const literal = /^(?:Repeat this (?:word|text):|Reply with) "?([\w ]+)/.exec(prompt)?.[1];
  if (literal) return literal;
  const [context = '', question = ''] = prompt.split('QUERY:\n');
  return readFor(question, context) ?? 'I do not know.';
}

/** The sentence about the name that the question asks for. */
export function readFor(question: string, context: string): string | undefined {
  const subject = /What is the (.*)\?/.exec(question)?.[1];
  return subject === undefined
    ? undefined
    : context.split('\n').flatMap((line) => new RegExp(`The ${subject} is \\d+\\.`).exec(line)?.[0] ?? [])[0];
}
