import { pause } from '../pause.js';

/** The window in which services count requests, in ms, with a second for what is on its way. */
const WINDOW_MS = 61_000;
/** ms between two looks while everything that was sent is still under way. */
const LOOK_MS = 100;

/** A request that counts: from before it is sent until a window after its answer. */
interface Slot {
  /** undefined while it is under way. */
  answeredAt: number | undefined;
}

/**
 * The rate at which a run asks the model service, directly and through the stack: a sliding window over everything that
 * it sends. The answer's time counts, because the stack may hand a request on at any moment before it.
 */
export class Pace {
  private counted: Slot[] = [];
  private turn: Promise<void> = Promise.resolve();
  /** Nothing is sent before this moment: the service asked for it. */
  private heldUntil = 0;

  /**
   * @param perMinute requests in any 60 s; undefined: no limit
   * @param signal ends the waiting
   * @param waited is told of each wait, in ms
   */
  constructor(
    readonly perMinute: number | undefined,
    private readonly signal: AbortSignal,
    private readonly waited: (ms: number) => void = () => undefined,
  ) {}

  /**
   * Does work that causes up to this many requests at the service, as soon as they fit into the window, in the order of
   * calls. What causes more than a whole window holds waits for an empty one.
   * @throws the signal's reason where that is aborted
   */
  async spend<T>(requests: number, work: () => Promise<T>): Promise<T> {
    if (requests === 0) return await work();
    const limit = this.perMinute ?? Infinity;
    const slots = Array.from({ length: Math.min(requests, limit) }, (): Slot => ({ answeredAt: undefined }));
    const admitted = this.turn.then(() => this.admit(slots, limit));
    this.turn = admitted.catch(() => undefined);
    await admitted;
    try {
      return await work();
    } finally {
      for (const slot of slots) slot.answeredAt = Date.now();
    }
  }

  /** Sends nothing for this many ms: a service that limits the rate is asked by none, where it has refused one. */
  holdOff(ms: number): void {
    this.heldUntil = Math.max(this.heldUntil, Date.now() + ms);
  }

  /** Whether the service asked to wait, and that is not over. */
  isHeld(): boolean {
    return this.heldUntil > Date.now();
  }

  /** Requests of the last minute, as far as they were reserved: a call may have caused fewer. */
  sentInWindow(): number {
    this.forget();
    return this.counted.length;
  }

  private async admit(slots: Slot[], limit: number): Promise<void> {
    for (;;) {
      this.signal.throwIfAborted();
      this.forget();
      const held = this.heldUntil - Date.now();
      if (held <= 0 && this.counted.length + slots.length <= limit) break;
      const ms = held > 0 ? held : this.untilNext();
      this.waited(ms);
      await pause(ms, this.signal);
    }
    this.counted.push(...slots);
  }

  private forget(): void {
    const since = Date.now() - WINDOW_MS;
    this.counted = this.counted.filter(({ answeredAt }) => answeredAt === undefined || answeredAt > since);
  }

  /** ms until the next counted request leaves the window. */
  private untilNext(): number {
    const answered = this.counted.flatMap(({ answeredAt }) => answeredAt ?? []);
    return answered.length ? Math.max(1, Math.min(...answered) + WINDOW_MS - Date.now()) : LOOK_MS;
  }
}
