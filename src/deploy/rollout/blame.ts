import type { ErrorCode } from '../../error-codes.js';
import type { Hop } from '../../errors.js';

/** Another hop than a container's own, accused by what the container logs. */
export interface Blame {
  code: ErrorCode;
  hop: Hop;
  fix: string;
  /** ms after which a container that waits and says so will wait for ever. */
  afterMs: number;
}

const BLAMES: (Blame & { pattern: RegExp })[] = [
  {
    pattern:
      /could not connect to PGVector|connection to server at .* port 5432 failed|could not translate host name .* to address/i,
    code: 'E_VECTOR_STORE',
    hop: 'vector store',
    fix: 'The stack can not reach its vector database: check that its pods run (replicas), and its host, port, user and password.',
    afterMs: 60_000,
  },
  {
    // charts wait for the model service with the key that they hand to the stack; the key itself was tried before
    pattern: /HTTP Error 40[13]|\b401 Unauthorized|\b403 Forbidden|returned error: 40[13]/i,
    code: 'E_STACK_KEY',
    hop: 'stack',
    fix: 'The chart does not hand the key to the stack: llama-stack.secrets must reach its environment, or the values overwrite it.',
    afterMs: 8000,
  },
  {
    // names are resolved only once the cluster's DNS runs
    pattern: /waiting for .*(refused|not known|failure in name resolution|timed out|no route)|could not resolve host/i,
    code: 'E_STACK_TO_SERVICE',
    hop: 'stack',
    fix: 'Check that pods reach maas-endpoint (DNS, egress, firewalls): this runner does.',
    afterMs: 90_000,
  },
];

/** Words of a line that tells why a program ended; tables and hints often come after it. */
const TELLING =
  /error|exception|fatal|panic|denied|refused|failed|failure|invalid|not found|no such|unknown|cannot|could not/i;

/** The line of a log that tells most: the last one that speaks of an error, else the last one. */
export function tellingLine(lines: string[]): string | undefined {
  return (lines.findLast((line) => TELLING.test(line)) ?? lines.findLast((line) => line.trim()))?.trim();
}

/** The hop that the last log lines of a container accuse, if they accuse another, and the line that does. */
export function blamedByLog(lines: string[]): (Blame & { line: string }) | undefined {
  for (const { pattern, ...blame } of BLAMES) {
    const line = lines.findLast((candidate) => pattern.test(candidate));
    if (line) return { ...blame, line: line.trim() };
  }
  return undefined;
}
