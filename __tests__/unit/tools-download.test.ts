import { describe, expect, it } from 'vitest';
import { RunError } from '../../src/errors.js';
import { DownloadFailure } from '../../src/provision/download-failure.js';
import { failureOf } from '../helpers/failures.js';
import { bench, KUBECTL, publishedHelm, publishedKubectl } from '../helpers/tools.js';

describe('a download that fails', () => {
  const answered = (status: number, headers: Record<string, string> = {}) =>
    new DownloadFailure(`HTTP ${status}`, { status, headers });
  const BROKEN = new DownloadFailure('broke off after 7 bytes (ECONNRESET)');
  const withKubectl = (...served: (string | Error)[]) => bench({ ...publishedKubectl, [KUBECTL]: served });

  it.each<[string, DownloadFailure]>([
    ['a connection that breaks', BROKEN],
    ...[408, 429, 500, 502, 503, 504].map((status): [string, DownloadFailure] => [`HTTP ${status}`, answered(status)]),
  ])('for a moment is tried again, twice: %s', async (_, failure) => {
    const { install, pauses, said } = withKubectl(failure, failure, 'kubectl bytes');
    expect(await install('kubectl')).toMatchObject({ fromCache: false });
    const [first = 0, second = 0, ...more] = pauses;
    expect(more).toEqual([]);
    expect(first).toSatisfy((ms: number) => ms >= 500 && ms <= 1000);
    expect(second).toSatisfy((ms: number) => ms >= 1000 && ms <= 2000);
    expect(said[0]).toBe(`${KUBECTL}: ${failure.message}; another attempt in ${(first / 1000).toFixed(1)} s`);
  });

  it('three times is red, and says how often', async () => {
    const { install, toolCache } = withKubectl(BROKEN, BROKEN, answered(503));
    const failure = await failureOf(() => install('kubectl'));
    expect(failure.code).toBe('E_DOWNLOAD');
    expect(failure.message).toBe(`kubectl 9.9.9: ${KUBECTL} can not be downloaded: HTTP 503, 3 times`);
    expect(toolCache.downloads).toHaveLength(4);
    expect(failure.fix).toBe(
      'Run again when the site is up; behind a firewall set tools-mirror to a base URL that serves the same paths, or HTTPS_PROXY.',
    );
  });

  it.each([400, 401, 403, 404, 410])('for good is not tried again: HTTP %i', async (status) => {
    const { install, pauses } = withKubectl(answered(status), 'kubectl bytes');
    const failure = await failureOf(() => install('kubectl'));
    expect(failure.message).toMatch(`can not be downloaded: HTTP ${status}`);
    expect(failure.fix).toMatch(/^Check kubectl-version; behind a firewall set tools-mirror/);
    expect(pauses).toEqual([]);
  });

  it('because of what the site hands out is not tried again: another attempt gets the same', async () => {
    const { install, pauses } = withKubectl(new DownloadFailure('it is too large', { heals: false }), 'kubectl bytes');
    const failure = await failureOf(() => install('kubectl'));
    expect(failure.message).toMatch(/can not be downloaded: it is too large$/);
    expect(pauses).toEqual([]);
  });

  it('is tried again after what the server asks for, up to 30 s', async () => {
    const { install, pauses } = withKubectl(answered(429, { 'retry-after': '30' }), 'kubectl bytes');
    await install('kubectl');
    expect(pauses).toEqual([30_000]);
    const long = withKubectl(answered(429, { 'retry-after': '31' }), 'kubectl bytes');
    expect((await failureOf(() => long.install('kubectl'))).message).toMatch(/can not be downloaded: HTTP 429$/);
    expect(long.pauses).toEqual([]);
  });

  it('because the run ends is told as that', async () => {
    const reason = new RunError('E_CANCELLED', 'run', 'the job was cancelled', 'x');
    await expect(withKubectl(reason).install('kubectl')).rejects.toBe(reason);
  });

  it.each(['ENOSPC', 'EDQUOT'])('because the disk is full is told as that (%s), and not tried again', async (code) => {
    const system = Object.assign(new Error(`${code}: write`), { code });
    const { install, pauses } = withKubectl(system, 'kubectl bytes');
    const failure = await failureOf(() => install('kubectl'));
    expect(failure).toMatchObject({ code: 'E_DISK_FULL', hop: 'tools', cause: system });
    expect(failure.message).toBe('kubectl 9.9.9: no space left on the disk of RUNNER_TEMP (/run/tools)');
    expect([pauses, failure.fix]).toEqual([[], expect.stringContaining('Free disk space')]);
  });

  it('because the folder can not be written to is told with what the system says', async () => {
    const system = Object.assign(new Error("EACCES: permission denied, open '/run/tools/x'"), { code: 'EACCES' });
    const failure = await failureOf(() => withKubectl(system).install('kubectl'));
    expect(failure.code).toBe('E_DOWNLOAD');
    expect(failure.message).toBe(`kubectl 9.9.9: ${KUBECTL} can not be stored: ${system.message}`);
  });
});

describe('a tool that can not be put into the cache', () => {
  it('is used from beside it, and that is said', async () => {
    const { install, files, said } = bench(publishedHelm, {}, new Error("EACCES: permission denied, mkdir '/cache'"));
    expect(await install('helm')).toMatchObject({ path: '/run/tools/helm', fromCache: false });
    expect(files.entries.get('/run/tools/helm')).toBe('helm bytes');
    expect(said).toEqual([
      "helm 9.9.9 can not be put into the tool cache, and is used from beside it: EACCES: permission denied, mkdir '/cache'",
    ]);
  });
});
