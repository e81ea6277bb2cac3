import { describe, expect, it } from 'vitest';
import {
  readCompletion,
  readEmbeddings,
  readModelIds,
  readStream,
  readUsage,
  wrongShape,
  type Completion,
} from '../../src/maas/answers.js';
import { ApiFailure } from '../../src/maas/failure.js';
import { chunk, completion } from '../helpers/fake-stack.js';

function shapeOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof ApiFailure && error.kind === 'shape') return error.message;
    throw error;
  }
  throw new Error('it was read');
}

describe('a list of models', () => {
  it('gives their ids in order', () => {
    expect(readModelIds({ object: 'list', data: [{ id: 'b' }, { id: 'a', owned_by: 'x' }] })).toEqual(['b', 'a']);
  });

  it('may be empty', () => {
    expect(readModelIds({ data: [] })).toEqual([]);
  });

  it.each([
    ['a page', '<html>\n<h1>Sign in</h1>', /got <html> <h1>Sign in<\/h1>/],
    ['nothing', undefined, /got null/],
    ['no list', { data: 'none' }, /a list of models/],
    ['a bare list', [{ id: 'a' }], /a list of models/],
    ['one without an id', { data: [{ id: 'a' }, {}] }, /a list of models/],
    ['an id that is no text', { data: [{ id: 1 }] }, /a list of models/],
  ])('is not %s', (_, body, message) => {
    expect(shapeOf(() => readModelIds(body))).toMatch(message);
  });
});

describe('a completion', () => {
  it('gives the first choice and the tokens', () => {
    const body = completion('Hello', { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 });
    expect(readCompletion(body)).toEqual({
      text: 'Hello',
      finishReason: 'stop',
      toolCalls: [],
      usage: { promptTokens: 7, completionTokens: 3 },
    });
  });

  it('without text (a tool call, a model that only thinks) is an empty one', () => {
    expect(readCompletion({ choices: [{ message: { content: null } }] })).toEqual({
      text: '',
      finishReason: '',
      toolCalls: [],
      usage: undefined,
    });
  });

  it('has the tool calls that the model asks for, with arguments as it wrote them', () => {
    const tool_calls = [
      { id: 'c1', type: 'function', function: { name: 'search', arguments: '{"query": "x"' } },
      { type: 'function', function: { name: 'other', arguments: { query: 'x' } } },
      { type: 'custom' },
    ];
    expect(readCompletion({ choices: [{ message: { content: null, tool_calls } }] }).toolCalls).toEqual([
      { name: 'search', arguments: '{"query": "x"' },
      { name: 'other', arguments: '' },
      { name: '', arguments: '' },
    ]);
  });

  it.each([undefined, null, {}, 'search'])('has no tool calls in %j', (tool_calls) => {
    expect(readCompletion({ choices: [{ message: { content: 'x', tool_calls } }] }).toolCalls).toEqual([]);
  });

  it.each([
    ['a page', '<html>'],
    ['no choices', {}],
    ['an empty list of choices', { choices: [] }],
    ['a choice without a message', { choices: [{ text: 'old API' }] }],
    ['an error inside a 200', { error: { message: 'no such model' } }],
  ])('is not %s', (_, body) => {
    expect(shapeOf(() => readCompletion(body))).toContain('expected a completion with a choice');
  });

  it('that is none is shown, on one line and not at any length', () => {
    const shown = wrongShape('POST /x', 'y', { text: 'a\nb'.repeat(1000) }).message;
    expect(shown.length).toBeLessThan(400);
    expect(wrongShape('POST /x', 'y', 'one\n  two').message).toContain('got one two');
  });
});

describe('embeddings', () => {
  it('are vectors of numbers', () => {
    const body = { data: [{ embedding: [0.5, -1] }, { embedding: [0, 2] }], usage: { prompt_tokens: 4 } };
    expect(readEmbeddings(body)).toEqual([
      [0.5, -1],
      [0, 2],
    ]);
  });

  it.each([
    ['none', { data: [] }],
    ['an empty vector', { data: [{ embedding: [] }] }],
    ['base64', { data: [{ embedding: 'AACAPw==' }] }],
    ['numbers as text', { data: [{ embedding: ['0.5'] }] }],
    ['one vector with a hole', { data: [{ embedding: [1] }, { embedding: [null] }] }],
    ['a page', '<html>'],
  ])('are not %s', (_, body) => {
    expect(shapeOf(() => readEmbeddings(body))).toContain('a list of vectors');
  });
});

describe('reported tokens', () => {
  it.each([
    ['of a chat', { prompt_tokens: 3, completion_tokens: 2 }, { promptTokens: 3, completionTokens: 2 }],
    ['of a response', { input_tokens: 3, output_tokens: 2 }, { promptTokens: 3, completionTokens: 2 }],
    ['of an embedding', { prompt_tokens: 3 }, { promptTokens: 3, completionTokens: 0 }],
    ['zero', { prompt_tokens: 0, completion_tokens: 0 }, { promptTokens: 0, completionTokens: 0 }],
    ['-1 for the answer', { prompt_tokens: 3, completion_tokens: -1 }, { promptTokens: 3, completionTokens: 0 }],
    ['-1: not counted', { prompt_tokens: -1 }, undefined],
    ['as text', { prompt_tokens: '3' }, undefined],
    ['null', null, undefined],
    ['left out', undefined, undefined],
  ])('%s', (_, usage, read) => {
    expect(readUsage(usage)).toEqual(read);
  });
});

describe('a streamed completion', () => {
  const read = async (...chunks: unknown[]): Promise<Completion> =>
    await readStream(
      (async function* () {
        yield* await Promise.resolve(chunks);
      })(),
    );

  it('is the text of all chunks; the tokens may come in a last one without a choice', async () => {
    const usage = { prompt_tokens: 5, completion_tokens: 2 };
    expect(await read(chunk('Hel'), chunk('lo'), chunk('', 'length'), { choices: [], usage })).toEqual({
      text: 'Hello',
      finishReason: 'length',
      toolCalls: [],
      usage: { promptTokens: 5, completionTokens: 2 },
    });
  });

  it('keeps tokens and finish reason that a later chunk does not repeat', async () => {
    const usage = { prompt_tokens: 5 };
    const got = await read({ ...chunk('a', 'stop'), usage }, chunk('', null), { choices: [], usage: null });
    expect(got).toMatchObject({ text: 'a', finishReason: 'stop', usage: { promptTokens: 5, completionTokens: 0 } });
  });

  it.each([
    ['ends without a finish reason', [chunk('Hel'), chunk('lo')], /ended without a finish_reason: it was cut/],
    ['is empty', [], /it was cut/],
    ['carries an error', [chunk('Hel'), { error: { message: 'no\nmemory' } }], /error in the stream: .*no\\nmemory/],
  ])('that %s is a failure', async (_, chunks, message) => {
    await expect(read(...chunks)).rejects.toThrow(message);
    await expect(read(...chunks)).rejects.toMatchObject({ kind: 'stream' });
  });
});

describe('what a reasoning model says to itself', () => {
  it.each([
    ['<think>\nNot 12, that is another.\n</think>\n\nI do not know.', 'I do not know.'],
    ['<think></think>yes', 'yes'],
    ['It says <think>x</think>.', 'It says <think>x</think>.'],
    ['<think>never ended', '<think>never ended'],
  ])('is no part of the answer: %j', async (content, said) => {
    expect(readCompletion(completion(content)).text).toBe(said);
    const stream = async function* () {
      yield await Promise.resolve(chunk(content.slice(0, 9)));
      yield chunk(content.slice(9), 'stop');
    };
    expect((await readStream(stream())).text).toBe(said);
  });
});
