import { randomBytes } from 'node:crypto';
import { createCommands } from './adapters/commands.js';
import { startDeadline } from './adapters/deadline.js';
import { watchForEnd } from './adapters/end.js';
import { files } from './adapters/files.js';
import { childEnvironment, readHost, readInputs, readOrigin, withheldVariables } from './adapters/host.js';
import { createOpenAi } from './adapters/openai.js';
import { processes } from './adapters/processes.js';
import { createLog, createRunner, isDebug } from './adapters/runner.js';
import { serve } from './adapters/serve.js';
import { createToolCache } from './adapters/tool-cache.js';
import { onUncaught } from './adapters/uncaught.js';
import { createWeb } from './adapters/web.js';
import { diagnose } from './diagnose.js';
import { toFailure } from './errors.js';
import type { Job } from './job.js';
import { HEARTBEAT, reportPlaces, STAGE_DEADLINES } from './plan.js';
import { traced } from './maas/traced.js';
import type { Commands, Log, Ports } from './ports.js';
import { Progress } from './progress.js';
import { announce, publish, showDiagnostics } from './report/publish.js';
import { newRecord } from './report/record.js';
import { run } from './run.js';
import { maskSecrets } from './secrets/key.js';
import { createRedactor, type Redact, type Redactor } from './secrets/redact.js';
import { apiKeySecret } from './secrets/secret.js';
import { Meter } from './spend/meter.js';
import { RUN_VARIABLE } from './state.js';

/** ms for all questions that a red run asks the cluster. */
const DIAGNOSTICS_MS = 60_000;

/** The main step: wires the real parts, runs, and reports however the run ends. */
export async function main(): Promise<void> {
  const raw = readInputs();
  const secrets = [apiKeySecret(raw['api-key'])];
  const redactor = createRedactor(secrets);
  const { redact } = redactor;
  const log = createLog(redact);
  const runner = createRunner(redactor, (line) => log.warning(line));
  maskSecrets(secrets, runner);

  onUncaught((message, stack) => {
    log.error('MaaS E2E failed', message);
    log.info(stack);
    return 1;
  });
  const end = watchForEnd(() => progress.pending());
  const progress = new Progress(log, STAGE_DEADLINES, end.because, HEARTBEAT);
  const unique = randomBytes(4).toString('hex');
  const childEnv = { ...childEnvironment(process.env, secrets), [RUN_VARIABLE]: unique };
  const ports = { ...portsUntil(end.signal, childEnv, redactor, log), log, runner };
  const host = readHost(process.env, secrets);
  tellOfWithheld(withheldVariables(process.env, secrets), log);
  const record = {
    ...newRecord(),
    origin: readOrigin(process.env, raw),
    places: reportPlaces(host, unique, raw.baseline),
  };
  const meter = new Meter(record.spend, (line) => log.warning(line));
  const job: Job = { raw, host, ports, progress, record, meter, signal: end.signal, endAfter: end.after, unique };
  try {
    await run(job);
  } catch (error) {
    // what a cancellation or the deadline breaks on its way out is not the cause
    record.failure = toFailure(end.signal.aborted ? end.signal.reason : error);
    process.exitCode = 1;
  }
  progress.close();
  end.stop();
  await report(job, end.cancelled, (signal) => createCommands(childEnv, signal, redactor), redact);
  end.close();
}

function tellOfWithheld(names: string[], log: Log): void {
  if (names.length > 0)
    log.info(
      `Commands do not get these variables of the job, which hold a secret or a part of one: ${names.join(', ')}`,
    );
}

/** Tells what came of the run, however it ended: verdict, diagnostics, outputs, report, summary. */
async function report(
  job: Job,
  cancelled: AbortSignal,
  commandsUntil: (signal: AbortSignal) => Commands,
  redact: Redact,
): Promise<void> {
  const { record, progress, ports } = job;
  announce(record, progress, ports);
  if (record.failure && !cancelled.aborted) {
    // the run's own commands have ended with it; these have a deadline of their own
    const deadline = startDeadline(DIAGNOSTICS_MS, cancelled);
    record.diagnostics = await diagnose(job, commandsUntil(deadline.signal));
    deadline.close();
    showDiagnostics(record, ports);
  }
  await publish(record, progress, ports, redact);
}

function portsUntil(
  signal: AbortSignal,
  childEnv: Record<string, string>,
  redactor: Redactor,
  log: Log,
): Omit<Ports, 'log' | 'runner'> {
  const commands = createCommands(childEnv, signal, redactor);
  return {
    files,
    processes,
    commands,
    toolCache: createToolCache(signal, commands),
    openAi: (target) => {
      const api = createOpenAi(target, signal, redactor.redact);
      return isDebug() ? traced(api, target.baseUrl, (line) => log.debug(line)) : api;
    },
    web: createWeb(signal),
    serve,
  };
}
