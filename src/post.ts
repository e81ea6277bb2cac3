import { createCommands } from './adapters/commands.js';
import { files } from './adapters/files.js';
import { childEnvironment, readInputs } from './adapters/host.js';
import { processes } from './adapters/processes.js';
import { createLog, savedState } from './adapters/runner.js';
import { onUncaught } from './adapters/uncaught.js';
import { cleanUp } from './cleanup.js';
import { messageOf } from './errors.js';
import { createRedactor } from './secrets/redact.js';
import { apiKeySecret } from './secrets/secret.js';
import { readState, STATE_NAME } from './state.js';

/** ms for the whole of post. */
const POST_MS = 180_000;

/** The post step: wires the real parts and cleans up. Its failure never fails a green job. */
export async function post(): Promise<void> {
  const secrets = [apiKeySecret(readInputs()['api-key'])];
  const redactor = createRedactor(secrets);
  const log = createLog(redactor.redact);
  onUncaught((message, stack) => {
    log.warning(`Cleanup is not complete: ${message}`);
    log.info(stack);
    return 0;
  });
  const signal = AbortSignal.timeout(POST_MS);
  const commands = createCommands(childEnvironment(process.env, secrets), signal, redactor);
  try {
    await cleanUp(readState(savedState(STATE_NAME)), { log, commands, files, processes }, signal);
  } catch (error) {
    log.warning(`Cleanup is not complete: ${messageOf(error)}`);
  }
}
