import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { DownloadFailure } from '../provision/download-failure.js';
import { codeOf } from './cause.js';
import { within } from './deadline.js';
import { httpFailureIn, type HttpFailure } from './http-failure.js';
import { askFollowing } from './http-redirects.js';
import type { Answer } from './http.js';

/** Deadline of one attempt, in ms: a release of 50 MB at 1 Mbit/s. */
const ATTEMPT_MS = 400_000;
/** A server that sends nothing for this long, in ms, has stalled. */
const IDLE_MS = 60_000;

/** Files are wanted as they were published, not packed for their way. */
const HEADERS = { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'maas-e2e-action' };

/**
 * Downloads into a new file (0600) of a folder, in one attempt, and gives its path; nothing is left of one that fails.
 *
 * @throws DownloadFailure where the server does not hand all of it over, or more than `mostBytes`; what the system says of the
 * file; the run's own reason
 */
export async function download(
  url: string,
  folder: string,
  mostBytes: number,
  runSignal: AbortSignal,
): Promise<string> {
  const path = join(folder, randomUUID());
  try {
    await within(ATTEMPT_MS, runSignal, async (signal) => {
      const how = { headers: HEADERS, signal, mostBytes, idleMs: IDLE_MS };
      await store(await reached(() => askFollowing(new URL(url), how)), path);
    });
    return path;
  } catch (error) {
    await rm(path, { force: true });
    runSignal.throwIfAborted();
    throw error;
  }
}

async function reached(request: () => Promise<Answer>): Promise<Answer> {
  try {
    return await request();
  } catch (error) {
    throw new DownloadFailure(codeOf(error), { heals: heals(httpFailureIn(error)), cause: error });
  }
}

async function store({ status, headers, body, close }: Answer, path: string): Promise<void> {
  if (status < 200 || status >= 300) {
    close();
    throw new DownloadFailure(`HTTP ${status}`, { status, headers: Object.fromEntries(headers) });
  }
  let arrived = 0;
  const counted = async function* (parts: AsyncIterable<Uint8Array>) {
    for await (const part of parts) {
      arrived += part.length;
      yield part;
    }
  };
  try {
    await pipeline(body, counted, createWriteStream(path, { mode: 0o600 }));
  } catch (error) {
    throw ofConnection(error, arrived);
  } finally {
    close();
  }
}

/** What is of the connection as a DownloadFailure; what the system says of the file as it is. */
function ofConnection(error: unknown, arrived: number): unknown {
  const failure = httpFailureIn(error);
  if (failure?.kind === 'broken off' || (error instanceof Error && error.name === 'TimeoutError'))
    return new DownloadFailure(`broke off after ${arrived} bytes (${codeOf(error)})`, { cause: error });
  return failure ? new DownloadFailure(failure.message, { heals: heals(failure), cause: error }) : error;
}

/** What is of the connection may pass; what the server hands out, or where it leads to, is the same a second later. */
function heals(failure: HttpFailure | undefined): boolean {
  return failure === undefined || failure.kind === 'connection' || failure.kind === 'broken off';
}
