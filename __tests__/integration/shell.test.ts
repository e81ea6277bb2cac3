import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCommands } from '../../src/adapters/commands.js';
import { createFiles } from '../../src/adapters/files.js';
import type { Job } from '../../src/job.js';
import { newRecord } from '../../src/report/record.js';
import { createRedactor } from '../../src/secrets/redact.js';
import { apiKeySecret } from '../../src/secrets/secret.js';
import { runShell } from '../../src/shell.js';
import { host } from '../helpers/inputs.js';
import { recordedLog } from '../helpers/memory.js';

const KEY = 'the-key-0123456789';

let home: string;
beforeEach(() => (home = realpathSync(mkdtempSync(join(tmpdir(), 'shell-')))));
afterEach(() => rmSync(home, { recursive: true }));

/** A job whose workspace and tools are in one folder, and whose earlier step has set OF_EARLIER. */
function bench() {
  const [log, record] = [recordedLog(), newRecord()];
  const path = join(home, 'kubectl');
  writeFileSync(path, '#!/bin/sh\necho "kubectl of this run: $*"\n');
  chmodSync(path, 0o755);
  record.tools.kubectl = { path, version: '1', verified: 'pinned digest', fromCache: true };
  const PATH = process.env['PATH'] ?? '';
  const commands = createCommands({ PATH }, new AbortController().signal, createRedactor([apiKeySecret(KEY)]));
  const environment = { PATH, OF_EARLIER: 'x' };
  const job = { ports: { commands, log }, host: host({ environment, workspace: home }), record } as unknown as Job;
  return { job, log };
}

describe("a user's command", () => {
  it("finds this run's tools, runs in the workspace and has the given variables in the place of earlier ones", async () => {
    const { job, log } = bench();
    const seen: string[] = [];
    const script = 'kubectl get pods; pwd; echo "$GIVEN ${OF_EARLIER-gone}"; false; echo not reached';
    const result = await runShell(job, script, { GIVEN: 'g', OF_EARLIER: '' }, (line) => seen.push(line));
    const lines = ['kubectl of this run: get pods', home, 'g gone'];
    expect(result).toEqual({ code: 1, lines });
    expect([seen, log.lines]).toEqual([lines, lines.map((line) => `info: ${line}`)]);
  });

  it('is shown by its last lines, without the key', async () => {
    const { job } = bench();
    const { lines } = await runShell(job, `seq 201 240; printf ${KEY}`, {});
    expect(lines).toEqual([...Array.from({ length: 29 }, (_, at) => String(at + 212)), '***']);
  });
});

describe("the outputs of a user's command", () => {
  /** A job on a runner, whose command files are not those that the command gets. */
  function onRunner() {
    const { job, log } = bench();
    const outputs: Record<string, string> = {};
    const theirs = join(home, 'github_output');
    writeFileSync(theirs, '');
    const workDir = join(home, 'work');
    mkdirSync(workDir, { mode: 0o700 });
    Object.assign(job.host.environment, { GITHUB_OUTPUT: theirs });
    Object.assign(job.record, { plan: { workDir } });
    const output = (name: string, value: string) => void (outputs[name] = value);
    const files = createFiles({ roots: [home], signal: new AbortController().signal });
    Object.assign(job.ports, { files, runner: { output } });
    const warnings = () => log.lines.filter((line) => line.startsWith('warning:'));
    return { job, outputs, theirs, workDir, warnings };
  }

  it('are handed on, those of several lines too, but for what this action sets', async () => {
    const { job, outputs, theirs, warnings } = onRunner();
    const script = `
      echo a=1 >> "$GITHUB_OUTPUT"
      printf 'b<<END\\none\\nresult=passed\\nEND\\n' >> "$GITHUB_OUTPUT"
      echo result=passed >> "$GITHUB_OUTPUT"
      echo ERROR-CODE=none >> "$GITHUB_OUTPUT"
      printf ' mode =full\\n\\357\\273\\277model=none\\n' >> "$GITHUB_OUTPUT"`;
    expect((await runShell(job, script, {})).code).toBe(0);
    expect(outputs).toEqual({ a: '1', b: 'one\nresult=passed' });
    expect(warnings()).toEqual([
      "warning: The command's output result is not handed on: this action sets it.",
      "warning: The command's output ERROR-CODE is not handed on: this action sets it.",
      "warning: The command's output  mode  is not handed on: this action sets it.",
      "warning: The command's output \ufeffmodel is not handed on: this action sets it.",
    ]);
    expect(readFileSync(theirs, 'utf8')).toBe('');
  });

  it('of a command that fails are handed on, too, and none of the one before it', async () => {
    const { job, outputs } = onRunner();
    await runShell(job, 'echo a=1 >> "$GITHUB_OUTPUT"', {});
    delete outputs['a'];
    expect((await runShell(job, 'echo b=2 >> "$GITHUB_OUTPUT"; false', {})).code).toBe(1);
    expect(outputs).toEqual({ b: '2' });
  });

  it.each([
    ['is no command file', 'echo hello >> "$GITHUB_OUTPUT"'],
    ['is a folder', 'rm "$GITHUB_OUTPUT"; mkdir "$GITHUB_OUTPUT"'],
    ['is a pipe', 'rm "$GITHUB_OUTPUT"; mkfifo "$GITHUB_OUTPUT"'],
    ['leads out of the job', 'ln -sf /etc/hostname "$GITHUB_OUTPUT"'],
    ['does not end', 'printf "a<<END\\nb\\n" > "$GITHUB_OUTPUT"'],
    ['is a sparse one of 100 GB', 'truncate -s 100G "$GITHUB_OUTPUT"'],
    ['has too many of them', 'seq 1001 | sed s/$/=x/ > "$GITHUB_OUTPUT"'],
    ['is too large', 'head -c 1100000 /dev/zero | tr "\\0" x > "$GITHUB_OUTPUT"'],
  ])('are not handed on where the file %s, and that is told', async (_, script) => {
    const { job, outputs, warnings } = onRunner();
    expect((await runShell(job, script, {})).code).toBe(0);
    expect([outputs, warnings()]).toEqual([
      {},
      [expect.stringMatching(/^warning: The command's outputs are not handed on: /)],
    ]);
  });

  it('are those of its own file, where an earlier command left a link in its place', async () => {
    const { job, outputs } = onRunner();
    writeFileSync(join(home, 'elsewhere'), 'c=3\n');
    await runShell(job, `rm "$GITHUB_OUTPUT"; ln -s ${join(home, 'elsewhere')} "$GITHUB_OUTPUT"; true`, {});
    await runShell(job, 'echo b=2 >> "$GITHUB_OUTPUT"', {});
    expect([outputs['b'], readFileSync(join(home, 'elsewhere'), 'utf8')]).toEqual(['2', 'c=3\n']);
  });
});
