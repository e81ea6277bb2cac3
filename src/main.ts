import { randomBytes } from 'node:crypto';
import { createCommands } from './adapters/commands.js';
import { startDeadline } from './adapters/deadline.js';
import { watchForEnd } from './adapters/end.js';
import { createFiles, ownFiles } from './adapters/files.js';
import { childEnvironment, readHost, readInputs, readOrigin, withheldVariables } from './adapters/host.js';
import { createOpenAi } from './adapters/openai.js';
import { processes } from './adapters/processes.js';
import { createLog, createRunner, isDebug } from './adapters/runner.js';
import { serve } from './adapters/serve.js';
import { createToolCache } from './adapters/tool-cache.js';
import { endProcess, watchUncaught, type Uncaught } from './adapters/uncaught.js';
import { createWeb } from './adapters/web.js';
import { toFailure } from './errors.js';
import type { RawInputs } from './inputs.js';
import type { Job } from './job.js';
import { HEARTBEAT, reportPlaces, STAGE_DEADLINES } from './plan.js';
import { traced } from './maas/traced.js';
import type { Log, Ports } from './ports.js';
import { Progress } from './progress.js';
import { publishLeast } from './report/least.js';
import { announceFailure } from './report/publish.js';
import { recordOf } from './report/record.js';
import { run } from './run.js';
import { runAndReport } from './run-and-report.js';
import { maskSecrets } from './secrets/key.js';
import { createRedactor, type Redactor } from './secrets/redact.js';
import { apiKeySecret } from './secrets/secret.js';
import { Meter } from './spend/meter.js';
import { RUN_VARIABLE } from './state.js';

/** ms for all questions that a red run asks the cluster. */
const DIAGNOSTICS_MS = 60_000;

/** The main step: wires the real parts, runs, reports however the run ends, and ends the process. */
export async function main(): Promise<void> {
  const uncaught = watchUncaught();
  const known: Known = {};
  let code = 1;
  try {
    code = await runWith(uncaught, known);
  } catch (thrown) {
    await reportEarly(thrown, known);
  }
  await endProcess(code);
}

/** What is known of a run when it fails before it begins. */
interface Known {
  raw?: RawInputs;
  redactor?: Redactor;
}

/** @throws what goes wrong before the run begins @returns the exit code */
async function runWith(uncaught: Uncaught, known: Known): Promise<number> {
  const raw = (known.raw = readInputs());
  const secrets = [apiKeySecret(raw['api-key'])];
  const redactor = (known.redactor = createRedactor(secrets));
  const { redact } = redactor;
  const log = createLog(redact);
  const runner = createRunner(redactor, (line) => log.warning(line));
  maskSecrets(secrets, runner);
  const end = watchForEnd(() => progress.pending());
  const progress = new Progress(log, STAGE_DEADLINES, end.because, HEARTBEAT);
  const unique = randomBytes(4).toString('hex');
  const childEnv = { ...childEnvironment(process.env, secrets), [RUN_VARIABLE]: unique };
  const host = readHost(process.env, secrets);
  tellOfWithheld(withheldVariables(process.env, secrets), log);
  const files = createFiles({ roots: [host.workspace, host.temp], signal: end.signal });
  const ports = { ...portsUntil(end.signal, childEnv, redactor, log), files, log, runner };
  const record = {
    ...recordOf(raw),
    origin: readOrigin(process.env, raw),
    places: reportPlaces(host, unique, raw.baseline),
  };
  const meter = new Meter(record.spend, (line) => log.warning(line));
  const job: Job = { raw, host, ports, progress, record, meter, signal: end.signal, endAfter: end.after, unique };
  const commands = () => {
    const { signal, close } = startDeadline(DIAGNOSTICS_MS, end.cancelled);
    return { commands: createCommands(childEnv, signal, redactor), close };
  };
  return await runAndReport(job, run, { end, handOn: uncaught.handOn, commands, redact });
}

function tellOfWithheld(names: string[], log: Log): void {
  if (names.length > 0)
    log.info(
      `Commands do not get these variables of the job, which hold a secret or a part of one: ${names.join(', ')}`,
    );
}

/** Before there is a redactor nobody knows what a message shows: it is not repeated. */
async function reportEarly(thrown: unknown, { raw = {} as RawInputs, redactor }: Known): Promise<void> {
  const hidden = new Error('before the run begins; its text may hold the key and is not shown');
  const failure = toFailure(redactor ? thrown : hidden);
  const known = redactor ?? createRedactor([]);
  const log = createLog(known.redact);
  const runner = createRunner(known, (line) => log.warning(line));
  const record = { ...recordOf(raw), failure };
  announceFailure(record, { log });
  await publishLeast(record, { runner, files: ownFiles }, known.redact);
}

function portsUntil(
  signal: AbortSignal,
  childEnv: Record<string, string>,
  redactor: Redactor,
  log: Log,
): Omit<Ports, 'files' | 'log' | 'runner'> {
  const commands = createCommands(childEnv, signal, redactor);
  return {
    processes,
    commands,
    toolCache: createToolCache(signal),
    openAi: (target) => {
      const api = createOpenAi(target, signal, redactor.redact);
      return isDebug() ? traced(api, target.baseUrl, (line) => log.debug(line)) : api;
    },
    web: createWeb(signal),
    serve,
  };
}
