import { describe, expect, it } from 'vitest';
import { DownloadFailure } from '../../src/provision/download-failure.js';
import { DEFAULT_KIND, PINS, type Tool } from '../../src/provision/pins.js';
import { assetOf, readChecksum } from '../../src/provision/assets.js';
import { failureOf } from '../helpers/failures.js';
import { sha256, type Served } from '../helpers/memory.js';
import { ARCHIVE, bench, HELM, KUBECTL, LINUX, publishedHelm, publishedKubectl, UNPINNED } from '../helpers/tools.js';

const DIGEST = 'ab'.repeat(32);
const CACHED = '/cache/maas-e2e-kubectl/9.9.9';
const OWN = '/run/tools';

describe('where a tool lies', () => {
  it.each<[Tool, string, string, string | undefined]>([
    [
      'kind',
      'https://github.com/kubernetes-sigs/kind/releases/download/v1.2.3/kind-darwin-arm64',
      '.sha256sum',
      undefined,
    ],
    ['kubectl', 'https://dl.k8s.io/release/v1.2.3/bin/darwin/arm64/kubectl', '.sha256', undefined],
    ['helm', 'https://get.helm.sh/helm-v1.2.3-darwin-arm64.tar.gz', '.sha256sum', 'darwin-arm64/helm'],
  ])('%s: at its publisher, and at the same path of a mirror', (tool, url, ending, memberPath) => {
    const platform = { os: 'darwin', arch: 'arm64' };
    expect(assetOf(tool, '1.2.3', platform, undefined)).toMatchObject({ url, checksumUrl: url + ending, memberPath });
    const mirrored = url.replace(/^https:\/\/[^/]+/, 'http://mirror:80/x');
    expect(assetOf(tool, '1.2.3', platform, 'http://mirror:80/x')).toMatchObject({
      url: mirrored,
      checksumUrl: mirrored + ending,
      memberPath,
    });
  });

  it('below a mirror whose query grants access, which stays behind the path', () => {
    const { url, checksumUrl } = assetOf('kubectl', '1.2.3', LINUX, 'https://m.example/tools/?sig=abc');
    expect(url).toBe('https://m.example/tools/release/v1.2.3/bin/linux/amd64/kubectl?sig=abc');
    expect(checksumUrl).toBe('https://m.example/tools/release/v1.2.3/bin/linux/amd64/kubectl.sha256?sig=abc');
  });

  it('every pin is a digest of a version and a platform', () => {
    const pins = Object.values(PINS).flatMap((versions) => Object.entries(versions));
    expect(pins.length).toBeGreaterThan(2);
    for (const [version, digests] of pins) {
      expect(version).toMatch(/^\d+\.\d+\.\d+$/);
      expect(Object.keys(digests).sort()).toEqual(['darwin/amd64', 'darwin/arm64', 'linux/amd64', 'linux/arm64']);
      for (const digest of Object.values(digests)) expect(readChecksum(digest, KUBECTL)).toBe(digest);
    }
  });
});

const OTHER = '0'.repeat(64);

describe('a checksum file', () => {
  it.each([
    ['bare', DIGEST, DIGEST],
    ['with a line end', `${DIGEST}\n`, DIGEST],
    ['with a file name', `${DIGEST}  kind-linux-amd64\n`, DIGEST],
    ['in capitals', DIGEST.toUpperCase(), DIGEST],
    ['that is HTML', '<!doctype html><title>Sign in</title>', undefined],
    ['that is empty', '', undefined],
    ['with a digit too few', DIGEST.slice(1), undefined],
    ['with a digit too many', `${DIGEST}0`, undefined],
    ['with CRLF, a byte order mark and the mark of binary files', `\ufeff${DIGEST} *kind-linux-amd64\r\n`, DIGEST],
    ['of a release, in any order', `${OTHER}  kind-darwin-arm64\r\n${DIGEST} *./kind-linux-amd64\n`, DIGEST],
    ['of a release that lacks it', `${OTHER}  kind-darwin-arm64\n${DIGEST}  kind-linux-amd64.sig\n`, undefined],
    ['with the digest at another place', `SHA256 (kind) = ${DIGEST}`, undefined],
  ])('%s', (_, text, digest) => {
    expect(readChecksum(text, 'https://m/v1/kind-linux-amd64?sig=1')).toBe(digest);
  });
});

describe('a tool that is not in the cache', () => {
  it("is downloaded, proven by the publisher's checksum, stored, and run from the run's own folder", async () => {
    const { install, files } = bench(publishedKubectl);
    expect(await install('kubectl')).toEqual({
      path: `${OWN}/kubectl`,
      version: '9.9.9',
      verified: "publisher's checksum",
      fromCache: false,
    });
    const [own, cached] = [`${OWN}/kubectl`, `${CACHED}/kubectl`];
    expect(Object.fromEntries(files.entries)).toEqual({ [own]: 'kubectl bytes', [cached]: 'kubectl bytes' });
  });

  it('is unpacked where it comes in an archive, which is what the cache keeps', async () => {
    const { install, files, said } = bench(publishedHelm);
    const { path, fromCache } = await install('helm');
    expect([path, fromCache, said]).toEqual([`${OWN}/helm`, false, []]);
    expect(Object.fromEntries(files.entries)).toEqual({
      [path]: 'helm bytes',
      '/cache/maas-e2e-helm/9.9.9/helm.tar.gz': ARCHIVE,
    });
  });

  it('is proven by the pinned digest where there is one, and no checksum file is asked for', async () => {
    const versions = { ...UNPINNED, kind: DEFAULT_KIND };
    const { url } = assetOf('kind', DEFAULT_KIND, LINUX, undefined);
    const { install, files, toolCache } = bench({ [url]: 'kind bytes' });
    files.digests.set('kind bytes', PINS.kind[DEFAULT_KIND]?.['linux/amd64'] ?? '');
    expect(await install('kind', undefined, versions)).toMatchObject({ verified: 'pinned digest', fromCache: false });
    expect(toolCache.downloads).toEqual([url]);
  });

  it('comes from a mirror alone where one is set, proven by its checksum file', async () => {
    const at = KUBECTL.replace('https://dl.k8s.io', 'http://mirror/tools');
    const { install, toolCache } = bench({ [at]: 'bytes', [`${at}.sha256`]: sha256('bytes') });
    expect(await install('kubectl', 'http://mirror/tools')).toMatchObject({ verified: 'mirror-verified' });
    expect(toolCache.downloads).toEqual([`${at}.sha256`, at]);
  });

  it('of a pinned version is not believed to a mirror with a checksum of its own', async () => {
    const versions = { ...UNPINNED, kind: DEFAULT_KIND };
    const { url, checksumUrl } = assetOf('kind', DEFAULT_KIND, LINUX, 'http://mirror');
    const { install } = bench({ [url]: 'evil', [checksumUrl]: sha256('evil') });
    const failure = await failureOf(() => install('kind', 'http://mirror', versions));
    expect(failure.code).toBe('E_CHECKSUM');
    expect(failure.message).toContain('(pinned digest)');
  });
});

describe('a tool that is in the cache', () => {
  it('is taken without a download once the checksum file was asked, and run from a copy', async () => {
    const { install, toolCache, files } = bench(publishedKubectl, { [`${CACHED}/kubectl`]: 'kubectl bytes' });
    expect(await install('kubectl')).toMatchObject({
      path: `${OWN}/kubectl`,
      fromCache: true,
      verified: "publisher's checksum",
    });
    expect(toolCache.downloads).toEqual([`${KUBECTL}.sha256`]);
    expect(files.entries.get(`${OWN}/kubectl`)).toBe('kubectl bytes');
  });

  it('is not taken where the checksum file is not to be had: nothing else proves it', async () => {
    const { install } = bench({ [KUBECTL]: 'kubectl bytes' }, { [`${CACHED}/kubectl`]: 'kubectl bytes' });
    expect((await failureOf(() => install('kubectl'))).code).toBe('E_DOWNLOAD');
  });

  it.each([
    ['other bytes', { [`${CACHED}/kubectl`]: 'poisoned' }],
    [
      'other bytes and their digest beside it',
      { [`${CACHED}/kubectl`]: 'poisoned', [`${CACHED}/kubectl.sha256`]: sha256('poisoned') },
    ],
    ['no executable', { [`${CACHED}/else`]: 'text' }],
  ])('with %s is removed and downloaded again', async (_, entries) => {
    const { install, files, said } = bench(publishedKubectl, entries);
    const { path, fromCache } = await install('kubectl');
    expect(fromCache).toBe(false);
    expect(files.removed).toContain(CACHED);
    expect(files.entries.get(path)).toBe('kubectl bytes');
    expect(files.entries.get(`${CACHED}/kubectl`)).toBe('kubectl bytes');
    expect(said).toEqual([
      'the cached kubectl 9.9.9 was changed since it was stored: it is removed and downloaded anew',
    ]);
  });

  it('that is replaced after its check does not run: the copy does, which was checked', async () => {
    const { install, files, toolCache } = bench(publishedKubectl, { [`${CACHED}/kubectl`]: 'kubectl bytes' });
    const usual = { ...toolCache };
    toolCache.copy = async (...args) => {
      const done = await usual.copy(...args);
      files.entries.set(`${CACHED}/kubectl`, 'swapped');
      return done;
    };
    const { path } = await install('kubectl');
    expect(files.entries.get(path)).toBe('kubectl bytes');
  });

  it('of a pinned version is held against the pin, and nobody is asked', async () => {
    const versions = { ...UNPINNED, kind: DEFAULT_KIND };
    const at = `/cache/maas-e2e-kind/${DEFAULT_KIND}/kind`;
    const { url } = assetOf('kind', DEFAULT_KIND, LINUX, undefined);
    const { install, files, toolCache } = bench(
      { [url]: 'kind bytes' },
      { [at]: 'poisoned', [`${at}.sha256`]: sha256('poisoned') },
    );
    files.digests.set('kind bytes', PINS.kind[DEFAULT_KIND]?.['linux/amd64'] ?? '');
    expect(await install('kind', undefined, versions)).toMatchObject({ fromCache: false });
    expect(files.entries.get(at)).toBe('kind bytes');
    expect(await install('kind', undefined, versions)).toMatchObject({ fromCache: true });
    expect(toolCache.downloads).toEqual([url]);
  });

  describe('in an archive', () => {
    const version = Object.keys(PINS.helm)[0] ?? '';
    const folder = `/cache/maas-e2e-helm/${version}`;
    const url = assetOf('helm', version, LINUX, undefined).url;
    const cached = (archive: string) => {
      const entries = { [`${folder}/helm`]: 'evil', [`${folder}/helm.tar.gz`]: archive };
      const made = bench({ [url]: ARCHIVE }, entries);
      made.files.digests.set(ARCHIVE, PINS.helm[version]?.['linux/amd64'] ?? '');
      return { ...made, install: () => made.install('helm', undefined, { ...UNPINNED, helm: version }) };
    };

    it('is what comes out of the archive with the right digest, whatever lies beside it', async () => {
      const { install, toolCache, files } = cached(ARCHIVE);
      const { path, ...rest } = await install();
      expect(rest).toMatchObject({ fromCache: true, verified: 'pinned digest' });
      expect([toolCache.downloads, files.entries.get(path)]).toEqual([[], 'helm bytes']);
    });

    it('is downloaded again where it is another archive', async () => {
      const { install, toolCache, said } = cached(ARCHIVE.replace('helm bytes', 'evil'));
      expect(await install()).toMatchObject({ fromCache: false, verified: 'pinned digest' });
      expect(toolCache.downloads).toEqual([url]);
      expect(said.join()).toContain('was changed since it was stored');
    });
  });
});

describe('a tool that can not be proven', () => {
  it('because the archive lacks it is named with what is wrong, and a way out', async () => {
    const archive = JSON.stringify({ 'linux-amd64/other': 'x' });
    const { install } = bench({ [HELM]: archive, [`${HELM}.sha256sum`]: sha256(archive) });
    const failure = await failureOf(() => install('helm'));
    expect([failure.code, failure.hop]).toEqual(['E_DOWNLOAD', 'tools']);
    expect(failure.message).toBe(`helm 9.9.9: ${HELM} cannot be unpacked: there is no linux-amd64/helm in it`);
    expect(failure.fix).toMatch(/mirror.*helm-version/);
  });

  it('shows no query of the mirror, which may grant access', async () => {
    const { install, said } = bench({ [`${KUBECTL}.sha256`]: new DownloadFailure('HTTP 503', { status: 503 }) });
    const failure = await failureOf(() => install('kubectl', 'https://m.example/t?sig=top-secret'));
    expect(failure.message).toContain('https://m.example/t/release/v9.9.9/bin/linux/amd64/kubectl.sha256 can not');
    expect([failure.message, failure.fix, ...said].join()).not.toContain('top-secret');
  });

  it('is removed and fetched once more, then named with both digests', async () => {
    const { install, files, toolCache } = bench({ ...publishedKubectl, [KUBECTL]: 'other bytes' });
    const failure = await failureOf(() => install('kubectl'));
    expect([failure.code, failure.hop]).toEqual(['E_CHECKSUM', 'tools']);
    expect(failure.message).toBe(
      `kubectl 9.9.9: ${KUBECTL} has SHA-256 ${sha256('other bytes')}, expected ${sha256('kubectl bytes')} (publisher's checksum), twice`,
    );
    expect(failure.fix).toMatch(/proxies.*mirror.*kubectl-version/);
    expect(toolCache.downloads).toEqual([`${KUBECTL}.sha256`, KUBECTL, KUBECTL]);
    expect([...files.entries]).toEqual([]);
  });

  it('at first, and is right at the second time, is taken', async () => {
    const { install, files } = bench({ ...publishedKubectl, [KUBECTL]: ['half', 'kubectl bytes'] });
    const { path } = await install('kubectl');
    expect(files.entries.get(path)).toBe('kubectl bytes');
    expect([...files.entries.keys()].sort()).toEqual([`${CACHED}/kubectl`, path]);
  });

  it('is not even downloaded where its checksum file is a page, twice', async () => {
    const { install, toolCache, files } = bench({ ...publishedHelm, [`${HELM}.sha256sum`]: '<html>Sign in</html>' });
    const failure = await failureOf(() => install('helm'));
    expect(failure.code).toBe('E_CHECKSUM');
    expect(failure.message).toBe(`helm 9.9.9: ${HELM}.sha256sum is no checksum file`);
    expect(toolCache.downloads).toEqual([`${HELM}.sha256sum`, `${HELM}.sha256sum`]);
    expect([...files.entries]).toEqual([]);
  });

  it('because there is nothing in it is refused, whatever its checksum file says: a shell would run it, and be content', async () => {
    const { install, files } = bench({ [KUBECTL]: '', [`${KUBECTL}.sha256`]: sha256('') });
    const failure = await failureOf(() => install('kubectl'));
    expect(failure.code).toBe('E_CHECKSUM');
    expect(failure.message).toBe(`kubectl 9.9.9: ${KUBECTL}.sha256 is the checksum of an empty file`);
    expect([...files.entries]).toEqual([]);
  });

  it('because its checksum file was a page is proven by the next one', async () => {
    const checksum: Served = ['<html>Sign in</html>', sha256('kubectl bytes')];
    const { install, pauses } = bench({ ...publishedKubectl, [`${KUBECTL}.sha256`]: checksum });
    expect(await install('kubectl')).toMatchObject({ verified: "publisher's checksum", fromCache: false });
    expect(pauses).toEqual([]);
  });

  it.each([
    ['its checksum', { [KUBECTL]: 'kubectl bytes' }, `${KUBECTL}.sha256`],
    ['itself', { [`${KUBECTL}.sha256`]: DIGEST }, KUBECTL],
  ])('because %s is not there is named with version, address and status, at once', async (_, site, url) => {
    const { install, pauses } = bench(site);
    const failure = await failureOf(() => install('kubectl'));
    expect([failure.code, failure.hop]).toEqual(['E_DOWNLOAD', 'tools']);
    expect(failure.message).toBe(`kubectl 9.9.9: ${url} can not be downloaded: HTTP 404`);
    expect(failure.fix).toMatch(/kubectl-version.*tools-mirror.*HTTPS_PROXY/);
    expect(failure.cause).toBeInstanceOf(DownloadFailure);
    expect(pauses).toEqual([]);
  });
});
