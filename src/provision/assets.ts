import { below } from '../named-url.js';
import { PINS, type Tool } from './pins.js';

/** `linux/amd64` and the like, as the publishers name platforms. */
export interface Platform {
  os: string;
  arch: string;
}

export interface Asset {
  url: string;
  checksumUrl: string;
  /** Its name in the tool cache. */
  name: string;
  /** The executable inside the archive; undefined where the asset is the executable. */
  memberPath: string | undefined;
  /** Upper limit of its size in bytes: about three times that of today's releases. */
  mostBytes: number;
}

const SITES: Record<Tool, string> = {
  kind: 'https://github.com',
  kubectl: 'https://dl.k8s.io',
  helm: 'https://get.helm.sh',
};

const MB = 1_000_000;

/** Where a tool's release and its checksum file lie. A mirror has the same paths below another base. */
export function assetOf(tool: Tool, version: string, { os, arch }: Platform, mirror: string | undefined): Asset {
  const at = (path: string, ending: string) => {
    const base = mirror ?? SITES[tool];
    return { url: below(base, path), checksumUrl: below(base, path + ending) };
  };
  const kind = `kubernetes-sigs/kind/releases/download/v${version}/kind-${os}-${arch}`;
  const kubectl = `release/v${version}/bin/${os}/${arch}/kubectl`;
  const helm = `helm-v${version}-${os}-${arch}.tar.gz`;
  const assets: Record<Tool, Asset> = {
    kind: { ...at(kind, '.sha256sum'), name: 'kind', memberPath: undefined, mostBytes: 50 * MB },
    kubectl: { ...at(kubectl, '.sha256'), name: 'kubectl', memberPath: undefined, mostBytes: 200 * MB },
    helm: { ...at(helm, '.sha256sum'), name: 'helm.tar.gz', memberPath: `${os}-${arch}/helm`, mostBytes: 100 * MB },
  };
  return assets[tool];
}

/** Upper limit of an executable that comes out of an archive, in bytes. */
export const MOST_UNPACKED = 250 * MB;
/** Upper limit of a checksum file, in bytes: some list the files of a whole release. */
export const MOST_CHECKSUM = 64_000;

/** The digest that this repository knows of an asset, or undefined. */
export function pinOf(tool: Tool, version: string, { os, arch }: Platform): string | undefined {
  return PINS[tool][version]?.[`${os}/${arch}`];
}

/**
 * The digest in a checksum file, bare or followed by a file name, as sha256sum writes them; of a file that lists several, that
 * of the asset.
 * @param url of the asset
 */
export function readChecksum(text: string, url: string): string | undefined {
  const lines = text.trim().split(/\s*\n\s*/);
  const found = lines.map((line) => /^([0-9a-f]{64})(?:\s+\*?(.+))?$/i.exec(line)).filter((line) => line !== null);
  const name = url
    .replace(/[?#].*$/s, '')
    .split('/')
    .at(-1);
  const own = lines.length === 1 ? found[0] : found.find(([, , file]) => file?.split('/').at(-1) === name);
  return own?.[1]?.toLowerCase();
}
