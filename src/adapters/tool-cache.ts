import { chmod, cp, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDir, find } from '@actions/tool-cache';
import type { Commands, ToolCache } from '../ports.js';
import { download } from './download.js';

/**
 * The runner's tool cache, by @actions/tool-cache. Its download is not used: it can not be aborted, ignores Retry-After and
 * waits 10-20 s between attempts. Nor is its extractTar: that hands this process's whole environment on to tar.
 */
export function createToolCache(runSignal: AbortSignal, commands: Commands): ToolCache {
  return {
    find: (tool, version) => find(tool, version) || undefined,
    download: (url, folder, mostBytes) => download(url, folder, mostBytes, runSignal),
    unpack: async (archive, within) => {
      const folder = await mkdtemp(join(within, 'unpacked-'));
      const { code, stderr } = await commands.run({ program: 'tar', args: ['-xzf', archive, '-C', folder] });
      if (code !== 0) throw tarError(stderr.trim() || `exit code ${code}`);
      return folder;
    },
    assemble: async (within, copies, note) => {
      const folder = await mkdtemp(join(within, 'tool-'));
      for (const { name, from } of copies) await cp(from, join(folder, name));
      await chmod(join(folder, copies[0]?.name ?? ''), 0o755);
      await writeFile(join(folder, note.name), `${note.text}\n`);
      return folder;
    },
    store: (folder, tool, version) => cacheDir(folder, tool, version),
  };
}

/** What tar says, as what the system says: it names no codes. */
function tarError(said: string): Error {
  const error = new Error(`tar: ${said}`);
  return /no space left/i.test(said) ? Object.assign(error, { code: 'ENOSPC' }) : error;
}
