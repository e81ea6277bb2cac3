import type { RunError } from './errors.js';
import type { RawInputs } from './inputs.js';
import type { Host } from './plan.js';
import type { Ports } from './ports.js';
import type { Progress } from './progress.js';
import type { RunRecord } from './report/record.js';
import type { Meter } from './spend/meter.js';

/** What every stage of one run shares. */
export interface Job {
  raw: RawInputs;
  host: Host;
  ports: Ports;
  progress: Progress;
  record: RunRecord;
  /** Counts what is asked of models into the record. */
  meter: Meter;
  /** Aborted by a cancellation or the deadline; the reason is a RunError. */
  signal: AbortSignal;
  /** Ends the run this many ms from now. */
  endAfter: (ms: number) => void;
  /** Makes the names of two runs on one machine differ. */
  unique: string;
}

/** What can end a run before its time. */
export interface RunEnd {
  signal: AbortSignal;
  /** Aborted by a cancellation alone, also after the run: seconds are left then. */
  cancelled: AbortSignal;
  /** Ends the run this many ms from now. */
  after: (ms: number) => void;
  /** Ends the run now. */
  because: (error: RunError) => void;
  /** Ends what still runs of the run. */
  stop: () => void;
  /** Takes the signal handlers off: everything is told. */
  close: () => void;
}

/** Tells the reader what should be known of the key, now and in the summary. */
export function noteSecurity({ ports, record }: Job, notes: string[]): void {
  const news = notes.filter((note) => !record.securityNotes.includes(note));
  record.securityNotes.push(...news);
  news.forEach((note) => ports.log.warning(note));
}
