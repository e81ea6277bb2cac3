import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** https://docs.zizmor.sh: without the network, and failing where a file can not be read as what it is. */
function zizmor(...args: string[]): { status: number | null; said: string } {
  const { status, stdout } = spawnSync('zizmor', ['--offline', '--strict-collection', '--color=never', ...args], {
    encoding: 'utf8',
  });
  return { status, said: stdout };
}

const isThere = spawnSync('zizmor', ['--version']).status === 0;
if (!isThere) console.log('Skipped: there is no zizmor in PATH. pip install --requirement .github/requirements.txt');
const examples = readdirSync('examples')
  .filter((name) => name.endsWith('.yml'))
  .map((name) => `examples/${name}`);
const CLEAN = { status: 0, said: expect.stringContaining('No findings to report') as string };

describe.skipIf(!isThere)('zizmor', () => {
  it('has nothing to say of workflows, Dependabot and action.yml, however small', () => {
    expect(zizmor('--persona=pedantic', '.github', 'action.yml')).toEqual(CLEAN);
  });

  it('has nothing to say of the examples but that they name versions', () => {
    expect(zizmor('--config', '.github/zizmor-examples.yml', ...examples)).toEqual(CLEAN);
  });

  it.each([
    ['an expression in a script', 'run: echo "${{ github.head_ref }}"', 'template-injection'],
    ['a checkout that leaves its credentials', 'uses: actions/checkout@v7', 'artipacked'],
  ])('says what is wrong: %s', (_, step, audit) => {
    const folder = mkdtempSync(join(tmpdir(), 'zizmor-'));
    const path = join(folder, 'wrong.yml');
    const head = ['on: push', 'permissions: {}', 'jobs:', '  a:', '    runs-on: ubuntu-latest', '    steps:'];
    writeFileSync(path, [...head, `      - ${step}`, ''].join('\n'));
    const { status, said } = zizmor('--config', '.github/zizmor-examples.yml', path);
    rmSync(folder, { recursive: true });
    expect(status).not.toBe(0);
    expect(said).toContain(audit);
  });
});
