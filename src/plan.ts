import { join } from 'node:path';
import type { Inputs, RawInputs } from './inputs.js';
import type { ClusterPlan } from './provision/cluster.js';
import { DEFAULT_KIND, DEFAULT_NODE_IMAGE } from './provision/pins.js';
import type { Platform } from './provision/tools.js';

/** The machine and the job that a run finds itself in, read once. */
export interface Host {
  /** RUNNER_TEMP */
  temp: string;
  /** GITHUB_WORKSPACE */
  workspace: string;
  platform: Platform;
  /** A pull request from a fork: GitHub hands it no secrets. */
  forkPullRequest: boolean;
}

/** Names and places of one run. */
export interface Plan {
  cluster: ClusterPlan;
  workDir: string;
  /** Outside of the folder that post removes. */
  reportPath: string;
}

/** Pure: `unique` makes the names of two runs on one machine differ. */
export function makePlan(inputs: Inputs, host: Host, unique: string): Plan {
  const name = inputs.clusterName ?? `maas-e2e-${unique}`;
  const workDir = join(host.temp, `maas-e2e-${unique}`);
  const nodeImage = inputs.nodeImage ?? (inputs.versions.kind === DEFAULT_KIND ? DEFAULT_NODE_IMAGE : undefined);
  return {
    cluster: { name, nodeImage, kubeconfig: join(workDir, 'kubeconfig'), marker: join(workDir, 'owner') },
    workDir,
    reportPath: join(host.temp, `maas-e2e-report-${unique}`, 'report.json'),
  };
}

/** Why there is nothing to run: GitHub hands no secrets to the pull requests of forks. */
export function skipReason(raw: RawInputs, host: Host): string | undefined {
  const noKey = !raw['api-key'] && host.forkPullRequest;
  return noKey
    ? 'a pull request from a fork gets no secrets, so there is no key for the model service. A maintainer can run this on a branch of the repository.'
    : undefined;
}
