import { messageOf } from '../errors.js';
import type { Files, Log } from '../ports.js';
import { Unreadable } from '../unreadable.js';
import { readBaseline, type Baseline } from './trend.js';

/** Bytes; a report has a few thousand. */
const LARGEST = 4 * 1024 * 1024;

/**
 * The report of an earlier run. One that is not there is that of a first run, and one that can not be read changes no verdict.
 * @param path empty: there is nothing to compare with
 */
export async function baselineOf(
  path: string,
  files: Pick<Files, 'read'>,
  log: Pick<Log, 'info' | 'warning'>,
): Promise<Baseline | undefined> {
  if (!path) return undefined;
  try {
    const report = await files.read(path, LARGEST);
    if (report !== undefined) return readBaseline(report);
    log.info(`There is no baseline yet at ${path}: nothing is compared.`);
  } catch (error) {
    log.warning(`The baseline ${path} can not be read, so that nothing is compared: ${whyNot(error)}`);
  }
  return undefined;
}

/** The message of what is not JSON would quote it. */
function whyNot(error: unknown): string {
  if (error instanceof SyntaxError) return 'it is not JSON';
  return error instanceof Unreadable ? `it ${error.message}` : messageOf(error);
}
