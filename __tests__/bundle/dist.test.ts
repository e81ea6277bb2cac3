import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { inputDefaults, root } from '../../e2e/runner.mjs';
import { DEFAULTS } from '../../src/input-defaults.js';

/** Bytes of dist/ that are code: the limit is 3 MB for both steps together, not minified. */
const LARGEST_BUNDLE = 3 * 1024 * 1024;

describe('dist/', () => {
  it('is what src/ builds, byte for byte, and not too large', () => {
    const fresh = mkdtempSync(join(tmpdir(), 'dist-'));
    execFileSync(process.execPath, [join(root, 'scripts', 'build.mjs'), fresh]);
    const [committed, built] = [join(root, 'dist'), fresh].map((folder) =>
      Object.fromEntries(
        readdirSync(folder)
          .sort()
          .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
      ),
    );
    const same = Object.keys(built ?? {}).filter((name) => built?.[name] === committed?.[name]);
    rmSync(fresh, { recursive: true, force: true });
    expect(same).toEqual(readdirSync(join(root, 'dist')).sort());
    const code = readdirSync(join(root, 'dist')).filter((name) => name.endsWith('.js'));
    expect(code.reduce((sum, name) => sum + statSync(join(root, 'dist', name)).size, 0)).toBeLessThan(LARGEST_BUNDLE);
  }, 120_000);
});

describe('action.yml', () => {
  const action = parse(readFileSync(join(root, 'action.yml'), 'utf8')) as {
    inputs: Record<string, { description: string; default?: string }>;
    outputs: Record<string, { description: string }>;
    runs: Record<string, string>;
  };

  it('declares exactly the inputs that are read, each described', () => {
    expect(Object.keys(action.inputs)).toEqual(Object.keys(DEFAULTS));
    expect(
      [...Object.values(action.inputs), ...Object.values(action.outputs)].every(
        ({ description }) => description.length > 10,
      ),
    ).toBe(true);
  });

  it('has the defaults that the harness fills in', () => {
    const declared = Object.entries(action.inputs).map(([name, input]) => [name, input.default ?? '']);
    expect(inputDefaults()).toEqual(Object.fromEntries(declared));
  });

  it('runs on node20, main and post', () => {
    expect(action.runs).toEqual({ using: 'node20', main: 'dist/main.js', post: 'dist/post.js' });
  });
});
