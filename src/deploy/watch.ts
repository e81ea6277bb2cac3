import { setTimeout as pause } from 'node:timers/promises';
import { RunError, type Hop } from '../errors.js';
import type { Kubectl } from './kubectl.js';
import { blamedByLog, observe, WATCHED_KINDS, type Trouble } from './rollout.js';

/** ms between two looks at the namespace. */
const POLL_MS = 1000;

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
  let seen: { key: string; since: number; times: number } | undefined;
  for (;;) {
    const { ready, waitingFor, trouble } = observe(await kubectl.get(WATCHED_KINDS));
    if (trouble) {
      const key = `${trouble.pod}/${trouble.container}/${trouble.reason}`;
      seen = seen?.key === key ? { ...seen, times: seen.times + 1 } : { key, since: Date.now(), times: 1 };
      if (seen.times > 1 && Date.now() - seen.since >= trouble.graceMs)
        throw await troubleError(trouble, hopOf(trouble.labels), kubectl);
    } else {
      seen = undefined;
    }
    if (ready && made.complete) return;
    waiting(waitingFor || 'helm to make the objects');
    await pause(POLL_MS, undefined, { signal });
  }
}

async function troubleError(trouble: Trouble, hop: Hop, kubectl: Kubectl): Promise<RunError> {
  const evidence = await lastLines(trouble, kubectl);
  const blamed = blamedByLog(evidence);
  const where = trouble.container ? `pod ${trouble.pod}, container ${trouble.container}` : trouble.pod;
  const accusation = blamed ? `; its log says: ${blamed.line}` : '';
  return new RunError(
    blamed?.hop ?? hop,
    `${where}: ${trouble.reason}: ${trouble.message}${accusation}`,
    blamed?.fix ?? trouble.fix,
    { evidence },
  );
}

/** Of the run that ended last; of the one before where that one's are gone: the kubelet then says so inside a success. */
async function lastLines({ pod, container }: Trouble, kubectl: Kubectl): Promise<string[]> {
  const of = container ? [pod, '-c', container] : [pod];
  for (const which of [[], ['--previous']]) {
    const output = await kubectl.text('logs', ...of, '--tail=20', ...which).catch(() => '');
    if (output.trim() && !output.startsWith('unable to retrieve container logs')) return output.trimEnd().split('\n');
  }
  return [];
}
