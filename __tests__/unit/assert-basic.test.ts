import { afterEach, describe, expect, it, vi } from 'vitest';
import { STACK_CHECKS, UI_CHECKS } from '../../src/assert/suite.js';
import { assertion, type Case } from '../helpers/assertion.js';
import { useClock } from '../helpers/clock.js';
import { CHAT_MODEL, EMBEDDER } from '../helpers/fake-stack.js';
import { failing, failureOf, httpFailure, noAnswer } from '../helpers/failures.js';

vi.mock('node:timers/promises', async () => (await import('../helpers/clock.js')).instantPauses);
useClock();
afterEach(() => {
  vi.restoreAllMocks();
});

/** Checks as they end where no model is tested. */
const BASIC_VERDICTS = [...STACK_CHECKS, ...UI_CHECKS].map(
  ({ name, asksModel }) => `${name} ${asksModel ? 'skipped' : 'passed'}`,
);
const AWAY = { 'POST /chat/completions': failing(httpFailure(503, 'no node')) };

describe('a stack without a model to test', () => {
  it('passes as soon as it lists its models, by the checks that ask none', async () => {
    let looks = 0;
    const models = () => {
      if (++looks < 3) throw noAnswer('connection', 'ECONNREFUSED');
      return { data: [CHAT_MODEL, EMBEDDER] };
    };
    const { done, api, record, verdicts } = assertion({
      stack: { 'GET /models': models },
      subject: { tested: undefined },
    });
    await done();
    expect(verdicts()).toEqual(BASIC_VERDICTS);
    expect(record.checks.find(({ name }) => name === 'chat')?.cause).toBe('the model is not tested');
    expect(record.model).toBe('');
    expect(api.calls.some(({ route }) => /chat|responses/.test(route))).toBe(false);
  });

  it('is one where the service turns out to be away, and inference is auto; the record tells why', async () => {
    const { done, record, verdicts } = assertion({ stack: AWAY, service: AWAY, inference: 'auto' });
    await done();
    expect(verdicts()).toEqual(BASIC_VERDICTS);
    expect(record.untested).toMatch(/is failing \(HTTP 503\): no node \(asked directly; through the stack: .*no node/);
    expect([record.model, Date.now()]).toEqual(['', 15_500]);
  });

  it('is one where the rate stays limited', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(1);
    const limited = { 'POST /chat/completions': failing(httpFailure(429)) };
    const { done, record } = assertion({ stack: limited, inference: 'auto' });
    await done();
    expect(record.untested).toContain('the model service limits the rate');
    expect(Date.now()).toBe(47_000);
  });

  it.each<[string, Case, string]>([
    ['the model is required', { stack: AWAY, service: AWAY }, 'E_SERVICE_DOWN'],
    ['the stack alone is at fault', { stack: AWAY, inference: 'auto' }, 'E_STACK_TO_SERVICE'],
    [
      'the key is refused',
      {
        stack: { 'POST /chat/completions': failing(httpFailure(401)) },
        service: { 'POST /chat/completions': failing(httpFailure(401)) },
        inference: 'auto',
      },
      'E_AUTH',
    ],
  ])('is none where %s: that is red, before any check', async (_, given, code) => {
    const { done, record } = assertion(given);
    expect((await failureOf(done)).code).toBe(code);
    expect([record.untested, record.checks]).toEqual([undefined, []]);
  });
});
