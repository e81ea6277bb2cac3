import { join } from 'node:path';
import { nameOfSource } from './deploy/source.js';
import type { Inputs, RawInputs } from './inputs.js';
import type { Heartbeat, StageDeadline } from './progress.js';
import type { ClusterPlan } from './provision/cluster.js';
import { DEFAULT_KIND, DEFAULT_NODE_IMAGE } from './provision/pins.js';
import type { Platform } from './provision/assets.js';
import { placesOf } from './state.js';

/** The machine and the job that a run finds itself in, read once. */
export interface Host {
  /** RUNNER_TEMP */
  temp: string;
  /** GITHUB_WORKSPACE */
  workspace: string;
  platform: Platform;
  /** The job's environment without the key, for the consumer's own tests. */
  environment: Record<string, string>;
  /** A pull request from a fork: GitHub hands it no secrets. */
  forkPullRequest: boolean;
}

/**
 * Deadlines of stages, in ms, generous: they end what hangs. Those that wait for the chart and its models (release, rollout,
 * readiness, checks) have that of the whole run, which the user sets.
 */
export const STAGE_DEADLINES: Record<string, StageDeadline> = {
  probe: { ms: 5 * 60_000, hop: 'model service' },
  kind: { ms: 15 * 60_000, hop: 'tools' },
  kubectl: { ms: 15 * 60_000, hop: 'tools' },
  helm: { ms: 15 * 60_000, hop: 'tools' },
  chart: { ms: 5 * 60_000, hop: 'chart' },
  cluster: { ms: 10 * 60_000, hop: 'cluster' },
  'stub CRDs': { ms: 2 * 60_000, hop: 'cluster' },
  access: { ms: 2 * 60_000, hop: 'cluster' },
  'UI checks': { ms: 5 * 60_000, hop: 'UI' },
};

/** While nothing else is said: what stages wait for that say nothing of it themselves. */
export const HEARTBEAT: Heartbeat = {
  everyMs: 30_000,
  waitsFor: {
    docker: 'docker info',
    kind: 'the download of kind',
    kubectl: 'the download of kubectl',
    helm: 'the download of helm',
    chart: 'helm: dependencies, and the render',
    cluster: 'kind create cluster',
    images: 'the node to pull images',
    'pre-install': 'what the manifests bring up',
    release: 'helm install, and the hooks of the chart',
    'post-install': 'the command of post-install-command',
    access: "the cluster to publish the chart's Services",
    deletion: 'the stack to delete what the checks made',
    tests: "the consumer's own tests",
  },
};

/** Names and places of one run. */
export interface Plan {
  cluster: ClusterPlan;
  workDir: string;
}

/** Pure: `unique` makes the names of two runs on one machine differ. */
export function makePlan(inputs: Inputs, host: Host, unique: string): Plan {
  const name = inputs.clusterName ?? `maas-e2e-${unique}`;
  const { workDir, marker, kubeconfig } = placesOf(unique, host.temp);
  const nodeImage = inputs.nodeImage ?? (inputs.versions.kind === DEFAULT_KIND ? DEFAULT_NODE_IMAGE : undefined);
  return {
    cluster: { name, nodeImage, kubeconfig, marker },
    workDir,
  };
}

/** Where reports go, whatever becomes of the run: outside of the folder that post removes. */
export interface ReportPlaces {
  json: string;
  junit: string;
  /** A folder. */
  diagnostics: string;
  /** Report of an earlier run; empty: there is none to compare with. */
  baseline: string;
}

/** @param baseline as the input names it, in the workspace */
export function reportPlaces(
  { temp, workspace }: Pick<Host, 'temp' | 'workspace'>,
  unique: string,
  baseline: string,
): ReportPlaces {
  const folder = join(temp, `maas-e2e-report-${unique}`);
  return {
    json: join(folder, 'report.json'),
    junit: join(folder, 'junit.xml'),
    diagnostics: join(folder, 'diagnostics'),
    baseline: baseline && join(workspace, baseline),
  };
}

/** What a reader may know of the plan: neither the key nor values, which may hold secrets of their own. */
export interface PlanFacts {
  endpoint: string;
  chart: string;
  release: string;
  namespace: string;
  valuesFiles: string[];
  cluster: string;
  nodeImage: string;
  checks: string[];
  inference: string;
  timeoutMs: number;
  workDir: string;
}

export function planFacts(inputs: Inputs, plan: Plan): PlanFacts {
  const { cluster, workDir } = plan;
  const { service, release, namespace, valuesFiles, checks, inference, timeoutMs } = inputs;
  return {
    endpoint: service?.endpoint.baseUrl ?? '',
    chart: nameOfSource(inputs.chart),
    release,
    namespace,
    valuesFiles,
    cluster: cluster.name,
    nodeImage: cluster.nodeImage ?? 'as kind brings it',
    checks,
    inference,
    timeoutMs,
    workDir,
  };
}

/** What a run without a key does: `when-no-key`; empty: skip on the pull request of a fork, which gets no secrets, fail elsewhere. */
export function withoutKey(raw: RawInputs, host: Host): { wish: 'go on' | 'skip' | 'stand-in'; because: string } {
  if (raw['api-key'] || raw.inference === 'off') return { wish: 'go on', because: '' };
  const wish = raw['when-no-key'] || (host.forkPullRequest ? 'skip' : 'fail');
  const because = host.forkPullRequest ? FORK : 'there is no key for the model service';
  if (wish === 'skip') return { wish, because: host.forkPullRequest ? `${because}. ${MAINTAINER}` : because };
  return wish === 'stand-in' ? { wish, because } : { wish: 'go on', because }; // and the inputs say what is wrong
}

const FORK = 'a pull request from a fork gets no secrets, so there is no key for the model service';
const MAINTAINER =
  'A maintainer can run this on a branch of the repository; when-no-key: stand-in proves all but the model.';
