import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createFiles } from '../../src/adapters/files.js';
import { createToolCache } from '../../src/adapters/tool-cache.js';
import { installTool, type ToolInputs } from '../../src/provision/tools.js';
import { listen, type Listening } from '../helpers/network.js';

/** The real tool cache, real files and a real mirror on loopback; the "tools" are small scripts. */
const platform = { os: 'linux', arch: 'amd64' };
const script = '#!/bin/sh\necho it runs\n';
const sha = (data: Buffer | string) => createHash('sha256').update(data).digest('hex');
const saved = { temp: process.env['RUNNER_TEMP'], cache: process.env['RUNNER_TOOL_CACHE'] };

let home: string;
const readingBelow = (root: string) => createFiles({ roots: [root], signal: new AbortController().signal });
let mirror: Listening;
let served: Record<string, Buffer | string>;
let asked: string[];
let said: string[];
let inputs: ToolInputs;

beforeAll(async () => {
  mirror = await listen((request, response) => {
    asked.push(request.url ?? '');
    const body = served[request.url ?? ''];
    if (body === undefined) response.writeHead(404).end();
    else response.writeHead(200).end(body);
  });
});
afterAll(async () => {
  await mirror.close();
  process.env['RUNNER_TEMP'] = saved.temp;
  process.env['RUNNER_TOOL_CACHE'] = saved.cache;
  rmSync(home, { recursive: true, force: true });
});

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tools-'));
  process.env['RUNNER_TEMP'] = join(home, 'temp');
  process.env['RUNNER_TOOL_CACHE'] = join(home, 'cache');
  mkdirSync(join(home, 'temp'));
  [asked, said] = [[], []];
  mkdirSync(join(home, 'linux-amd64'));
  writeFileSync(join(home, 'linux-amd64', 'helm'), script, { mode: 0o755 });
  const tarball = execFileSync('tar', ['-C', home, '-cz', 'linux-amd64']);
  const [kind, helm] = [
    '/kubernetes-sigs/kind/releases/download/v0.1.2/kind-linux-amd64',
    '/helm-v0.1.2-linux-amd64.tar.gz',
  ];
  served = {
    [kind]: script,
    [`${kind}.sha256sum`]: `${sha(script)}  kind-linux-amd64\n`,
    [helm]: tarball,
    [`${helm}.sha256sum`]: `${sha(tarball)}  helm.tar.gz\n`,
    '/release/v0.1.2/bin/linux/amd64/kubectl': script,
    '/release/v0.1.2/bin/linux/amd64/kubectl.sha256': `${sha('something else')}\n`,
  };
  inputs = { versions: { kind: '0.1.2', kubectl: '0.1.2', helm: '0.1.2' }, mirror: `http://127.0.0.1:${mirror.port}` };
});

const signal = new AbortController().signal;
const toolCache = createToolCache(signal);
const means = { pause: () => Promise.resolve(), say: (line: string) => void said.push(line) };
let runs = 0;
/** Each call is a run of its own. */
const install = (tool: 'kind' | 'kubectl' | 'helm') =>
  installTool(tool, inputs, platform, {
    files: readingBelow(home),
    toolCache,
    folder: join(home, 'temp', String((runs += 1))),
    ...means,
  });
const below = (folder: string) => readdirSync(join(home, folder), { recursive: true, encoding: 'utf8' });
const modeOf = (path: string) => statSync(path).mode & 0o777;

describe('a tool', () => {
  it.each(['kind', 'helm'] as const)(
    "%s is downloaded, proven, and run from the run's own folder; of it a copy is cached, nothing temporary is left",
    async (tool) => {
      const installed = await install(tool);
      expect(installed).toMatchObject({ version: '0.1.2', verified: 'mirror-verified', fromCache: false });
      expect(execFileSync(installed.path, { encoding: 'utf8' })).toBe('it runs\n');
      expect([modeOf(installed.path), modeOf(dirname(installed.path))]).toEqual([0o700, 0o700]);
      expect(readdirSync(dirname(installed.path))).toEqual([tool]);
      asked = [];
      const again = await install(tool);
      expect(again.fromCache).toBe(true);
      expect(again.path).not.toBe(installed.path);
      expect(execFileSync(again.path, { encoding: 'utf8' })).toBe('it runs\n');
      expect([asked, modeOf(again.path)]).toEqual([[expect.stringMatching(/sha256sum$/)], 0o700]);
      expect(below('temp').filter((path) => path.endsWith(tool))).toHaveLength(2);
    },
  );

  it.each<[string, (path: string) => void]>([
    ['its bytes', (path) => writeFileSync(path, '#!/bin/sh\necho poisoned\n')],
    [
      'its bytes and the digest beside it',
      (path) => {
        writeFileSync(path, '#!/bin/sh\necho poisoned\n');
        writeFileSync(`${path}.sha256`, sha('#!/bin/sh\necho poisoned\n'));
      },
    ],
    [
      'a link to the same bytes elsewhere, which may change at any time',
      (path) => {
        renameSync(path, join(home, 'elsewhere'));
        symlinkSync(join(home, 'elsewhere'), path);
      },
    ],
    [
      'a pipe that nobody writes to',
      (path) => {
        rmSync(path);
        execFileSync('mkfifo', [path]);
      },
    ],
    [
      'more bytes than any release has',
      (path) => {
        truncateSync(path, 60_000_000);
      },
    ],
  ])('of which the cache holds %s is removed from there and fetched again', async (_, change) => {
    await install('kind');
    const cached = join(toolCache.find('maas-e2e-kind', '0.1.2') ?? '', 'kind');
    change(cached);
    const installed = await install('kind');
    expect(installed.fromCache).toBe(false);
    expect(said).toEqual([expect.stringMatching(/^the cached kind 0\.1\.2 was changed/)]);
    expect([readFileSync(cached, 'utf8'), readFileSync(installed.path, 'utf8')]).toEqual([script, script]);
  });

  it('with another digest is refused with both, and neither cached nor kept', async () => {
    await expect(install('kubectl')).rejects.toThrow(
      new RegExp(`kubectl 0\\.1\\.2: .*has SHA-256 ${sha(script)}, expected ${sha('something else')} .*, twice$`),
    );
    expect(asked.filter((path) => path.endsWith('/kubectl'))).toHaveLength(2);
    expect(toolCache.find('maas-e2e-kubectl', '0.1.2')).toBeUndefined();
    expect(below('temp').filter((path) => path.includes('/'))).toEqual([]);
  });

  it('that the mirror does not have is named with its URL, at once', async () => {
    inputs = { ...inputs, versions: { ...inputs.versions, kind: '9.9.9' } };
    await expect(install('kind')).rejects.toMatchObject({
      code: 'E_DOWNLOAD',
      hop: 'tools',
      message: expect.stringMatching(
        /kind 9\.9\.9: http:.*v9\.9\.9\/kind-linux-amd64\.sha256sum can not be downloaded: HTTP 404$/,
      ) as string,
    });
    expect(asked).toHaveLength(1);
  });

  it('is done without a cache where the runner names none', async () => {
    delete process.env['RUNNER_TOOL_CACHE'];
    expect(await install('kind')).toMatchObject({ fromCache: false });
    expect(said).toEqual([expect.stringMatching(/^kind 0\.1\.2 can not be put into the tool cache/)]);
  });

  describe('in an archive of a mirror', () => {
    const publish = (archive: Buffer) => {
      served['/helm-v0.1.2-linux-amd64.tar.gz'] = archive;
      served['/helm-v0.1.2-linux-amd64.tar.gz.sha256sum'] = sha(archive);
    };
    const packed = (...args: string[]) => execFileSync('tar', ['-C', home, '-cz', ...args], { maxBuffer: 2 ** 28 });
    const helm = () => join(home, 'linux-amd64', 'helm');

    it('that is a link is refused, and what it leads to stays as it is', async () => {
      const outside = join(home, 'outside');
      writeFileSync(outside, script, { mode: 0o600 });
      rmSync(helm());
      symlinkSync(outside, helm());
      publish(packed('linux-amd64'));
      const refused = install('helm');
      await expect(refused).rejects.toMatchObject({ code: 'E_DOWNLOAD', hop: 'tools' });
      await expect(refused).rejects.toThrow(/cannot be unpacked: linux-amd64\/helm is a link in it$/);
      expect(modeOf(outside)).toBe(0o600);
      expect(toolCache.find('maas-e2e-helm', '0.1.2')).toBeUndefined();
    });

    it('that is a hard link, a pipe or a folder is refused', async () => {
      linkSync(helm(), join(home, 'linux-amd64', 'first'));
      publish(packed('linux-amd64/first', 'linux-amd64/helm'));
      await expect(install('helm')).rejects.toThrow(/is a link in it$/);
      rmSync(helm());
      execFileSync('mkfifo', [helm()]);
      publish(packed('linux-amd64'));
      await expect(install('helm')).rejects.toThrow(/is no file in it$/);
      rmSync(helm());
      publish(packed('linux-amd64'));
      await expect(install('helm')).rejects.toThrow(/there is no linux-amd64\/helm in it$/);
    });

    it('brings nothing else with it, and no mode of its own', async () => {
      chmodSync(helm(), 0o4755);
      writeFileSync(join(home, 'climber'), 'x');
      publish(packed('-P', '--transform', 's|^climber|../../climbed|', 'climber', 'linux-amd64'));
      const { path } = await install('helm');
      expect([modeOf(path), statSync(path).mode & 0o7000]).toEqual([0o700, 0]);
      expect(below('temp').filter((file) => file.includes('climb'))).toEqual([]);
    });

    it('with a lot behind it is taken, and does not wait for ever for somebody to read that', async () => {
      writeFileSync(join(home, 'behind'), Buffer.alloc(20_000_000));
      publish(packed('linux-amd64/helm', 'behind'));
      const { path } = await install('helm');
      expect(readFileSync(path, 'utf8')).toBe(script);
    });

    it('with more behind it than it may have is refused', async () => {
      const archive = join(home, 'archive');
      writeFileSync(join(home, 'behind'), Buffer.alloc(2_000_000));
      writeFileSync(archive, packed('linux-amd64/helm', 'behind'));
      await expect(toolCache.unpack(archive, 'linux-amd64/helm', join(home, 'helm'), 1_000_000)).rejects.toThrow(
        'it is larger than 1000000 bytes',
      );
    });

    it('that has nothing in it is refused: a shell would run it, and be content', async () => {
      truncateSync(helm(), 0);
      publish(packed('linux-amd64'));
      await expect(install('helm')).rejects.toThrow(/cannot be unpacked: linux-amd64\/helm is empty in it$/);
    });

    it('that is cut off behind it, or has something else there, is refused', async () => {
      const whole = packed('linux-amd64');
      for (const archive of [whole.subarray(0, -12), Buffer.concat([whole, Buffer.from('something else')])]) {
        publish(archive);
        await expect(install('helm')).rejects.toMatchObject({ code: 'E_DOWNLOAD', hop: 'tools' });
      }
    });

    it('that unpacks to more than any release is refused, in bounded time and memory', async () => {
      truncateSync(helm(), 400_000_000);
      publish(packed('linux-amd64'));
      await expect(install('helm')).rejects.toThrow(/cannot be unpacked: it is larger than 250000000 bytes$/);
    });

    it.each([
      ['no archive', Buffer.from('not a gzip')],
      ['an empty one', gzipSync(Buffer.alloc(0))],
      ['one of something else', gzipSync(Buffer.alloc(2048, 'x'))],
    ])('that is %s is refused', async (_, archive) => {
      publish(archive);
      await expect(install('helm')).rejects.toMatchObject({ code: 'E_DOWNLOAD', hop: 'tools' });
    });
  });
});
