import { createCommands } from './adapters/commands.js';
import { createFiles } from './adapters/files.js';
import { childEnvironment, readHost, readInputs } from './adapters/host.js';
import { processes } from './adapters/processes.js';
import { realPath } from './adapters/real-path.js';
import { createLog, savedState } from './adapters/runner.js';
import { endProcess, watchUncaught } from './adapters/uncaught.js';
import { cleanUp } from './cleanup.js';
import { messageOf } from './errors.js';
import type { Log } from './ports.js';
import { createRedactor, type Redactor } from './secrets/redact.js';
import { apiKeySecret, type Secret } from './secrets/secret.js';
import { readState, STATE_NAME } from './state.js';

/** ms for the whole of post. */
const POST_MS = 180_000;

/** The post step: wires the real parts and cleans up. Its failure never fails a green job. */
export async function post(): Promise<void> {
  const uncaught = watchUncaught();
  try {
    const secrets = [apiKeySecret(readInputs()['api-key'])];
    const redactor = createRedactor(secrets);
    const log = createLog(redactor.redact);
    const warn = (thrown: unknown) => log.warning(`Cleanup is not complete: ${messageOf(thrown)}`);
    const broken = new Promise<never>((_, reject) => uncaught.handOn(reject, (line) => log.debug(line)));
    await Promise.race([cleanUpWith(secrets, redactor, log), broken]).catch(warn);
  } catch {
    // nobody knows yet what the message shows: it is not repeated
    createLog((text) => text).warning('Cleanup is not complete: unexpected error before it began');
  }
  await endProcess(0);
}

async function cleanUpWith(secrets: Secret[], redactor: Redactor, log: Log): Promise<void> {
  const signal = AbortSignal.timeout(POST_MS);
  const commands = createCommands(childEnvironment(process.env, secrets), signal, redactor);
  const { temp } = readHost(process.env, secrets);
  const toolFolders = [process.env['RUNNER_TOOL_CACHE']].flatMap((folder) => (folder ? [folder] : []));
  const files = createFiles({ roots: [temp], signal });
  const means = { log, commands, files, processes, realPath, toolFolders };
  await cleanUp(readState(savedState(STATE_NAME), temp), means, signal);
}
