import { chmodSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCommands } from '../../src/adapters/commands.js';
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
    const { lines } = await runShell(job, `seq 40; printf ${KEY}`, {});
    expect(lines).toEqual([...Array.from({ length: 29 }, (_, at) => String(at + 12)), '***']);
  });
});
