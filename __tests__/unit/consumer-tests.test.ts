import { describe, expect, it } from 'vitest';
import type { Job } from '../../src/job.js';
import type { CommandResult } from '../../src/ports.js';
import { Progress } from '../../src/progress.js';
import { newRecord } from '../../src/report/record.js';
import { Meter } from '../../src/spend/meter.js';
import { runConsumerTests } from '../../src/tests/consumer-tests.js';
import { Unreadable } from '../../src/unreadable.js';
import { failureOf } from '../helpers/failures.js';
import { host, inputs } from '../helpers/inputs.js';
import { fakeCommands, memoryFiles, recordedLog } from '../helpers/memory.js';
import { limited, usageRow } from '../helpers/meter.js';
import { serviceFacts } from '../helpers/record.js';

const REPORT = '<testsuite><testcase name="a"/><testcase name="b"><skipped/></testcase></testsuite>';
const RED = '<testsuite><testcase name="a"><failure/></testcase></testsuite>';

/** Tests of the consumer's, which end as given and may leave a report. */
function bench(
  raw: Parameters<typeof inputs>[0],
  {
    result = {},
    report,
    basic = false,
    earlier = {},
  }: { result?: Partial<CommandResult>; report?: string; basic?: boolean; earlier?: Record<string, string> } = {},
) {
  const [log, files, record] = [recordedLog(), memoryFiles({ '/work/out.xml': RED }), newRecord()];
  record.kubeconfig = '/t/kubeconfig';
  record.stackUrl = 'http://127.0.0.1:1';
  record.model = 'maas/acme/chat';
  if (basic) record.untested = 'the input inference is off';
  const commands = fakeCommands(({ onLine }) => {
    onLine?.('1 passed');
    if (report !== undefined) files.entries.set('/work/out.xml', report);
    return result;
  });
  const environment = { PATH: '/bin', VIRTUAL_ENV: '/venv', ...earlier };
  const job = {
    ports: { commands, files, log },
    host: host({ environment }),
    record,
    progress: new Progress(log),
    signal: new AbortController().signal,
    meter: new Meter(record.spend, (line) => log.warning(line)),
  } as unknown as Job;
  const facts = basic ? undefined : serviceFacts();
  return { run: () => runConsumerTests(job, inputs(raw), facts, basic ? '' : 'maas'), commands, record, log, files };
}

describe("the consumer's own tests", () => {
  it('are none where no command is given', async () => {
    const { run, commands, record } = bench({});
    await run();
    expect([commands.ran, record.checks]).toEqual([[], []]);
  });

  it.each(['stop', 'fail'] as const)(
    'are skipped where a budget is spent, and the reason told: %s',
    async (onBudget) => {
      const { run, commands, record } = bench({ 'test-command': 'x' });
      Object.assign(record.spend, { onBudget, limits: limited({ requests: 1 }), rows: [usageRow()] });
      await run();
      const cause = 'a budget of the run is spent: request-budget: 1 of 1 spent';
      expect(commands.ran).toEqual([]);
      expect(record.checks).toMatchObject([
        { name: 'test-command', hop: 'tests', verdict: 'skipped', cause, evidence: undefined, code: undefined },
      ]);
      expect(record.spend.stopped).toBe(cause);
    },
  );

  it.each([
    ['the budget is spent, and the run goes on', 'warn', 1],
    ['a budget is not spent yet', 'stop', 2],
  ] as const)('run where %s', async (_, onBudget, requests) => {
    const { run, commands, record } = bench({ 'test-command': 'x' });
    Object.assign(record.spend, { onBudget, limits: limited({ requests }), rows: [usageRow()] });
    await run();
    expect([commands.ran.length, record.checks.length, record.spend.stopped]).toEqual([1, 1, undefined]);
  });

  it('run in the workspace, with the environment of the job and what was deployed, and not the key', async () => {
    const { run, commands, record, log } = bench({ 'test-command': 'pytest tests\necho done' });
    await run();
    const [command] = commands.ran;
    expect(command).toMatchObject({ program: 'sh', args: ['-ec', 'pytest tests\necho done'], cwd: '/work' });
    expect(command?.env).toEqual({
      PATH: '/bin',
      VIRTUAL_ENV: '/venv',
      KUBECONFIG: '/t/kubeconfig',
      NAMESPACE: 'rag-e2e',
      RELEASE: 'rag',
      LLAMA_STACK_ENDPOINT: 'http://127.0.0.1:1',
      INFERENCE_MODEL: 'maas/acme/chat',
      SKIP_MODEL_TESTS: 'false',
      MAAS_ENDPOINT: 'https://maas.example.com/v1',
      LLM: 'maas',
      LLM_ID: 'acme/chat',
      LLM_URL: 'https://maas.example.com/v1',
    });
    expect(log.lines).toContain('info: 1 passed');
    expect(record.checks).toMatchObject([{ name: 'test-command', hop: 'tests', verdict: 'passed' }]);
  });

  it('have nothing that an earlier step has set of another run', async () => {
    const names =
      'API_ENDPOINT RAG_UI_ENDPOINT LLAMA_STACK_ENDPOINT MAAS_ENDPOINT LLM LLM_ID LLM_URL NAMESPACE RELEASE';
    const all = [
      ...names.split(' '),
      'INFERENCE_MODEL',
      'SKIP_MODEL_TESTS',
      'KUBECONFIG',
      'MAAS_API_KEY',
      'LLM_API_TOKEN',
    ];
    const earlier = { ...Object.fromEntries(all.map((name) => [name, 'of-another-run'])), EMPTY: '' };
    const { run, commands } = bench({ 'test-command': 'x', inference: 'off', 'api-key': '' }, { basic: true, earlier });
    await run();
    expect(commands.ran[0]?.env).toEqual({
      PATH: '/bin',
      VIRTUAL_ENV: '/venv',
      EMPTY: '',
      KUBECONFIG: '/t/kubeconfig',
      NAMESPACE: 'rag-e2e',
      RELEASE: 'rag',
      LLAMA_STACK_ENDPOINT: 'http://127.0.0.1:1',
      INFERENCE_MODEL: 'maas/acme/chat',
      SKIP_MODEL_TESTS: 'true',
    });
  });

  it('find the tools of this run first', async () => {
    const { run, commands, record } = bench({ 'test-command': 'x' });
    const tool = { version: '1', verified: 'pinned digest', fromCache: true } as const;
    record.tools = { kind: { ...tool, path: '/c/kind/kind' }, helm: { ...tool, path: '/c/helm/helm' } };
    await run();
    expect(commands.ran[0]?.env?.['PATH']).toBe('/c/kind:/c/helm:/bin');
  });

  it('have the key where they ask for it', async () => {
    const { run, commands } = bench({ 'test-command': 'x', 'test-needs-key': 'true' });
    await run();
    expect(commands.ran[0]?.env).toMatchObject({ MAAS_API_KEY: 'sk-0123456789', LLM_API_TOKEN: 'sk-0123456789' });
  });

  it('are told to leave the model out where it is not tested', async () => {
    const { run, commands } = bench({ 'test-command': 'x', inference: 'off', 'api-key': '' }, { basic: true });
    await run();
    expect(commands.ran[0]?.env).toMatchObject({ SKIP_MODEL_TESTS: 'true' });
    expect(commands.ran[0]?.env).not.toHaveProperty('LLM_URL');
  });

  it('are judged by their exit code', async () => {
    const { run, record } = bench({ 'test-command': 'x' }, { result: { code: 3 } });
    const failure = await failureOf(run);
    expect(failure).toMatchObject({ code: 'E_TESTS', hop: 'tests', evidence: ['1 passed'] });
    expect(failure.message).toBe("the consumer's own tests failed: exit code 3");
    expect(record.checks).toMatchObject([{ name: 'test-command', verdict: 'failed', code: 'E_TESTS' }]);
  });

  const REPORTING = { 'test-command': 'x', 'test-report': 'out.xml' };

  it('are judged by their report, too', async () => {
    const failure = await failureOf(bench(REPORTING, { report: RED }).run);
    expect(failure.message).toBe(
      "the consumer's own tests failed: exit code 0; 1 tests, 1 failed, 0 skipped; first: a: it failed without a message",
    );
  });

  it.each([0, 1])(
    'that end with %d have their failed cases in the record, and the first in the headline',
    async (code) => {
      const cases = `<testcase name="${'n'.repeat(200)}" file="/work/t/a.js" line="3"><failure message="${'m'.repeat(200)}"/></testcase>
      <testcase classname="c" name="b"><error>boom</error></testcase><testcase name="d"/>`;
      const { run, record } = bench(REPORTING, { report: `<testsuite>${cases}</testsuite>`, result: { code } });
      const failure = await failureOf(run);
      const first = `${'n'.repeat(119)}…: ${'m'.repeat(119)}…`;
      expect(failure).toMatchObject({
        message: `the consumer's own tests failed: exit code ${code}; 3 tests, 2 failed, 0 skipped; first: ${first}`,
        place: undefined,
      });
      expect(record.ownTests).toEqual({
        tests: 3,
        failed: 2,
        skipped: 0,
        failures: [
          { name: 'n'.repeat(200), message: 'm'.repeat(200), place: { file: 't/a.js', line: 3 } },
          { name: 'c.b', message: 'boom', place: undefined },
        ],
      });
    },
  );

  it.each(['<testsuite><testcase name="a"><failure/>', 'none', undefined])(
    'have no counts in the record where the report has none: %s',
    async (report) => {
      const { run, record } = bench(REPORTING, report === undefined ? {} : { report });
      await run().catch(() => undefined);
      expect(record.ownTests).toBeUndefined();
    },
  );

  it('pass with a report of what passed', async () => {
    const { run, record } = bench(REPORTING, { report: REPORT });
    await run();
    expect(record.checks[0]?.evidence?.got).toBe('exit code 0; 2 tests, 0 failed, 1 skipped');
    expect(record.ownTests).toEqual({ tests: 2, failed: 0, skipped: 1, failures: [] });
  });

  it.each([
    ['no report: that of an earlier run is not taken for theirs', undefined, /wrote no JUnit report to out\.xml/],
    ['a report of nothing that ran', '<testsuite><testcase><skipped/></testcase></testsuite>', /no test that ran/],
  ])('pass with a warning with %s', async (_, report, warning) => {
    const { run, record } = bench(REPORTING, report === undefined ? {} : { report });
    await run();
    expect(record.checks[0]).toMatchObject({ verdict: 'warned', cause: expect.stringMatching(warning) as string });
  });

  it.each(['', '<testsuites><testsuite><testcase name="a"/>'])(
    'fail where their report is cut off, as that of a suite that was killed: "%s"',
    async (report) => {
      const failure = await failureOf(bench(REPORTING, { report }).run);
      expect(failure).toMatchObject({ code: 'E_TESTS', hop: 'tests', evidence: ['1 passed'] });
      expect(failure.message).toBe("the consumer's own tests failed: exit code 0; the report is cut off");
    },
  );

  it('are not run where their report is to be in the place of a folder', async () => {
    const { run, files, commands } = bench(REPORTING);
    files.removeFile = () => Promise.reject(new Error('Path is a directory'));
    const failure = await failureOf(run);
    expect(failure).toMatchObject({ code: 'E_WORKSPACE', hop: 'inputs' });
    expect(failure.message).toBe('input test-report: /work/out.xml can not be removed: Path is a directory');
    expect(failure.fix).toContain('such as results/junit.xml');
    expect(commands.ran).toEqual([]);
  });

  it.each([
    [0, { code: 'E_WORKSPACE', message: 'input test-report: /work/out.xml can not be read: EISDIR' }],
    [2, { code: 'E_TESTS', message: "the consumer's own tests failed: exit code 2" }],
  ])('that end with %d and make a folder of it fail', async (code, expected) => {
    const { run, files } = bench(REPORTING, { result: { code } });
    files.read = () => Promise.reject(new Error('EISDIR'));
    expect(await failureOf(run)).toMatchObject(expected);
  });

  it('whose report is a FIFO, or nested without end, have no verdict of their own, and a fix', async () => {
    const fifo = bench(REPORTING);
    fifo.files.read = () => Promise.reject(new Unreadable('is a FIFO, not a file', ''));
    const nested = bench(REPORTING);
    nested.files.read = () => Promise.resolve(`<testsuite>${'<a>'.repeat(20_000)}`);
    for (const [{ run }, what] of [
      [fifo, 'is a FIFO, not a file'] as const,
      [nested, 'has elements nested more'] as const,
    ]) {
      const failure = await failureOf(run);
      expect(failure.code).toBe('E_WORKSPACE');
      expect(failure.message).toContain(`input test-report: /work/out.xml ${what}`);
      expect(failure.fix).not.toBe('');
    }
  });
});
