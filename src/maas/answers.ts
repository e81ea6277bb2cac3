import { at, items, member, text, isRecord } from '../json.js';
import { ApiFailure, oneLine } from './failure.js';

/** Tokens as the service reported them; a count that it does not report is left out. */
export interface Usage {
  promptTokens: number;
  completionTokens: number;
}

/** A call of a tool that the model asks for. */
export interface ToolCall {
  name: string;
  /** JSON, as the model wrote it. */
  arguments: string;
}

export interface Completion {
  text: string;
  finishReason: string;
  toolCalls: ToolCall[];
  usage: Usage | undefined;
}

/** @throws ApiFailure of kind shape, with what came instead */
export function wrongShape(call: string, wanted: string, body: unknown): ApiFailure {
  const came = typeof body === 'string' ? body : JSON.stringify(body ?? null);
  return new ApiFailure('shape', call, `expected ${wanted}, got ${oneLine(came)}`);
}

/** Model ids of `GET /models`. @throws ApiFailure where the body is no list of models with ids */
export function readModelIds(body: unknown): string[] {
  const data = member(body, 'data');
  const ids = items(data).map((item) => text(member(item, 'id')));
  if (!Array.isArray(data) || ids.includes('')) throw wrongShape('GET /models', 'a list of models', body);
  return ids;
}

/** The first choice of a chat completion. @throws ApiFailure where there is none */
export function readCompletion(body: unknown): Completion {
  const choice = items(member(body, 'choices'))[0];
  const message = member(choice, 'message');
  if (!isRecord(message)) throw wrongShape('POST /chat/completions', 'a completion with a choice', body);
  return {
    text: withoutThinking(text(message['content'])),
    finishReason: text(member(choice, 'finish_reason')),
    toolCalls: items(message['tool_calls']).map((call) => ({
      name: text(at(call, 'function', 'name')),
      arguments: text(at(call, 'function', 'arguments')),
    })),
    usage: readUsage(member(body, 'usage')),
  };
}

/** What a reasoning model says to itself, where its server leaves that in the answer. It weighs what it does not mean. */
function withoutThinking(content: string): string {
  return content.replace(/^\s*<think>[^]*?<\/think>\s*/, '');
}

/** What a completion says, for messages: an empty one tells how it ended. */
export function quoted({ text: said, finishReason }: Pick<Completion, 'text' | 'finishReason'>): string {
  return said ? `"${oneLine(said)}"` : `nothing (finish_reason "${finishReason}")`;
}

/** The vectors of `POST /embeddings`. @throws ApiFailure where there are none, or one holds no numbers */
export function readEmbeddings(body: unknown): number[][] {
  const vectors = items(member(body, 'data')).map((item) => items(member(item, 'embedding')));
  const numeric =
    vectors.length > 0 &&
    vectors.every((vector) => vector.length > 0 && vector.every((value) => Number.isFinite(value)));
  if (!numeric) throw wrongShape('POST /embeddings', 'a list of vectors', body);
  return vectors as number[][];
}

/** Reported token counts; -1 is what inline embeddings of the stack say for "not counted". */
export function readUsage(usage: unknown): Usage | undefined {
  const promptTokens = member(usage, 'prompt_tokens') ?? member(usage, 'input_tokens');
  if (typeof promptTokens !== 'number' || promptTokens < 0) return undefined;
  const completionTokens = member(usage, 'completion_tokens') ?? member(usage, 'output_tokens');
  return {
    promptTokens,
    completionTokens: typeof completionTokens === 'number' && completionTokens > 0 ? completionTokens : 0,
  };
}

/**
 * The text of a streamed completion. The stack sends no `[DONE]`; a stream without a finish_reason was cut.
 * @throws ApiFailure where the stream carries an error or was cut
 */
export async function readStream(chunks: AsyncIterable<unknown>): Promise<Completion> {
  const completion: Completion = { text: '', finishReason: '', toolCalls: [], usage: undefined };
  for await (const chunk of chunks) {
    const error = member(chunk, 'error');
    if (error !== undefined && error !== null)
      throw new ApiFailure(
        'stream',
        'POST /chat/completions (stream)',
        `error in the stream: ${oneLine(JSON.stringify(error))}`,
      );
    const choice = items(member(chunk, 'choices'))[0];
    completion.text += text(member(member(choice, 'delta'), 'content'));
    completion.finishReason ||= text(member(choice, 'finish_reason'));
    completion.usage = readUsage(member(chunk, 'usage')) ?? completion.usage;
  }
  if (!completion.finishReason)
    throw new ApiFailure(
      'stream',
      'POST /chat/completions (stream)',
      'the stream ended without a finish_reason: it was cut',
    );
  return { ...completion, text: withoutThinking(completion.text) };
}
