import { randomBytes } from 'node:crypto';
import { createCommands } from './adapters/commands.js';
import { startDeadline } from './adapters/deadline.js';
import { watchForEnd } from './adapters/end.js';
import { files } from './adapters/files.js';
import { childEnvironment, readHost, readInputs } from './adapters/host.js';
import { createOpenAi } from './adapters/openai.js';
import { processes } from './adapters/processes.js';
import { createLog, createRunner } from './adapters/runner.js';
import { createToolCache } from './adapters/tool-cache.js';
import { createWeb } from './adapters/web.js';
import { diagnose } from './diagnose.js';
import { toFailure } from './errors.js';
import type { Job } from './job.js';
import { STAGE_DEADLINES } from './plan.js';
import type { Ports } from './ports.js';
import { Progress } from './progress.js';
import { announce, publish, showDiagnostics } from './report/publish.js';
import { newRecord } from './report/record.js';
import { run } from './run.js';
import { maskKey } from './secrets/key.js';
import { createRedactor, type Redact } from './secrets/redact.js';
import { RUN_VARIABLE } from './state.js';

/** ms for all questions that a red run asks the cluster. */
const DIAGNOSTICS_MS = 60_000;

/** The main step: wires the real parts, runs, and reports however the run ends. */
export async function main(): Promise<void> {
  const raw = readInputs();
  const redact = createRedactor(raw['api-key']);
  const runner = createRunner(redact);
  maskKey(raw['api-key'], runner);

  const log = createLog(redact);
  const end = watchForEnd(() => progress.pending());
  const progress = new Progress(log, STAGE_DEADLINES, end.because);
  const unique = randomBytes(4).toString('hex');
  const childEnv = { ...childEnvironment(process.env, raw['api-key']), [RUN_VARIABLE]: unique };
  const ports = { ...portsUntil(end.signal, childEnv, redact), log, runner };
  const record = newRecord();
  const job: Job = {
    raw,
    host: readHost(process.env),
    ports,
    progress,
    record,
    signal: end.signal,
    endAfter: end.after,
    unique,
  };
  try {
    await run(job);
  } catch (error) {
    // what a cancellation or the deadline breaks on its way out is not the cause
    record.failure = toFailure(end.signal.aborted ? end.signal.reason : error);
    process.exitCode = 1;
  }
  progress.close();
  end.stop();

  announce(record, progress, ports);
  if (record.failure && !end.cancelled.aborted) {
    // the run's own commands have ended with it; these have a deadline of their own
    const deadline = startDeadline(DIAGNOSTICS_MS, end.cancelled);
    record.diagnostics = await diagnose(job, createCommands(childEnv, deadline.signal, redact));
    deadline.close();
    showDiagnostics(record, ports);
  }
  await publish(record, progress, ports, redact);
  end.close();
}

function portsUntil(
  signal: AbortSignal,
  childEnv: Record<string, string>,
  redact: Redact,
): Omit<Ports, 'log' | 'runner'> {
  return {
    files,
    processes,
    toolCache: createToolCache(signal),
    commands: createCommands(childEnv, signal, redact),
    openAi: (target) => createOpenAi(target, signal, redact),
    web: createWeb(signal),
  };
}
