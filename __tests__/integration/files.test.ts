import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { files } from '../../src/adapters/files.js';

let home: string;
beforeEach(() => (home = mkdtempSync(join(tmpdir(), 'files-'))));
afterEach(() => rmSync(home, { recursive: true }));

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe('what a run writes', () => {
  it('is for its owner alone', async () => {
    await files.makeDir(join(home, 'a', 'b'));
    await files.write(join(home, 'a', 'b', 'c'), 'text');
    expect(['a', 'a/b', 'a/b/c'].map((path) => modeOf(join(home, path)))).toEqual(['700', '700', '600']);
  });

  it('goes into a folder that was there before only once that is closed', async () => {
    mkdirSync(join(home, 'open'));
    await files.makeDir(join(home, 'open'));
    expect(modeOf(join(home, 'open'))).toBe('700');
  });

  it('is not written through a link', async () => {
    writeFileSync(join(home, 'theirs'), 'as it was');
    symlinkSync(join(home, 'theirs'), join(home, 'report.json'));
    await expect(files.write(join(home, 'report.json'), 'text')).rejects.toThrow(/ELOOP/);
    expect(readFileSync(join(home, 'theirs'), 'utf8')).toBe('as it was');
  });
});

describe('a file that is removed', () => {
  it('may be missing, and is no folder: that stays, with what is in it', async () => {
    mkdirSync(join(home, 'results'));
    writeFileSync(join(home, 'results', 'a.xml'), 'text');
    await files.removeFile(join(home, 'results', 'a.txt'));
    await expect(files.removeFile(join(home, 'results'))).rejects.toThrow(/directory/);
    await expect(files.read(join(home, 'results'))).rejects.toThrow(/EISDIR/);
    expect(readFileSync(join(home, 'results', 'a.xml'), 'utf8')).toBe('text');
  });
});
