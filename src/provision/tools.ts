import { join } from 'node:path';
import { RunError, messageOf } from '../errors.js';
import type { Files, ToolCache } from '../ports.js';
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
  const asset = assetOf(tool, version, platform, inputs.mirror);
  const pinned = PINS[tool][version]?.[`${platform.os}/${platform.arch}`];
  const verified = pinned ? 'pinned digest' : inputs.mirror ? 'mirror-verified' : "publisher's checksum";
  const cached = await fromCache(tool, version, asset.memberPath ? undefined : pinned, stores);
  if (cached) return { path: cached, version, verified, fromCache: true };

  const wanted = pinned ?? (await publishedDigest(tool, version, asset, stores));
  const archive = await download(tool, version, asset.url, stores);
  const got = await stores.files.sha256(archive);
  if (got !== wanted) {
    await stores.files.remove(archive);
    throw failed(tool, version, asset.url, `has SHA-256 ${got ?? 'none'}, expected ${wanted} (${verified})`);
  }
  const unpacked = asset.memberPath ? await stores.toolCache.unpack(archive) : undefined;
  const executable = unpacked && asset.memberPath ? join(unpacked, asset.memberPath) : archive;
  const note = { name: `${tool}.sha256`, text: (await stores.files.sha256(executable)) ?? '' };
  const folder = await stores.toolCache.store(executable, tool, note, `maas-e2e-${tool}`, version);
  for (const temporary of [archive, unpacked]) if (temporary) await stores.files.remove(temporary);
  return { path: join(folder, tool), version, verified, fromCache: false };
}

/** A cached executable whose bytes are still those that were stored; a changed one is removed. */
async function fromCache(
  tool: Tool,
  version: string,
  pinned: string | undefined,
  { files, toolCache }: Stores,
): Promise<string | undefined> {
  const folder = toolCache.find(`maas-e2e-${tool}`, version);
  if (!folder) return undefined;
  const path = join(folder, tool);
  const wanted = pinned ?? (await files.read(`${path}.sha256`))?.trim();
  if (wanted && (await files.sha256(path)) === wanted) return path;
  await files.remove(folder);
  return undefined;
}

async function publishedDigest(tool: Tool, version: string, asset: Asset, stores: Stores): Promise<string> {
  const { files } = stores;
  const path = await download(tool, version, asset.checksumUrl, stores);
  const digest = readChecksum((await files.read(path)) ?? '');
  await files.remove(path);
  if (!digest) throw failed(tool, version, asset.checksumUrl, 'is no checksum file');
  return digest;
}

async function download(tool: Tool, version: string, url: string, { toolCache, scratch }: Stores): Promise<string> {
  try {
    return await toolCache.download(url, scratch);
  } catch (error) {
    throw failed(tool, version, url, `could not be downloaded: ${messageOf(error)}`, error);
  }
}

function failed(tool: Tool, version: string, url: string, what: string, cause?: unknown): RunError {
  const fix = `Check ${tool}-version; behind a firewall set tools-mirror to a base URL that serves the same paths.`;
  return new RunError('tools', `${tool} ${version}: ${url} ${what}`, fix, { cause });
}
