import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { cacheDir, find } from '@actions/tool-cache';
import type { Commands, ToolCache } from '../ports.js';
import { DownloadFailure } from '../provision/download-failure.js';
import { codeOf } from './cause.js';
import { within } from './deadline.js';
import { fetchByProxy } from './proxy.js';

/** Deadline of one attempt, in ms: a release of 50 MB at 1 Mbit/s. */
const ATTEMPT_MS = 400_000;

/**
 * The runner's tool cache, by @actions/tool-cache. Its download is not used: it can not be aborted, ignores Retry-After and
 * waits 10-20 s between attempts. Nor is its extractTar: that hands this process's whole environment on to tar.
 */
export function createToolCache(runSignal: AbortSignal, commands: Commands): ToolCache {
  return {
    find: (tool, version) => find(tool, version) || undefined,
    download: async (url, folder) => {
      const path = join(folder, randomUUID());
      try {
        await within(ATTEMPT_MS, runSignal, (signal) => download(url, path, signal));
        return path;
      } catch (error) {
        await rm(path, { force: true });
        runSignal.throwIfAborted();
        throw error;
      }
    },
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

/** One attempt. @throws DownloadFailure where the server does not hand all of it over; what the system says of the file */
async function download(url: string, path: string, signal: AbortSignal): Promise<void> {
  const response = await reached(() => fetchByProxy(url, { signal }));
  if (!response.ok || !response.body) {
    await response.body?.cancel();
    throw new DownloadFailure(`HTTP ${response.status}`, {
      status: response.status,
      headers: Object.fromEntries(response.headers),
    });
  }
  const body = Readable.fromWeb(response.body);
  let arrived = 0;
  body.on('data', (chunk: Uint8Array) => (arrived += chunk.length));
  try {
    await pipeline(body, createWriteStream(path, { mode: 0o600 }));
  } catch (error) {
    // what the system says of the file has a path; the rest is of the connection
    if (error instanceof Error && 'path' in error) throw error;
    if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') throw error;
    throw new DownloadFailure(`broke off after ${arrived} bytes (${codeOf(error)})`, { cause: error });
  }
}

async function reached(request: () => Promise<Response>): Promise<Response> {
  try {
    return await request();
  } catch (error) {
    throw new DownloadFailure(codeOf(error), { cause: error });
  }
}
