import { afterEach, describe, expect, it, vi } from 'vitest';
import { awaitCompletion, awaitStack, findModel } from '../../src/assert/readiness.js';
import type { StackModel } from '../../src/assert/stack/readings.js';
import { RunError } from '../../src/errors.js';
import { ApiFailure } from '../../src/maas/failure.js';
import { useClock } from '../helpers/clock.js';
import { completion, contextFor, FakeStack, listedModel } from '../helpers/fake-stack.js';
import { failureOf, httpFailure, noAnswer } from '../helpers/failures.js';

vi.mock('node:timers/promises', async () => (await import('../helpers/clock.js')).instantPauses);
useClock();
afterEach(() => {
  vi.restoreAllMocks();
});

const model = (id: string, providerId: string, providerModel: string): StackModel => ({
  id,
  type: 'llm',
  providerId,
  providerModel,
  dimension: undefined,
});

describe('the chat model in the list of the stack', () => {
  const MINE = model('maas/acme/chat', 'maas', 'acme/chat');

  it.each([
    ['by its id', MINE],
    ['by its id alone', model('maas/acme/chat', '', '')],
    ['by provider and model, whatever the stack calls it', model('alias', 'maas', 'acme/chat')],
  ])('is found %s', (_, listed) => {
    expect(findModel([model('x/y', 'x', 'y'), listed], 'maas', 'acme/chat')).toBe(listed);
  });

  it.each([
    ['the same model of another provider', model('other/acme/chat', 'other', 'acme/chat')],
    ['another model of the provider', model('maas/acme/chat-2', 'maas', 'acme/chat-2')],
    ['a longer name', model('my-maas/acme/chat', 'my-maas', 'acme/chat')],
    ['the name without a provider', model('acme/chat', '', '')],
  ])('is not %s', async (_, listed) => {
    const failure = await failureOf(() => findModel([listed], 'maas', 'acme/chat'));
    expect([failure.code, failure.hop]).toEqual(['E_STACK_MODEL', 'stack']);
    expect(failure.message).toBe(`the stack does not list maas/acme/chat; it lists ${listed.id}`);
    expect(failure.fix).toContain('global.models');
  });
});

/** A stack of which the completions end one after the other as given; the last one repeats. */
function waitFor(outcomes: (Error | 'ok')[], signal = new AbortController().signal, models?: () => unknown) {
  const waits: string[] = [];
  const left = [...outcomes];
  const api = new FakeStack({
    'POST /chat/completions': () => {
      const outcome = left.length > 1 ? left.shift() : left[0];
      if (outcome instanceof Error) throw outcome;
      return completion('OK');
    },
    ...(models && { 'GET /models': models }),
  });
  const waiting = (forWhat: string) => void waits.push(forWhat);
  return { waits, api, done: () => awaitCompletion(contextFor(api).stack, 'maas', 'acme/chat-1.5', waiting, signal) };
}

const times = (count: number, error: Error): Error[] => Array<Error>(count).fill(error);
const DOWN = noAnswer('connection', 'ECONNREFUSED');
const BUSY = httpFailure(503, 'no provider');

describe('a stack is ready', () => {
  it('when one real completion came, of the model as the stack lists it', async () => {
    const { done, waits, api } = waitFor(['ok']);
    expect(await done()).toMatchObject({ id: 'maas/acme/chat-1.5', providerId: 'maas' });
    expect(api.sent('POST /chat/completions')).toEqual([expect.objectContaining({ model: 'maas/acme/chat-1.5' })]);
    expect(waits).toEqual([]);
  });

  it('not when it lists the model and can not use it', async () => {
    const { done, waits } = waitFor([BUSY, BUSY, 'ok']);
    await done();
    expect(waits).toHaveLength(2);
    expect(waits[0]).toMatch(/^a completion through the stack \(.*HTTP 503 \(no provider\)\)$/);
  });

  it.each([
    ['refuses connections', DOWN],
    ['does not answer in time', noAnswer('timeout')],
  ])('after any time in which it %s: it starts', async (_, error) => {
    const { done, waits } = waitFor([...times(200, error), 'ok']);
    await done();
    expect(Date.now()).toBe(100_000);
    expect(new Set(waits)).toEqual(new Set(['a completion through the stack (it does not answer yet)']));
  });

  it('when the model comes into its list late', async () => {
    let looks = 0;
    const late = listedModel('maas/acme/chat-1.5', 'llm', 'maas', 'acme/chat-1.5');
    const { done } = waitFor(['ok'], undefined, () => ({
      data: [++looks < 3 ? listedModel('x/y', 'llm', 'x', 'y') : late],
    }));
    await done();
    expect(looks).toBe(3);
  });
});

describe('waiting for a stack ends', () => {
  it.each([401, 403])('at once where the key is refused (HTTP %i)', async (status) => {
    const { done, waits } = waitFor([httpFailure(status)]);
    const failure = await failureOf(done);
    expect(failure.code).toBe('E_STACK_KEY');
    expect(failure.message).toContain('refuses the key that the stack sends');
    expect(waits).toEqual([]);
  });

  it('after 15 s of the same error of a running stack, and not before', async () => {
    const failure = await failureOf(waitFor([BUSY]).done);
    expect(failure.code).toBe('E_STACK_TO_SERVICE');
    expect(failure.message).toContain('no provider');
    expect(Date.now()).toBe(15_500);
    vi.setSystemTime(0);
    await waitFor([...times(31, BUSY), 'ok']).done();
  });

  it.each([httpFailure(429), httpFailure(500, 'Too Many Requests')])(
    'after 50 s of a limited rate, in which it asks less and less: %s',
    async (limit) => {
      vi.spyOn(Math, 'random').mockReturnValue(1);
      expect((await failureOf(waitFor([limit]).done)).code).toBe('E_RATE_LIMITED');
      expect(Date.now()).toBe(47_000);
      vi.setSystemTime(0);
      const { done, api } = waitFor([...times(6, limit), 'ok']);
      await done();
      expect(Date.now()).toBe(1000 * (1 + 2 + 4 + 8 + 16 + 16));
      expect(api.sent('POST /chat/completions')).toHaveLength(7);
    },
  );

  it('for a limited rate not before the service may be asked again', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(1);
    const limit = (seconds: number) =>
      new ApiFailure('status', 'POST /chat/completions', '', { status: 429, headers: { 'retry-after': `${seconds}` } });
    const { done, api } = waitFor([limit(20), limit(26), 'ok']);
    await done();
    expect(Date.now()).toBe(21_000 + 28_000);
    expect(api.sent('POST /chat/completions')).toHaveLength(3);
    vi.setSystemTime(0);
    await waitFor([limit(60), 'ok']).done();
    expect(Date.now()).toBe(61_000);
  });

  it('15 s after it began to answer, however long it started', async () => {
    await failureOf(waitFor([...times(100, DOWN), BUSY]).done);
    expect(Date.now()).toBe(50_000 + 15_500);
  });

  it('not for errors from before the stack was started again', async () => {
    const outcomes = [BUSY, ...times(60, DOWN), ...times(31, BUSY), 'ok' as const];
    await expect(waitFor(outcomes).done()).resolves.toBeDefined();
  });

  it.each([
    ['connections that break in between', [BUSY, DOWN, BUSY, ...times(8, DOWN)]],
    ['a stack that is gone for 5 s and no more', [BUSY, ...times(10, DOWN)]],
  ])('after 15 s of the same error, whatever comes between: %s', async (_, outcomes) => {
    const failure = await failureOf(waitFor([...outcomes, BUSY]).done);
    expect(failure.message).toContain('no provider');
    expect(Date.now()).toBe(15_500);
  });

  it('15 s after it answers again where it was gone for longer than 5 s', async () => {
    await failureOf(waitFor([BUSY, ...times(11, DOWN), BUSY]).done);
    expect(Date.now()).toBe(6000 + 15_500);
  });

  it('after 15 s in which completions hang: a stack that lists its models has started', async () => {
    const hanging = new ApiFailure('timeout', 'POST /chat/completions', '');
    const failure = await failureOf(waitFor([hanging]).done);
    expect(failure.code).toBe('E_STACK_TIMEOUT');
    expect(failure.message).toContain('POST /chat/completions: timeout');
    expect(Date.now()).toBe(15_500);
  });

  it('after 15 s without the model in its list', async () => {
    const failure = await failureOf(
      waitFor(['ok'], undefined, () => ({ data: [listedModel('x/y', 'llm', 'x', 'y')] })).done,
    );
    expect(failure.message).toBe('the stack does not list maas/acme/chat-1.5; it lists x/y');
  });

  it('when the run ends', async () => {
    const end = new AbortController();
    const reason = new RunError('E_UNEXPECTED', 'run', 'the deadline', 'x');
    end.abort(reason);
    expect(await failureOf(waitFor([DOWN], end.signal).done)).toBe(reason);
  });

  it('with an error that is no answer of the stack', async () => {
    await expect(waitFor([new TypeError('a bug')]).done()).rejects.toThrow(TypeError);
  });
});

describe('a stack whose model is not tested is ready', () => {
  const waitForModels = (outcomes: (Error | 'ok')[], signal = new AbortController().signal) => {
    const waits: string[] = [];
    const models = () => {
      const outcome = outcomes.shift();
      if (outcome instanceof Error) throw outcome;
      return { data: [] as object[], ...(outcome && { data: [listedModel('x/y', 'llm', 'x', 'y')] }) };
    };
    const api = new FakeStack({ 'GET /models': models });
    const done = () => awaitStack(contextFor(api).stack, (forWhat) => void waits.push(forWhat), signal);
    return { waits, api, done };
  };

  it.each([
    ['refuses connections', DOWN, /^the stack to list its models \(the stack does not answer: .*ECONNREFUSED\)\)$/],
    [
      'does not answer in time',
      noAnswer('timeout'),
      /^the stack to list its models \(.* in time: GET \/models: timeout\)$/,
    ],
  ])('when it lists models, after any time in which it %s', async (_, error, said) => {
    const { done, waits, api } = waitForModels([...times(200, error), 'ok']);
    await done();
    expect(Date.now()).toBe(100_000);
    expect(waits).toHaveLength(200);
    for (const wait of waits) expect(wait).toMatch(said);
    expect(api.sent('POST /chat/completions')).toEqual([]);
  });

  const BOOM = httpFailure(500, 'boom', 'GET /models');

  it('not where it answers with an error for 15 s', async () => {
    const failure = await failureOf(waitForModels(times(32, BOOM)).done);
    expect(failure.code).toBe('E_STACK_ERROR');
    expect(failure.message).toContain('GET /models: HTTP 500 (boom)');
    expect(Date.now()).toBe(15_500);
  });

  it('when it lists models within 15 s after its first error, however long it started', async () => {
    const { done, waits } = waitForModels([...times(100, DOWN), ...times(31, BOOM), 'ok']);
    await done();
    expect(Date.now()).toBe(50_000 + 15_500);
    expect(waits.at(-1)).toMatch(/^the stack to list its models \(.*GET \/models: HTTP 500 \(boom\)\)$/);
  });

  it('also with an empty list: it may have none', async () => {
    const { done, waits } = waitForModels([]);
    await done();
    expect(waits).toEqual([]);
  });

  it('not with an error that is no answer of the stack', async () => {
    await expect(waitForModels([new TypeError('a bug')]).done()).rejects.toThrow(TypeError);
  });

  it('not when the run ends', async () => {
    const reason = new RunError('E_UNEXPECTED', 'run', 'the deadline', 'x');
    expect(await failureOf(waitForModels([DOWN], AbortSignal.abort(reason)).done)).toBe(reason);
  });
});
