import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { EOL, tmpdir } from 'node:os';
import { join } from 'node:path';

/** What is written to standard output while work is done in an environment; it is empty otherwise. */
export async function printed(env: Record<string, string>, work: () => void | Promise<void>): Promise<string> {
  const write = process.stdout.write.bind(process.stdout);
  const [before, isTTY] = [process.env, process.stdout.isTTY];
  let out = '';
  process.env = env;
  process.stdout.isTTY = false;
  process.stdout.write = (chunk: string | Uint8Array) => ((out += chunk.toString()), true);
  try {
    await work();
  } finally {
    process.stdout.write = write;
    process.stdout.isTTY = isTTY;
    process.env = before;
  }
  return out;
}

/** One for the whole process: @actions/core looks only once where the summary goes. */
const folder = mkdtempSync(join(tmpdir(), 'command-files-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const FILES = { output: 'GITHUB_OUTPUT', env: 'GITHUB_ENV', state: 'GITHUB_STATE', summary: 'GITHUB_STEP_SUMMARY' };

/** What the runner reads from its command files after work is done; the summary is a text. */
export async function commandFiles(
  work: () => void | Promise<void>,
): Promise<Record<'output' | 'env' | 'state', Record<string, string>> & { summary: string; log: string }> {
  const at = (name: string) => join(folder, name);
  for (const name of Object.keys(FILES)) writeFileSync(at(name), '');
  const env = Object.fromEntries(Object.entries(FILES).map(([name, variable]) => [variable, at(name)]));
  const log = await printed(env, work);
  const read = (name: string) => readFileSync(at(name), 'utf8');
  const [output, vars, state] = ['output', 'env', 'state'].map((name) => valuesIn(read(name)));
  return { output: output ?? {}, env: vars ?? {}, state: state ?? {}, summary: read('summary'), log };
}

/** `name=value`, or `name<<delimiter`, lines, and the delimiter alone: https://github.com/actions/runner/blob/main/src/Runner.Worker/FileCommandManager.cs */
function valuesIn(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  const lines = text.split(EOL);
  while (lines.length) {
    const line = lines.shift() ?? '';
    const [, name, delimiter] = /^([^=]*?)<<(.+)$/.exec(line) ?? [];
    if (name !== undefined && delimiter !== undefined) {
      const end = lines.indexOf(delimiter);
      if (end < 0) throw new Error(`${name} has no end`);
      values[name] = lines
        .splice(0, end + 1)
        .slice(0, -1)
        .join(EOL);
    } else if (line) {
      const [key = '', ...rest] = line.split('=');
      values[key] = rest.join('=');
    }
  }
  return values;
}
