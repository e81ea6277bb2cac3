import { describe, expect, it } from 'vitest';
import { NotApplicable, type Check, type CheckResult } from '../../src/assert/check.js';
import { runChecks } from '../../src/assert/runner.js';
import { STACK_CHECKS, UI_CHECKS } from '../../src/assert/suite.js';
import { RunError } from '../../src/errors.js';
import { contextFor, FakeStack } from '../helpers/fake-stack.js';

const CONTEXT = contextFor(new FakeStack());
const LIVE = new AbortController().signal;
const EVIDENCE = { expected: 'e', got: 'g' };

function check(name: string, needs: string[] = [], run: Check['run'] = () => Promise.resolve(EVIDENCE)): Check {
  return { name, hop: 'stack', proves: '', needs, run };
}
const failing = (name: string, error: unknown, needs: string[] = []) =>
  check(name, needs, () => Promise.resolve().then(() => Promise.reject(error as Error)));
const run = (checks: Check[], earlier: CheckResult[] = []) =>
  runChecks(checks, CONTEXT, earlier, () => undefined, LIVE);
const verdicts = (results: CheckResult[]) => results.map(({ name, verdict }) => `${name} ${verdict}`);
const RED = new RunError('embedder', 'no vectors', 'Add a model.');

describe('a suite', () => {
  it('reports a pass with its evidence and its time', async () => {
    const [result] = await run([check('a')]);
    expect(result).toEqual({
      name: 'a',
      hop: 'stack',
      verdict: 'passed',
      ms: expect.any(Number) as number,
      evidence: EVIDENCE,
      cause: '',
      fix: '',
    });
  });

  it('reports a failure with the hop that the check found to blame', async () => {
    const [result] = await run([failing('a', RED)]);
    expect(result).toMatchObject({
      verdict: 'failed',
      hop: 'embedder',
      cause: 'no vectors',
      fix: 'Add a model.',
      evidence: undefined,
    });
  });

  it('blames the run for an error that is no verdict of a check', async () => {
    const [result] = await run([failing('a', new TypeError('x'))]);
    expect(result).toMatchObject({ verdict: 'failed', hop: 'run', cause: 'unexpected error: x' });
  });

  it('goes on after a failure, and skips only what needs it, also over two steps', async () => {
    const results = await run([failing('a', RED), check('b', ['a']), check('c', ['b']), check('d'), check('e', ['d'])]);
    expect(verdicts(results)).toEqual(['a failed', 'b skipped', 'c skipped', 'd passed', 'e passed']);
    expect(results[1]).toMatchObject({ hop: 'stack', cause: 'needs a, which did not pass', fix: '' });
    expect(results[2]?.cause).toBe('needs b, which did not pass');
  });

  it('does not run what it skips', async () => {
    const never = check('b', ['a'], () => expect.fail('it ran'));
    expect(verdicts(await run([failing('a', RED), never]))).toEqual(['a failed', 'b skipped']);
  });

  it('needs all of what a check needs, from this run or an earlier one', async () => {
    const earlier = await run([check('x'), failing('y', RED)]);
    const results = await run(
      [check('a'), check('b', ['x', 'a']), check('c', ['a', 'y']), check('d', ['unheard'])],
      earlier,
    );
    expect(verdicts(results)).toEqual(['a passed', 'b passed', 'c skipped', 'd skipped']);
    expect(results[3]?.cause).toBe('needs unheard, which did not pass');
  });

  it('skips a check of a part that the chart does not have', async () => {
    const [result, next] = await run([failing('a', new NotApplicable('no UI')), check('b', ['a'])]);
    expect(result).toMatchObject({ verdict: 'skipped', cause: 'no UI', ms: 0 });
    expect(next?.verdict).toBe('skipped');
  });

  it('runs one after the other and tells of each as it ends', async () => {
    const told: string[] = [];
    const noting = (name: string) =>
      check(name, [], async () => {
        told.push(`${name} begins`);
        await Promise.resolve();
        return EVIDENCE;
      });
    await runChecks([noting('a'), noting('b')], CONTEXT, [], ({ name }) => told.push(`${name} ends`), LIVE);
    expect(told).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  });

  it('ends with the run: what a cancelled check says is no verdict', async () => {
    const end = new AbortController();
    const told: string[] = [];
    const cancelled = check('a', [], () => {
      end.abort(new RunError('run', 'cancelled', 'x'));
      return Promise.reject(new Error('socket closed'));
    });
    await expect(
      runChecks([cancelled, check('b')], CONTEXT, [], ({ name }) => told.push(name), end.signal),
    ).rejects.toThrow(/^cancelled$/);
    expect(told).toEqual([]);
  });
});

describe('the suite of the action', () => {
  it('passes as a whole against a healthy stack', async () => {
    const api = new FakeStack();
    const results = await runChecks(STACK_CHECKS, contextFor(api), [], () => undefined, LIVE);
    expect(results.filter(({ verdict }) => verdict !== 'passed')).toEqual([]);
    expect(results).toHaveLength(7);
    expect(api.sent('UPLOAD')).toHaveLength(2);
  });

  it('has names of its own, and needs only what comes before', () => {
    const checks = [...STACK_CHECKS, ...UI_CHECKS];
    const names = checks.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const [index, { needs, proves }] of checks.entries()) {
      for (const need of needs) expect(names.slice(0, index)).toContain(need);
      expect(proves).toMatch(/^[A-Z].*\.$/);
    }
  });
});
