import { delimiter, dirname } from 'node:path';
import { handOnOutputs, outputFile } from './command-outputs.js';
import type { Job } from './job.js';

/** Lines of a command's output that are kept: its last ones. */
const KEPT = 30;

/** What came of a user's command. */
export interface ShellResult {
  code: number;
  /** The last lines of both of its streams, redacted. */
  lines: string[];
}

/**
 * Runs a user's command by `sh -e` in the workspace. Its output is in the log as it comes. It has the job's environment, finds
 * kind, kubectl and helm of this run on PATH, and has the given variables. Its outputs go through a file of its own: it must not write
 * this action's outputs or state.
 *
 * @param env one that is empty is taken away: what an earlier step has set is of another run
 */
export async function runShell(
  job: Pick<Job, 'ports' | 'host' | 'record'>,
  command: string,
  env: Record<string, string>,
  onLine: (line: string) => void = () => undefined,
): Promise<ShellResult> {
  const { ports, host, record } = job;
  const { commands, log } = ports;
  const outputs = await outputFile(job);
  const lines: string[] = [];
  const take = (line: string) => {
    log.info(line);
    onLine(line);
    lines.push(line);
    if (lines.length > KEPT) lines.shift();
  };
  const { code } = await commands.run({
    program: 'sh',
    args: ['-ec', command],
    cwd: host.workspace,
    env: { ...shellEnvironment({ host, record }, env), ...(outputs && { GITHUB_OUTPUT: outputs }) },
    onLine: take,
  });
  if (outputs) await handOnOutputs(outputs, ports);
  return { code, lines };
}

function shellEnvironment(
  { host: { environment }, record }: Pick<Job, 'host' | 'record'>,
  env: Record<string, string>,
): Record<string, string> {
  const folders = new Set(Object.values(record.tools).map(({ path }) => dirname(path)));
  const PATH = [...folders, environment['PATH']].filter(Boolean).join(delimiter);
  const all = Object.entries({ ...environment, PATH, ...env });
  return Object.fromEntries(all.filter(([name]) => env[name] !== ''));
}
