import { RunError } from '../errors.js';
import type { RunEnd } from '../job.js';

/**
 * What ends a run from outside. A cancelled job gets SIGINT, 7.5 s later SIGTERM, 2.5 s later SIGKILL:
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-cancellation
 *
 * @param pending what is being waited for, for the deadline's message
 */
export function watchForEnd(pending: () => string): RunEnd {
  const controller = new AbortController();
  const cancelled = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const cancel = () => {
    const fix = 'Nothing to mend; the cluster is deleted in the post step.';
    const reason = new RunError('E_CANCELLED', 'run', 'the job was cancelled', fix);
    controller.abort(reason);
    cancelled.abort(reason);
  };
  process.on('SIGINT', cancel);
  process.on('SIGTERM', cancel);
  const overdue = (ms: number) => {
    const waits = pending();
    return new RunError(
      'E_TIMEOUT',
      'run',
      `the deadline of ${ms / 1000} s passed${waits ? `: ${waits}` : ''}`,
      'Look at what it waited for; raise the input timeout if that only needs longer.',
    );
  };
  return {
    signal: controller.signal,
    cancelled: cancelled.signal,
    because: (error) => controller.abort(error),
    after: (ms) => {
      timer = setTimeout(() => controller.abort(overdue(ms)), ms);
    },
    stop: () => {
      clearTimeout(timer);
      controller.abort(new RunError('E_CANCELLED', 'run', 'the run is over', ''));
    },
    close: () => {
      process.off('SIGINT', cancel);
      process.off('SIGTERM', cancel);
    },
  };
}
