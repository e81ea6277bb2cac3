/** A deadline of one call, which the run's end ends too. */
export interface Deadline {
  signal: AbortSignal;
  abort: (reason: Error) => void;
  /** Ends the watching; whoever made it calls this, however the call ends. */
  close: () => void;
}

/**
 * Not AbortSignal.any with AbortSignal.timeout: on Node 20 the timeout is garbage-collected, as nothing else holds it, and
 * then never comes (https://github.com/nodejs/node/issues/57736).
 *
 * @param ms until the signal is aborted with a TimeoutError
 * @param runSignal aborts it with its own reason
 */
export function startDeadline(ms: number, runSignal: AbortSignal): Deadline {
  const controller = new AbortController();
  const abort = (reason: Error) => controller.abort(reason);
  const end = () => abort(runSignal.reason as Error);
  const timer = setTimeout(() => abort(new DOMException(`no end within ${ms} ms`, 'TimeoutError')), ms);
  if (runSignal.aborted) end();
  runSignal.addEventListener('abort', end, { once: true });
  const close = () => {
    clearTimeout(timer);
    runSignal.removeEventListener('abort', end);
  };
  return { signal: controller.signal, abort, close };
}

/** Does work under a deadline. */
export async function within<T>(
  ms: number,
  runSignal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = startDeadline(ms, runSignal);
  try {
    return await work(deadline.signal);
  } finally {
    deadline.close();
  }
}
