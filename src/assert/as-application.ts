import type { ErrorCode } from '../error-codes.js';
import { RunError, type Hop } from '../errors.js';
import type { ServerKind } from './stack/server.js';

/** What a reader is told, as far as it names who is at fault. */
interface Told {
  hop: Hop;
  code: ErrorCode | undefined;
  cause: string;
  fix: string;
}

/** What helps where the server is no stack, and the stack's own fix would mislead. */
const FIXES: Partial<Record<ErrorCode, string>> = {
  E_STACK_FORM: "Check api-service, api-port and api-base-path: what answers there has no API in OpenAI's form.",
  E_STACK_KEY:
    'Where the application itself asks for a key, switch that off for the end-to-end values: this action sends it none. Else the chart does not hand the key to it: check wiring, secret-name and secret-keys.',
  E_STACK_ERROR: "Read the application's log below; where it has nothing at that path (404), check api-base-path.",
  E_STACK_MODEL: 'Check which models the application serves, and the input model.',
  E_STACK_CHANGES:
    'Check what the application makes of a request before its model sees it. A model whose answers vary looks the same.',
};

/**
 * The one place that tells of an application instead of a stack: the checks are the same, and speak of the stack. A part
 * of the way that is not the server's own keeps its name.
 */
export function asApplication<T extends Told>(told: T, kind: ServerKind): T {
  if (kind !== 'openai') return told;
  const fix = (told.code && FIXES[told.code]) ?? inItsWords(told.fix);
  return { ...told, hop: told.hop === 'stack' ? 'application' : told.hop, cause: inItsWords(told.cause), fix };
}

/** The same of what was thrown. */
export function thrownAsApplication(error: unknown, kind: ServerKind): unknown {
  if (!(error instanceof RunError) || kind !== 'openai') return error;
  const { code, evidence } = error;
  const { hop, cause, fix } = asApplication({ hop: error.hop, code, cause: error.message, fix: error.fix }, kind);
  return new RunError(code, hop, cause, fix, { evidence, cause: error.cause });
}

export function inItsWords(text: string): string {
  return text.replace(/\b([Tt]he) stack\b/g, '$1 application').replace(/\(stack\)/g, '(application)');
}
