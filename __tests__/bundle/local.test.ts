import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { root } from '../../e2e/runner.mjs';

let workspace: string;
beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), 'local-'));
});
afterEach(() => rmSync(workspace, { recursive: true }));

const KEY = 'local-key-0123456789';

/** The command of a user, in a checkout of his repository. */
function local(words: string[], env: Record<string, string> = {}) {
  const command = [join(root, 'e2e', 'local.mjs'), ...words];
  const options = { cwd: workspace, env: { PATH: process.env['PATH'] ?? '', HOME: workspace, ...env } };
  return new Promise<{ code: number; out: string; err: string }>((resolve) => {
    execFile(process.execPath, command, options, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    );
  });
}
const reports = () =>
  existsSync(join(workspace, 'maas-e2e-report')) ? readdirSync(join(workspace, 'maas-e2e-report')) : [];

describe('the action on a machine of one’s own', () => {
  it('runs as a step does, shows the summary, and keeps the reports in the workspace', async () => {
    const { code, out } = await local(['when-no-key=skip']);
    expect([code, reports().sort()]).toEqual([0, ['junit.xml', 'report.json']]);
    expect(out).toContain('## ⏭️ MaaS E2E: skipped');
    const report = JSON.parse(readFileSync(join(workspace, 'maas-e2e-report', 'report.json'), 'utf8')) as object;
    expect(report).toMatchObject({ result: 'skipped' });
  });

  it('takes the key from its environment, and shows it nowhere', async () => {
    const { code, out, err } = await local(['maas-endpoint=ftp://x'], { MAAS_API_KEY: KEY, GITHUB_OUTPUT: '/nowhere' });
    expect([code, reports().sort()]).toEqual([1, ['diagnostics', 'junit.xml', 'report.json']]);
    expect(out).toContain('E_ENDPOINT');
    expect(out + err).not.toContain(KEY);
  });

  it.each([
    ['no input', 'values=x', /^values is no input; write name=value, with one of maas-endpoint, /],
    ['no pair', 'model', /model is no input/],
    ['the key, which a history would keep', `api-key=${KEY}`, /read from MAAS_API_KEY/],
  ])('refuses a word that is %s', async (_, word, says) => {
    const { code, out, err } = await local([word]);
    expect([code, out, reports()]).toEqual([2, '', []]);
    expect(err).toMatch(says);
    expect(err).not.toContain(KEY);
  });

  it('runs no tools of a folder that others can write to', async () => {
    mkdirSync(join(workspace, '.cache', 'maas-e2e'), { recursive: true });
    chmodSync(join(workspace, '.cache', 'maas-e2e'), 0o777);
    const { code, out, err } = await local(['when-no-key=skip']);
    expect([code, out, reports()]).toEqual([2, '', []]);
    expect(err).toMatch(/maas-e2e can be written to by others: what is in it is not run\. Fix: remove it\.$/m);
  });
});
