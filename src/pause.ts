import { setTimeout } from 'node:timers/promises';

/** Waits this many ms. @throws the signal's reason where that is aborted: the timer's own error says nothing of it */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await setTimeout(ms, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
