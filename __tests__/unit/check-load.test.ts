import { expect, it } from 'vitest';
import { load } from '../../src/assert/checks/load.js';
import { items, member, text } from '../../src/json.js';
import { alwaysSaying, completion, contextFor, FakeStack, type Route } from '../helpers/fake-stack.js';
import { failing, failureOf, httpFailure } from '../helpers/failures.js';
import { limited, meterOf } from '../helpers/meter.js';
import { judged, judgedIn, trial } from '../helpers/trial.js';

const CHAT = 'POST /chat/completions';
const promptOf = (body: unknown) => text(member(items(member(body, 'messages'))[0], 'content'));

it.each([1, 2, 5])('passes where all of %i askers get their own answers, two each', async (parallel) => {
  const { api, direct, done } = trial(load, { over: { parallel } });
  const { expected, got } = await done();
  expect(expected).toBe(`${parallel * 2} answers, ${parallel} at a time`);
  expect(got).toMatch(new RegExp(`^${parallel * 2} answers; p50 \\d+\\.\\d s, p95 \\d+\\.\\d s; \\d+\\.\\d tokens/s$`));
  const prompts = api.sent(CHAT).map(promptOf);
  expect(new Set(prompts).size).toBe(parallel * 2);
  for (const prompt of prompts) expect(prompt).toMatch(/^Repeat this word: [a-z]{9}$/);
  expect(direct.calls).toEqual([]);
});

it('asks as many at a time as it says, and no more', async () => {
  let [now, most] = [0, 0];
  const api = new FakeStack();
  const { post } = api;
  api.post = async (path, body) => {
    most = Math.max(most, (now += 1));
    await new Promise((resolve) => setImmediate(resolve));
    now -= 1;
    return await post(path, body);
  };
  await load.run(contextFor(api, { parallel: 3 }));
  expect(most).toBe(3);
});

it('passes where the tokens are not counted', async () => {
  const uncounted: Route = (body) => completion(promptOf(body));
  expect((await trial(load, { stack: { [CHAT]: uncounted } }).done()).got).toMatch(/; 0\.0 tokens\/s$/);
});

/** Every answer but the first is that of the question before it. */
function mixingUp(): Record<string, Route> {
  let before = '';
  return {
    [CHAT]: (body) => {
      const said = before || promptOf(body);
      before = promptOf(body);
      return completion(said);
    },
  };
}

const MIXED: [string, () => Record<string, Route>, string][] = [
  ["somebody else's", mixingUp, 'was asked to repeat "(\\w+)" and said "Repeat this word: (?!\\1)\\w+"'],
  ['empty', () => ({ [CHAT]: () => completion('') }), 'and said nothing \\(finish_reason "stop"\\)'],
  [
    'cut',
    () => ({ [CHAT]: () => completion('', undefined, 'length') }),
    'and said nothing \\(finish_reason "length"\\)',
  ],
];

it.each(MIXED)(
  'an answer that is %s is blamed on the stack where the service answers rightly',
  async (_, mixed, what) => {
    const { api, direct, done } = trial(load, { stack: mixed(), over: { parallel: 2 } });
    const failure = await failureOf(done);
    expect([failure.code, failure.hop]).toEqual(['E_STACK_CHANGES', 'stack']);
    expect(failure.message).toMatch(/^through the stack, under load the model /);
    expect(failure.message).toMatch(new RegExp(`${what}; asked directly, the model service does it right$`));
    expect(failure.fix).toContain("stack's provider");
    const [through, directly] = [api.sent(CHAT).map(promptOf), direct.sent(CHAT).map(promptOf)];
    expect(new Set(through).size).toBe(through.length);
    expect(new Set(directly).size).toBe(directly.length);
    expect(through).toEqual(expect.arrayContaining(directly));
  },
);

it.each(MIXED)('an answer that is %s is blamed on a service that answers so too', async (_, mixed, what) => {
  const { api, direct, done } = trial(load, { stack: mixed(), service: alwaysSaying('no'), over: { parallel: 2 } });
  const failure = await failureOf(done);
  expect([failure.code, failure.hop]).toEqual(['E_WRONG_ANSWER', 'model service']);
  expect(failure.message).toMatch(new RegExp(`^under load the model .*${what}$`));
  expect(failure.fix).toContain('mixed up or cut under load');
  expect(direct.calls.length).toBeGreaterThan(0);
  expect(direct.calls.length).toBeLessThanOrEqual(api.calls.length);
});

it('a limit of the rate is told as that, whoever else is well', async () => {
  const result = await judged(load, { [CHAT]: failing(httpFailure(429, 'slow down')) });
  expect(result).toMatchObject({ verdict: 'failed', code: 'E_RATE_LIMITED', hop: 'model service' });
  expect(result.cause).toContain('limits the rate');
  expect(result.fix).toContain('requests-per-minute');
});

/** The third call fails. */
function failingOnTheWay(): Record<string, Route> {
  let calls = 0;
  return {
    [CHAT]: (body) => {
      if ((calls += 1) === 3) throw httpFailure(502, 'upstream reset');
      return completion(promptOf(body));
    },
  };
}

it('one call of many that fails is a failure of the stack where the service answers that', async () => {
  const { direct, done } = trial(load, { stack: failingOnTheWay() });
  const failure = await failureOf(done);
  expect([failure.code, failure.hop]).toEqual(['E_STACK_TO_SERVICE', 'stack']);
  expect(failure.message).toMatch(/^the stack .*upstream reset.*; asked directly, the model service answers$/);
  expect(direct.calls).toHaveLength(1);
});

it('one call of many that fails is a failure of the service where that fails too', async () => {
  const service = { [CHAT]: failing(httpFailure(503, 'no node')) };
  const { direct, done } = trial(load, { stack: failingOnTheWay(), service });
  const failure = await failureOf(done);
  expect([failure.code, failure.hop]).toEqual(['E_SERVICE_DOWN', 'model service']);
  expect(failure.message).toMatch(/no node \(asked directly; through the stack: .*upstream reset/);
  expect(direct.calls).toHaveLength(1);
});

/** The check with so many requests left, of two askers. */
async function judgedWithin(requests: number, stack: Record<string, Route>, service: Record<string, Route> = {}) {
  const { meter, spend } = meterOf({ limits: limited({ requests }), onBudget: 'stop' });
  meter.of('load');
  const { context } = trial(load, { stack, service, over: { parallel: 2, meter } });
  return { spend, result: await judgedIn(context, load) };
}

it.each([1, 2, 3])(
  'of which some are kept from asking, and the others answered, is skipped: %i may ask',
  async (left) => {
    const { result, spend } = await judgedWithin(left, {});
    const cause = `a budget of the run is spent: request-budget: ${left} of ${left} spent`;
    expect(result).toMatchObject({ verdict: 'skipped', hop: 'model service', cause, evidence: undefined });
    expect([spend.rows, spend.stopped]).toMatchObject([[{ requests: left }], cause]);
  },
);

it('of which one is kept from asking, and another gets a wrong answer, is failed, by whose fault it is', async () => {
  const byStack = await judgedWithin(1, alwaysSaying('no'));
  expect(byStack.result).toMatchObject({ verdict: 'failed', code: 'E_STACK_CHANGES', hop: 'stack' });
  expect(byStack.spend.rows).toMatchObject([{ requests: 1 }, { hop: 'model service', requests: 1 }]);
  const byService = await judgedWithin(1, alwaysSaying('no'), alwaysSaying('no'));
  expect(byService.result).toMatchObject({ verdict: 'failed', code: 'E_WRONG_ANSWER', hop: 'model service' });
});

it('of which one is kept from asking before another fails is failed', async () => {
  const slowly: Record<string, Route> = { [CHAT]: failing(httpFailure(500, 'boom')) };
  const { result } = await judgedWithin(1, slowly);
  expect(result).toMatchObject({ verdict: 'failed', code: 'E_STACK_TO_SERVICE', hop: 'stack' });
});
