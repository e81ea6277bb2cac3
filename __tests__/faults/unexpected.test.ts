import { execFileSync } from 'node:child_process';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it, vi } from 'vitest';
import { readReport } from '../helpers/junit-schema.js';
import { KEY } from '../helpers/service.js';
import { wholeRun, type Circumstances, type WholeRun } from '../helpers/whole-run.js';

vi.setConfig({ testTimeout: 60_000, maxConcurrency: 4 });

const PRELOAD = new URL('../helpers/throw-at.mjs', import.meta.url).href;
const schema = JSON.parse(readFileSync('docs/report.schema.json', 'utf8')) as object;
const isReport = new Ajv2020().compile(schema);

/** A run of the bundle in which something is thrown where nobody catches it. */
async function thrown(at: string, how: string, given: Circumstances & { what?: string; node?: string } = {}) {
  const { what, node = '', ...rest } = given;
  const options = { NODE_OPTIONS: `--import=${PRELOAD} ${node}`, THROW_AT: at, THROW_HOW: how };
  return await wholeRun({ ...rest, env: { ...options, ...(what !== undefined && { THROW_WHAT: what }), ...rest.env } });
}

/** All that every run leaves, however it ends. */
function expectVerdict(run: WholeRun, code = 'E_UNEXPECTED', mode = 'full'): void {
  const { outputs, main, left, leaks, summary, report, junit } = run;
  expect({
    exit: main.code,
    result: outputs['result'],
    code: outputs['error-code'],
    mode: outputs['mode'],
    left,
    leaks,
  }).toEqual({
    exit: 1,
    result: 'failed',
    code,
    mode,
    left: [],
    leaks: [],
  });
  expect(summary).toMatch(/^## ❌ MaaS E2E: failed \(broken hop: /m);
  const read = JSON.parse(report) as { failure: { code: string } };
  expect([isReport(read), read.failure.code]).toEqual([true, code]);
  expect(readReport(junit).cases.length).toBeGreaterThan(0);
  expect(junit).toContain(`<error type="${code}"`);
}

const WAYS = ['timer', 'promise', 'emitter'];

describe.concurrent('what nobody catches, in the real process', () => {
  const LINES = ['plan: ', 'probe: started', 'chart: started'];
  it.each(LINES.map((line, at) => [line, WAYS[at % WAYS.length] ?? '']))(
    'at "%s", by a %s: the verdict is our own',
    async (at, how) => {
      expectVerdict(await thrown(at, how));
    },
  );

  it('while a red run is reported: its own failure stays, and all is written', async () => {
    expectVerdict(await thrown('^::error', 'timer'), 'E_CHART_RENDER');
  });

  it('while a dry run that found nothing wrong is reported: it is no longer one', async () => {
    const service =
      'apiVersion: v1\nkind: Service\nmetadata: {name: llamastack}\nspec: {selector: {app: s}, ports: [{port: 8321}]}';
    const pod =
      'apiVersion: v1\nkind: Pod\nmetadata: {name: p, labels: {app: s}}\nspec: {containers: [{name: c, image: acme/c:1}]}';
    const helm = `case "$1" in template) cat > /dev/null; cat <<EOF\n${service}\n---\n${pod}\nEOF\n;; esac`;
    const inputs = { 'dry-run': 'true', wiring: 'none' };
    const run = await thrown('MaaS E2E planned', 'promise', { inputs, programs: { helm } });
    expectVerdict(run, 'E_UNEXPECTED', 'dry-run');
  });

  it.each([
    ['the key', `new Error("Authorization: Bearer ${KEY}")`],
    ['undefined', 'undefined'],
    ['what can be read by nobody', '{ get message() { throw 1 }, get stack() { throw 2 }, toString() { throw 3 } }'],
    ['1 MB', 'new Error("x".repeat(1 << 20))'],
    ['a cycle', '(() => { const e = new Error("e"); e.cause = e; return e; })()'],
  ])('%s is thrown', async (_, what) => {
    const run = await thrown('docker: started', 'timer', { what });
    expectVerdict(run);
    expect(run.shown.length).toBeLessThan(200_000);
  });

  it.each(['warn', 'none', 'strict'])('under --unhandled-rejections=%s', async (mode) => {
    const what = `new Error("boom ${KEY}")`;
    expectVerdict(await thrown('docker: started', 'promise', { what, node: `--unhandled-rejections=${mode}` }));
  });
});

describe.concurrent('what is thrown before the run begins', () => {
  it.each([
    ['before', 'E_UNEXPECTED', /unexpected error: boom +\*\*\*/],
    ['first', 'E_UNEXPECTED', /its text may hold the key and is not shown/],
  ])('%s: outputs and summary are there', async (how, code, words) => {
    const run = await thrown('', how, { what: `new Error("boom ${KEY}")`, inputs: { 'dry-run': 'true' } });
    expect([run.main.code, run.outputs['result'], run.outputs['error-code'], run.leaks]).toEqual([
      1,
      'failed',
      code,
      [],
    ]);
    expect([run.summary, run.error]).toEqual([
      expect.stringMatching(/^## ❌ MaaS E2E: failed/),
      expect.stringMatching(words),
    ]);
  });

  it('a RUNNER_TEMP that is a file: said, and outputs and summary are there', async () => {
    const run = await wholeRun({ env: { RUNNER_TEMP: '/dev/null' } });
    expect([run.main.code, run.outputs['result'], run.outputs['error-code']]).toEqual([1, 'failed', 'E_WORKSPACE']);
    expect([run.summary, run.error]).toEqual([
      expect.stringMatching(/^## ❌/),
      expect.stringMatching(/folder of the run cannot be made.*Fix: .*RUNNER_TEMP/),
    ]);
  });

  it.each<[string, (path: string) => void]>([
    ['a FIFO', (path) => void execFileSync('mkfifo', [path])],
    [
      'a file without end',
      (path) => {
        writeFileSync(path, '');
        truncateSync(path, 2 ** 40);
      },
    ],
  ])('an event that is %s is none, and nothing waits for it', async (_, make) => {
    const prepare = (workspace: string) => make(join(workspace, 'event.json'));
    const run = await wholeRun({ inputs: { 'api-key': '' }, prepare, eventFile: 'event.json' });
    expect([run.outputs['result'], run.outputs['error-code']]).toEqual(['failed', 'E_KEY_MISSING']);
  });

  it.each<[string, Record<string, string>]>([
    ['dry-run', { 'dry-run': 'true' }],
    ['dry-run', { 'dry-run': 'yes' }],
    ['basic', { inference: 'off' }],
    ['full', {}],
  ])('a wrong input ends with the mode that the run was to have: %s, %j', async (mode, inputs) => {
    expectVerdict(await wholeRun({ inputs: { wiring: 'by magic', ...inputs } }), 'E_INPUT', mode);
  });

  it.each(['no JSON', '[]', '{"pull_request": 7}'])('an event that is %j is none', async (event) => {
    const run = await wholeRun({ inputs: { 'api-key': '' }, files: { 'event.json': event }, eventFile: 'event.json' });
    expect(run.outputs['result']).toMatch(/failed|skipped/);
    expect(run.summary).toContain('MaaS E2E');
  });
});
