import { join } from 'node:path';
import { isRecord } from './json.js';

/**
 * What main saves for post, before a resource is made, so that a killed run leaves nothing behind. It holds no path but that
 * of kind: what post removes is made of the run's own name, and so cannot be named by whoever changes the state.
 */
export interface SavedState {
  /** Value of RUN_VARIABLE in the environment of every process of the run; the run's folder is named by it, too. */
  run: string;
  keepCluster: boolean;
  clusterName: string;
  /** main ended by itself: nothing that it began can still be under way. */
  ended: boolean;
  /** Path of kind; empty before it is installed, when there is no cluster either. */
  kind: string;
}

/** What post needs to know. */
export interface State extends SavedState {
  /** Folder of kubeconfig, marker and caches. */
  workDir: string;
  marker: string;
  kubeconfig: string;
}

export const STATE_NAME = 'maas-e2e';

/** Tells the processes of one run from all others, also when the run itself was killed. */
export const RUN_VARIABLE = 'MAAS_E2E_RUN';

/** Places of a run. @param temp RUNNER_TEMP */
export function placesOf(run: string, temp: string): Pick<State, 'workDir' | 'marker' | 'kubeconfig'> {
  const workDir = join(temp, `maas-e2e-${run}`);
  return { workDir, marker: join(workDir, 'owner'), kubeconfig: join(workDir, 'kubeconfig') };
}

export function writeState({ run, keepCluster, clusterName, ended, kind }: SavedState): string {
  return JSON.stringify({ run, keepCluster, clusterName, ended, kind });
}

/** How each value of a saved state looks. A cluster's name as the input may give it, and never like an option of kind. */
const FORMS: { [name in keyof SavedState]: (value: unknown) => boolean } = {
  run: (value) => typeof value === 'string' && /^[0-9a-f]{8}$/.test(value),
  keepCluster: (value) => typeof value === 'boolean',
  clusterName: (value) =>
    typeof value === 'string' && value.length <= 63 && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(value),
  ended: (value) => typeof value === 'boolean',
  kind: (value) => value === '' || (typeof value === 'string' && /^\/[^\0]*\/kind$/.test(value)),
};

/**
 * The saved state, or undefined if main did not get far enough to save one. The commands of the job may have changed it.
 *
 * @param temp RUNNER_TEMP
 * @throws Error that names the value which is not as main saves it
 */
export function readState(text: string, temp: string): State | undefined {
  if (!text) return undefined;
  const value = parsed(text);
  if (!isRecord(value)) throw new Error('the saved state is not one that this action saves: it is not an object');
  for (const [name, isValid] of Object.entries(FORMS))
    if (!Object.hasOwn(value, name) || !isValid(value[name]))
      throw new Error(`the saved state is not one that this action saves: ${name} is wrong`);
  const { run, keepCluster, clusterName, ended, kind } = value as unknown as SavedState;
  return { run, keepCluster, clusterName, ended, kind, ...placesOf(run, temp) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Error('the saved state is not one that this action saves: it is not JSON');
  }
}
