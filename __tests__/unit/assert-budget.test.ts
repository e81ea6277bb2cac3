import { describe, expect, it, vi } from 'vitest';
import type { Spend } from '../../src/spend/spend.js';
import { assertion, type Case } from '../helpers/assertion.js';
import { useClock } from '../helpers/clock.js';
import { alwaysSaying } from '../helpers/fake-stack.js';
import { failing, failureOf, httpFailure, noAnswer } from '../helpers/failures.js';
import { limited, usageRow } from '../helpers/meter.js';
import { application } from '../helpers/servers.js';

vi.mock('node:timers/promises', async () => (await import('../helpers/clock.js')).instantPauses);
useClock();

const CHECKS = ['stack-models', 'chat', 'load', 'ui-health'];
const CHAT = 'POST /chat/completions';
/** Requests of a healthy run: one until it is ready, one of the check chat, and two each of two askers. */
const [READY, OF_CHAT, OF_LOAD] = [1, 1, 4];

const requestsOf = ({ rows }: Spend) =>
  Object.fromEntries(rows.map(({ check, hop, requests }) => [`${check}, ${hop}`, requests]));
const spentBy = (limit: number) => `a budget of the run is spent: request-budget: ${limit} of ${limit} spent`;

/** A run that may ask so often. */
const within = (requests: number, onBudget: Spend['onBudget'], over: Case = {}) =>
  assertion({ checks: CHECKS, spend: { limits: limited({ requests }), onBudget }, ...over });

/** A run that begins with its budget spent, by the probe. */
const spentBefore = (onBudget: Spend['onBudget'], over: Case = {}) =>
  within(1, onBudget, { ...over, rows: [usageRow({ check: 'probe', hop: 'model service' })] });

it('a run that its budget suffices for asks what it would ask without one', async () => {
  const [all, free] = [within(READY + OF_CHAT + OF_LOAD + 1, 'stop'), assertion({ checks: CHECKS })];
  await all.done();
  await free.done();
  expect(all.verdicts()).toEqual(CHECKS.map((name) => `${name} passed`));
  expect(requestsOf(all.record.spend)).toEqual(requestsOf(free.record.spend));
  expect(requestsOf(all.record.spend)).toEqual({
    'readiness, stack': READY,
    'chat, stack': OF_CHAT,
    'load, stack': OF_LOAD,
  });
  expect(all.record.spend.stopped).toBeUndefined();
  expect(() => all.meter.throwIfOverspent()).not.toThrow();
});

describe.each(['stop', 'fail'] as const)('a run whose budget is spent on the way (on-budget %s)', (onBudget) => {
  it('skips the check under way and all that come, and earlier ones keep their verdicts', async () => {
    const limit = READY + OF_CHAT + 2;
    const { done, verdicts, record, api } = within(limit, onBudget);
    await done();
    expect(verdicts()).toEqual(['stack-models passed', 'chat passed', 'load skipped', 'ui-health skipped']);
    expect(record.checks.map(({ cause }) => cause)).toEqual(['', '', spentBy(limit), spentBy(limit)]);
    expect(record.checks.slice(2)).toMatchObject([{ hop: 'model service' }, { hop: 'UI' }]);
    expect(record.spend.stopped).toBe(spentBy(limit));
    expect(api.sent(CHAT)).toHaveLength(limit);
    expect(requestsOf(record.spend)).toEqual({ 'readiness, stack': READY, 'chat, stack': 1, 'load, stack': 2 });
  });

  it('skips those that ask nothing, too', async () => {
    const { done, verdicts, record } = within(READY + OF_CHAT, onBudget, { checks: ['chat', 'embeddings', 'files'] });
    await done();
    expect(verdicts()).toEqual(['chat passed', 'embeddings skipped', 'files skipped']);
    expect(record.checks.map(({ cause }) => cause).slice(1)).toEqual([spentBy(2), spentBy(2)]);
  });

  it('warns of it once', async () => {
    const { done, log } = within(READY + OF_CHAT, onBudget);
    await done();
    expect(log.lines.filter((line) => line.startsWith('warning: '))).toEqual([
      `warning: request-budget: 2 of 2 spent; nothing more is asked of a model (on-budget: ${onBudget})`,
    ]);
  });

  it('is red where no check could be run before', async () => {
    const { done, verdicts } = within(READY, onBudget, { checks: ['chat', 'load'] });
    expect(await failureOf(done)).toMatchObject({ code: 'E_BUDGET', hop: 'run', message: spentBy(1) });
    expect(verdicts()).toEqual(['chat skipped', 'load skipped']);
  });

  it('tidies the stack up all the same', async () => {
    const { done, api } = within(READY + OF_CHAT + 1, onBudget, { checks: ['chat', 'rag-chat', 'load'] });
    await done();
    const [made, deleted] = ['POST /vector_stores', 'DELETE /vector_stores/vs-1'].map((one) => api.sent(one).length);
    expect([made, deleted]).toEqual([1, 1]);
  });

  it('ends in readiness at once where it is spent before, and asks nothing', async () => {
    const { done, record, api } = spentBefore(onBudget);
    expect(await failureOf(done)).toMatchObject({ code: 'E_BUDGET', hop: 'run', message: spentBy(1) });
    expect([Date.now(), api.sent(CHAT), record.checks]).toEqual([0, [], []]);
    expect(record.spend.stopped).toBe(spentBy(1));
  });

  it.each<[string, Case]>([
    ['of which the model may be left out', { inference: 'auto' }],
    ['that is an application', { server: application(), subject: { api: 'openai' } }],
  ])('ends in readiness at once, at a server %s', async (_, over) => {
    const { done, record } = spentBefore(onBudget, over);
    expect(await failureOf(done)).toMatchObject({ code: 'E_BUDGET', message: spentBy(1) });
    expect([Date.now(), record.untested]).toEqual([0, undefined]);
  });

  it('ends in readiness as soon as the stack has asked too often in vain', async () => {
    const { done, record } = within(3, onBudget, { stack: { [CHAT]: failing(httpFailure(503, 'no provider')) } });
    expect(await failureOf(done)).toMatchObject({ code: 'E_BUDGET', message: spentBy(3) });
    expect(Date.now()).toBe(3 * 500);
    expect(requestsOf(record.spend)).toEqual({ 'readiness, stack': 3 });
  });

  it('waits for a stack that starts: what nobody takes spends nothing', async () => {
    let looks = 0;
    const starting = (body: unknown): unknown => {
      if ((looks += 1) <= 20) throw noAnswer('connection', 'ECONNREFUSED');
      return run.api.healthy(CHAT, body);
    };
    const run = within(READY + OF_CHAT + OF_LOAD, onBudget, { stack: { [CHAT]: starting } });
    await run.done();
    expect(run.verdicts()).toEqual(['stack-models passed', 'chat passed', 'load passed', 'ui-health skipped']);
    expect(requestsOf(run.record.spend)).toMatchObject({ 'readiness, stack': READY });
  });
});

describe('a run that was kept from asking', () => {
  it('is green where the user wrote stop, and red where fail', async () => {
    const [stopped, failed] = [within(READY + OF_CHAT, 'stop'), within(READY + OF_CHAT, 'fail')];
    for (const { done } of [stopped, failed]) await done();
    expect(() => stopped.meter.throwIfOverspent()).not.toThrow();
    expect(await failureOf(() => failed.meter.throwIfOverspent())).toMatchObject({ code: 'E_BUDGET', hop: 'run' });
  });

  it('goes on where the user wrote warn, and warns', async () => {
    const { done, verdicts, record, log, meter } = spentBefore('warn');
    await done();
    expect(verdicts()).toEqual(CHECKS.map((name) => `${name} passed`));
    expect(record.spend.stopped).toBeUndefined();
    expect(log.lines).toContain('warning: request-budget: 2 of 1 spent; the run goes on (on-budget: warn)');
    expect(() => meter.throwIfOverspent()).not.toThrow();
  });
});

describe('what is wrong, though the budget is spent by the call that shows it', () => {
  it('stays failed: the service is asked all the same whose fault a wrong answer is', async () => {
    const limit = READY + OF_CHAT;
    const { done, verdicts, record } = within(limit, 'stop', { stack: alwaysSaying('Hello.') });
    const failure = await failureOf(done);
    expect(failure).toMatchObject({ code: 'E_STACK_CHANGES', hop: 'stack' });
    expect(verdicts()).toEqual(['stack-models passed', 'chat failed', 'load blocked']);
    expect(requestsOf(record.spend)).toEqual({ 'readiness, stack': 1, 'chat, stack': 1, 'chat, model service': 1 });
  });

  it('stays failed: the service is asked all the same whose fault a failed call is', async () => {
    let calls = 0;
    const afterReady = (): unknown => {
      if ((calls += 1) > READY) throw httpFailure(500, 'boom');
      return { choices: [{ message: { content: 'OK' }, finish_reason: 'stop' }] };
    };
    const { done, verdicts, record } = within(READY + OF_CHAT, 'stop', { stack: { [CHAT]: afterReady } });
    expect(await failureOf(done)).toMatchObject({ code: 'E_STACK_TO_SERVICE', hop: 'stack' });
    expect(verdicts()).toEqual(['stack-models passed', 'chat failed', 'load blocked']);
    expect(requestsOf(record.spend)).toMatchObject({ 'chat, model service': 1 });
  });
});
