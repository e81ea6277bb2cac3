import { join } from 'node:path';
import type { ErrorCode } from '../error-codes.js';
import { isDiskFull, RunError, messageOf } from '../errors.js';
import { nameOfUrl } from '../named-url.js';
import type { Files, ToolCache } from '../ports.js';
import { assetOf, MOST_CHECKSUM, MOST_UNPACKED, pinOf, readChecksum, type Asset, type Platform } from './assets.js';
import { DownloadFailure } from './download-failure.js';
import { fetchFile, isForGood, type FetchMeans } from './fetch.js';
import type { Tool } from './pins.js';

export interface ToolInputs {
  versions: Record<Tool, string>;
  /** Base URL that replaces the public download sites. */
  mirror: string | undefined;
}

export interface InstalledTool {
  path: string;
  version: string;
  /** How its bytes were proven. */
  verified: 'pinned digest' | "publisher's checksum" | 'mirror-verified';
  fromCache: boolean;
}

interface Stores extends FetchMeans {
  files: Files;
  toolCache: ToolCache;
  /** Folder of the run, which nobody else can enter: what is checked there is what runs. Whoever plans it removes it. */
  folder: string;
}

interface Wanted {
  tool: Tool;
  version: string;
  asset: Asset;
}

/**
 * A tool of the wanted version, from the tool cache or downloaded; never from PATH. What is checked and run is a copy in the run's own
 * folder, so that nobody can put another program in its place in between. Without a pin, the publisher's checksum file is asked at
 * each run: a digest that lies in the cache can be replaced together with the program.
 * @throws RunError of hop "tools" with version and URL
 */
export async function installTool(
  tool: Tool,
  inputs: ToolInputs,
  platform: Platform,
  stores: Stores,
): Promise<InstalledTool> {
  const version = inputs.versions[tool];
  const wanted = { tool, version, asset: assetOf(tool, version, platform, inputs.mirror) };
  const pinned = pinOf(tool, version, platform);
  const verified = pinned ? 'pinned digest' : inputs.mirror ? 'mirror-verified' : "publisher's checksum";
  return await onDisk(wanted, stores, async () => {
    await stores.files.makeDir(stores.folder);
    const digest = pinned ?? (await publishedDigest(wanted, stores));
    const cached = await fromCache(wanted, digest, stores);
    const proven = cached ?? (await verifiedDownload(wanted, { digest, verified }, stores));
    const path = await executable(wanted, proven, stores);
    const asset = wanted.asset.memberPath ? proven : path;
    if (!cached) await store(wanted, asset, stores); // once it is known to be usable
    if (asset !== path) await stores.files.remove(asset);
    return { path, version, verified, fromCache: cached !== undefined };
  });
}

/** A copy of what is in the cache, if its bytes are those that it must have; otherwise the cached one is removed. */
async function fromCache(
  { tool, version, asset: { name, mostBytes } }: Wanted,
  digest: string,
  { files, toolCache, say, folder }: Stores,
): Promise<string | undefined> {
  const cached = toolCache.find(`maas-e2e-${tool}`, version);
  if (!cached) return undefined;
  const copy = join(folder, `${name}.cached`);
  const isThere = await toolCache.copy(join(cached, name), copy, mostBytes);
  if (isThere && (await files.sha256(copy)) === digest) return copy;
  say(`the cached ${tool} ${version} was changed since it was stored: it is removed and downloaded anew`);
  if (isThere) await files.remove(copy);
  await files.remove(cached).catch(() => undefined); // a cache that cannot be written to is not used either
  return undefined;
}

/** SHA-256 of no bytes: a shell runs an empty program, which does nothing and says that all went well. */
const OF_NOTHING = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** The published digest, from the checksum file beside the release. */
async function publishedDigest(wanted: Wanted, stores: Stores): Promise<string> {
  const url = wanted.asset.checksumUrl;
  return await twice(async () => {
    const path = await download(wanted, { url, mostBytes: MOST_CHECKSUM }, stores);
    const digest = readChecksum((await stores.files.read(path)) ?? '', wanted.asset.url);
    await stores.files.remove(path);
    if (digest === OF_NOTHING)
      return failed('E_CHECKSUM', wanted, { url, what: 'is the checksum of an empty file', trouble: 'bytes' });
    return digest ?? failed('E_CHECKSUM', wanted, { url, what: 'is no checksum file', trouble: 'bytes' });
  });
}

/** Bytes with the right digest. Wrong ones are deleted and fetched once more: there is no way around the check. */
async function verifiedDownload(
  wanted: Wanted,
  { digest, verified }: { digest: string; verified: string },
  stores: Stores,
): Promise<string> {
  return await twice(async () => {
    const path = await download(wanted, wanted.asset, stores);
    const got = await stores.files.sha256(path);
    if (got === digest) return path;
    await stores.files.remove(path);
    const what = `has SHA-256 ${got ?? 'none'}, expected ${digest} (${verified}), twice`;
    return failed('E_CHECKSUM', wanted, { url: wanted.asset.url, what, trouble: 'bytes' });
  });
}

/** What an attempt gives, or another one if that gives an error; the second error is thrown. */
async function twice<T>(attempt: () => Promise<T | RunError>): Promise<T> {
  const first = await attempt();
  if (!(first instanceof RunError)) return first;
  const second = await attempt();
  if (second instanceof RunError) throw second;
  return second;
}

/** The program that was proven, at its place in the run's folder. */
async function executable(wanted: Wanted, proven: string, { toolCache, folder }: Stores): Promise<string> {
  const { tool, asset } = wanted;
  const place = join(folder, tool);
  if (!asset.memberPath) {
    await toolCache.install(proven, place);
    return place;
  }
  try {
    await toolCache.unpack(proven, asset.memberPath, place, MOST_UNPACKED);
  } catch (error) {
    if (error instanceof RunError || isDiskFull(error)) throw error;
    const what = `cannot be unpacked: ${messageOf(error)}`;
    throw failed('E_DOWNLOAD', wanted, { url: asset.url, what, trouble: 'bytes' }, error);
  }
  return place;
}

/** A cache that cannot be written to is done without. */
async function store({ tool, version, asset }: Wanted, proven: string, { toolCache, say }: Stores): Promise<void> {
  try {
    await toolCache.store(proven, asset.name, `maas-e2e-${tool}`, version);
  } catch (error) {
    say(`${tool} ${version} can not be put into the tool cache, and is used from beside it: ${messageOf(error)}`);
  }
}

async function download(
  wanted: Wanted,
  { url, mostBytes }: { url: string; mostBytes: number },
  stores: Stores,
): Promise<string> {
  try {
    return await fetchFile(url, { folder: stores.folder, mostBytes }, stores);
  } catch (error) {
    if (!(error instanceof DownloadFailure)) throw error;
    const [what, trouble] = [`can not be downloaded: ${error.message}`, isForGood(error) ? 'version' : 'site'] as const;
    throw failed('E_DOWNLOAD', wanted, { url, what, trouble }, error);
  }
}

/** @throws RunError if the disk is full or cannot be written to; what else goes wrong as it is */
async function onDisk<T>(wanted: Wanted, { folder }: Stores, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isDiskFull(error))
      throw new RunError(
        'E_DISK_FULL',
        'tools',
        `${wanted.tool} ${wanted.version}: no space left on the disk of RUNNER_TEMP (${folder})`,
        'Free disk space on the runner, or use a larger one.',
        { cause: error },
      );
    if (error instanceof RunError || !(error instanceof Error) || !('code' in error)) throw error;
    const what = `can not be stored: ${error.message}`;
    throw failed('E_DOWNLOAD', wanted, { url: wanted.asset.url, what, trouble: 'site' }, error);
  }
}

/** What the user does, by what was wrong. */
type Trouble = 'bytes' | 'version' | 'site';

function failed(
  code: ErrorCode,
  { tool, version }: Wanted,
  { url, what, trouble }: { url: string; what: string; trouble: Trouble },
  cause?: unknown,
): RunError {
  const elsewhere = 'behind a firewall set tools-mirror to a base URL that serves the same paths, or HTTPS_PROXY.';
  const fixes: Record<Trouble, string> = {
    bytes: `Look at proxies and at the mirror: they change what they hand on. Check ${tool}-version, too.`,
    version: `Check ${tool}-version; ${elsewhere}`,
    site: `Run again when the site is up; ${elsewhere}`,
  };
  return new RunError(code, 'tools', `${tool} ${version}: ${nameOfUrl(url)} ${what}`, fixes[trouble], { cause });
}
