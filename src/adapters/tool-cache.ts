import { randomUUID } from 'node:crypto';
import { constants, createWriteStream } from 'node:fs';
import { chmod, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { cacheFile, find } from '@actions/tool-cache';
import type { ToolCache } from '../ports.js';
import { DownloadFailure } from '../provision/download-failure.js';
import { unpackFile } from './archive.js';
import { codeOf } from './cause.js';
import { within } from './deadline.js';
import { fetchByProxy } from './proxy.js';

/** Deadline of one attempt, in ms: a release of 50 MB at 1 Mbit/s. */
const ATTEMPT_MS = 400_000;

/**
 * The runner's tool cache, by @actions/tool-cache. Its download is not used: it can not be aborted, ignores Retry-After and
 * waits 10-20 s between attempts. Nor is its extractTar: that hands
 * this process's whole environment on to tar, and tar makes whatever an archive says.
 */
export function createToolCache(runSignal: AbortSignal): ToolCache {
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
