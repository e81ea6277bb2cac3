import type { ErrorCode } from './error-codes.js';
import type { Place } from './ports.js';

/** A part of the way from the workflow file to an answer. A red run names the first one that is broken. */
export type Hop =
  | 'inputs'
  | 'tools'
  | 'docker'
  | 'cluster'
  | 'chart'
  | 'model service'
  | 'stack'
  | 'embedder'
  | 'file processing'
  | 'vector store'
  | 'UI'
  | 'application'
  | 'tests'
  | 'run';

/** What a red run tells its reader. */
export interface Failure {
  code: ErrorCode;
  hop: Hop;
  /** What happened, in one sentence. */
  cause: string;
  /** What the user can do about it. */
  fix: string;
  /** Lines that show it: the last log lines of a container, a service's answer. */
  evidence: string[];
  /** Where in the repository it is, where that is known. */
  place: Place | undefined;
  /** What lies under the cause, the nearest first: messages of the errors that led to it. */
  chain: string[];
}

/** The one error class of a run: thrown where the cause is known, shown to the user as it is. */
export class RunError extends Error {
  readonly code: ErrorCode;
  readonly hop: Hop;
  readonly fix: string;
  readonly evidence: string[];
  readonly place: Place | undefined;

  constructor(
    code: ErrorCode,
    hop: Hop,
    message: string,
    fix: string,
    options: { evidence?: string[]; place?: Place | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'RunError';
    this.code = code;
    this.hop = hop;
    this.fix = fix;
    this.evidence = options.evidence ?? [];
    this.place = options.place;
  }
}

/** Whether a write failed for want of space, at any depth of the cause. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')) || isDiskFull(error.cause);
}

/** Any thrown value as a failure; what nobody classified is blamed on the run itself. */
export function toFailure(thrown: unknown): Failure {
  if (thrown instanceof RunError) {
    const { code, hop, message: cause, fix, evidence, place } = thrown;
    return { code, hop, cause, fix, evidence, place, chain: chainOf(thrown.cause) };
  }
  if (isDiskFull(thrown))
    return {
      code: 'E_DISK_FULL',
      hop: 'run',
      cause: `no space left on the disk: ${messageOf(thrown)}`,
      fix: 'Free disk space on the runner, or use a larger one.',
      evidence: [],
      place: undefined,
      chain: [],
    };
  return {
    code: 'E_UNEXPECTED',
    hop: 'run',
    cause: `unexpected error: ${messageOf(thrown)}`,
    fix: 'Run again with debug logging on (ACTIONS_STEP_DEBUG) and open an issue with the log.',
    evidence: [],
    place: undefined,
    chain: thrown instanceof Error ? chainOf(thrown.cause) : [],
  };
}

/** Messages that are kept of a chain; a cycle ends there too. */
const LONGEST_CHAIN = 8;

function chainOf(cause: unknown): string[] {
  const chain: string[] = [];
  for (let at = cause; at !== undefined && chain.length < LONGEST_CHAIN;) {
    chain.push(messageOf(at));
    at = at instanceof Error ? at.cause : undefined;
  }
  return chain;
}

export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
