import { constants } from 'node:fs';
import { open, readlink, realpath, stat, type FileHandle } from 'node:fs/promises';
import { sep } from 'node:path';
import { Unreadable } from '../unreadable.js';

/** Bytes that are read of a file where its reader names no other limit. */
export const MOST_BYTES = 16 * 1024 * 1024;
/** Bytes of one read: between two the run may end. */
const PIECE = 1024 * 1024;

/** Not waited for: whoever opens a FIFO without a writer waits for ever. */
export const AT_ONCE = constants.O_RDONLY | constants.O_NONBLOCK;

/** ms that a read may take: a file of 16 MiB on a slow disk. */
const READ_MS = 10_000;

/** Where a file may lie, and what ends its reading. */
export interface Reading {
  /** Folders; links in a path may lead from one into another. */
  roots: string[];
  /** What is read after it has ended (a baseline, logs of a cluster that failed) has a limit of its own. */
  signal: AbortSignal;
}

/**
 * The text of a regular file below a root; undefined where there is none. What is checked is the file that is open, so that a path
 * that changes meanwhile leads nowhere else.
 *
 * @throws Unreadable; the reason of the signal
 */
export async function readBounded(path: string, mostBytes: number, reading: Reading): Promise<string | undefined> {
  return await unlessMissing(() =>
    endedBy(reading.signal, async (signal) => {
      const file = await open(path, AT_ONCE);
      try {
        await refuseOthers(file);
        await refuseOutside(await placeOf(file, path), reading.roots);
        return await textOf(file, mostBytes, signal);
      } finally {
        await file.close();
      }
    }),
  );
}

async function refuseOthers(file: FileHandle): Promise<void> {
  const stats = await file.stat();
  if (stats.isFile()) return;
  const what = stats.isDirectory() ? 'a folder' : stats.isFIFO() ? 'a FIFO' : 'a device or socket';
  throw new Unreadable(`is ${what}, not a file`, 'Name a regular file.');
}

/** @param at a path without links @throws Unreadable where it is neither a root nor below one */
export async function refuseOutside(at: string, roots: string[]): Promise<void> {
  const folders = await Promise.all(roots.map((root) => realpath(root).catch(() => undefined)));
  const isBelow = (folder: string) => at === folder || at.startsWith(folder === sep ? sep : folder + sep);
  if (folders.some((folder) => folder !== undefined && isBelow(folder))) return;
  throw new Unreadable(
    'lies outside of the workspace and RUNNER_TEMP',
    'Copy the file into the workspace; a link or ".." may not lead out of it.',
  );
}

/** The path of an open file without links: what Linux says of it, elsewhere what its path leads to, if that is the same file. */
async function placeOf(file: FileHandle, path: string): Promise<string> {
  const said = await readlink(`/proc/self/fd/${file.fd}`).catch(() => undefined);
  if (said !== undefined) return said;
  const at = await realpath(path);
  const [there, here] = await Promise.all([stat(at), file.stat()]);
  if (there.dev === here.dev && there.ino === here.ino) return at;
  throw new Unreadable('was replaced while it was read', 'Run again.');
}

/** A file may be larger than it says, and may grow while it is read. */
async function textOf(file: FileHandle, mostBytes: number, signal: AbortSignal): Promise<string> {
  const pieces: Buffer[] = [];
  for (let length = 0; ;) {
    const piece = Buffer.allocUnsafe(Math.min(PIECE, mostBytes + 1 - length));
    const { bytesRead } = await file.read(piece, 0, piece.length);
    signal.throwIfAborted();
    if (bytesRead === 0) return Buffer.concat(pieces).toString('utf8');
    pieces.push(piece.subarray(0, bytesRead));
    length += bytesRead;
    if (length > mostBytes) throw tooLarge(mostBytes);
  }
}

function tooLarge(mostBytes: number): Unreadable {
  const mib = mostBytes / (1024 * 1024);
  return new Unreadable(`is larger than ${mib} MiB`, 'Split it, or leave out what is not needed.');
}

/** What hangs in the file system goes on in its thread, and nobody waits for it. */
async function endedBy<T>(runSignal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const end = () => controller.abort(runSignal.reason);
  const tooSlow = new Unreadable(`was not read within ${READ_MS / 1000} s`, 'Look at the disk of the runner.');
  const timer = setTimeout(() => controller.abort(tooSlow), READ_MS);
  runSignal.addEventListener('abort', end);
  const ended = new Promise<never>((_, reject) => {
    controller.signal.addEventListener('abort', () => reject(controller.signal.reason as Error));
  });
  try {
    return await Promise.race([work(controller.signal), ended]);
  } finally {
    clearTimeout(timer);
    runSignal.removeEventListener('abort', end);
  }
}

/** What the system says of a path, in words. */
const MEANINGS: Record<string, [what: string, fix: string]> = {
  ENOTDIR: ['has a file where a folder should be', 'Correct the path: a part of it is a file.'],
  ELOOP: ['is a link that leads in a circle', 'Correct the link.'],
  ENAMETOOLONG: ['is longer than a path may be', 'Correct the path.'],
  EACCES: ['may not be read by the user of the runner', 'Check its permissions and those of its folders.'],
  EPERM: ['may not be read by the user of the runner', 'Check its permissions and those of its folders.'],
  ENXIO: ['is a device or socket, not a file', 'Name a regular file.'],
  ENODEV: ['is a device or socket, not a file', 'Name a regular file.'],
  ERR_INVALID_ARG_VALUE: ['is not a path: it has a zero byte in it', 'Correct the path.'],
};

/** @throws Unreadable for what the system says of the path, other than that nothing is there; what else goes wrong as it is */
async function unlessMissing<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
    if (code === 'ENOENT') return undefined;
    const [what, fix] = MEANINGS[code] ?? [];
    if (what !== undefined && fix !== undefined) throw new Unreadable(what, fix, code);
    throw error;
  }
}
