import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, mkdir, open, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Files } from '../ports.js';
import { AT_ONCE, MOST_BYTES, readBounded, refuseOutside, type Reading } from './read.js';

/** As 'w', but not through a link that somebody has put there. */
const NO_LINK = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;

/** Reads and removes what others name, within bounds; what the run writes and hashes itself may lie anywhere. */
export function createFiles(reading: Reading): Files {
  return {
    ...ownFiles,
    read: (path, mostBytes = MOST_BYTES) => readBounded(path, mostBytes, reading),
    removeFile: async (path) => {
      const folder = await unlessMissing(() => realpath(dirname(path)));
      if (folder === undefined) return;
      await refuseOutside(folder, reading.roots);
      await rm(join(folder, basename(path)), { force: true });
    },
  };
}

/** What the run does with files of its own; what others name has bounds, which createFiles gets. */
export const ownFiles: Omit<Files, 'read' | 'removeFile'> = {
  write: (path, text) => writeFile(path, text, { mode: 0o600, flag: NO_LINK }),
  makeDir: async (path) => {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await chmod(path, 0o700); // fails where somebody else has made it before
  },
  remove: (path) => rm(path, { recursive: true, force: true }),
  list: async (folder) => {
    const entries = await unlessMissing(() => readdir(folder, { recursive: true, withFileTypes: true }));
    return (entries ?? []).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  },
  sha256: (path) =>
    unlessMissing(async () => {
      const hash = createHash('sha256');
      const file = await open(path, AT_ONCE);
      await pipeline(file.createReadStream(), hash);
      return hash.digest('hex');
    }),
};

async function unlessMissing<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
