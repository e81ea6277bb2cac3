import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFiles } from '../../src/adapters/files.js';
import type { Files } from '../../src/ports.js';
import { Unreadable } from '../../src/unreadable.js';

let home: string;
let workspace: string;
let temp: string;
let end: AbortController;
let files: Files;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'files-'));
  [workspace, temp] = [join(home, 'workspace'), join(home, 'temp')];
  mkdirSync(workspace);
  mkdirSync(temp);
  end = new AbortController();
  files = createFiles({ roots: [workspace, temp], signal: end.signal });
});
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
    mkdirSync(join(workspace, 'results'));
    writeFileSync(join(workspace, 'results', 'a.xml'), 'text');
    await files.removeFile(join(workspace, 'results', 'a.txt'));
    await expect(files.removeFile(join(workspace, 'results'))).rejects.toThrow(/directory/);
    expect(readFileSync(join(workspace, 'results', 'a.xml'), 'utf8')).toBe('text');
  });
});

describe('a file that is removed, at a path that others wrote', () => {
  it.each([
    ['by a linked folder', () => symlinkSync(home, join(workspace, 'out')), 'out/shadow'],
    ['by ..', () => undefined, '../shadow'],
  ])('is not one outside of the roots: %s', async (_, prepare, path) => {
    const theirs = outside();
    prepare();
    await expect(files.removeFile(join(workspace, path))).rejects.toThrow(Unreadable);
    await expect(files.removeFile(theirs)).rejects.toThrow(/lies outside/);
    expect(readFileSync(theirs, 'utf8')).not.toBe('');
  });

  it('may lie behind links that stay inside, and in a folder that is not there', async () => {
    mkdirSync(join(temp, 'results'));
    writeFileSync(join(temp, 'results', 'a.xml'), 'old');
    symlinkSync(join(temp, 'results'), join(workspace, 'results'));
    await files.removeFile(join(workspace, 'results', 'a.xml'));
    expect(await files.read(join(temp, 'results', 'a.xml'))).toBeUndefined();
    await files.removeFile(join(workspace, 'none', 'a.xml'));
  });

  it('is the link itself, and not what it leads to', async () => {
    const theirs = outside();
    symlinkSync(theirs, join(workspace, 'a.xml'));
    await files.removeFile(join(workspace, 'a.xml'));
    expect(readFileSync(theirs, 'utf8')).not.toBe('');
  });
});

/** Outside of the roots, with a text that may never be shown. */
function outside(): string {
  const path = join(home, 'shadow');
  writeFileSync(path, 'root:x:0:0\n');
  return path;
}

describe('a file that is read', () => {
  it('may lie in the workspace or in RUNNER_TEMP, behind links within them', async () => {
    mkdirSync(join(workspace, 'deep'));
    writeFileSync(join(workspace, 'deep', 'a.yaml'), 'a: é');
    writeFileSync(join(temp, 'b.yaml'), 'b');
    symlinkSync('deep', join(workspace, 'folder'));
    symlinkSync(join(temp, 'b.yaml'), join(workspace, 'b.yaml'));
    expect(await files.read(join(workspace, 'folder', 'a.yaml'))).toBe('a: é');
    expect(await files.read(join(workspace, 'b.yaml'))).toBe('b');
    expect(await files.read(join(workspace, 'deep', '..', 'b.yaml'))).toBe('b');
  });

  it('may lie in a workspace that is a link itself', async () => {
    symlinkSync(workspace, join(home, 'link'));
    writeFileSync(join(workspace, 'a'), 'text');
    const linked = createFiles({ roots: [join(home, 'link')], signal: end.signal });
    expect(await linked.read(join(home, 'link', 'a'))).toBe('text');
    expect(await linked.read(join(realpathSync(workspace), 'a'))).toBe('text');
  });

  it('need not be there, neither behind a link', async () => {
    symlinkSync('nowhere', join(workspace, 'dangling'));
    expect(await files.read(join(workspace, 'missing'))).toBeUndefined();
    expect(await files.read(join(workspace, 'dangling'))).toBeUndefined();
  });

  it.each<[string, (path: string) => void]>([
    ['a link', (path) => symlinkSync(outside(), path)],
    ['a link to a link', (path) => (symlinkSync(outside(), `${path}2`), symlinkSync(`${path}2`, path))],
    ['a link to a file of the system', (path) => symlinkSync('/etc/passwd', path)],
    ['a link to a file of the kernel', (path) => symlinkSync('/proc/self/environ', path)],
  ])('and lies outside by %s is refused without a word of it', async (_, make) => {
    make(join(workspace, 'a'));
    await expect(files.read(join(workspace, 'a'))).rejects.toThrow(/^lies outside of the workspace and RUNNER_TEMP$/);
  });

  it('and lies outside by a folder, .. or its own path is refused, also where the names begin alike', async () => {
    symlinkSync(home, join(workspace, 'up'));
    mkdirSync(`${workspace}-2`);
    writeFileSync(`${workspace}-2/a`, 'text');
    const paths = [join(workspace, 'up', 'shadow'), `${workspace}/../shadow`, outside(), `${workspace}-2/a`];
    for (const path of paths) await expect(files.read(path), path).rejects.toThrow(/^lies outside/);
  });

  it.each<[string, string, (path: string) => unknown]>([
    ['a FIFO', 'is a FIFO, not a file', (path) => execFileSync('mkfifo', [path])],
    ['a folder', 'is a folder, not a file', (path) => mkdirSync(path)],
    ['a device', 'is a device or socket, not a file', (path) => symlinkSync('/dev/zero', path)],
    ['a terminal', 'is a device or socket, not a file', (path) => symlinkSync('/dev/tty', path)],
    ['a link to itself', 'is a link that leads in a circle', (path) => symlinkSync(path, path)],
  ])('and is %s is refused at once', async (_, message, make) => {
    make(join(workspace, 'a'));
    const read = files.read(join(workspace, 'a'));
    await expect(read).rejects.toThrow(message);
    await expect(read).rejects.toBeInstanceOf(Unreadable);
  });

  it('and is a socket is refused', async () => {
    const server = createServer().listen(join(workspace, 's'));
    await once(server, 'listening');
    await expect(files.read(join(workspace, 's'))).rejects.toThrow('is a device or socket, not a file');
    server.close();
  });

  it('and has a file for a folder, a zero byte or a name without end in its path is refused', async () => {
    writeFileSync(join(workspace, 'a'), 'text');
    await expect(files.read(join(workspace, 'a', 'b'))).rejects.toThrow(/has a file where a folder should be/);
    await expect(files.read(join(workspace, 'a\0b'))).rejects.toThrow(/zero byte/);
    await expect(files.read(join(workspace, 'a'.repeat(5000)))).rejects.toThrow(/longer than a path/);
  });

  it.skipIf(process.getuid?.() === 0)('and is closed to this user is refused', async () => {
    writeFileSync(join(workspace, 'a'), 'text');
    chmodSync(join(workspace, 'a'), 0);
    await expect(files.read(join(workspace, 'a'))).rejects.toThrow(/may not be read/);
  });

  it('is read up to its limit, whatever it says of its size', async () => {
    const path = join(workspace, 'a');
    writeFileSync(path, 'x'.repeat(1000));
    expect(await files.read(path, 1000)).toHaveLength(1000);
    await expect(files.read(path, 999)).rejects.toThrow(/^is larger than/);
    truncateSync(path, 2 ** 40);
    await expect(files.read(path)).rejects.toThrow(/^is larger than 16 MiB$/);
  });

  it('may grow as it is read', async () => {
    const path = join(workspace, 'a');
    const growing = setInterval(() => appendFileSync(path, 'x'.repeat(4 * 1024 * 1024)), 1);
    appendFileSync(path, 'x');
    await expect(files.read(path, 64 * 1024 * 1024))
      .rejects.toThrow(/^is larger than 64 MiB$/)
      .finally(() => clearInterval(growing));
  });

  it('ends with the run, with its reason', async () => {
    const path = join(workspace, 'a');
    writeFileSync(path, 'x');
    truncateSync(path, 2 ** 31);
    const read = files.read(path, 2 ** 31);
    end.abort(new Error('the deadline passed'));
    await expect(read).rejects.toThrow('the deadline passed');
  });

  it('may be read once the run has ended: a baseline is', async () => {
    writeFileSync(join(workspace, 'a'), 'text');
    end.abort(new Error('the run is over'));
    expect(await files.read(join(workspace, 'a'))).toBe('text');
  });
});

describe('a digest', () => {
  it('is of a file anywhere, and does not wait for a writer', async () => {
    expect(await files.sha256(outside())).toMatch(/^[0-9a-f]{64}$/);
    execFileSync('mkfifo', [join(home, 'fifo')]);
    expect(await files.sha256(join(home, 'fifo'))).toMatch(/^e3b0c442/); // of nothing
  });
});
