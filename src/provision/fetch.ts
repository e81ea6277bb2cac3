import { nameOfUrl } from '../named-url.js';
import type { ToolCache } from '../ports.js';
import { seconds } from '../progress.js';
import { backoffMs } from '../retry/backoff.js';
import { retryAfterMs } from '../retry/retry-after.js';
import { DownloadFailure } from './download-failure.js';

/** Attempts of one download, and the first pause in ms. */
const MOST_ATTEMPTS = 3;
const BASE_MS = 1000;
/** A server that asks to wait longer, in ms, is not waited for. */
const LONGEST_WAIT_MS = 30_000;

/** What a server says for a moment; 403 and 404 it says for good. */
const PASSING = [408, 429, 500, 502, 503, 504];

/** What a download needs. */
export interface FetchMeans {
  toolCache: Pick<ToolCache, 'download'>;
  /** Waits this many ms before another attempt. */
  pause: (ms: number) => Promise<void>;
  /** What the reader of the log should know. */
  say: (line: string) => void;
}

/**
 * Downloads a file into a folder and gives its path. A failure that may pass is retried.
 * @throws DownloadFailure whose message says how often it was tried; what the system says of the disk
 */
export async function fetchFile(
  url: string,
  { folder, mostBytes }: { folder: string; mostBytes: number },
  { toolCache, pause, say }: FetchMeans,
): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await toolCache.download(url, folder, mostBytes);
    } catch (error) {
      if (!(error instanceof DownloadFailure)) throw error;
      const ms = attempt < MOST_ATTEMPTS ? pauseBefore(attempt - 1, error) : undefined;
      if (ms === undefined) throw attempt > 1 ? error.after(attempt) : error;
      say(`${nameOfUrl(url)}: ${error.message}; another attempt in ${seconds(ms)}`);
      await pause(ms);
    }
  }
}

function pauseBefore(retry: number, failure: DownloadFailure): number | undefined {
  if (!failure.heals || isForGood(failure)) return undefined;
  const asked = retryAfterMs(failure.headers) ?? 0;
  return asked > LONGEST_WAIT_MS ? undefined : Math.max(asked, backoffMs(retry, BASE_MS));
}

/** Whether the server says that it will not hand it over at all. */
export function isForGood({ status }: DownloadFailure): boolean {
  return status !== undefined && !PASSING.includes(status);
}
