import { constants, createWriteStream } from 'node:fs';
import { chmod, open, rename } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { cacheFile, find } from '@actions/tool-cache';
import type { ToolCache } from '../ports.js';
import { unpackFile } from './archive.js';
import { download } from './download.js';

/**
 * The runner's tool cache, by @actions/tool-cache. Its download is not used: it can not be aborted, ignores Retry-After and
 * waits 10-20 s between attempts. Nor is its extractTar: that hands
 * this process's whole environment on to tar, and tar makes whatever an archive says.
 */
export function createToolCache(runSignal: AbortSignal): ToolCache {
  return {
    // without RUNNER_TOOL_CACHE, as on a machine of one's own, nothing is kept
    find: (tool, version) => (process.env['RUNNER_TOOL_CACHE'] ? find(tool, version) || undefined : undefined),
    download: (url, folder, mostBytes) => download(url, folder, mostBytes, runSignal),
    copy: copyFile,
    unpack: (archive, member, to, mostBytes) => unpackFile(archive, { member, to, mostBytes }, runSignal),
    install: async (from, to) => {
      await chmod(from, 0o700);
      await rename(from, to);
    },
    store: async (file, name, tool, version) => {
      await cacheFile(file, name, tool, version);
    },
  };
}

/** Neither waits for a writer nor follows a link: in the cache of a runner that others use, anything may lie. */
const AS_IT_IS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;

async function copyFile(from: string, to: string, mostBytes: number): Promise<boolean> {
  const source = await open(from, AS_IT_IS).catch(() => undefined);
  if (!source) return false;
  try {
    const found = await source.stat();
    if (!found.isFile() || found.size > mostBytes) return false;
    const end = found.size - 1; // one that grows meanwhile is not read for ever
    const content = found.size ? source.createReadStream({ end, autoClose: false }) : Readable.from([]);
    await pipeline(content, createWriteStream(to, { mode: 0o600, flags: 'wx' }));
    return true;
  } finally {
    await source.close();
  }
}
