import { describe, expect, it } from 'vitest';
import { chatJson } from '../../src/assert/checks/chat-json.js';
import { NotApplicable, type Check, type CheckResult } from '../../src/assert/check.js';
import { basicContext } from '../../src/assert/context.js';
import { runChecks } from '../../src/assert/runner.js';
import { stackError } from '../../src/assert/stack/stack-error.js';
import { STACK_CHECKS, UI_CHECKS } from '../../src/assert/suite.js';
import { RunError } from '../../src/errors.js';
import { alwaysSaying, completion, contextFor, CORPUS, FakeStack } from '../helpers/fake-stack.js';
import { failing as throwing, httpFailure } from '../helpers/failures.js';
import { UNHEARD } from '../helpers/trial.js';

const CONTEXT = contextFor(new FakeStack());
const BASIC = basicContext(CONTEXT);
const LIVE = new AbortController().signal;
const EVIDENCE = { expected: 'e', got: 'g' };

type Run = Extract<Check, { asksModel: false }>['run'];

function check(name: string, needs: string[] = [], run: Run = () => Promise.resolve(EVIDENCE)): Check {
  return { name, hop: 'stack', proves: '', cannot: '', needs, asksModel: false, run };
}
const failing = (name: string, error: unknown, needs: string[] = []) =>
  check(name, needs, () => Promise.resolve().then(() => Promise.reject(error as Error)));
const run = (checks: Check[], earlier: CheckResult[] = []) => runChecks(checks, CONTEXT, earlier, UNHEARD, LIVE);
const verdicts = (results: CheckResult[]) => results.map(({ name, verdict }) => `${name} ${verdict}`);
const RED = new RunError('E_EMBEDDING', 'embedder', 'no vectors', 'Add a model.', {
  cause: new Error('no weights', { cause: 'ENOENT' }),
});

describe('a suite', () => {
  it('reports a pass with its evidence and its time', async () => {
    const [result] = await run([check('a')]);
    expect(result).toEqual({
      name: 'a',
      hop: 'stack',
      verdict: 'passed',
      ms: expect.any(Number) as number,
      evidence: EVIDENCE,
      code: undefined,
      cause: '',
      fix: '',
      chain: [],
    });
  });

  it('reports a pass with a warning as that: what to know of it is its cause', async () => {
    const evidence = { ...EVIDENCE, warning: 'it cites nothing' };
    const results = await run([check('a', [], () => Promise.resolve(evidence)), check('b', ['a'])]);
    expect(results[0]).toMatchObject({ verdict: 'warned', evidence, cause: 'it cites nothing', fix: '' });
    expect(results[1]?.verdict).toBe('passed');
  });

  it('reports a failure with the hop that the check found to blame', async () => {
    const [result] = await run([failing('a', RED)]);
    expect(result).toMatchObject({
      verdict: 'failed',
      hop: 'embedder',
      code: 'E_EMBEDDING',
      cause: 'no vectors',
      fix: 'Add a model.',
      chain: ['no weights', 'ENOENT'],
      evidence: undefined,
    });
  });

  it('blames the run for an error that is no verdict of a check', async () => {
    const [result] = await run([failing('a', new TypeError('x'))]);
    expect(result).toMatchObject({ verdict: 'failed', hop: 'run', code: 'E_UNEXPECTED', cause: 'unexpected error: x' });
  });

  it('goes on after a failure, and blocks only what needs it; the first broken check is named, over two steps too', async () => {
    const results = await run([failing('a', RED), check('b', ['a']), check('c', ['b']), check('d'), check('e', ['d'])]);
    expect(verdicts(results)).toEqual(['a failed', 'b blocked', 'c blocked', 'd passed', 'e passed']);
    for (const blocked of results.slice(1, 3))
      expect(blocked).toMatchObject({
        hop: 'stack',
        code: undefined,
        cause: 'blocked by a (embedder)',
        fix: '',
        chain: [],
        evidence: undefined,
        ms: 0,
      });
  });

  it.each<[string, Error]>([
    ['failed', RED],
    ['skipped', new NotApplicable('no UI')],
  ])('does not run what needs a check that was %s', async (_, error) => {
    const never = check('b', ['a'], () => expect.fail('it ran'));
    expect((await run([failing('a', error), never]))[1]?.verdict).not.toBe('failed');
  });

  it('needs all of what a check needs, from this run or an earlier one', async () => {
    const earlier = await run([check('x'), failing('y', RED)]);
    const results = await run([check('a'), check('b', ['x', 'a']), check('c', ['a', 'y'])], earlier);
    expect(verdicts(results)).toEqual(['a passed', 'b passed', 'c blocked']);
    expect(results[2]?.cause).toBe('blocked by y (embedder)');
  });

  it('does not block by what was not run: the user left it out', async () => {
    expect(verdicts(await run([check('a', ['left-out'])]))).toEqual(['a passed']);
  });

  it('skips a check of a part that is not there, and what needs it, with the reason', async () => {
    const results = await run([failing('a', new NotApplicable('no UI')), check('b', ['a']), check('c', ['b'])]);
    expect(verdicts(results)).toEqual(['a skipped', 'b skipped', 'c skipped']);
    expect(results[0]).toMatchObject({ cause: 'no UI', ms: 0, evidence: undefined });
    expect(results[1]?.cause).toBe('needs a: no UI');
    expect(results[2]?.cause).toContain('no UI');
  });

  it('blocks rather than skips where one need is broken and another absent', async () => {
    const results = await run([failing('a', new NotApplicable('no UI')), failing('b', RED), check('c', ['a', 'b'])]);
    expect(results[2]).toMatchObject({ verdict: 'blocked', cause: 'blocked by b (embedder)' });
  });

  it('finds out by the service itself whose fault a failed call to the model is', async () => {
    const call = failing('a', stackError(httpFailure(500, 'boom'), 'stack'));
    const service = new FakeStack({ 'POST /chat/completions': throwing(httpFailure(503, 'no node')) });
    const context = contextFor(new FakeStack(), {}, service);
    const results = await runChecks([call, check('b', ['a'])], context, [], UNHEARD, LIVE);
    expect(results[0]).toMatchObject({ verdict: 'failed', hop: 'model service', code: 'E_SERVICE_DOWN' });
    expect(results[0]?.cause).toMatch(/no node.*through the stack: .*boom/);
    expect(results[1]?.cause).toBe('blocked by a (model service)');
    expect((await run([call]))[0]).toMatchObject({ hop: 'stack', code: 'E_STACK_TO_SERVICE' });
  });

  it('blames the service for its own failure, even if its next answer is a good one', async () => {
    let calls = 0;
    const failsOnce = throwing(httpFailure(500, 'no JSON today'));
    const service = new FakeStack({
      'POST /chat/completions': () => (++calls === 1 ? failsOnce() : completion('OK')),
    });
    const context = contextFor(new FakeStack(alwaysSaying('no JSON')), {}, service);
    const [result] = await runChecks([chatJson], context, [], UNHEARD, LIVE);
    expect(result).toMatchObject({ verdict: 'failed', hop: 'model service' });
    expect(result?.cause).not.toContain('asked directly, the model service answers');
  });

  it('runs one after the other and tells of each as it ends', async () => {
    const told: string[] = [];
    const noting = (name: string) =>
      check(name, [], async () => {
        told.push(`${name} begins`);
        await Promise.resolve();
        return EVIDENCE;
      });
    await runChecks(
      [noting('a'), noting('b')],
      CONTEXT,
      [],
      { begins: (name) => told.push(name), judged: ({ name }) => told.push(`${name} ends`) },
      LIVE,
    );
    expect(told).toEqual(['a', 'a begins', 'a ends', 'b', 'b begins', 'b ends']);
  });

  it('ends with the run: what a cancelled check says is no verdict', async () => {
    const end = new AbortController();
    const told: string[] = [];
    const cancelled = check('a', [], () => {
      end.abort(new RunError('E_UNEXPECTED', 'run', 'cancelled', 'x'));
      return Promise.reject(new Error('socket closed'));
    });
    await expect(
      runChecks(
        [cancelled, check('b')],
        CONTEXT,
        [],
        { ...UNHEARD, judged: ({ name }) => told.push(name) },
        end.signal,
      ),
    ).rejects.toThrow(/^cancelled$/);
    expect(told).toEqual([]);
  });
});

describe('a suite without a model', () => {
  it('skips the checks that ask one, and what needs them', async () => {
    const asking: Check = { ...check('a'), asksModel: true, run: () => expect.fail('it ran') };
    const results = await runChecks([asking, check('b'), check('c', ['a'])], BASIC, [], UNHEARD, LIVE);
    expect(verdicts(results)).toEqual(['a skipped', 'b passed', 'c skipped']);
    expect(results.map(({ cause }) => cause)).toEqual([
      'the model is not tested',
      '',
      'needs a: the model is not tested',
    ]);
  });

  it('asks nobody whose fault a failed call is: there is no service', async () => {
    const call = failing('a', stackError(httpFailure(500, 'boom'), 'stack'));
    const [result] = await runChecks([call], BASIC, [], UNHEARD, LIVE);
    expect(result).toMatchObject({ verdict: 'failed', hop: 'stack', code: 'E_STACK_TO_SERVICE' });
    expect(result?.cause).not.toContain('asked directly');
  });
});

describe('the suite of the action', () => {
  it('passes as a whole against a healthy stack', async () => {
    const api = new FakeStack();
    const results = await runChecks(STACK_CHECKS, contextFor(api), [], UNHEARD, LIVE);
    expect(results.filter(({ verdict }) => verdict !== 'passed')).toEqual([]);
    expect(results).toHaveLength(19);
    // the corpus once, and the document that is changed
    expect(api.sent('UPLOAD')).toHaveLength(CORPUS.files.length + 1);
  });

  it('passes without a model in all that ask none', async () => {
    const api = new FakeStack();
    const basic = basicContext(contextFor(api));
    const results = await runChecks(STACK_CHECKS, basic, [], UNHEARD, LIVE);
    const asking = STACK_CHECKS.filter(({ asksModel }) => asksModel).map(({ name }) => name);
    expect(results.filter(({ verdict }) => verdict === 'skipped').map(({ name }) => name)).toEqual(asking);
    expect(results.filter(({ verdict }) => verdict === 'passed')).toHaveLength(STACK_CHECKS.length - asking.length);
    expect(api.calls.some(({ route }) => /chat|responses/.test(route))).toBe(false);
  });

  it('asks no model in a check that says so, and one in every other', async () => {
    for (const { asksModel, run: judge } of STACK_CHECKS) {
      const api = new FakeStack();
      await judge(contextFor(api));
      expect(api.calls.some(({ route }) => /chat|responses/.test(route))).toBe(asksModel);
    }
  });

  it('has names of its own, and needs only what comes before', () => {
    const checks = [...STACK_CHECKS, ...UI_CHECKS];
    const names = checks.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const [index, { needs, proves, cannot }] of checks.entries()) {
      for (const need of needs) expect(names.slice(0, index)).toContain(need);
      for (const text of [proves, cannot]) expect(text).toMatch(/^(max_tokens|[A-Z]).*\.$/);
    }
  });
});
