import { describe, expect, it, vi } from 'vitest';
import { assertApplication } from '../../src/assert/application.js';
import type { CheckResult } from '../../src/assert/check.js';
import { Progress } from '../../src/progress.js';
import { useClock } from '../helpers/clock.js';
import { failureOf } from '../helpers/failures.js';
import { recordedLog } from '../helpers/memory.js';

vi.mock('node:timers/promises', async () => (await import('../helpers/clock.js')).instantPauses);
useClock();

/** An application that answers its looks one after the other, the last one for good. */
function bench(
  answers: (number | string)[],
  {
    healthPath = '',
    apiUrl = 'http://127.0.0.1:1',
    uiUrl,
    isAllThatIsAsked = false,
    rolledOut = Promise.resolve(),
  }: {
    healthPath?: string;
    apiUrl?: string;
    uiUrl?: string;
    isAllThatIsAsked?: boolean;
    rolledOut?: Promise<void>;
  } = {},
) {
  const [asked, checks]: [string[], CheckResult[]] = [[], []];
  const left = [...answers];
  const web = {
    get: (url: string) => {
      asked.push(url);
      const answer = left.length > 1 ? left.shift() : left[0];
      return typeof answer === 'number'
        ? Promise.resolve({ status: answer, text: '' })
        : Promise.reject(new Error(answer));
    },
    converse: () => Promise.reject(new Error('none')),
  };
  const deployment = { apiUrl: apiUrl || undefined, uiUrl, rolledOut };
  const means = { web, progress: new Progress(recordedLog()), signal: new AbortController().signal, checks };
  const run = () => assertApplication({ deployment, healthPath, isAllThatIsAsked }, means);
  return { run, asked, checks };
}

describe('an application whose API is not known', () => {
  it('passes with any answer but an error, where no path is given', async () => {
    const { run, asked, checks } = bench([404]);
    await run();
    expect(asked).toEqual(['http://127.0.0.1:1/']);
    expect(checks).toMatchObject([
      { name: 'app-rollout', hop: 'application', verdict: 'passed' },
      { name: 'app-health', hop: 'application', verdict: 'passed' },
    ]);
    expect(checks[1]?.evidence).toEqual({ expected: 'an answer below HTTP 500', got: 'HTTP 404' });
  });

  it.each([
    [1, 'all are'],
    [0, 'there is no workload'],
  ])('tells of %d workloads that %s', async (count, got) => {
    const checks: CheckResult[] = [];
    const web = {
      get: () => Promise.resolve({ status: 200, text: '' }),
      converse: () => Promise.reject(new Error('none')),
    };
    const means = { web, progress: new Progress(recordedLog()), signal: new AbortController().signal, checks };
    const deployment = { apiUrl: undefined, uiUrl: undefined, rolledOut: Promise.resolve(), workloads: () => count };
    await assertApplication({ deployment, healthPath: '', isAllThatIsAsked: false }, means);
    expect(checks[0]?.evidence).toEqual({ expected: 'every workload available', got });
  });

  it('is waited for: it may be up before it listens', async () => {
    const { run, asked } = bench(['ECONNRESET', 503, 200], { healthPath: '/health' });
    await run();
    expect(asked).toEqual(Array(3).fill('http://127.0.0.1:1/health'));
  });

  it.each([
    ['an error', 500, '', /application does not answer well at \/: HTTP 500/],
    ['no such path', 404, '/health', /at \/health: HTTP 404/],
    ['no answer', 'ECONNREFUSED', '/health', /at \/health: ECONNREFUSED/],
  ])('is red with %s', async (_, answer, healthPath, message) => {
    const { run, checks } = bench([answer], { healthPath });
    const failure = await failureOf(run);
    expect([failure.code, failure.hop]).toEqual(['E_APPLICATION', 'application']);
    expect(failure.message).toMatch(message);
    expect(checks.slice(1)).toMatchObject([{ name: 'app-health', verdict: 'failed', code: 'E_APPLICATION' }]);
  });

  it('passes with a warning where nothing else is asked of it', async () => {
    const { run, checks } = bench([200], { isAllThatIsAsked: true });
    await run();
    const warned = { verdict: 'warned', cause: expect.stringContaining('test-command') as string };
    expect(checks).toMatchObject([warned, warned]);
  });

  it('has a user interface that must answer, too', async () => {
    const { run, checks } = bench([200, 404], { uiUrl: 'http://127.0.0.1:2' });
    expect(await failureOf(run)).toMatchObject({ code: 'E_UI', hop: 'UI' });
    expect(checks.map(({ name, verdict }) => [name, verdict])).toEqual([
      ['app-rollout', 'passed'],
      ['app-health', 'passed'],
      ['app-ui', 'failed'],
    ]);
  });

  it('that is not rolled out is neither asked nor judged: the rollout says what is wrong', async () => {
    const { run, asked, checks } = bench([200], { rolledOut: Promise.reject(new Error('crash loop')) });
    await expect(run()).rejects.toThrow('crash loop');
    expect([asked, checks]).toEqual([[], []]);
  });

  it('without any Service that is known is judged by its rollout, with a warning', async () => {
    const { run, asked, checks } = bench([200], { apiUrl: '', isAllThatIsAsked: true });
    await run();
    expect(asked).toEqual([]);
    expect(checks).toMatchObject([{ name: 'app-rollout', verdict: 'warned' }]);
  });
});
