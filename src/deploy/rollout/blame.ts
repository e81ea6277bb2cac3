import type { ErrorCode } from '../../error-codes.js';
import type { Hop } from '../../errors.js';
import type { Trouble } from './trouble.js';

/** Another hop than a container's own, accused by what the container logs. */
export interface Blame {
  code: ErrorCode;
  hop: Hop;
  fix: string;
  line: string;
}

const DATABASE =
  /could not connect to PGVector|connection to server at .* port 5432 failed|could not translate host name .* to address/i;
/** A value of the stack's configuration that it has made a number of, and the name of the value in the line before. */
const NUMBER = /should be a valid string \[type=string_type.*input_type=(int|float)/;
const KEY_NAME = /^\s*\S*api_(token|key)\b/;
const REFUSED_KEY = /\b40[13]\b/;
const NO_WAY = /refused|not known|failure in name resolution|timed out|no route|could not resolve/i;

/** Troubles in which the log may accuse another: what has ended, or waits. */
const TELLING_CODES: ErrorCode[] = ['E_CRASH_LOOP', 'E_JOB_FAILED', 'E_INIT_STUCK'];

/** The hop that the last log lines of a container that has ended accuse, if they accuse another. */
export function blamedByLog({ code }: Pick<Trouble, 'code'>, lines: string[]): Blame | undefined {
  if (!TELLING_CODES.includes(code)) return undefined;
  const number = lines.findLastIndex((line, at) => NUMBER.test(line) && KEY_NAME.test(lines[at - 1] ?? ''));
  if (number > 0)
    return {
      code: 'E_KEY_FORM',
      hop: 'inputs',
      fix: 'The stack turns a key of digits alone into a number: use a key with letters in it.',
      line: `${lines[number - 1]?.trim() ?? ''}: ${lines[number]?.trim() ?? ''}`,
    };
  const line = lines.findLast((candidate) => DATABASE.test(candidate));
  return line === undefined
    ? undefined
    : {
        code: 'E_VECTOR_STORE',
        hop: 'vector store',
        fix: 'The stack can not reach its vector database: check that its pods run (replicas), and its host, port, user and password.',
        line: line.trim(),
      };
}

/** Charts wait for the model service with the key that they hand to the stack; the key itself was tried before. */
const REFUSED_MS = 8000;
/** Names are resolved only once the cluster's DNS runs. */
const UNREACHED_MS = 90_000;

/**
 * What a container that waits for the model service waits for in vain, by the newest line of its log.
 *
 * @param service base URL of the model service; a line that does not name its host is about something else
 * @param ms since it waits
 */
export function vainWait(lines: string[], service: string | undefined, ms: number): Blame | undefined {
  const line = lines.findLast((candidate) => candidate.trim())?.trim() ?? '';
  if (service === undefined || !line.includes(new URL(service).host)) return undefined;
  if (REFUSED_KEY.test(line.replace(service, '')) && ms >= REFUSED_MS)
    return {
      code: 'E_STACK_KEY',
      hop: 'stack',
      fix: 'The chart does not hand the key to the stack: llama-stack.secrets must reach its environment, or the values overwrite it.',
      line,
    };
  if (NO_WAY.test(line) && ms >= UNREACHED_MS)
    return {
      code: 'E_STACK_TO_SERVICE',
      hop: 'stack',
      fix: 'Check that pods reach maas-endpoint (DNS, egress, firewalls): this runner does.',
      line,
    };
  return undefined;
}

/** Words of a line that tells why a program ended; tables and hints often come after it. */
const TELLING =
  /error|exception|fatal|panic|denied|refused|failed|failure|invalid|not found|no such|unknown|cannot|could not/i;

/** The line of a log that tells most: the last one that speaks of an error, else the last one. */
export function tellingLine(lines: string[]): string | undefined {
  return (lines.findLast((line) => TELLING.test(line)) ?? lines.findLast((line) => line.trim()))?.trim();
}
