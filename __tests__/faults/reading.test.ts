import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { wholeRun, type Circumstances, type WholeRun } from '../helpers/whole-run.js';

vi.setConfig({ testTimeout: 90_000 });

/** What bad input may cost: seconds of a run, and MB of memory above a run of good input. */
const MOST_SECONDS = 10;
const MOST_MB = 300;
const SECRET = 'top-secret-line-of-another-user';

let home: string;
let usual: number;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'reading-'));
  writeFileSync(join(home, 'peak.cjs'), PEAK);
  writeFileSync(join(home, 'shadow'), `${SECRET}\n`);
  usual = peakOf(await run({}));
});
afterAll(() => rmSync(home, { recursive: true }));

const PEAK =
  "process.on('exit', () => require('node:fs').writeSync(2, `peak ${Math.round(process.resourceUsage().maxRSS / 1024)} MB\\n`));";

/** A dry run: it reads all that a real one reads before there is a cluster. */
async function run(given: Circumstances): Promise<WholeRun> {
  const env = { NODE_OPTIONS: `--require ${join(home, 'peak.cjs')}` };
  return await wholeRun({ ...given, env, inputs: { 'dry-run': 'true', ...given.inputs } });
}

function peakOf({ main }: WholeRun): number {
  return Number(/^peak (\d+) MB$/m.exec(main.log)?.[1]);
}

/** Ends by its own verdict, with a fix, soon and small, and without a word of what it may not read. */
function expectBounded(done: WholeRun): void {
  expect(done.main.seconds).toBeLessThan(MOST_SECONDS);
  expect(peakOf(done) - usual).toBeLessThan(MOST_MB);
  expect(done.outputs['result']).toBe('failed');
  expect(done.error).toMatch(/\. Fix: ./);
  expect(done.shown).not.toContain(SECRET);
  expect(done.shown.length).toBeLessThan(30_000);
  expect([done.left, done.leaks]).toEqual([[], []]);
}

const fifo = (name: string) => (workspace: string) => {
  rmSync(join(workspace, name), { force: true });
  execFileSync('mkfifo', [join(workspace, name)]);
};
const linkTo = (name: string, target: () => string) => (workspace: string) => {
  rmSync(join(workspace, name), { force: true });
  symlinkSync(target(), join(workspace, name));
};
const shadow = () => join(home, 'shadow');

const level = (open: string, close: string, times: number) => (n: number) =>
  `a${n}: &a${n}\n  k${n}: 1\n  ${open}${Array(times)
    .fill(`*a${n - 1}`)
    .join(', ')}${close}`;
const twelve = Array.from({ length: 12 }, (_, index) => index + 1);
const MERGES = ['a0: &a0 {k0: 1}', ...twelve.map(level('<<: [', ']', 8))].join('\n');
const LAUGHS = ['a0: &a0 {k0: 1}', ...twelve.map(level('l: [', ']', 9))].join('\n');
const DEEP = `a: ${'['.repeat(10_000)}${']'.repeat(10_000)}`;
const MANIFEST = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n';

describe('a file that is no plain one of the workspace', () => {
  it.each<[string, string, RegExp, Circumstances]>([
    ['a FIFO as values-file', 'E_WORKSPACE', /values-file: values\.yaml is a FIFO/, { prepare: fifo('values.yaml') }],
    [
      'a FIFO as Chart.yaml',
      'E_WORKSPACE',
      /chart: chart\/Chart\.yaml is a FIFO/,
      { prepare: fifo('chart/Chart.yaml') },
    ],
    [
      'a FIFO as manifest',
      'E_WORKSPACE',
      /pre-install-manifests: m\.yaml is a FIFO/,
      { prepare: fifo('m.yaml'), inputs: { 'pre-install-manifests': 'm.yaml' } },
    ],
    [
      'a link to a file without end',
      'E_WORKSPACE',
      /values\.yaml is a device/,
      { prepare: linkTo('values.yaml', () => '/dev/zero') },
    ],
    ['a link out', 'E_WORKSPACE', /values\.yaml lies outside/, { prepare: linkTo('values.yaml', shadow) }],
    ['a way out', 'E_WORKSPACE', /\.\.\/\.\.\/\S+ lies outside/, { inputs: { 'values-file': '../../../etc/passwd' } }],
    ['a path outside', 'E_WORKSPACE', /\/etc\/passwd lies outside/, { inputs: { 'values-file': '/etc/passwd' } }],
    [
      'the chart as a file',
      'E_INPUT',
      /input chart names a file, chart\/Chart\.yaml/,
      { inputs: { chart: 'chart/Chart.yaml' } },
    ],
    [
      'a file without end',
      'E_WORKSPACE',
      /values\.yaml is larger than 1 MiB/,
      { prepare: (workspace) => truncateSync(join(workspace, 'values.yaml'), 2 ** 40) },
    ],
  ])('%s', async (_, code, said, given) => {
    const done = await run(given);
    expectBounded(done);
    expect(done.error).toMatch(said);
    expect([done.outputs['error-code'], done.asked, done.fetched]).toEqual([code, [], []]);
  });
});

describe('YAML that asks for more than it has', () => {
  it.each([
    ['merges', MERGES],
    ['aliases', LAUGHS],
    ['levels', DEEP],
  ])('%s: in a values file, in set-values and in a manifest', async (_, text) => {
    const [file, input, manifest] = [
      await run({ files: { 'values.yaml': text } }),
      await run({ inputs: { 'set-values': text } }),
      await run({ files: { 'm.yaml': `${MANIFEST}${text}` }, inputs: { 'pre-install-manifests': 'm.yaml' } }),
    ];
    for (const done of [file, input, manifest]) expectBounded(done);
    expect([file, input, manifest].map(({ outputs }) => outputs['error-code'])).toEqual([
      'E_VALUES',
      'E_VALUES',
      'E_PRE_INSTALL',
    ]);
  });

  it.each([
    ['merges', MERGES],
    ['aliases', LAUGHS],
    ['levels', DEEP],
    ['lines', 'a: 1\n'.repeat(1_000_000)],
  ])('%s: in what helm prints', async (_, text) => {
    const prepare = () => writeFileSync(join(home, 'render.yaml'), `${MANIFEST}${text}`);
    const done = await run({ prepare, programs: { helm: `[ "$1" = template ] && cat ${join(home, 'render.yaml')}` } });
    expectBounded(done);
    expect(done.outputs['error-code']).toBe('E_CHART_RENDER');
  });
});

describe('a baseline that is none', () => {
  it.each<[string, RegExp, (workspace: string) => void]>([
    ['a FIFO', /it is a FIFO/, fifo('old.json')],
    ['a link out', /it lies outside/, linkTo('old.json', shadow)],
    ['a link to what has no end', /it is a device/, linkTo('old.json', () => '/dev/zero')],
    ['not JSON', /it is not JSON/, (workspace) => writeFileSync(join(workspace, 'old.json'), SECRET)],
    [
      'of 100 MB',
      /it is larger than 4 MiB/,
      (workspace) => appendFileSync(join(workspace, 'old.json'), '[0],'.repeat(25e6)),
    ],
    ['levels', /it is not JSON/, (workspace) => writeFileSync(join(workspace, 'old.json'), '['.repeat(4e6))],
    [
      'levels that end',
      /it is no report/,
      (workspace) => writeFileSync(join(workspace, 'old.json'), '['.repeat(2e6) + ']'.repeat(2e6)),
    ],
  ])('is a warning, and changes nothing else: %s', async (_, said, prepare) => {
    const done = await run({ prepare, inputs: { baseline: 'old.json', 'values-file': 'missing.yaml' } });
    expectBounded(done);
    expect(done.outputs['error-code']).toBe('E_WORKSPACE'); // of the values file
    expect(done.error).toMatch(/there is no missing\.yaml/);
    expect(done.main.log.split('\n').find((line) => line.startsWith('::warning::The baseline'))).toMatch(said);
  });
});
