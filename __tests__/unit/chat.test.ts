import { describe, expect, it } from 'vitest';
import { RunError } from '../../src/errors.js';
import { member } from '../../src/json.js';
import { quoted } from '../../src/maas/answers.js';
import { asking, createChat } from '../../src/maas/chat.js';
import { ApiFailure } from '../../src/maas/failure.js';
import { Pace } from '../../src/maas/pace.js';
import { madeOnce } from '../helpers/calls.js';
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
  const [api, pace] = [new FakeStack(replaced), new NotedPace()];
  const errorOf = (failure: ApiFailure) =>
    new RunError('E_UNEXPECTED', 'UI', `it means: ${failure.message}`, 'x', { cause: failure });
  return { api, pace, chat: createChat(api, { model: 'm', calls: madeOnce(pace), errorOf }) };
}

it('a question is one message of a user', () => {
  expect(asking('why?')).toEqual({ messages: [{ role: 'user', content: 'why?' }] });
});

describe('a chat', () => {
  it('sends the request as it is, with its model, and asks for the likeliest answer', async () => {
    const { api, chat } = chatOf();
    const request = { ...asking('Reply with yes'), max_tokens: 5, tools: [], tool_choice: {} };
    expect(await chat.complete(request)).toMatchObject({ text: 'yes', finishReason: 'stop', toolCalls: [] });
    expect(api.calls).toEqual([{ route: CHAT, body: { model: 'm', ...request, temperature: 0 } }]);
  });

  it('asks for the tokens of a stream too', async () => {
    const { api, chat } = chatOf();
    expect(await chat.completeStreamed(asking('Reply with yes'))).toMatchObject({ text: 'yes', finishReason: 'stop' });
    expect(api.calls).toEqual([
      {
        route: STREAM,
        body: { model: 'm', ...asking('Reply with yes'), temperature: 0, stream_options: { include_usage: true } },
      },
    ]);
  });

  it('tells the tokens that are reported, and none where none are', async () => {
    const { chat } = chatOf({
      [CHAT]: () => completion('x', { prompt_tokens: 1, completion_tokens: 2 }),
      [STREAM]: () => [chunk('x', 'stop'), { usage: { prompt_tokens: 3, completion_tokens: 4 } }],
    });
    expect((await chat.complete(asking('x'))).usage).toEqual({ promptTokens: 1, completionTokens: 2 });
    expect((await chat.completeStreamed(asking('x'))).usage).toEqual({ promptTokens: 3, completionTokens: 4 });
    const silent = chatOf({ [CHAT]: () => completion('x') });
    expect((await silent.chat.complete(asking('x'))).usage).toBeUndefined();
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

  it('tells what a failure means, and is not tried again', async () => {
    const cause = httpFailure(500, 'boom');
    const { api, chat, pace } = chatOf({ [route]: failing(cause) });
    const failure = await failureOf(() => chat[by](asking('x')));
    expect([failure.hop, failure.cause]).toEqual(['UI', cause]);
    expect(failure.message).toContain('it means: ');
    expect([api.calls.length, pace.spent.length]).toEqual([1, 1]);
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

/** A server that refuses requests with one of these parameters, and names it. Else it answers with yes, counted. */
function refusing(status: number, ...names: string[]): Record<string, Route> {
  const answering = (answer: unknown) => (body: unknown) => {
    const name = names.find((one) => member(body, one) !== undefined);
    if (name) throw httpFailure(status, `Unsupported parameter: '${name}' is not supported with this model.`);
    return answer;
  };
  const usage = { prompt_tokens: 1, completion_tokens: 2 };
  return { [CHAT]: answering(completion('yes', usage)), [STREAM]: answering([chunk('yes', 'stop'), { usage }]) };
}

const [TEMPERATURE, OPTIONS] = [{ temperature: 0 }, { stream_options: { include_usage: true } }];
/** What is sent beside the request; and of that what is left without the temperature. */
const HELPING = { complete: TEMPERATURE, completeStreamed: { ...TEMPERATURE, ...OPTIONS } };
const OTHERS = { complete: {}, completeStreamed: OPTIONS };

describe.each(WAYS)('parameters that only help, with %s', (by, route) => {
  const request = { ...asking('Reply with yes'), max_tokens: 5 };

  it.each([400, 422])(
    'are left out where the server refuses one by name with HTTP %i, and the others kept',
    async (status) => {
      const { api, chat, pace } = chatOf(refusing(status, 'temperature'));
      const counted = { promptTokens: 1, completionTokens: 2 };
      expect(await chat[by](request)).toMatchObject({ text: 'yes', usage: counted });
      expect(api.calls).toEqual([
        { route, body: { model: 'm', ...request, ...HELPING[by] } },
        { route, body: { model: 'm', ...request, ...OTHERS[by] } },
      ]);
      expect(pace.spent).toEqual([1]);
    },
  );

  it('that were refused are not sent with the next call', async () => {
    const { api, chat } = chatOf(refusing(400, 'temperature'));
    await chat[by](request);
    await chat[by](request);
    expect(api.calls.map(({ body }) => member(body, 'temperature'))).toEqual([0, undefined, undefined]);
  });

  it.each<[string, number, string]>([
    ['names none of them', 400, 'the model is asleep'],
    ['names none of them', 422, "Unsupported parameter: 'max_tokens'"],
    ['says nothing', 400, ''],
    ['names one, as a failure', 500, 'temperature out of range'],
    ['names one, with another refusal', 404, 'no temperature here'],
    ['names one, as a limit', 429, 'temperature'],
  ])('are not left out where an error %s (HTTP %i, %j)', async (_name, status, detail) => {
    const { api, chat } = chatOf({ [route]: failing(httpFailure(status, detail)) });
    await failureOf(() => chat[by](request));
    expect(api.calls).toHaveLength(1);
  });

  it('are left out once: a server that names them still has another reason', async () => {
    const cause = httpFailure(400, 'temperature, stream_options: no');
    const { api, chat } = chatOf({ [route]: failing(cause) });
    const failure = await failureOf(() => chat[by](request));
    expect([failure.hop, failure.cause]).toEqual(['UI', cause]);
    expect(api.calls.map(({ body }) => body)).toEqual([
      { model: 'm', ...request, ...HELPING[by] },
      { model: 'm', ...request },
    ]);
  });

  it('that are left out do not hide an error that comes then', async () => {
    const then = httpFailure(503, 'no node');
    const { api, chat } = chatOf({
      [route]: (body) => {
        throw member(body, 'temperature') === 0 ? httpFailure(400, 'temperature') : then;
      },
    });
    expect((await failureOf(() => chat[by](request))).cause).toBe(then);
    expect(api.calls).toHaveLength(2);
  });
});

describe('the parameters of a stream', () => {
  const bodyWith = (extra: object) => ({ model: 'm', ...asking('x'), ...extra });

  it.each([400, 422])('are sent without stream_options where these are refused with HTTP %i', async (status) => {
    const { api, chat } = chatOf(refusing(status, 'stream_options'));
    expect(await chat.completeStreamed(asking('x'))).toMatchObject({ text: 'yes' });
    expect(api.sent(STREAM)).toEqual([bodyWith({ ...TEMPERATURE, ...OPTIONS }), bodyWith(TEMPERATURE)]);
  });

  it('are left out one after the other where the server names one at a time', async () => {
    const { api, chat } = chatOf(refusing(400, 'stream_options', 'temperature'));
    expect(await chat.completeStreamed(asking('x'))).toMatchObject({ text: 'yes' });
    expect(api.sent(STREAM)).toEqual([bodyWith({ ...TEMPERATURE, ...OPTIONS }), bodyWith(TEMPERATURE), bodyWith({})]);
  });

  it('do not count for a call without a stream', async () => {
    const { api, chat } = chatOf({ [CHAT]: failing(httpFailure(400, 'stream_options')) });
    await failureOf(() => chat.complete(asking('x')));
    expect(api.calls).toHaveLength(1);
  });
});

describe('a message about an answer', () => {
  it.each([
    ['yes', 'stop', '"yes"'],
    ['one\n  two ', 'stop', '"one two"'],
    ['a part', 'length', '"a part"'],
    ['', 'stop', 'nothing (finish_reason "stop")'],
    ['', 'length', 'nothing (finish_reason "length")'],
    ['', '', 'nothing (finish_reason "")'],
  ])('quotes %j, ended by "%s", as %s', (text, finishReason, told) => {
    expect(quoted({ text, finishReason })).toBe(told);
  });

  it('quotes no more than 300 characters of it', () => {
    expect(quoted({ text: 'x'.repeat(400), finishReason: 'stop' })).toBe(`"${'x'.repeat(300)}…"`);
  });
});
