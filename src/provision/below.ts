import type { ErrorCode } from '../error-codes.js';
import { RunError } from '../errors.js';
import type { Job } from '../job.js';
import { pause } from '../pause.js';
import { nodeLoss, portLoss } from './cluster.js';

/** Failures that may be those of the node or its port. docker tells of a node that was killed a moment later. */
const UNREACHABLE: ErrorCode[] = ['E_CLUSTER', 'E_STACK_UNREACHABLE', 'E_UI'];
const LOOKS = 6;
const LOOK_MS = 500;

/**
 * Does work on a cluster.
 * @throws RunError of the node or its port, where that has ended: everything behind it fails then, and is not at fault
 */
export async function blamingWhatIsBelow(job: Job, cluster: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    job.signal.throwIfAborted();
    const below = await causeBelow(job, cluster, error);
    throw below ? new RunError(below.code, below.hop, below.message, below.fix, { cause: error }) : error;
  }
}

async function causeBelow(
  { ports, record, signal }: Job,
  cluster: string,
  error: unknown,
): Promise<RunError | undefined> {
  const code = error instanceof RunError ? error.code : 'E_UNEXPECTED';
  const looks = UNREACHABLE.includes(code) ? LOOKS : 1;
  for (let look = 1; look <= looks; look += 1) {
    const loss = await nodeLoss(cluster, ports.commands);
    if (loss) return loss;
    if (look < looks) await pause(LOOK_MS, signal);
  }
  return code === 'E_STACK_UNREACHABLE' ? await portLoss(cluster, record.apiUrl, ports) : undefined;
}
