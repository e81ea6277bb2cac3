import { isRecord } from './json.js';

/** What post needs to know. Saved before a resource is made, so that a killed run leaves nothing behind. */
export interface State {
  /** Folder of kubeconfig, marker and caches. */
  workDir: string;
  marker: string;
  /** Value of RUN_VARIABLE in the environment of every process of the run. */
  run: string;
  keepCluster: boolean;
  clusterName: string;
  kubeconfig: string;
  /** main ended by itself: nothing that it began can still be under way. */
  ended: boolean;
  /** Path of kind; empty before it is installed, when there is no cluster either. */
  kind: string;
}

export const STATE_NAME = 'maas-e2e';

/** Tells the processes of one run from all others, also when the run itself was killed. */
export const RUN_VARIABLE = 'MAAS_E2E_RUN';

export function writeState(state: State): string {
  return JSON.stringify(state);
}

/** The saved state, or undefined where main did not get far enough to save one. */
export function readState(text: string): State | undefined {
  if (!text) return undefined;
  const value: unknown = JSON.parse(text);
  return isRecord(value) && typeof value['workDir'] === 'string' ? (value as unknown as State) : undefined;
}
