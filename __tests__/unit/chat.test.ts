import { describe, expect, it } from 'vitest';
import { RunError } from '../../src/errors.js';
import type { Usage } from '../../src/maas/answers.js';
import { asking, createChat } from '../../src/maas/chat.js';
import { ApiFailure } from '../../src/maas/failure.js';
import { Pace } from '../../src/maas/pace.js';
import { chunk, completion, FakeStack, type Route } from '../helpers/fake-stack.js';
import { failing, failureOf, httpFailure } from '../helpers/failures.js';

const CHAT = 'POST /chat/completions';
const STREAM = 'STREAM /chat/completions';
const WAYS = [
  ['complete', CHAT],
  ['completeStreamed', STREAM],
] as const;

/** A pace that keeps what it was asked for, and takes its time. */
class NotedPace extends Pace {
  readonly spent: number[] = [];

  constructor() {
    super(undefined, new AbortController().signal);
  }

  override async spend<T>(requests: number, work: () => Promise<T>): Promise<T> {
    this.spent.push(requests);
    await new Promise((resolve) => setTimeout(resolve, 60));
    return await work();
  }
}

function chatOf(replaced: Record<string, Route> = {}) {
  const [api, pace, usage] = [new FakeStack(replaced), new NotedPace(), [] as Usage[]];
  const errorOf = (failure: ApiFailure) => new RunError('UI', `it means: ${failure.message}`, 'x', { cause: failure });
  return { api, pace, usage, chat: createChat(api, { model: 'm', pace, usage, errorOf }) };
}

it('a question is one message of a user', () => {
  expect(asking('why?')).toEqual({ messages: [{ role: 'user', content: 'why?' }] });
});

describe('a chat', () => {
  it('sends the request with its model, as it is', async () => {
    const { api, chat } = chatOf();
    const request = { ...asking('Reply with yes'), max_tokens: 5, tools: [], tool_choice: {} };
    expect(await chat.complete(request)).toMatchObject({ text: 'yes', finishReason: 'stop', toolCalls: [] });
    expect(api.calls).toEqual([{ route: CHAT, body: { model: 'm', ...request } }]);
  });

  it('asks for the tokens of a stream too', async () => {
    const { api, chat } = chatOf();
    expect(await chat.completeStreamed(asking('Reply with yes'))).toMatchObject({ text: 'yes', finishReason: 'stop' });
    expect(api.calls).toEqual([
      { route: STREAM, body: { model: 'm', ...asking('Reply with yes'), stream_options: { include_usage: true } } },
    ]);
  });

  it('keeps the tokens that are reported, and none where none are', async () => {
    const { usage, chat } = chatOf({
      [CHAT]: () => completion('x', { prompt_tokens: 1, completion_tokens: 2 }),
      [STREAM]: () => [chunk('x', 'stop'), { usage: { prompt_tokens: 3, completion_tokens: 4 } }],
    });
    await chat.complete(asking('x'));
    await chat.completeStreamed(asking('x'));
    expect(usage).toEqual([
      { promptTokens: 1, completionTokens: 2 },
      { promptTokens: 3, completionTokens: 4 },
    ]);
    const silent = chatOf({ [CHAT]: () => completion('x') });
    await silent.chat.complete(asking('x'));
    expect(silent.usage).toEqual([]);
  });
});

describe.each(WAYS)('%s', (by, route) => {
  it('is one request of the pace, whose waiting is not in its ms', async () => {
    const { pace, chat } = chatOf();
    const { ms } = await chat[by](asking('x'));
    expect(pace.spent).toEqual([1]);
    expect(ms).toBeGreaterThanOrEqual(0);
    expect(ms).toBeLessThan(50);
  });

  it('tells what a failure means, is not tried again, and counts no tokens', async () => {
    const cause = httpFailure(500, 'boom');
    const { api, chat, usage, pace } = chatOf({ [route]: failing(cause) });
    const failure = await failureOf(() => chat[by](asking('x')));
    expect([failure.hop, failure.cause]).toEqual(['UI', cause]);
    expect(failure.message).toContain('it means: ');
    expect([api.calls.length, pace.spent.length, usage.length]).toEqual([1, 1, 0]);
  });

  it('tells what an answer in another form means', async () => {
    const { chat } = chatOf({ [route]: () => (route === CHAT ? '<html>' : []) });
    expect((await failureOf(() => chat[by](asking('x')))).cause).toBeInstanceOf(ApiFailure);
  });

  it('lets other errors pass as they are', async () => {
    await expect(chatOf({ [route]: failing(new TypeError('a bug')) }).chat[by](asking('x'))).rejects.toThrow(TypeError);
  });
});

it('the ms of a stream are those of the whole', async () => {
  const { api, chat } = chatOf();
  api.stream = async function* () {
    yield chunk('a');
    await new Promise((resolve) => setTimeout(resolve, 30));
    yield chunk('b', 'stop');
  };
  expect((await chat.completeStreamed(asking('x'))).ms).toBeGreaterThanOrEqual(25);
});
