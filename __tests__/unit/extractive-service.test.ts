import { describe, expect, it } from 'vitest';
import { ApiError, errorResponse } from '../../src/extractive/api-error.js';
import { embed } from '../../src/extractive/embed.js';
import { createExtractiveService } from '../../src/extractive/service.js';
import { at, items, member } from '../../src/json.js';

const KEY = 'test-key-0123456789';
const service = createExtractiveService({ apiKey: KEY, model: 'chat-model' });

function send(method: string, path: string, body?: string, authorization = `Bearer ${KEY}`): Promise<Response> {
  return service(new Request(`http://service${path}`, { method, headers: { authorization }, body: body ?? null }));
}
const post = (path: string, body: unknown) => send('POST', path, JSON.stringify(body));

type Fields = Record<string, unknown>;
const user = (content: unknown) => ({ role: 'user', content });
const chat = (fields: Fields) => post('/v1/chat/completions', { model: 'chat-model', ...fields });

async function complete(
  content: string,
  fields: Fields = {},
): Promise<{ message: unknown; end: unknown; usage: unknown }> {
  const answer: unknown = await (await chat({ messages: [user(content)], ...fields })).json();
  const [choice] = items(member(answer, 'choices'));
  return { message: member(choice, 'message'), end: member(choice, 'finish_reason'), usage: member(answer, 'usage') };
}

describe('who may ask', () => {
  it.each([
    ['another key', 'Bearer test-key-9876543210'],
    ['no key', ''],
    ['the key alone', KEY],
    ['the key and more', `Bearer ${KEY}0`],
  ])('not who brings %s, on any route', async (_, authorization) => {
    const refusal = expect.objectContaining({ status: 401, message: 'Unauthorized' }) as Error;
    await expect(send('GET', '/v1/models', undefined, authorization)).rejects.toThrow(refusal);
    await expect(send('POST', '/v1/chat/completions', '{}', authorization)).rejects.toThrow(refusal);
    await expect(send('GET', '/nowhere', undefined, authorization)).rejects.toThrow(refusal);
  });
});

describe('the routes', () => {
  it('list the chat model and an embedding model', async () => {
    const model = { object: 'model', created: 0, owned_by: 'extractive' };
    expect(await (await send('GET', '/v1/models')).json()).toEqual({
      object: 'list',
      data: [
        { id: 'chat-model', ...model },
        { id: 'extractive-embed', ...model },
      ],
    });
  });

  it.each([
    ['GET', '/'],
    ['GET', '/models'],
    ['POST', '/v1/models'],
    ['GET', '/v1/chat/completions'],
    ['DELETE', '/v1/embeddings'],
    ['POST', '/v1/responses'],
  ])('have no %s %s', async (method, path) => {
    const refusal = { status: 404, message: `No route ${method} ${path}` };
    await expect(send(method, path)).rejects.toThrow(expect.objectContaining(refusal) as Error);
  });

  it.each([
    ['/v1/chat/completions', { model: 'other' }, 'other'],
    ['/v1/chat/completions', { model: 'extractive-embed' }, 'extractive-embed'],
    ['/v1/embeddings', { model: 'chat-model' }, 'chat-model'],
    ['/v1/chat/completions', {}, 'undefined'],
    ['/v1/chat/completions', null, 'undefined'],
  ])('refuse at %s the model of %j', async (path, body, name) => {
    const refusal = { status: 404, message: `The model \`${name}\` does not exist.` };
    await expect(post(path, body)).rejects.toThrow(expect.objectContaining(refusal) as Error);
  });

  it('refuse a body that is no JSON', async () => {
    await expect(send('POST', '/v1/embeddings', '{')).rejects.toThrow(SyntaxError);
  });

  it('embed', async () => {
    const answer: unknown = await (await post('/v1/embeddings', { model: 'extractive-embed', input: 'gate' })).json();
    expect(at(items(member(answer, 'data'))[0], 'embedding')).toEqual(embed('gate'));
  });
});

describe('a completion', () => {
  const PROMPT =
    'Answer.\n\nCONTEXT:\nThe Blick gate opens at 7. Plums are green.\n\nQUERY:\nWhen does the Blick gate open?';

  it('is in the form of the OpenAI API', async () => {
    const before = Math.floor(Date.now() / 1000);
    const answer: unknown = await (await chat({ messages: [user('Reply with OK now')] })).json();
    expect(answer).toEqual({
      id: expect.stringMatching(/^chatcmpl-[\da-f-]{36}$/) as string,
      created: expect.any(Number) as number,
      model: 'chat-model',
      object: 'chat.completion',
      choices: [{ index: 0, message: { role: 'assistant', content: 'OK now' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 4, completion_tokens: 2, total_tokens: 6 },
    });
    expect(member(answer, 'created')).toBeGreaterThanOrEqual(before);
    expect(member(answer, 'created')).toBeLessThanOrEqual(Date.now() / 1000);
  });

  it('is the sentence of the context that answers', async () => {
    expect((await complete(PROMPT)).message).toEqual({ role: 'assistant', content: 'The Blick gate opens at 7.' });
  });

  it("is I don't know. where none does", async () => {
    const { message } = await complete(PROMPT.replaceAll('Blick gate opens', 'Blick fence closes'));
    expect(member(message, 'content')).toBe("I don't know.");
  });

  it('ends as the system wants it, and counts the words of all messages', async () => {
    const messages = [{ role: 'system', content: 'End every answer with the word "zap".' }, user('Reply with OK')];
    const answer: unknown = await (await chat({ messages })).json();
    expect(at(items(member(answer, 'choices'))[0], 'message', 'content')).toBe('OK zap');
    expect(member(answer, 'usage')).toEqual({ prompt_tokens: 10, completion_tokens: 2, total_tokens: 12 });
  });

  it('is JSON where it is asked for', async () => {
    const { message } = await complete('Reply with "a b"', { response_format: { type: 'json_object' } });
    expect(JSON.parse(String(member(message, 'content')))).toEqual({ answer: '"a b"' });
  });

  it('is no JSON in another format', async () => {
    const { message } = await complete('Reply with a', { response_format: { type: 'text' } });
    expect(member(message, 'content')).toBe('a');
  });

  it.each([
    [2, 'one two', 'length'],
    [0, '', 'length'],
    [3, 'one two three', 'stop'],
    [9, 'one two three', 'stop'],
    [undefined, 'one two three', 'stop'],
    [null, 'one two three', 'stop'],
  ])('with max_tokens of %s is "%s" and ends by %s', async (max_tokens, content, end) => {
    const answer = await complete('Repeat this text: one two three', { max_tokens });
    expect([member(answer.message, 'content'), answer.end]).toEqual([content, end]);
    expect(member(answer.usage, 'completion_tokens')).toBe(content.split(' ').filter(Boolean).length);
  });

  it.each([undefined, null, [], 'Hello', {}])('is refused where the messages are %j', async (messages) => {
    const refusal = { status: 400, message: 'messages must be a list of messages' };
    await expect(chat({ messages })).rejects.toThrow(expect.objectContaining(refusal) as Error);
  });
});

describe('a tool', () => {
  const tool = (name: string) => ({ type: 'function', function: { name } });
  const SEARCH = [tool('report'), tool('knowledge_search')];
  const callOf = (name: string, query: string) => ({
    role: 'assistant',
    content: null,
    tool_calls: [
      {
        id: expect.stringMatching(/^call_[\da-f-]{36}$/) as string,
        type: 'function',
        function: { name, arguments: JSON.stringify({ query }) },
      },
    ],
  });

  it('that searches is called with the question', async () => {
    const { message, end, usage } = await complete('When does it open?', { tools: SEARCH });
    expect(message).toEqual(callOf('knowledge_search', 'When does it open?'));
    expect(end).toBe('tool_calls');
    expect(usage).toEqual({ prompt_tokens: 4, completion_tokens: 4, total_tokens: 8 });
  });

  it('that is forced is called, whatever it does and whatever is asked', async () => {
    const forced = { tools: SEARCH, tool_choice: tool('report') };
    expect((await complete('Reply with OK', forced)).message).toEqual(callOf('report', 'Reply with OK'));
  });

  it.each<[string, string, Fields]>([
    ['does not search', 'When?', { tools: [tool('report')] }],
    ['has no name', 'When?', { tools: [{ type: 'file' }] }],
    ['would look up what is to be said', 'Reply with OK', { tools: SEARCH }],
    ['is not there', 'When?', { tools: null, tool_choice: 'auto' }],
  ])('that %s is not called', async (_, question, fields) => {
    const { message, end } = await complete(question, fields);
    expect([member(message, 'tool_calls'), end]).toEqual([undefined, 'stop']);
  });

  it('that has searched is answered from, and not called again', async () => {
    const found = { role: 'tool', content: 'Plums are green.\nThe Blick gate opens at 7.' };
    const messages = [user('When does the Blick gate open?'), found];
    const answer: unknown = await (await chat({ messages, tools: SEARCH })).json();
    const [choice] = items(member(answer, 'choices'));
    expect(member(choice, 'message')).toEqual({ role: 'assistant', content: 'The Blick gate opens at 7.' });
  });
});

describe('a stream', () => {
  async function streamOf(content: string, fields: Fields = {}): Promise<{ type: string | null; events: unknown[] }> {
    const answer = await chat({ messages: [user(content)], stream: true, ...fields });
    const lines = (await answer.text()).split('\n\n');
    expect(lines.slice(-2)).toEqual(['data: [DONE]', '']);
    const events = lines.slice(0, -2).map((line): unknown => JSON.parse(line.replace(/^data: /, '')));
    return { type: answer.headers.get('content-type'), events };
  }
  const choicesOf = (events: unknown[]) => events.map((event) => items(member(event, 'choices'))[0]);

  it('is of server-sent events: who speaks, word by word, how it ended', async () => {
    const { type, events } = await streamOf('Repeat this text: one two', {});
    expect(type).toBe('text/event-stream');
    expect(choicesOf(events)).toEqual([
      { index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null },
      { index: 0, delta: { content: 'one' }, finish_reason: null },
      { index: 0, delta: { content: ' two' }, finish_reason: null },
      { index: 0, delta: {}, finish_reason: 'stop' },
    ]);
  });

  it('has chunks of one completion', async () => {
    const { events } = await streamOf('Reply with OK');
    const heads = events.map((event) => [member(event, 'id'), member(event, 'object'), member(event, 'model')]);
    const head = [expect.stringMatching(/^chatcmpl-/), 'chat.completion.chunk', 'chat-model'];
    expect(heads).toEqual([head, head, head]);
    expect(new Set(heads.map(([id]) => id)).size).toBe(1);
  });

  it('heeds the limit', async () => {
    const { events } = await streamOf('Repeat this text: one two', { max_tokens: 1 });
    expect(choicesOf(events).slice(1)).toEqual([
      { index: 0, delta: { content: 'one' }, finish_reason: null },
      { index: 0, delta: {}, finish_reason: 'length' },
    ]);
  });

  it('carries the call of a tool', async () => {
    const { events } = await streamOf('When?', { tools: [{ type: 'function', function: { name: 'search' } }] });
    const [, called, last] = choicesOf(events);
    expect(items(at(called, 'delta', 'tool_calls'))).toMatchObject([{ index: 0, function: { name: 'search' } }]);
    expect(last).toEqual({ index: 0, delta: {}, finish_reason: 'tool_calls' });
  });

  it('counts tokens last where it is asked to, and only then', async () => {
    const counted = await streamOf('Reply with OK', { stream_options: { include_usage: true } });
    expect(counted.events.at(-1)).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
    });
    const { events } = await streamOf('Reply with OK', { stream_options: { include_usage: false } });
    expect(events.filter((event) => member(event, 'usage') !== undefined)).toEqual([]);
  });
});

describe('what a client is told of an error', () => {
  it.each<[string, unknown, number, string]>([
    ['of the API', new ApiError(404, 'no such model'), 404, 'no such model'],
    ['of JSON', new SyntaxError('Unexpected end'), 400, 'Unexpected end'],
    ['of the program', new TypeError('x is not a function'), 500, 'x is not a function'],
    ['that is none', 'broken', 500, 'broken'],
  ])('%s', async (_, thrown, status, message) => {
    const response = errorResponse(thrown);
    expect([response.status, response.headers.get('content-type')]).toEqual([status, 'application/json']);
    expect(await response.json()).toEqual({ error: { message, code: status } });
  });
});
