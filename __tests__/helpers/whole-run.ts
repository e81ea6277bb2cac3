import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createJob, type StepResult } from '../../e2e/runner.mjs';
import { createKeyFinder } from '../../src/secrets/key-finder.js';
import { codeOf, seen } from './faults-page.js';
import { MIRRORED, NEXT_TROUBLE, startMirror, type Answer, type Programs } from './mirror.js';
import { KEY, startService } from './service.js';

/** What a whole run of the bundle is given; everything else about it is healthy. */
export interface Circumstances {
  inputs?: Record<string, string>;
  /** Name of the file of the workspace that is the event of the job. */
  eventFile?: string;
  /** Files of the workspace, beside a chart and `values.yaml`. */
  files?: Record<string, string>;
  /** Makes in the workspace what is no plain file. */
  prepare?: (workspace: string) => void;
  /** What the `docker` in front of PATH does, in sh; null: nothing is on PATH. */
  docker?: string | null;
  /** Take requests over from a healthy service and a healthy mirror. */
  service?: Answer;
  mirror?: Answer;
  /** What the tools of the mirror do. */
  programs?: Programs;
  /** Shared with other runs. */
  toolCache?: string;
  /** RUNNER_TEMP, where it is not a folder like any other. */
  temp?: string;
  /** Of the environment, beside what the runner sets. */
  env?: Record<string, string>;
}

export interface WholeRun {
  main: StepResult;
  outputs: Record<string, string>;
  /** The text of the error annotation. */
  error: string;
  /** Paths that service and mirror were asked for. */
  asked: string[];
  fetched: string[];
  /** What post left in the job's temporary folder, but for the report. */
  left: string[];
  summary: string;
  /** Text of the reports; empty if there is none. */
  report: string;
  junit: string;
  /** Files in the tool cache. */
  cached: string[];
  /** Everything that a reader may get to see: log, summary, outputs, report; without the line that masks the key. */
  shown: string;
  /** Forms of the key in it. */
  leaks: string[];
}

/** An engine without a container. */
export const HEALTHY_DOCKER =
  'case $1 in version) echo 28.0.0;; ps) ;; *) echo "Error: No such object: $*" >&2; exit 1;; esac';

/**
 * Main and post of the bundle, in a workspace of their own and against servers of their own: runs may go on side by side.
 * Nothing of a run stays on the disk.
 */
export async function wholeRun(given: Circumstances): Promise<WholeRun> {
  const home = mkdtempSync(join(tmpdir(), 'fault-'));
  const [service, mirror] = await Promise.all([startService(given.service), startMirror(given.mirror, given.programs)]);
  const toolCache = given.toolCache ?? join(home, 'tools');
  const inputs = {
    'maas-endpoint': service.endpoint,
    'api-key': KEY,
    chart: 'chart',
    'values-file': 'values.yaml',
    'tools-mirror': mirror.url,
    ...MIRRORED,
    ...given.inputs,
  };
  const workspace = makeWorkspace(home, given.files ?? {});
  given.prepare?.(workspace);
  const env: Record<string, string> = {
    PATH: makeBin(home, given.docker === undefined ? HEALTHY_DOCKER : given.docker),
    ...(given.temp !== undefined && { RUNNER_TEMP: given.temp }),
    ...given.env,
    ...(given.eventFile !== undefined && { GITHUB_EVENT_PATH: join(workspace, given.eventFile) }),
  };
  const job = createJob({ workspace, inputs, toolCache, env });
  try {
    const main = await job.main().done;
    const [report, junit] = ['report-json', 'report-junit'].map((name) => textOf(job.outputs()[name]));
    const post = await job.post().done;
    expect(post.code).toBe(0);
    const log = [main.log, post.log].join('\n').replace(/^::add-mask::.*$/gm, '');
    const outputs = job.outputs();
    const shown = [log, job.summary(), JSON.stringify(outputs), report].join('\n');
    const left = readdirSync(given.temp ?? job.temp).filter((name) => !name.startsWith('maas-e2e-report-'));
    return {
      main,
      outputs,
      error: /^::error title=[^:]*::(.*)$/m.exec(main.log)?.[1] ?? '',
      asked: service.asked,
      fetched: mirror.asked,
      left,
      summary: job.summary(),
      report: report ?? '',
      junit: junit ?? '',
      cached: filesBelow(toolCache),
      shown,
      leaks: leaksOf(inputs['api-key'], shown),
    };
  } finally {
    await Promise.all([service.close(), mirror.close()]);
    job.remove();
    rmSync(home, { recursive: true, force: true });
  }
}

function textOf(path: string | undefined): string {
  return path !== undefined && existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** What must be so of every red run: the line and the code that docs/faults.md promises, cleaned up, and no key anywhere. */
export function expectFault(run: WholeRun, fault: number, variant?: string): void {
  const { main, outputs, left, leaks } = run;
  expect(run.error).toMatch(seen(fault, variant));
  expect({ code: main.code, result: outputs['result'], error: outputs['error-code'], left, leaks }).toEqual({
    code: 1,
    result: 'failed',
    error: codeOf(fault, variant),
    left: [],
    leaks: [],
  });
}

/** What must be so of a run that got over what was wrong: it ends where the stand-in helm says no. */
export function expectPast(run: WholeRun): void {
  expect(run.error).toContain(`chart: the chart does not render: ${NEXT_TROUBLE}.`);
  expect([run.left, run.leaks]).toEqual([[], []]);
}

/** Whether the log has the line that docs/faults.md promises. */
export function expectLine({ main }: WholeRun, fault: number, variant: string): void {
  const pattern = seen(fault, variant);
  expect(main.log.split('\n').filter((line) => pattern.test(line))).not.toEqual([]);
}

function makeWorkspace(home: string, files: Record<string, string>): string {
  const workspace = join(home, 'workspace');
  mkdirSync(join(workspace, 'chart'), { recursive: true });
  const chart = 'apiVersion: v2\nname: rag\nversion: 0.1.0\n';
  const all = { 'chart/Chart.yaml': chart, 'values.yaml': 'replicaCount: 1\n', ...files };
  for (const [name, content] of Object.entries(all)) writeFileSync(join(workspace, name), content);
  return workspace;
}

/** PATH: a docker in front of what this machine has, or nothing at all. */
function makeBin(home: string, docker: string | null): string {
  const bin = join(home, 'bin');
  mkdirSync(bin);
  if (docker === null) return bin;
  writeFileSync(join(bin, 'docker'), `#!/bin/sh\n${docker}\n`, { mode: 0o755 });
  return `${bin}:${process.env['PATH'] ?? ''}`;
}

/** Of a key with a line break its lines, too. */
function leaksOf(key: string, shown: string): string[] {
  const parts = [key.trim(), ...key.trim().split('\n')].filter(Boolean);
  const spans = parts.flatMap((part) => createKeyFinder(part).find(shown));
  const fragments = spans.map(({ start, end }) => shown.slice(start, end));
  return [...parts.filter((part) => shown.includes(part)), ...fragments];
}

export function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
