import type { Ports, Runner } from '../../src/ports.js';
import { Progress } from '../../src/progress.js';
import { publish } from '../../src/report/publish.js';
import type { RunRecord } from '../../src/report/record.js';
import { memoryFiles, recordedLog, type MemoryFiles } from './memory.js';

/** A runner, a log and files that keep what they get; `broken` are methods that fail. */
export function ports(broken: ('output' | 'summary' | 'write')[] = []) {
  const [log, files] = [recordedLog(), memoryFiles()];
  const [outputs, variables, summaries] = [new Map<string, string>(), new Map<string, string>(), [] as string[]];
  const unlessBroken = (method: (typeof broken)[number]) => {
    if (broken.includes(method)) throw new Error(`no ${method}`);
  };
  const runner: Runner = {
    mask: () => undefined,
    saveState: () => undefined,
    output: (name, value) => {
      unlessBroken('output');
      outputs.set(name, value);
    },
    variable: (name, value) => void variables.set(name, value),
    summary: async (text) => {
      unlessBroken('summary');
      await Promise.resolve(summaries.push(text));
    },
  };
  const guarded: typeof files = {
    ...files,
    write: async (path, text) => {
      unlessBroken('write');
      await files.write(path, text);
    },
  };
  const means = { log, runner, files: guarded } as unknown as Ports;
  return { means, log, files, outputs, variables, summaries };
}

export async function published(
  found: RunRecord,
  broken: Parameters<typeof ports>[0] = [],
  redact = (text: string) => text,
) {
  const all = ports(broken);
  await publish(found, new Progress(all.log), all.means, redact);
  return all;
}

export function reportIn({ entries }: MemoryFiles): unknown {
  return JSON.parse(entries.get('/out/report.json') ?? '');
}
