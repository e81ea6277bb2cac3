import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createToolCache } from '../../src/adapters/tool-cache.js';
import { DownloadFailure } from '../../src/provision/download-failure.js';
import { listen, type Listening } from '../helpers/network.js';

const LIVE = new AbortController().signal;
const release = randomBytes(3_000_000);
const MOST = 4_000_000;

let server: Listening;
let folder: string;
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeAll(async () => {
  server = await listen((request, response) => answer(request, response));
});
afterAll(() => server.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'download-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const url = (path = '/kind') => `http://127.0.0.1:${server.port}${path}`;
const download = (signal = LIVE, into = folder) => createToolCache(signal).download(url(), into, MOST);
/** What a download throws. */
const failure = (downloading: Promise<string>): Promise<unknown> =>
  downloading.then(
    () => expect.fail('it gave a file'),
    (error: unknown) => error,
  );
const left = () => readdirSync(folder);

describe('a download', () => {
  it('is a new file in the folder, whole, that only its owner can read', async () => {
    answer = (_, response) => response.end(release);
    const [one, two] = [await download(), await download()];
    for (const path of [one, two]) {
      expect(path.startsWith(`${folder}/`)).toBe(true);
      expect(readFileSync(path).equals(release)).toBe(true);
      expect(statSync(path).mode & 0o777).toBe(0o600);
    }
    expect(one).not.toBe(two);
    expect(left()).toHaveLength(2);
  });

  it('of a body without a length arrives whole too', async () => {
    answer = (_, response) => {
      for (let at = 0; at < release.length; at += 100_000) response.write(release.subarray(at, at + 100_000));
      response.end();
    };
    expect(readFileSync(await download()).equals(release)).toBe(true);
  });

  it('follows redirects', async () => {
    const asked: unknown[] = [];
    answer = ({ url: path }, response) => {
      asked.push(path);
      if (path === '/kind') response.writeHead(302, { location: '/there' }).end('moved');
      else response.end(release);
    };
    expect(readFileSync(await download()).equals(release)).toBe(true);
    expect(asked).toEqual(['/kind', '/there']);
  });

  it('of an empty body is an empty file', async () => {
    answer = (_, response) => response.writeHead(200, { 'content-length': 0 }).end();
    expect(readFileSync(await download())).toHaveLength(0);
  });
});

describe('a download fails, in one attempt and leaving nothing,', () => {
  it.each([
    [404, {}],
    [403, { 'x-ratelimit-remaining': '0' }],
    [429, { 'retry-after': '7' }],
    [503, { 'retry-after': '120', 'retry-after-ms': '5' }],
  ])('with status and headers of a refusal: %i', async (status, headers) => {
    let asked = 0;
    answer = (_, response) => {
      asked += 1;
      response.writeHead(status, headers).end('not here');
    };
    const error = await failure(download());
    expect(error).toBeInstanceOf(DownloadFailure);
    expect(error).toMatchObject({ message: `HTTP ${status}`, status, headers });
    expect(asked).toBe(1);
    expect(left()).toEqual([]);
  });

  it('where nobody listens', async () => {
    const gone = await listen(() => undefined);
    await gone.close();
    const error = await failure(createToolCache(LIVE).download(`http://127.0.0.1:${gone.port}/kind`, folder, MOST));
    expect(error).toBeInstanceOf(DownloadFailure);
    expect(error).toMatchObject({ message: 'ECONNREFUSED', status: undefined, headers: {}, heals: true });
    expect(left()).toEqual([]);
  });

  it.each([
    ['is cut off', { 'content-length': release.length }],
    ['without a length is cut off', {}],
  ])('where a body %s', async (_, headers) => {
    answer = (_request, response) => {
      response.writeHead(200, headers);
      response.write(release.subarray(0, 1_000_000), () => response.destroy());
    };
    const error = await failure(download());
    expect(error).toBeInstanceOf(DownloadFailure);
    expect(error).toMatchObject({ status: undefined, heals: true, cause: expect.any(Error) as Error });
    const [, bytes, code] = /^broke off after (\d+) bytes \((.+)\)$/.exec((error as Error).message) ?? [];
    expect(Number(bytes)).toBeLessThanOrEqual(1_000_000);
    expect(code).toMatch(/^ECONNRESET$/);
    expect(left()).toEqual([]);
  });

  it.each([
    ['says so', { 'content-length': 1_000 * release.length }],
    ['does not say so', {}],
  ])('where a body is larger than is allowed, and %s', async (_, headers) => {
    let sent = 0;
    answer = (_request, response) => {
      response.writeHead(200, headers);
      const more = () => {
        while (!response.destroyed && response.write(release)) sent += release.length;
      };
      response.on('drain', more);
      more();
    };
    const error = await failure(download());
    expect(error).toBeInstanceOf(DownloadFailure);
    expect(error).toMatchObject({ message: 'the answer is larger than 3.8 MB', status: undefined, heals: false });
    expect(sent).toBeLessThan(50_000_000);
    expect(left()).toEqual([]);
  });

  it('where a redirect leads to itself', async () => {
    answer = (_, response) => response.writeHead(302, { location: '/kind' }).end();
    const error = await failure(download());
    expect(error).toBeInstanceOf(DownloadFailure);
    expect(error).toMatchObject({ heals: false });
    expect(left()).toEqual([]);
  });
});

describe('the end of the run', () => {
  it('ends a download in the middle, with its own reason; nothing is left', async () => {
    const run = new AbortController();
    const reason = new Error('the deadline passed');
    let closed: Promise<void> | undefined;
    answer = (_, response) => {
      closed = new Promise((resolve) => response.on('close', resolve));
      response.writeHead(200, { 'content-length': release.length });
      response.write(release.subarray(0, 1_000_000), () => setImmediate(() => run.abort(reason)));
    };
    expect(await failure(download(run.signal))).toBe(reason);
    await closed;
    expect(left()).toEqual([]);
  });

  it('ends one that no answer has come to', async () => {
    const run = new AbortController();
    const reason = new Error('cancelled');
    answer = () => run.abort(reason);
    expect(await failure(download(run.signal))).toBe(reason);
    expect(left()).toEqual([]);
  });

  it('lets none begin after it', async () => {
    let asked = 0;
    answer = (_, response) => {
      asked += 1;
      response.end();
    };
    const reason = new Error('over');
    expect(await failure(download(AbortSignal.abort(reason)))).toBe(reason);
    expect([asked, left()]).toEqual([0, []]);
  });
});

describe('what the system says of the file', () => {
  it('is thrown as it is: no such folder', async () => {
    answer = (_, response) => response.end(release);
    const error = await failure(download(LIVE, join(folder, 'none')));
    expect(error).not.toBeInstanceOf(DownloadFailure);
    expect(error).toMatchObject({ code: 'ENOENT' });
  });

  it('is thrown as it is: no space, and what was written is removed', async ({ skip }) => {
    const small = join(folder, 'small');
    mkdirSync(small);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', small], { stdio: 'ignore' });
    } catch {
      skip('no small disk can be made here');
    }
    try {
      answer = (_, response) => response.end(release);
      const error = await failure(download(LIVE, small));
      expect(error).not.toBeInstanceOf(DownloadFailure);
      expect(error).toMatchObject({ code: 'ENOSPC' });
      expect(readdirSync(small)).toEqual([]);
    } finally {
      execFileSync('umount', ['-l', small]);
    }
  });
});
