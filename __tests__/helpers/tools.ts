import type { Tool } from '../../src/provision/pins.js';
import { installTool, type InstalledTool } from '../../src/provision/tools.js';
import { memoryFiles, memoryToolCache, sha256, type MemoryFiles, type MemoryToolCache, type Served } from './memory.js';

export const LINUX = { os: 'linux', arch: 'amd64' };
/** A version that is not pinned, of each tool. */
export const UNPINNED = { kind: '9.9.9', kubectl: '9.9.9', helm: '9.9.9' };
export const KUBECTL = 'https://dl.k8s.io/release/v9.9.9/bin/linux/amd64/kubectl';
export const HELM = 'https://get.helm.sh/helm-v9.9.9-linux-amd64.tar.gz';
export const ARCHIVE = JSON.stringify({ 'linux-amd64/helm': 'helm bytes', 'linux-amd64/LICENSE': 'text' });

interface Bench {
  files: MemoryFiles;
  toolCache: MemoryToolCache;
  /** ms of each pause, and what was said. */
  pauses: number[];
  said: string[];
  install: (tool: Tool, mirror?: string, versions?: Record<Tool, string>) => Promise<InstalledTool>;
}

/** Tools that are installed from a site in memory. */
export function bench(site: Record<string, Served>, entries: Record<string, string> = {}, full?: Error): Bench {
  const files = memoryFiles(entries);
  const toolCache = memoryToolCache(files, site, full);
  const [pauses, said]: [number[], string[]] = [[], []];
  const pause = async (ms: number) => {
    await Promise.resolve(pauses.push(ms));
  };
  const stores = { files, toolCache, folder: '/run/tools', pause, say: (line: string) => void said.push(line) };
  const install: Bench['install'] = (tool, mirror, versions = UNPINNED) =>
    installTool(tool, { versions, mirror }, LINUX, stores);
  return { files, toolCache, pauses, said, install };
}

export const publishedKubectl = { [KUBECTL]: 'kubectl bytes', [`${KUBECTL}.sha256`]: sha256('kubectl bytes') };
export const publishedHelm = { [HELM]: ARCHIVE, [`${HELM}.sha256sum`]: `${sha256(ARCHIVE)}  helm.tar.gz\n` };
