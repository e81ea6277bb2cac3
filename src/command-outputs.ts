import { join } from 'node:path';
import { readCommandFile, type NamedValue } from './command-file.js';
import { messageOf } from './errors.js';
import type { Job } from './job.js';
import { OUTPUT_NAMES } from './output-names.js';
import type { Ports } from './ports.js';

/** Characters of all outputs of a command: GitHub takes 1 MB of a job. */
const MOST = 1_000_000;
/** How many: each is written at once, and nothing else happens meanwhile. */
const MOST_NAMES = 1000;

/** A new file for the outputs of a user's command, in the run's own folder; undefined where no runner takes outputs. */
export async function outputFile({
  ports: { files },
  host,
  record,
}: Pick<Job, 'ports' | 'host' | 'record'>): Promise<string | undefined> {
  if (!host.environment['GITHUB_OUTPUT'] || !record.plan) return undefined;
  const path = join(record.plan.workDir, 'command-outputs');
  await files.remove(path); // whatever an earlier command left there, a link too
  await files.write(path, '');
  return path;
}

/** Hands on what a user's command wrote, but for what this action says itself. What is not handed on is a warning. */
export async function handOnOutputs(path: string, { files, runner, log }: Ports): Promise<void> {
  try {
    const text = (await files.read(path)) ?? '';
    if (text.length > MOST) throw new Error(`they have ${text.length} characters, and ${MOST} is the most`);
    const found = readCommandFile(text);
    if (found.length > MOST_NAMES) throw new Error(`there are ${found.length} of them, and ${MOST_NAMES} is the most`);
    for (const { name, value } of found) handOn({ name, value }, { runner, log });
  } catch (error) {
    log.warning(`The command's outputs are not handed on: ${messageOf(error)}`);
  }
}

function handOn({ name, value }: NamedValue, { runner, log }: Pick<Ports, 'runner' | 'log'>): void {
  // an expression finds an output in any case of letters; and what reads a name may trim it, a byte order mark as well
  if (!OUTPUT_NAMES.includes(name.trim().toUpperCase().toLowerCase())) return runner.output(name, value);
  log.warning(`The command's output ${name} is not handed on: this action sets it.`);
}
