import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { files } from '../../src/adapters/files.js';
import { createCommands } from '../../src/adapters/commands.js';
import { createToolCache } from '../../src/adapters/tool-cache.js';
import { createRedactor } from '../../src/secrets/redact.js';
import { installTool, type ToolInputs } from '../../src/provision/tools.js';
import { listen, type Listening } from '../helpers/network.js';

/** The real tool cache, real files and a real mirror on loopback; the "tools" are small scripts. */
const platform = { os: 'linux', arch: 'amd64' };
const script = '#!/bin/sh\necho it runs\n';
const sha = (data: Buffer | string) => createHash('sha256').update(data).digest('hex');
const saved = { temp: process.env['RUNNER_TEMP'], cache: process.env['RUNNER_TOOL_CACHE'] };

let home: string;
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
const commands = createCommands({ PATH: process.env['PATH'] ?? '' }, signal, createRedactor([]));
const toolCache = createToolCache(signal, commands);
const means = { pause: () => Promise.resolve(), say: (line: string) => void said.push(line) };
const install = (tool: 'kind' | 'kubectl' | 'helm') =>
  installTool(tool, inputs, platform, { files, toolCache, scratch: join(home, 'temp'), ...means });

describe('a tool', () => {
  it.each(['kind', 'helm'] as const)(
    '%s is downloaded, proven, made executable and cached; nothing temporary is left',
    async (tool) => {
      const installed = await install(tool);
      expect(installed).toMatchObject({ version: '0.1.2', verified: 'mirror-verified', fromCache: false });
      expect(execFileSync(installed.path, { encoding: 'utf8' })).toBe('it runs\n');
      expect(readFileSync(`${installed.path}.sha256`, 'utf8').trim()).toBe(sha(script));
      expect(readdirSync(join(home, 'temp'))).toEqual([]);
      asked = [];
      expect(await install(tool)).toMatchObject({ path: installed.path, fromCache: true });
      expect(asked).toEqual([]);
    },
  );

  it('whose cached bytes were changed is removed and fetched again', async () => {
    const { path } = await install('kind');
    writeFileSync(path, '#!/bin/sh\necho poisoned\n');
    expect(await install('kind')).toMatchObject({ fromCache: false });
    expect(said).toEqual([expect.stringMatching(/^the cached kind 0\.1\.2 was changed/)]);
    expect(readFileSync(path, 'utf8')).toBe(script);
    expect(statSync(path).mode & 0o111).not.toBe(0);
  });

  it('with another digest is refused with both, and neither cached nor kept', async () => {
    await expect(install('kubectl')).rejects.toThrow(
      new RegExp(`kubectl 0\\.1\\.2: .*has SHA-256 ${sha(script)}, expected ${sha('something else')} .*, twice$`),
    );
    expect(asked.filter((path) => path.endsWith('/kubectl'))).toHaveLength(2);
    expect(toolCache.find('maas-e2e-kubectl', '0.1.2')).toBeUndefined();
    expect(readdirSync(join(home, 'temp'))).toEqual([]);
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
});
