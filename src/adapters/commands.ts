import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { Command, CommandResult, Commands } from '../ports.js';
import type { RedactedStream, Redactor } from '../secrets/redact.js';

/** Characters kept of each output stream: the end of it, where the reason stands. */
const KEPT = 32 * 1024 * 1024;
/** Characters of a line that is handed on as it comes; a longer one comes in parts. */
const LONGEST_LINE = 16 * 1024;

/**
 * Child processes. Not @actions/exec: that can not be aborted, leaves EPIPE on standard input uncaught and prints the
 * command line. Each child leads a process group of its own, so that an abort also ends what it started.
 *
 * @param env the whole environment of every child: what they need, and never the key
 * @param runSignal ends every child; `run` then rejects with its reason
 * @param redactor takes the key out of what people read, before anybody cuts it: standard error and the lines as they come.
 *   Standard output is for programs, and stays as it is: eight characters of the key in an object's name must not change that name.
 */
export function createCommands(env: Record<string, string>, runSignal: AbortSignal, redactor: Redactor): Commands {
  return {
    run: async (command) => {
      runSignal.throwIfAborted();
      const result = await run(command, { ...env, ...command.env }, runSignal, redactor);
      return { ...result, stderr: redactor.redact(result.stderr) };
    },
  };
}

function run(
  { program, args, input, timeoutMs, onLine, cwd }: Command,
  env: Record<string, string>,
  signal: AbortSignal,
  redactor: Redactor,
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, cwd, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    const output = { stdout: new Kept(), stderr: new Kept() };
    let timedOut = false;
    const end = () => {
      killGroup(child.pid, 'SIGTERM');
      setTimeout(() => killGroup(child.pid, 'SIGKILL'), 3000).unref();
    };
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => ((timedOut = true), end()), timeoutMs);
    signal.addEventListener('abort', end, { once: true });

    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => output[name].add(text));
      if (onLine) handOn(child[name], redactor.stream(), onLine);
    }
    child.stdin.on('error', () => undefined); // a child that ends early does not read its input: its exit code tells
    child.stdin.end(input ?? '');

    const settle = (code: number) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      if (signal.aborted) reject(signal.reason as Error);
      else resolve({ code, stdout: output.stdout.text(), stderr: output.stderr.text(), timedOut });
    };
    child.on('error', (error: NodeJS.ErrnoException) => {
      output.stderr.add(error.message);
      settle(error.code === 'ENOENT' ? 127 : 126);
    });
    child.on('close', (code, killedBy) => settle(code ?? (killedBy ? 128 : 1)));
  });
}

/** The end of an output, in the pieces in which it came. */
class Kept {
  private readonly pieces: string[] = [];
  private length = 0;

  add(text: string): void {
    this.pieces.push(text);
    this.length += text.length;
    while (this.length - (this.pieces[0]?.length ?? 0) > KEPT) this.length -= this.pieces.shift()?.length ?? 0;
  }

  text(): string {
    return this.pieces.join('').slice(-KEPT);
  }
}

/** Line by line, redacted before it is cut into lines. */
function handOn(output: Readable, redacted: RedactedStream, onLine: (line: string) => void): void {
  let rest = '';
  const take = (text: string) => {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (; rest.length > LONGEST_LINE; rest = rest.slice(LONGEST_LINE)) lines.push(rest.slice(0, LONGEST_LINE));
    lines.filter((line) => line.trim()).forEach(onLine);
  };
  output.on('data', (text: string) => take(redacted.push(text)));
  output.on('end', () => take(`${redacted.end()}\n`));
}

function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  try {
    if (pid) process.kill(-pid, signal);
  } catch {
    // it has ended
  }
}
