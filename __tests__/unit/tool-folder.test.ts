import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { toolFolder } from '../../e2e/tool-folder.mjs';

let home: string;
beforeEach(() => (home = mkdtempSync(join(tmpdir(), 'home-'))));
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(home, { recursive: true });
});

const modeOf = (path: string) => statSync(path).mode & 0o777;
const inCache = (...names: string[]) => join(home, '.cache', ...names);

describe("the folder of tools on a machine of one's own", () => {
  it("is below the user's home, for the user alone, and is found again", () => {
    const folder = toolFolder({}, home);
    expect(folder).toBe(inCache('maas-e2e', 'tools'));
    expect([modeOf(folder), modeOf(inCache('maas-e2e'))]).toEqual([0o700, 0o700]);
    expect(toolFolder({}, home)).toBe(folder);
  });

  it('is where the user keeps caches, and not in a relative place', () => {
    expect(toolFolder({ XDG_CACHE_HOME: join(home, 'c') }, '/nowhere')).toBe(join(home, 'c', 'maas-e2e', 'tools'));
    expect(toolFolder({ XDG_CACHE_HOME: 'c' }, home)).toBe(inCache('maas-e2e', 'tools'));
  });

  it.each(['maas-e2e', 'maas-e2e/tools'])('is refused where %s can be written to by others', (name) => {
    mkdirSync(inCache('maas-e2e', 'tools'), { recursive: true, mode: 0o700 });
    for (const mode of [0o770, 0o702, 0o777]) {
      chmodSync(inCache(name), mode);
      expect(() => toolFolder({}, home)).toThrow(`${inCache(name)} can be written to by others`);
    }
  });

  it.each(['maas-e2e', 'maas-e2e/tools'])('is refused where %s is a link, wherever that leads', (name) => {
    const elsewhere = join(home, 'elsewhere');
    mkdirSync(elsewhere, { mode: 0o700 });
    mkdirSync(join(inCache(name), '..'), { recursive: true, mode: 0o700 });
    symlinkSync(elsewhere, inCache(name));
    expect(() => toolFolder({}, home)).toThrow(`${inCache(name)} is a link`);
  });

  it('is refused where others can put another one in its place: not in a folder of many users, nor in one of its group', () => {
    mkdirSync(inCache(), { mode: 0o700 });
    chmodSync(inCache(), 0o777);
    expect(() => toolFolder({}, home)).toThrow(`${inCache()} can be written to by others`);
    for (const mode of [0o1777, 0o775]) {
      chmodSync(inCache(), mode);
      expect(toolFolder({}, home)).toBe(inCache('maas-e2e', 'tools'));
    }
  });

  it('is refused where it is a file', () => {
    mkdirSync(inCache(), { mode: 0o700 });
    writeFileSync(inCache('maas-e2e'), '');
    expect(() => toolFolder({}, home)).toThrow('is not a folder');
  });

  it('is refused where another user has made it', () => {
    toolFolder({}, home);
    vi.spyOn(process, 'getuid').mockReturnValue(statSync(home).uid + 1);
    expect(() => toolFolder({}, home)).toThrow('belongs to another user');
  });
});
