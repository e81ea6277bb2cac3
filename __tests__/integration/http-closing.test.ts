import { execFile } from 'node:child_process';
import { describe, expect, it } from 'vitest';

/** The bench of e2e/http-bench.mjs: what it says, line by line. It runs dist/, as a job does. */
function bench(...args: string[]): Promise<string[]> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['e2e/http-bench.mjs', '--seed', '16', ...args], (_, stdout) =>
      resolve(stdout.trim().split('\n')),
    );
  });
}

describe('a server that closes after each response', () => {
  it('ends no process and spoils no answer, whatever is asked and however it is read', async () => {
    const [first, ...lines] = await bench('--requests', '12');
    expect(first).toContain('by bundle, 12 requests a kind, --seed 16');
    const kinds = ['get', 'post', 'upload', 'error', 'stream', 'page', 'download', 'fetch'];
    expect(lines).toEqual([
      ...kinds.map((kind) => `${kind.padEnd(8)} 12 calls, 0 crashes, 0 wrong`),
      '96 calls, 0 crashes, 0 wrong',
    ]);
  });

  it('ends one that asks by undici 6: the bench notices', async () => {
    const last = (await bench('--requests', '24', '--kinds', 'fetch', '--by', 'undici')).at(-1) ?? '';
    expect(Number(/(\d+) crashes/.exec(last)?.[1])).toBeGreaterThan(0);
  });
});
