import type { KubeObject } from '../../src/deploy/objects.js';
import { watchRollout, type Rollout } from '../../src/deploy/rollout/watch.js';
import type { Hop, RunError } from '../../src/errors.js';
import { failureOf } from './failures.js';
import { deployment } from './kube.js';
import { fakeKubectl } from './memory.js';

export const READY = [deployment('a', true)];
export const PENDING = [deployment('a', false)];

export interface Seen {
  rollout: Rollout;
  waits: string[];
}

/** A watcher of which only the given looks are taken; no model service is wired in, and the node is there. */
export function watching(looks: KubeObject[][], over: Partial<Rollout> = {}, logs?: (args: string[]) => string): Seen {
  const waits: string[] = [];
  const hopOf = (labels: unknown): Hop =>
    (labels as { app?: string } | undefined)?.app === 'stack' ? 'stack' : 'cluster';
  const rollout: Rollout = {
    kubectl: fakeKubectl(looks, logs),
    hopOf,
    service: undefined,
    lost: () => Promise.resolve(undefined),
    installed: Promise.resolve(),
    added: undefined,
    waiting: (forWhat) => waits.push(forWhat),
    signal: new AbortController().signal,
    ...over,
  };
  return { rollout, waits };
}

/** How a rollout fails. */
export const failing = (
  looks: KubeObject[][],
  over: Partial<Rollout> = {},
  logs?: (args: string[]) => string,
): Promise<RunError> => failureOf(() => watchRollout(watching(looks, over, logs).rollout));

/** What kubectl does where a container has no log. */
export const NO_LOG = (): never => {
  throw new Error('kubectl logs failed');
};
