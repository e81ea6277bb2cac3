import { announce, announceFailure, publish, showDiagnostics } from './report/publish.js';
import { diagnose } from './diagnose.js';
import { messageOf, stackOf, toFailure, toRunError } from './errors.js';
import type { Job, RunEnd } from './job.js';
import type { Commands } from './ports.js';
import { publishLeast } from './report/least.js';
import { resultOf } from './report/record.js';
import type { Redact } from './secrets/redact.js';

/**
 * ms from the end of a run's signal until its stages have ended: longer than the children are given (5 s), and short enough for
 * a cancelled job to be reported before the runner's SIGKILL, 10 s after its SIGINT.
 */
const UNWIND_MS = 6000;

/** ms for the report after an error that nobody caught: it may have broken what the report waits for. */
const REPORT_MS = 5000;

/** What a run needs to end by its own verdict. */
export interface Ending {
  end: RunEnd;
  /** Takes whoever is to be told of errors that nobody catches, and of Node's warnings. */
  handOn: (take: (thrown: unknown) => void, warned: (line: string) => void) => void;
  /** Commands for the diagnostics: those of the run have ended with it, these have a deadline of their own. */
  commands: () => { commands: Commands; close: () => void };
  redact: Redact;
  /** ms, see UNWIND_MS and REPORT_MS. */
  unwindMs?: number;
  reportMs?: number;
}

/**
 * Runs, and tells what came of it however that ends: by its own error, from outside, or by an error that nobody caught, also one
 * that comes while this reports. Never rejects.
 *
 * @returns the exit code
 */
export async function runAndReport(job: Job, work: (job: Job) => Promise<void>, ending: Ending): Promise<0 | 1> {
  const { record, progress, ports } = job;
  const { end, unwindMs = UNWIND_MS } = ending;
  const late = new Late();
  let isOver = false;
  ending.handOn(
    (thrown) => {
      quietly(() => ports.log.info(`unexpected error: ${messageOf(thrown)}\n${stackOf(thrown)}`));
      if (isOver) late.take(thrown);
      else end.because(toRunError(thrown));
    },
    (line) => quietly(() => ports.log.debug(`warning of Node: ${line}`)),
  );
  try {
    await unlessStuck(work(job), end.signal, unwindMs);
    end.signal.throwIfAborted(); // what nobody caught leaves the stages as they are
  } catch (error) {
    // what a cancellation or the deadline breaks on its way out is not the cause
    record.failure = toFailure(end.signal.aborted ? end.signal.reason : error);
    if (!end.signal.aborted && record.failure.code === 'E_UNEXPECTED') quietly(() => ports.log.info(stackOf(error)));
  }
  isOver = true;
  progress.close();
  end.stop();
  await report(job, ending, late);
  end.close();
  return resultOf(record) === 'failed' ? 1 : 0;
}

/** Verdict, diagnostics, outputs, reports, summary; the least of them, if that fails. Never rejects. */
async function report(job: Job, { end, commands, redact, reportMs = REPORT_MS }: Ending, late: Late): Promise<void> {
  const { record, progress, ports } = job;
  const attempt = async (part: () => void | Promise<void>): Promise<boolean> => {
    try {
      await part();
      return true;
    } catch (error) {
      record.failure ??= toFailure(error);
      return false;
    }
  };
  if (!(await attempt(() => announce(record, progress, ports)))) quietly(() => announceFailure(record, ports));
  if (record.failure && !end.cancelled.aborted)
    await Promise.race([attempt(() => showWhy(job, commands)), late.after(0)]);
  if (late.first) record.failure ??= toFailure(late.first.thrown);
  const published = record.failure;
  const isWhole = await Promise.race([attempt(() => publish(record, progress, ports, redact)), late.after(reportMs)]);
  if (late.first) record.failure ??= toFailure(late.first.thrown);
  if (isWhole && published === record.failure) return;
  quietly(() => announceFailure(record, ports));
  await publishLeast(record, ports, redact);
}

async function showWhy(job: Job, commandsFor: Ending['commands']): Promise<void> {
  const { commands, close } = commandsFor();
  job.record.diagnostics = await diagnose(job, commands);
  close();
  showDiagnostics(job.record, job.ports);
}

/** Errors that nobody caught while the run was reported. */
class Late {
  first: { thrown: unknown } | undefined;
  private wake: () => void = () => undefined;
  private readonly came = new Promise<void>((resolve) => (this.wake = resolve));

  take(thrown: unknown): void {
    this.first ??= { thrown };
    this.wake();
  }

  /** False, this many ms after the first of them; never, if there is none. */
  async after(ms: number): Promise<false> {
    await this.came;
    return await new Promise((resolve) => setTimeout(() => resolve(false), ms));
  }
}

/** What work comes to; or the reason of the signal, if the work does not end within some ms after it. */
async function unlessStuck(work: Promise<void>, signal: AbortSignal, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let giveUp: () => void = () => undefined;
  const stuck = new Promise<never>((_, reject) => {
    giveUp = () => (timer = setTimeout(() => reject(signal.reason as Error), ms));
    signal.addEventListener('abort', giveUp, { once: true });
    if (signal.aborted) giveUp();
  });
  try {
    await Promise.race([work, stuck]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
  }
}

function quietly(say: () => void): void {
  try {
    say();
  } catch {
    // nothing that is only said may keep the verdict from being written
  }
}
