import type { ErrorCode } from '../../error-codes.js';

/** Something that will not heal by waiting. */
export interface Trouble {
  code: ErrorCode;
  /** Name of the pod; of other kinds with the kind before it: job/migrate. */
  pod: string;
  container: string;
  /** The pod's labels, to tell which part of the application it is. */
  labels: unknown;
  reason: string;
  message: string;
  fix: string;
  /** ms for which it must be seen before it counts; it must also be seen twice. */
  graceMs: number;
  /**
   * It only waits: its grace begins when nothing else in the namespace gets on any more. Its log may tell sooner that it waits
   * in vain.
   */
  waits?: true;
}

/** A rule gives what is wrong, how to mend it, and how long it may last; or nothing. */
export type Finding = Omit<Trouble, 'pod' | 'container' | 'labels'>;
