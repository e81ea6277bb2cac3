import { messageOf, RunError, type Hop } from '../../errors.js';
import { oneLine } from '../../maas/failure.js';
import { pause } from '../../pause.js';
import type { Kubectl } from '../kubectl.js';
import { blamedByLog, tellingLine, vainWait, type Blame } from './blame.js';
import { troublesBeside } from './held.js';
import { observe, WATCHED_KINDS } from './rollout.js';
import type { Trouble } from './trouble.js';

/** ms between two looks at the namespace. */
const POLL_MS = 1000;
/** ms for which the API server may be away: one that is restarted on a slow disk takes its time. */
const AWAY_MS = 45_000;

export interface Rollout {
  kubectl: Kubectl;
  /** Which hop a pod with these labels is. */
  hopOf: (labels: unknown) => Hop;
  /** Base URL of the model service that the chart may wait for. */
  service: string | undefined;
  /** What became of the node, where it has ended. */
  lost: () => Promise<RunError | undefined>;
  /** Resolves when Helm has made all objects: before, no workload is not "all available". */
  installed: Promise<void>;
  /** Ends with the user's command after the install, which may make or load what a container lacks; undefined: there is none. */
  added: Promise<unknown> | undefined;
  waiting: (forWhat: string) => void;
  signal: AbortSignal;
}

/** ms for which an operator may take its time to make the first workload of a namespace that has none. */
const EMPTY_MS = 60_000;

/**
 * Looks at the namespace until every workload is available; gives how many there are.
 * @throws RunError as soon as something is seen that will not heal, with its last log lines
 */
export async function watchRollout(rollout: Rollout): Promise<number> {
  const { kubectl, installed, added, waiting, lost, signal } = rollout;
  const [made, ended] = [fulfilled(installed), settled(added)];
  const memory = createMemory();
  let answeredAt = Date.now();
  let emptySince = Infinity;
  for (;;) {
    const complete = made(); // before the look: what it does not show yet was made later
    const objects = await kubectl.get(WATCHED_KINDS).catch(async (error: unknown) => {
      signal.throwIfAborted();
      const loss = await lost();
      if (loss) throw loss;
      if (Date.now() - answeredAt > AWAY_MS) throw error;
      waiting(`an answer of the cluster (${messageOf(error)})`);
    });
    if (objects) {
      answeredAt = Date.now();
      const { ready, waitingFor, troubles, progressing, workloads } = observe(objects);
      const counting = added ? troublesBeside(ended() ? 'ended' : 'runs', troubles, objects) : troubles;
      const error = await judge(memory(counting, progressing), rollout);
      if (error) throw error;
      emptySince = complete && !workloads ? Math.min(emptySince, answeredAt) : Infinity;
      if (ready && complete && (workloads || answeredAt - emptySince >= EMPTY_MS)) return workloads;
      waiting(waitingFor || (complete ? 'somebody to make a workload' : 'helm to make the objects'));
    }
    await pause(POLL_MS, signal);
  }
}

/** Whether a promise is fulfilled, when asked. */
function fulfilled(promise: Promise<unknown>): () => boolean {
  let is = false;
  void promise.then(
    () => (is = true),
    () => undefined,
  );
  return () => is;
}

/** Whether a promise has come to its end, a good one or a bad one, when asked. */
function settled(promise: Promise<unknown> | undefined): () => boolean {
  return fulfilled(Promise.resolve(promise).catch(() => undefined));
}

/** Times its grace that a trouble may wait for something else that gets on: that may hang, too. */
const LONGEST_WAIT = 5;

interface Lasting {
  trouble: Trouble;
  /** Since it was seen first, without a break. */
  ms: number;
  /** The part of it that counts: of what only waits, since nothing else gets on. */
  countedMs: number;
}

async function judge(lasting: Lasting[], { kubectl, hopOf, service }: Rollout): Promise<RunError | undefined> {
  const isOver = ({ trouble: { graceMs }, ms, countedMs }: Lasting) =>
    countedMs >= graceMs || ms >= graceMs * LONGEST_WAIT;
  const final = lasting.find(isOver)?.trouble;
  if (final) {
    const evidence = await lastLines(final, kubectl);
    return troubleError(final, hopOf(final.labels), evidence, blamedByLog(final, evidence));
  }
  for (const { trouble, ms } of lasting.filter(({ trouble }) => trouble.waits)) {
    const evidence = await lastLines(trouble, kubectl);
    const blame = vainWait(evidence, service, ms);
    if (blame) return troubleError(trouble, hopOf(trouble.labels), evidence, blame);
  }
  return undefined;
}

/** Remembers since when each trouble is seen without a break; gives those that were seen more than once. */
function createMemory(): (troubles: Trouble[], progressing: boolean) => Lasting[] {
  let seen = new Map<string, { since: number; countedSince: number; times: number }>();
  return (troubles, progressing) => {
    const now = Date.now();
    const keyed = troubles.map((trouble) => {
      const key = `${trouble.pod}/${trouble.container}/${trouble.reason}`;
      const { since, countedSince, times } = seen.get(key) ?? { since: now, countedSince: now, times: 0 };
      const counted = trouble.waits && progressing ? now : countedSince;
      return { key, trouble, since, countedSince: counted, times: times + 1 };
    });
    seen = new Map(keyed.map(({ key, ...rest }) => [key, rest]));
    return keyed
      .filter(({ times }) => times > 1)
      .map(({ trouble, since, countedSince }) => ({ trouble, ms: now - since, countedMs: now - countedSince }));
  };
}

function troubleError(trouble: Trouble, hop: Hop, evidence: string[], blame: Blame | undefined): RunError {
  const where = trouble.container ? `pod ${trouble.pod}, container ${trouble.container}` : trouble.pod;
  const said = blame?.line ?? tellingLine(evidence);
  const accusation = said === undefined ? '' : `; its log says: ${oneLine(said)}`;
  return new RunError(
    blame?.code ?? trouble.code,
    blame?.hop ?? hop,
    `${where}: ${trouble.reason}: ${trouble.message}${accusation}`,
    blame?.fix ?? trouble.fix,
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
