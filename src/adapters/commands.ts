import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Command, CommandResult, Commands } from '../ports.js';
import type { Redact } from '../secrets/redact.js';

/** Bytes kept of each output stream: the end of it, where the reason stands. */
const KEPT = 32 * 1024 * 1024;

/**
 * Child processes. Not @actions/exec: that can not be aborted, leaves EPIPE on standard input uncaught and prints the
 * command line. Each child leads a process group of its own, so that an abort also ends what it started.
 *
 * @param env the whole environment of every child: what they need, and never the key
 * @param runSignal ends every child; `run` then rejects with its reason
 * @param redact takes the key out of what they print, before anybody cuts it
 */
export function createCommands(env: Record<string, string>, runSignal: AbortSignal, redact: Redact): Commands {
  return {
    run: async (command) => {
      runSignal.throwIfAborted();
      const { stdout, stderr, ...rest } = await run(command, { ...env, ...command.env }, runSignal);
      return { ...rest, stdout: redact(stdout), stderr: redact(stderr) };
    },
  };
}

function run(
  { program, args, input, timeoutMs, onLine }: Command,
  env: Record<string, string>,
  signal: AbortSignal,
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    const output = { stdout: '', stderr: '' };
    let timedOut = false;
    const end = () => {
      killGroup(child.pid, 'SIGTERM');
      setTimeout(() => killGroup(child.pid, 'SIGKILL'), 3000).unref();
    };
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => ((timedOut = true), end()), timeoutMs);
    signal.addEventListener('abort', end, { once: true });

    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => (output[name] = (output[name] + text).slice(-KEPT)));
      if (onLine) createInterface(child[name]).on('line', (line) => line.trim() && onLine(line));
    }
    child.stdin.on('error', () => undefined); // a child that ends early does not read its input: its exit code tells
    child.stdin.end(input ?? '');

    const settle = (code: number) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      if (signal.aborted) reject(signal.reason as Error);
      else resolve({ code, ...output, timedOut });
    };
    child.on('error', (error: NodeJS.ErrnoException) => {
      output.stderr += error.message;
      settle(error.code === 'ENOENT' ? 127 : 126);
    });
    child.on('close', (code, killedBy) => settle(code ?? (killedBy ? 128 : 1)));
  });
}

function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  try {
    if (pid) process.kill(-pid, signal);
  } catch {
    // it has ended
  }
}
