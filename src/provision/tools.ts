import { dirname, join } from 'node:path';
import type { ErrorCode } from '../error-codes.js';
import { isDiskFull, RunError, messageOf } from '../errors.js';
import type { Files, ToolCache } from '../ports.js';
import { seconds } from '../progress.js';
import { backoffMs } from '../retry/backoff.js';
import { retryAfterMs } from '../retry/retry-after.js';
import { DownloadFailure } from './download-failure.js';
import { PINS, type Tool } from './pins.js';

export interface ToolInputs {
  versions: Record<Tool, string>;
  /** Base URL that replaces the public download sites. */
  mirror: string | undefined;
}

/** `linux/amd64` and the like, as the publishers name platforms. */
export interface Platform {
  os: string;
  arch: string;
}

export interface InstalledTool {
  path: string;
  version: string;
  /** How its bytes were proven. */
  verified: 'pinned digest' | "publisher's checksum" | 'mirror-verified';
  fromCache: boolean;
}

interface Asset {
  url: string;
  checksumUrl: string;
  /** The executable inside the archive; undefined where the asset is the executable. */
  memberPath: string | undefined;
}

const SITES: Record<Tool, string> = {
  kind: 'https://github.com',
  kubectl: 'https://dl.k8s.io',
  helm: 'https://get.helm.sh',
};

/** Where a tool's release and its checksum file lie. A mirror has the same paths below another base. */
export function assetOf(tool: Tool, version: string, { os, arch }: Platform, mirror: string | undefined): Asset {
  const base = mirror ?? SITES[tool];
  const helm = `${base}/helm-v${version}-${os}-${arch}.tar.gz`;
  const kind = `${base}/kubernetes-sigs/kind/releases/download/v${version}/kind-${os}-${arch}`;
  const kubectl = `${base}/release/v${version}/bin/${os}/${arch}/kubectl`;
  const assets: Record<Tool, Asset> = {
    kind: { url: kind, checksumUrl: `${kind}.sha256sum`, memberPath: undefined },
    kubectl: { url: kubectl, checksumUrl: `${kubectl}.sha256`, memberPath: undefined },
    helm: { url: helm, checksumUrl: `${helm}.sha256sum`, memberPath: `${os}-${arch}/helm` },
  };
  return assets[tool];
}

/** The digest in a checksum file: bare, or followed by a file name. */
export function readChecksum(text: string): string | undefined {
  return /^([0-9a-f]{64})(\s|$)/i.exec(text.trim())?.[1]?.toLowerCase();
}

interface Stores {
  files: Files;
  toolCache: ToolCache;
  /** Folder for downloads; whoever made it removes it, however the run ends. */
  scratch: string;
  /** Waits this many ms before another attempt. */
  pause: (ms: number) => Promise<void>;
  /** What the reader of the log should know. */
  say: (line: string) => void;
}

interface Wanted {
  tool: Tool;
  version: string;
}

/**
 * A tool of the wanted version, from the tool cache or downloaded; never from PATH. The digest of the executable lies
 * beside it in the cache and is checked at every hit.
 * @throws RunError of hop "tools" with version and URL
 */
export async function installTool(
  tool: Tool,
  inputs: ToolInputs,
  platform: Platform,
  stores: Stores,
): Promise<InstalledTool> {
  const version = inputs.versions[tool];
  const wanted = { tool, version };
  const asset = assetOf(tool, version, platform, inputs.mirror);
  const pinned = PINS[tool][version]?.[`${platform.os}/${platform.arch}`];
  const verified = pinned ? 'pinned digest' : inputs.mirror ? 'mirror-verified' : "publisher's checksum";
  const cached = await fromCache(wanted, (folder) => cachedDigest(wanted, asset, pinned, folder, stores), stores);
  if (cached) return { path: cached, version, verified, fromCache: true };

  const digest = pinned ?? (await publishedDigest(wanted, asset, stores));
  const archive = await verifiedDownload(wanted, asset.url, { digest, verified }, stores);
  const folder = await onDisk(wanted, asset.url, stores, () => unpackAndStore(wanted, asset, archive, stores));
  return { path: join(folder, tool), version, verified, fromCache: false };
}

/** Name in the cache of the archive that an executable came in. */
function archiveName({ tool }: Wanted): string {
  return `${tool}.tar.gz`;
}

/**
 * What a cached executable must have as its digest: the pinned one, so that whoever can write to the cache can not put another
 * program there. Where the pin is that of an archive, the archive lies beside it, and what comes out of that counts. Without a
 * pin what was written down when it was stored. Undefined where nothing says it.
 */
async function cachedDigest(
  wanted: Wanted,
  { memberPath }: Asset,
  pinned: string | undefined,
  folder: string,
  { files, toolCache, scratch }: Stores,
): Promise<string | undefined> {
  if (!pinned) return (await files.read(join(folder, `${wanted.tool}.sha256`)))?.trim();
  if (!memberPath) return pinned;
  const archive = join(folder, archiveName(wanted));
  if ((await files.sha256(archive)) !== pinned) return undefined;
  const unpacked = await toolCache.unpack(archive, scratch);
  const digest = await files.sha256(join(unpacked, memberPath));
  await files.remove(unpacked);
  return digest;
}

/** A cached executable whose bytes are those that it must have; a changed one is removed. */
async function fromCache(
  { tool, version }: Wanted,
  digestIn: (folder: string) => Promise<string | undefined>,
  { files, toolCache, say }: Stores,
): Promise<string | undefined> {
  const folder = toolCache.find(`maas-e2e-${tool}`, version);
  if (!folder) return undefined;
  const path = join(folder, tool);
  const wanted = await digestIn(folder);
  if (wanted && (await files.sha256(path)) === wanted) return path;
  say(`the cached ${tool} ${version} was changed since it was stored: it is removed and downloaded anew`);
  await files.remove(folder).catch(() => undefined); // a cache that can not be written to is not used either
  return undefined;
}

/** What was published, from the checksum file beside the release. */
async function publishedDigest(wanted: Wanted, { checksumUrl }: Asset, stores: Stores): Promise<string> {
  return await twice(async () => {
    const path = await download(wanted, checksumUrl, stores);
    const digest = readChecksum((await stores.files.read(path)) ?? '');
    await stores.files.remove(path);
    return digest ?? failed('E_CHECKSUM', wanted, checksumUrl, 'is no checksum file');
  });
}

/** Bytes with the right digest. Wrong ones are deleted and fetched once more: there is no way around the check. */
async function verifiedDownload(
  wanted: Wanted,
  url: string,
  { digest, verified }: { digest: string; verified: string },
  stores: Stores,
): Promise<string> {
  return await twice(async () => {
    const archive = await download(wanted, url, stores);
    const got = await stores.files.sha256(archive);
    if (got === digest) return archive;
    await stores.files.remove(archive);
    const what = `has SHA-256 ${got ?? 'none'}, expected ${digest} (${verified}), twice`;
    return failed('E_CHECKSUM', wanted, url, what);
  });
}

/** What an attempt gives, or another one where that gives an error; the second error is thrown. */
async function twice<T>(attempt: () => Promise<T | RunError>): Promise<T> {
  const first = await attempt();
  if (!(first instanceof RunError)) return first;
  const second = await attempt();
  if (second instanceof RunError) throw second;
  return second;
}

/** Folder of the executable: in the tool cache, or beside the downloads where that can not be written to. */
async function unpackAndStore(
  wanted: Wanted,
  { memberPath, url }: Asset,
  archive: string,
  stores: Stores,
): Promise<string> {
  const { tool, version } = wanted;
  const { files, toolCache, scratch, say } = stores;
  const unpacked = memberPath ? await unpack(wanted, url, archive, stores) : undefined;
  const executable = unpacked && memberPath ? join(unpacked, memberPath) : archive;
  const note = { name: `${tool}.sha256`, text: (await files.sha256(executable)) ?? '' };
  const copies = [
    { name: tool, from: executable },
    ...(unpacked ? [{ name: archiveName(wanted), from: archive }] : []),
  ];
  const folder = await toolCache.assemble(scratch, copies, note);
  for (const temporary of [archive, unpacked]) if (temporary) await files.remove(temporary);
  const other = await fromCache(wanted, () => Promise.resolve(note.text), stores);
  let kept = folder;
  try {
    // a run beside this one was faster: what it uses is not replaced
    kept = other ? dirname(other) : await toolCache.store(folder, `maas-e2e-${tool}`, version);
  } catch (error) {
    say(`${tool} ${version} can not be put into the tool cache, and is used from beside it: ${messageOf(error)}`);
  }
  if (kept !== folder) await files.remove(folder);
  return kept;
}

async function unpack(wanted: Wanted, url: string, archive: string, { toolCache, scratch }: Stores): Promise<string> {
  try {
    return await toolCache.unpack(archive, scratch);
  } catch (error) {
    if (error instanceof RunError || isDiskFull(error)) throw error;
    const what = `can not be unpacked, though its bytes are right (is the disk full?): ${messageOf(error)}`;
    throw failed('E_DOWNLOAD', wanted, url, what, error);
  }
}

/** Bytes of a release; the largest has 60 MB. */
const MOST_BYTES = 200 * 1024 ** 2;
/** Attempts of one download, and the first pause in ms. */
const MOST_ATTEMPTS = 3;
const BASE_MS = 1000;
/** A server that asks to wait longer, in ms, is not waited for. */
const LONGEST_WAIT_MS = 30_000;

/** What a server says for a moment; 403 and 404 it says for good. */
const PASSING = [408, 429, 500, 502, 503, 504];

async function download(wanted: Wanted, url: string, stores: Stores): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await onDisk(wanted, url, stores, () => stores.toolCache.download(url, stores.scratch, MOST_BYTES));
    } catch (error) {
      if (!(error instanceof DownloadFailure)) throw error;
      const ms = attempt < MOST_ATTEMPTS ? pauseBefore(attempt - 1, error) : undefined;
      const times = attempt > 1 ? `, ${attempt} times` : '';
      if (ms === undefined)
        throw failed('E_DOWNLOAD', wanted, url, `can not be downloaded: ${error.message}${times}`, error);
      stores.say(`${url}: ${error.message}; another attempt in ${seconds(ms)}`);
      await stores.pause(ms);
    }
  }
}

function pauseBefore(retry: number, { status, headers }: DownloadFailure): number | undefined {
  if (status !== undefined && !PASSING.includes(status)) return undefined;
  const asked = retryAfterMs(headers) ?? 0;
  return asked > LONGEST_WAIT_MS ? undefined : Math.max(asked, backoffMs(retry, BASE_MS));
}

/** @throws RunError where the disk is full or can not be written to; what else goes wrong as it is */
async function onDisk<T>(wanted: Wanted, url: string, { scratch }: Stores, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isDiskFull(error))
      throw new RunError(
        'E_DISK_FULL',
        'tools',
        `${wanted.tool} ${wanted.version}: no space left on the disk of RUNNER_TEMP (${scratch})`,
        'Free disk space on the runner, or use a larger one.',
        { cause: error },
      );
    if (error instanceof RunError || error instanceof DownloadFailure) throw error;
    if (!(error instanceof Error) || !('code' in error)) throw error;
    throw failed('E_DOWNLOAD', wanted, url, `can not be stored: ${error.message}`, error);
  }
}

function failed(code: ErrorCode, { tool, version }: Wanted, url: string, what: string, cause?: unknown): RunError {
  const elsewhere = 'behind a firewall set tools-mirror to a base URL that serves the same paths, or HTTPS_PROXY.';
  const gone = cause instanceof DownloadFailure && cause.status !== undefined && !PASSING.includes(cause.status);
  const fix =
    code === 'E_CHECKSUM'
      ? `Look at proxies and at the mirror: they change what they hand on. Check ${tool}-version, too.`
      : `${gone ? `Check ${tool}-version` : 'Run again when the site is up'}; ${elsewhere}`;
  return new RunError(code, 'tools', `${tool} ${version}: ${url} ${what}`, fix, { cause });
}
