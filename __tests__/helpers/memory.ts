import { createHash } from 'node:crypto';
import type { KubeObject } from '../../src/deploy/objects.js';
import type { Kubectl } from '../../src/deploy/kubectl.js';
import type { Command, CommandResult, Commands, Files, Log, Processes, ToolCache, Web } from '../../src/ports.js';
import { DownloadFailure } from '../../src/provision/download-failure.js';

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export interface MemoryFiles extends Files {
  entries: Map<string, string>;
  removed: string[];
  /** Digests that stand in for the real ones, by content: a pinned digest can not be forged. */
  digests: Map<string, string>;
}

/** Files in memory. An Error as content is thrown at a read. */
export function memoryFiles(content: Record<string, string | Error> = {}): MemoryFiles {
  const broken = new Map<string, Error>();
  const entries = new Map<string, string>();
  for (const [path, value] of Object.entries(content)) {
    if (typeof value === 'string') entries.set(path, value);
    else broken.set(path, value);
  }
  const removed: string[] = [];
  const digests = new Map<string, string>();
  return {
    entries,
    removed,
    digests,
    read: (path) => {
      const error = broken.get(path);
      return error ? Promise.reject(error) : Promise.resolve(entries.get(path));
    },
    write: (path, text) => Promise.resolve(void entries.set(path, text)),
    makeDir: () => Promise.resolve(),
    removeFile: (path) => Promise.resolve(void entries.delete(path)),
    remove: (path) => {
      removed.push(path);
      for (const entry of entries.keys()) if (entry === path || entry.startsWith(`${path}/`)) entries.delete(entry);
      return Promise.resolve();
    },
    list: (folder) => Promise.resolve([...entries.keys()].filter((path) => path.startsWith(`${folder}/`))),
    sha256: (path) => {
      const text = entries.get(path);
      return Promise.resolve(text === undefined ? undefined : (digests.get(text) ?? sha256(text)));
    },
  };
}

export interface MemoryToolCache extends ToolCache {
  downloads: string[];
}

/** What is at an address: bytes, an error, or several of them, one a download; the last one repeats. */
export type Served = string | Error | (string | Error)[];

/**
 * A tool cache over the same files; `site` has what can be downloaded. An archive is JSON of paths and contents. `full` is
 * why nothing can be stored.
 */
export function memoryToolCache(files: MemoryFiles, site: Record<string, Served>, full?: Error): MemoryToolCache {
  const downloads: string[] = [];
  const notFound = new DownloadFailure('HTTP 404', { status: 404 });
  const served = (url: string): string | Error => {
    const times = downloads.filter((earlier) => earlier === url).length;
    const found = site[url] ?? notFound;
    return Array.isArray(found) ? (found[times - 1] ?? found.at(-1) ?? notFound) : found;
  };
  const { entries } = files;
  return {
    downloads,
    find: (tool, version) => {
      const folder = `/cache/${tool}/${version}`;
      return [...entries.keys()].some((path) => path.startsWith(`${folder}/`)) ? folder : undefined;
    },
    download: (url, folder) => {
      downloads.push(url);
      const text = served(url);
      if (text instanceof Error) return Promise.reject(text);
      const path = `${folder}/download-${downloads.length}`;
      entries.set(path, text);
      return Promise.resolve(path);
    },
    copy: (from, to) => {
      const text = entries.get(from);
      if (text !== undefined) entries.set(to, text);
      return Promise.resolve(text !== undefined);
    },
    unpack: (archive, member, to) => {
      const members = JSON.parse(entries.get(archive) ?? '{}') as Record<string, string>;
      const text = members[member];
      if (text === undefined) return Promise.reject(new Error(`there is no ${member} in it`));
      return Promise.resolve(void entries.set(to, text));
    },
    install: (from, to) => {
      entries.set(to, entries.get(from) ?? '');
      entries.delete(from);
      return Promise.resolve();
    },
    store: (file, name, tool, version) => {
      if (full) return Promise.reject(full);
      return Promise.resolve(void entries.set(`/cache/${tool}/${version}/${name}`, entries.get(file) ?? ''));
    },
  };
}

export interface FakeCommands extends Commands {
  ran: Command[];
  answer: (command: Command) => Partial<CommandResult>;
}

/** Child processes that are answered by a function; what it leaves out is a silent success. */
export function fakeCommands(answer: (command: Command) => Partial<CommandResult> = () => ({})): FakeCommands {
  const ran: Command[] = [];
  return {
    ran,
    answer,
    run: (command) => {
      ran.push(command);
      return Promise.resolve({ code: 0, stdout: '', stderr: '', timedOut: false, ...answer(command) });
    },
  };
}

/** Processes of which those with the given identities run; those of "elsewhere" are of another host; `strays` are left of the run. */
export function fakeProcesses(alive: string[] = [], strays = 0): Processes & { ended: string[] } {
  const ended: string[] = [];
  return {
    ended,
    parent: () => '1:1',
    isAlive: (identity) => (identity.startsWith('elsewhere ') ? undefined : alive.includes(identity)),
    endAll: (variable, value) => {
      ended.push(`${variable}=${value}`);
      return Promise.resolve(strays);
    },
  };
}

/** Pages of which each is answered by a function; what it throws is no answer. */
export function fakeWeb(answer: (url: string) => string = () => 'ok'): Web & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    get: async (url) => {
      asked.push(url);
      return await Promise.resolve().then(() => ({ status: 200, text: answer(url) }));
    },
    converse: (url) => Promise.reject(new Error(`nothing at ${url}`)),
  };
}

/** A cluster of which only the given looks are taken, one after the other; one look more is an error. */
export function fakeKubectl(looks: KubeObject[][], logs: (args: string[]) => string = () => ''): Kubectl {
  const left = [...looks];
  return {
    get: () => {
      const look = left.shift();
      return look ? Promise.resolve(look) : Promise.reject(new Error('looked once too often'));
    },
    apply: () => Promise.resolve(),
    // the log of a container that never ended is an error of kubectl
    text: (...args) => Promise.resolve(args).then(logs),
    clusterText: () => Promise.resolve(''),
  };
}

export interface RecordedLog extends Log {
  /** Every call, as "method: text". */
  lines: string[];
}

export function recordedLog(): RecordedLog {
  const lines: string[] = [];
  const note = (method: string) => (line: string) => void lines.push(`${method}: ${line}`);
  return {
    lines,
    info: note('info'),
    debug: note('debug'),
    warning: note('warning'),
    notice: note('notice'),
    error: (title, line) => void lines.push(`error: ${title}: ${line}`),
    openGroup: note('openGroup'),
    closeGroup: () => void lines.push('closeGroup'),
  };
}
