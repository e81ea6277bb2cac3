import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { createJob, type Job, type StepResult } from '../../e2e/runner.mjs';
import { listen, type Listening } from './network.js';
import { KEY, startService, type FakeService } from './service.js';

/** What the case at hand runs with: made anew before each case of a file that imports this. */
export let service: FakeService;
export let workspace: string;
export let job: Job | undefined;
/** A mirror of the tools that never answers: what these tests show needs no tool. */
let mirror: Listening;

beforeEach(async () => {
  service = await startService();
  mirror = await listen(() => undefined);
  workspace = mkdtempSync(join(tmpdir(), 'workspace-'));
  mkdirSync(join(workspace, 'chart'));
  writeFileSync(join(workspace, 'chart', 'Chart.yaml'), 'apiVersion: v2\nname: rag\nversion: 0.1.0\n');
  writeFileSync(join(workspace, 'values.yaml'), 'replicaCount: 1\n');
});

afterEach(async () => {
  await Promise.all([service.close(), mirror.close()]);
  rmSync(workspace, { recursive: true, force: true });
  job?.remove();
  job = undefined;
});

/** A docker command in front of PATH, so that the result does not hang on this machine's engine. */
export function withDocker(script: string): Record<string, string> {
  const folder = join(workspace, 'bin');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'docker'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { PATH: `${folder}:${process.env['PATH'] ?? ''}` };
}

export async function runMain(
  inputs: Record<string, string>,
  options: { env?: Record<string, string>; node?: string[] } = {},
): Promise<StepResult> {
  job = createJob({
    workspace,
    inputs: {
      'maas-endpoint': service.endpoint,
      'api-key': KEY,
      chart: 'chart',
      'values-file': 'values.yaml',
      'tools-mirror': `http://127.0.0.1:${mirror.port}`,
      ...inputs,
    },
    ...options,
    env: options.env ?? withDocker('[ "$1" = version ] && echo 28.0.0'),
  });
  return await job.main().done;
}

/** The log without the one line in which the key may stand. */
export function leaks(log: string, key = KEY): boolean {
  return log
    .split('\n')
    .filter((line) => !line.startsWith('::add-mask::'))
    .some((line) => line.includes(key));
}

export function errorLine(log: string): string {
  return log.split('\n').find((line) => line.startsWith('::error')) ?? '';
}
