import { messageOf, RunError, type Hop } from './errors.js';
import type { Log, Tone } from './ports.js';

/** When a stage of the run began and ended, in ms since the run began. */
export interface StageTime {
  name: string;
  startMs: number;
  endMs: number;
  ok: boolean;
}

/** When a stage is given up, and which hop is at fault then. */
export interface StageDeadline {
  /** ms since it began. */
  ms: number;
  hop: Hop;
}

/** What the reader of the log is told while nothing happens. */
export interface Heartbeat {
  /** The log is silent for this many ms at the most while something is under way. */
  everyMs: number;
  /** What a stage that says nothing of it waits for, by its name. */
  waitsFor: Record<string, string>;
}

/** Looks in the time that the log may be silent: the next one might be too late. */
const LOOKS = 10;

const HEARTBEAT: Heartbeat = { everyMs: 30_000, waitsFor: {} };

/**
 * What the reader of the live log sees: phases as groups, the stages in them with their times (they may overlap), and
 * what is being waited for.
 */
export class Progress {
  readonly stages: StageTime[] = [];
  private readonly began = performance.now();
  private readonly waits = new Map<string, string>();
  private readonly running = new Set<string>();
  private closed = false;
  private spokeAt = 0;
  private readonly beat: NodeJS.Timeout;

  /**
   * @param deadlines of stages, by name
   * @param overdue is told when a stage passes its deadline
   * @param heartbeat how long the log may be silent
   */
  constructor(
    private readonly log: Log,
    private readonly deadlines: Record<string, StageDeadline> = {},
    private readonly overdue: (error: RunError) => void = () => undefined,
    private readonly heartbeat: Heartbeat = HEARTBEAT,
  ) {
    this.beat = setInterval(() => this.breakSilence(), heartbeat.everyMs / LOOKS).unref();
  }

  /** ms since the run began. */
  elapsed(): number {
    return Math.round(performance.now() - this.began);
  }

  async phase<T>(title: string, work: () => Promise<T>): Promise<T> {
    this.log.openGroup(title);
    try {
      return await work();
    } finally {
      this.log.closeGroup();
    }
  }

  async stage<T>(name: string, work: () => Promise<T>): Promise<T> {
    const startMs = this.elapsed();
    let ok = false;
    this.running.add(name);
    const timer = this.watch(name);
    this.say(name, 'started');
    try {
      const result = await work();
      ok = true;
      return result;
    } catch (error) {
      this.say(name, `failed: ${messageOf(error)}`, 'bad');
      throw error;
    } finally {
      clearTimeout(timer);
      const endMs = this.elapsed();
      this.running.delete(name);
      this.waits.delete(name);
      this.stages.push({ name, startMs, endMs, ok });
      if (ok) this.say(name, `done in ${seconds(endMs - startMs)}`);
    }
  }

  private watch(name: string): NodeJS.Timeout | undefined {
    const deadline = this.deadlines[name];
    if (!deadline) return undefined;
    const { ms, hop } = deadline;
    const error = () =>
      new RunError(
        'E_TIMEOUT',
        hop,
        `stage ${name} passed its deadline of ${ms / 1000} s: ${this.pending()}`,
        'Look at what it waited for in the log and in the diagnostics; a busy or small runner may need another one.',
      );
    return setTimeout(() => this.overdue(error()), ms).unref();
  }

  /** Nothing is said from here on: what still ends was given up. */
  close(): void {
    this.closed = true;
    clearInterval(this.beat);
  }

  say(stage: string, line: string, tone?: Tone): void {
    if (this.closed) return;
    this.spokeAt = this.elapsed();
    this.log.info(`${seconds(this.spokeAt).padStart(7)}  ${stage}: ${line}`, tone);
  }

  private breakSilence(): void {
    if (this.running.size && this.elapsed() - this.spokeAt >= (1 - 1 / LOOKS) * this.heartbeat.everyMs)
      this.say('under way', this.pending());
  }

  /** Notes what a stage is doing; said where that takes long. */
  doing(stage: string, what: string): void {
    this.waits.set(stage, what);
  }

  /** Tells what a stage waits for; said when it changes, and named when the deadline comes. */
  waiting(stage: string, forWhat: string): void {
    if (this.waits.get(stage) === forWhat) return;
    this.waits.set(stage, forWhat);
    this.say(stage, `waiting for ${forWhat}`);
  }

  /** What is under way and what it waits for, for the message of a deadline. */
  pending(): string {
    const what = (stage: string) => this.waits.get(stage) ?? this.heartbeat.waitsFor[stage] ?? 'its work to end';
    const tell = (stage: string) => `${stage} waits for ${what(stage)}`;
    return [...this.running].map(tell).join('; ');
  }
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
