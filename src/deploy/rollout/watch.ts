import { messageOf, RunError, type Hop } from '../../errors.js';
import { oneLine } from '../../maas/failure.js';
import { pause } from '../../pause.js';
import type { Kubectl } from '../kubectl.js';
import { blamedByLog, tellingLine } from './blame.js';
import { observe, WATCHED_KINDS } from './rollout.js';
import type { Trouble } from './trouble.js';

/** ms between two looks at the namespace. */
const POLL_MS = 1000;
/** Looks in a row that may fail: a busy API server is no verdict. */
const MOST_FAILURES = 5;

export interface Rollout {
  kubectl: Kubectl;
  /** Which hop a pod with these labels is. */
  hopOf: (labels: unknown) => Hop;
  /** Resolves when Helm has made all objects: before, no workload is not "all available". */
  installed: Promise<void>;
  waiting: (forWhat: string) => void;
  signal: AbortSignal;
}

/**
 * Looks at the namespace until every workload is available.
 * @throws RunError as soon as something is seen that will not heal, with its last log lines
 */
export async function watchRollout({ kubectl, hopOf, installed, waiting, signal }: Rollout): Promise<void> {
  const made = { complete: false };
  void installed.then(
    () => (made.complete = true),
    () => undefined,
  );
  const memory = createMemory();
  let failures = 0;
  for (;;) {
    const complete = made.complete; // before the look: what it does not show yet was made later
    const objects = await kubectl.get(WATCHED_KINDS).catch((error: unknown) => {
      failures += 1;
      if (failures > MOST_FAILURES) throw error;
      signal.throwIfAborted();
      waiting(`an answer of the cluster (${messageOf(error)})`);
    });
    if (objects) {
      failures = 0;
      const { ready, waitingFor, troubles } = observe(objects);
      const lasting = memory(troubles);
      const final =
        lasting.find(({ trouble, ms }) => ms >= trouble.graceMs)?.trouble ?? (await inVain(lasting, kubectl));
      if (final) throw await troubleError(final, hopOf(final.labels), kubectl);
      if (ready && complete) return;
      waiting(waitingFor || 'helm to make the objects');
    }
    await pause(POLL_MS, signal);
  }
}

interface Lasting {
  trouble: Trouble;
  /** Since it was seen first, without a break. */
  ms: number;
}

/** What only waits, and says in its log that it will wait for ever. */
async function inVain(lasting: Lasting[], kubectl: Kubectl): Promise<Trouble | undefined> {
  for (const { trouble, ms } of lasting.filter(({ trouble }) => trouble.waits)) {
    const blamed = blamedByLog(await lastLines(trouble, kubectl));
    if (blamed && ms >= blamed.afterMs) return trouble;
  }
  return undefined;
}

/** Remembers since when each trouble is seen without a break; gives those that were seen more than once. */
function createMemory(): (troubles: Trouble[]) => Lasting[] {
  let seen = new Map<string, { since: number; times: number }>();
  return (troubles) => {
    const now = Date.now();
    const keyed = troubles.map((trouble) => {
      const key = `${trouble.pod}/${trouble.container}/${trouble.reason}`;
      const { since, times } = seen.get(key) ?? { since: now, times: 0 };
      return { key, trouble, since, times: times + 1 };
    });
    seen = new Map(keyed.map(({ key, since, times }) => [key, { since, times }]));
    return keyed.filter(({ times }) => times > 1).map(({ trouble, since }) => ({ trouble, ms: now - since }));
  };
}

async function troubleError(trouble: Trouble, hop: Hop, kubectl: Kubectl): Promise<RunError> {
  const evidence = await lastLines(trouble, kubectl);
  const blamed = blamedByLog(evidence);
  const where = trouble.container ? `pod ${trouble.pod}, container ${trouble.container}` : trouble.pod;
  const said = blamed?.line ?? tellingLine(evidence);
  const accusation = said === undefined ? '' : `; its log says: ${oneLine(said)}`;
  return new RunError(
    blamed?.code ?? trouble.code,
    blamed?.hop ?? hop,
    `${where}: ${trouble.reason}: ${trouble.message}${accusation}`,
    blamed?.fix ?? trouble.fix,
    { evidence },
  );
}

/** Of the run that ended last; of the one before where that one's are gone: the kubelet then says so inside a success. */
async function lastLines({ pod, container }: Trouble, kubectl: Kubectl): Promise<string[]> {
  // by the name of a workload kubectl waits 20 s for a pod, where there is none
  const of = [pod, '--pod-running-timeout=1s', ...(container ? ['-c', container] : [])];
  for (const which of [[], ['--previous']]) {
    const output = await kubectl.text('logs', ...of, '--tail=20', ...which).catch(() => '');
    if (output.trim() && !output.startsWith('unable to retrieve container logs')) return output.trimEnd().split('\n');
  }
  return [];
}
