import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { Command, CommandResult, Commands } from '../ports.js';
import type { RedactedStream, Redactor } from '../secrets/redact.js';

/** Characters kept of each output stream: the end of it, where the reason stands. */
const KEPT = 32 * 1024 * 1024;
/** Characters of a line that is handed on as it comes; a longer one comes in parts. */
const LONGEST_LINE = 16 * 1024;
/** ms that what a child leaves behind may go on printing after its exit. */
const LEFT_MS = 2000;
/** ms from SIGTERM to SIGKILL, and between two looks at what is left. */
const GRACE_MS = 3000;
const LOOK_MS = 50;

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
    const stdout = new Output(child.stdout, redactor, onLine);
    const stderr = new Output(child.stderr, redactor, onLine);
    let timedOut = false;
    const end = () => {
      signalGroup(child.pid, 'SIGTERM');
      setTimeout(() => signalGroup(child.pid, 'SIGKILL'), GRACE_MS).unref();
    };
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => ((timedOut = true), end()), timeoutMs);
    signal.addEventListener('abort', end, { once: true });
    child.stdin.on('error', () => undefined); // a child that ends early does not read its input: its exit code tells
    child.stdin.end(input ?? '');

    const settle = (code: number) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      if (signal.aborted) reject(signal.reason as Error);
      else resolve({ code, stdout: stdout.text(), stderr: stderr.text(), timedOut });
    };
    child.on('error', (error: NodeJS.ErrnoException) => {
      stderr.add(error.message);
      settle(error.code === 'ENOENT' ? 127 : 126);
    });
    onceRead(child, [stdout, stderr], settle);
  });
}

/**
 * Calls back with the exit code when all output is read. A background process that the child leaves may hold the pipes
 * for ever: it is given a while, then it is ended, and what came so far is the output.
 */
function onceRead(child: ChildProcessWithoutNullStreams, outputs: Output[], done: (code: number) => void): void {
  let waiting: NodeJS.Timeout | undefined;
  const doneAs = (code: number | null, killedBy: NodeJS.Signals | null) => done(code ?? (killedBy ? 128 : 1));
  const release: typeof doneAs = (...exit) => {
    if (outputs.every((output) => output.isRead())) return doneAs(...exit);
    child.off('close', doneAs);
    outputs.forEach((output) => output.cut());
    child.stdin.destroy();
    void endGroup(child.pid).then(() => doneAs(...exit));
  };
  // what came while this process was busy is read before a timer that is due by then ends anything
  const soon: typeof doneAs = (...exit) => void setImmediate(() => release(...exit));
  child.on('exit', (...exit) => (waiting = setTimeout(soon, LEFT_MS, ...exit).unref()));
  child.on('close', doneAs);
  child.on('close', () => clearTimeout(waiting));
}

/** Ends what is left of a process group; comes back when it is gone, or nothing more can be done. */
async function endGroup(pid: number | undefined): Promise<void> {
  const deadline = performance.now() + GRACE_MS;
  signalGroup(pid, 'SIGTERM');
  while (signalGroup(pid, 0) && performance.now() < deadline) await pause(LOOK_MS);
  signalGroup(pid, 'SIGKILL');
}

/** An output stream: its end is kept, and its lines are handed on as they come, redacted before they are cut. */
class Output {
  private readonly pieces: string[] = [];
  private length = 0;
  private readonly redacted: RedactedStream;
  private rest = '';
  private isEnded = false;

  constructor(
    private readonly stream: Readable,
    redactor: Redactor,
    private readonly onLine: Command['onLine'],
  ) {
    this.redacted = redactor.stream();
    stream.setEncoding('utf8').on('data', (text: string) => this.take(text));
    stream.on('end', () => this.end());
  }

  add(text: string): void {
    this.pieces.push(text);
    this.length += text.length;
    while (this.length - (this.pieces[0]?.length ?? 0) > KEPT) this.length -= this.pieces.shift()?.length ?? 0;
  }

  text(): string {
    return this.pieces.join('').slice(-KEPT);
  }

  isRead(): boolean {
    return this.isEnded;
  }

  /** Reads no further. */
  cut(): void {
    this.stream.destroy();
    this.end();
  }

  private take(text: string): void {
    this.add(text);
    if (this.onLine) this.handOn(this.redacted.push(text), this.onLine);
  }

  private end(): void {
    if (this.onLine && !this.isEnded) this.handOn(`${this.redacted.end()}\n`, this.onLine);
    this.isEnded = true;
  }

  private handOn(text: string, onLine: (line: string) => void): void {
    const lines = (this.rest + text).split(/\r?\n/);
    this.rest = lines.pop() ?? '';
    for (; this.rest.length > LONGEST_LINE; this.rest = this.rest.slice(LONGEST_LINE))
      lines.push(this.rest.slice(0, LONGEST_LINE));
    lines.filter((line) => line.trim()).forEach(onLine);
  }
}

/** Whether there is a process of the group; 0 only asks. */
function signalGroup(pid: number | undefined, signal: NodeJS.Signals | 0): boolean {
  try {
    return pid !== undefined && process.kill(-pid, signal);
  } catch {
    return false; // it has ended
  }
}
