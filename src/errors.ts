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
  | 'run';

/** What a red run tells its reader. */
export interface Failure {
  hop: Hop;
  /** What happened, in one sentence. */
  cause: string;
  /** What the user can do about it. */
  fix: string;
  /** Lines that show it: the last log lines of a container, a service's answer. */
  evidence: string[];
}

/** The one error class of a run: thrown where the cause is known, shown to the user as it is. */
export class RunError extends Error {
  readonly hop: Hop;
  readonly fix: string;
  readonly evidence: string[];

  constructor(hop: Hop, message: string, fix: string, options: { evidence?: string[]; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'RunError';
    this.hop = hop;
    this.fix = fix;
    this.evidence = options.evidence ?? [];
  }
}

/** Any thrown value as a failure; what nobody classified is blamed on the run itself. */
export function toFailure(thrown: unknown): Failure {
  if (thrown instanceof RunError) {
    return { hop: thrown.hop, cause: thrown.message, fix: thrown.fix, evidence: thrown.evidence };
  }
  return {
    hop: 'run',
    cause: `unexpected error: ${messageOf(thrown)}`,
    fix: 'Run again with debug logging on (ACTIONS_STEP_DEBUG) and open an issue with the log.',
    evidence: [],
  };
}

export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
