/** What the model without a model says. It only extracts, so that a pipeline whose retrieval is broken answers wrongly with it. */
import { items, member, text } from '../json.js';
import { wordsOf } from './words.js';

/** What is said where no sentence answers. */
export const UNKNOWN = "I don't know.";

/** Words that a sentence shares by chance: an answer shares more of them with its question. */
const BY_CHANCE = 1;

/** Of the messages of a chat what decides the answer. */
export interface Conversation {
  question: string;
  /** What is given to answer it from. */
  context: string;
  /** Whether a tool has been asked since the question. */
  searched: boolean;
}

/** The last question, and what is given to answer it from: after CONTEXT: in the prompt, or by tools since then. */
export function readConversation(messages: unknown[]): Conversation {
  const last = messages.findLastIndex((message) => member(message, 'role') === 'user');
  const [before = '', after = ''] = contentOf(messages[last]).split(/\bCONTEXT:/);
  const [given = '', question = before] = after.split(/\bQUERY:/);
  const found = messages.slice(last + 1).filter((message) => member(message, 'role') === 'tool');
  const context = [given, ...found.map(contentOf)].join('\n');
  return { question: question.trim(), context, searched: found.length > 0 };
}

/** The text of a message; content comes as one string or in parts. */
export function contentOf(message: unknown): string {
  const content = member(message, 'content');
  return Array.isArray(content)
    ? items(content)
        .map((part) => text(member(part, 'text')))
        .join('\n')
    : text(content);
}

/** What a question wants to have said as it stands, or undefined. */
export function literalOf(question: string): string | undefined {
  return /^(?:repeat this (?:word|text):|reply with)\s+(.+)$/i.exec(question)?.[1];
}

/** What a system instruction wants at the end of every answer, with the space before it; empty where it wants nothing. */
export function endingOf(messages: unknown[]): string {
  const [first] = messages;
  const system = member(first, 'role') === 'system' ? contentOf(first) : '';
  const word = /End every answer with the word "(\w+)"/.exec(system)?.[1];
  return word === undefined ? '' : ` ${word}`;
}

/** The sentence that shares most words with the question, at least two, and holds its names: a near miss is no answer. */
export function answerTo({ question, context }: Pick<Conversation, 'question' | 'context'>): string {
  const asked = new Set(wordsOf(question));
  const names = namesOf(question);
  let best = { score: BY_CHANCE, sentence: literalOf(question) ?? UNKNOWN };
  for (const sentence of context.split(/\n+|(?<=[.!?])\s+/)) {
    const shared = new Set(wordsOf(sentence).filter((word) => asked.has(word)));
    const fits = names.every((name) => shared.has(name)) && !sentence.includes('?');
    if (fits && shared.size > best.score) best = { score: shared.size, sentence: sentence.trim() };
  }
  return best.sentence;
}

/** The names in a question: what has a capital letter without beginning a sentence. */
function namesOf(question: string): string[] {
  return wordsOf((question.match(/(?<=[^.?!\s]\s+)\p{Lu}[\p{L}\p{N}]*/gu) ?? []).join(' '));
}
