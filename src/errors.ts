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

/** Errors that are followed down a chain of causes; a cycle ends there too. */
const LONGEST_CHAIN = 8;

/** Characters of a message: more is a document that somebody has thrown. */
const LONGEST_MESSAGE = 16 * 1024;

/** Whether a write failed because there is no space left, at any depth of the cause. */
export function isDiskFull(error: unknown): boolean {
  return withCauses(error).some((one) => ['ENOSPC', 'EDQUOT'].includes(String(look(one, 'code'))));
}

/** Any thrown value as a failure; what nobody classified is blamed on the run itself. */
export function toFailure(thrown: unknown): Failure {
  if (isRunError(thrown)) {
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
    chain: chainOf(look(thrown, 'cause')),
  };
}

/** Any thrown value as an error of the run. */
export function toRunError(thrown: unknown): RunError {
  if (isRunError(thrown)) return thrown;
  const { code, hop, cause, fix } = toFailure(thrown);
  return new RunError(code, hop, cause, fix, { cause: look(thrown, 'cause') });
}

function isRunError(thrown: unknown): thrown is RunError {
  try {
    return thrown instanceof RunError;
  } catch {
    return false; // a proxy
  }
}

function chainOf(cause: unknown): string[] {
  return cause === undefined ? [] : withCauses(cause).map(messageOf);
}

/** An error and what caused it, the nearest first. */
function withCauses(error: unknown): unknown[] {
  const all: unknown[] = [];
  for (let at = error; all.length < LONGEST_CHAIN && !(all.length && at === undefined); at = look(at, 'cause'))
    all.push(at);
  return all;
}

/** The message of any thrown value. Never throws, whatever the value does when it is read. */
export function messageOf(thrown: unknown): string {
  const message = look(thrown, 'message');
  const text = typeof message === 'string' ? message : textOf(thrown);
  return text.length > LONGEST_MESSAGE ? `${text.slice(0, LONGEST_MESSAGE)}…` : text;
}

/** Where in the code an error was made, without its message; empty if it does not say. */
export function stackOf(thrown: unknown): string {
  const stack = look(thrown, 'stack');
  const lines = typeof stack === 'string' ? stack.slice(-LONGEST_MESSAGE).split('\n') : [];
  return lines.filter((line) => /^\s+at /.test(line)).join('\n');
}

function textOf(thrown: unknown): string {
  if (thrown === undefined) return 'undefined was thrown';
  try {
    if (thrown === null) return 'null';
    // eslint-disable-next-line @typescript-eslint/no-base-to-string -- what an object says is its own affair
    return typeof thrown === 'object' ? Object.prototype.toString.call(thrown) : String(thrown);
  } catch {
    return `a value was thrown that has no text (${typeof thrown})`;
  }
}

/** A member of anything; undefined if there is none, or reading it throws. */
function look(value: unknown, name: string): unknown {
  try {
    return (value as Record<string, unknown> | null | undefined)?.[name];
  } catch {
    return undefined;
  }
}
