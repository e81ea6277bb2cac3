import { randomBytes } from 'node:crypto';
import { createCommands } from './adapters/commands.js';
import { watchForEnd } from './adapters/end.js';
import { files } from './adapters/files.js';
import { childEnvironment, readHost, readInputs } from './adapters/host.js';
import { createOpenAi } from './adapters/openai.js';
import { createLog, createRunner } from './adapters/runner.js';
import { toolCache } from './adapters/tool-cache.js';
import { createWeb } from './adapters/web.js';
import { collectDiagnostics } from './deploy/diagnostics.js';
import { createKubectl } from './deploy/kubectl.js';
import { toFailure } from './errors.js';
import type { Job } from './job.js';
import type { Ports } from './ports.js';
import { Progress } from './progress.js';
import { announce, publish, showDiagnostics } from './report/publish.js';
import { newRecord } from './report/record.js';
import { run } from './run.js';
import { maskKey } from './secrets/key.js';
import { createRedactor } from './secrets/redact.js';

/** The main step: wires the real parts, runs, and reports however the run ends. */
export async function main(): Promise<void> {
  const raw = readInputs();
  const redact = createRedactor(raw['api-key']);
  const runner = createRunner(redact);
  maskKey(raw['api-key'], runner);

  const host = readHost(process.env);
  const childEnv = childEnvironment(process.env, raw['api-key']);
  const log = createLog(redact);
  const progress = new Progress(log);
  const end = watchForEnd(() => progress.pending());
  const ports: Ports = {
    log,
    runner,
    files,
    toolCache,
    commands: createCommands(childEnv, end.signal),
    openAi: (target) => createOpenAi(target, end.signal),
    web: createWeb(end.signal),
  };
  const record = newRecord();
  const job: Job = { raw, host, ports, progress, record, signal: end.signal, endAfter: end.after, unique: randomBytes(4).toString('hex') };
  try {
    await run(job);
  } catch (error) {
    record.failure = toFailure(error);
    process.exitCode = 1;
  }
  progress.close();
  end.stop();
  announce(record, progress, ports);
  if (record.failure && record.kubeconfig && record.tools.kubectl) {
    const commands = createCommands(childEnv, AbortSignal.timeout(60_000));
    record.diagnostics = await collectDiagnostics(createKubectl(record.tools.kubectl.path, record.kubeconfig, raw.namespace, commands));
    showDiagnostics(record, ports);
  }
  await publish(record, progress, ports, redact);
}
