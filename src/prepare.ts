import { join } from 'node:path';
import { isDiskFull, messageOf, RunError } from './errors.js';
import type { Inputs } from './inputs.js';
import type { Job } from './job.js';
import type { Calls } from './maas/calls.js';
import { probeService, type ServiceFacts } from './maas/probe.js';
import { isUnavailable } from './maas/service-error.js';
import { pause } from './pause.js';
import type { Plan } from './plan.js';
import { checkDocker, findLeftover, OWNER_FILE } from './provision/cluster.js';
import type { Tool } from './provision/pins.js';
import { installTool, type InstalledTool } from './provision/tools.js';
import { metered } from './spend/metered.js';
import { STATE_NAME, writeState, type SavedState } from './state.js';

/** Deadline of one call of the probe, in ms. */
const PROBE_CALL_MS = 20_000;

/** What a run has before it makes anything. */
export interface Prepared {
  /** undefined: the run does without the model. */
  service: ServiceFacts | undefined;
  tools: Record<Tool, InstalledTool>;
}

/** The model service asked, the engine looked for, and the tools fetched, side by side. */
export async function prepare(job: Job, inputs: Inputs, plan: Plan, calls: Calls): Promise<Prepared> {
  await makeWorkDir(job, inputs, plan);
  const [service, docker, kind, kubectl, helm] = await Promise.all([
    askService(job, inputs, calls),
    job.progress.stage('docker', () => checkDocker(job.ports.commands)),
    install(job, inputs, plan, 'kind'),
    install(job, inputs, plan, 'kubectl'),
    install(job, inputs, plan, 'helm'),
    findLeftover(plan.cluster.name, job.ports),
  ]);
  job.record.docker = docker;
  return { service, tools: { kind, kubectl, helm } };
}

/** As much of it as a chart is rendered with. */
export async function prepareRender(
  job: Job,
  inputs: Inputs,
  plan: Plan,
  calls: Calls,
): Promise<{ service: ServiceFacts | undefined; helm: InstalledTool }> {
  await makeWorkDir(job, inputs, plan);
  const [service, helm] = await Promise.all([askService(job, inputs, calls), install(job, inputs, plan, 'helm')]);
  return { service, helm };
}

async function makeWorkDir(job: Job, inputs: Inputs, plan: Plan): Promise<void> {
  const { files, processes } = job.ports;
  saveState(job, inputs, plan, { kind: '', ended: false });
  try {
    await files.makeDir(plan.workDir);
    await files.makeDir(plan.cluster.marker);
    await files.write(`${plan.cluster.marker}/${OWNER_FILE}`, processes.parent());
  } catch (error) {
    if (isDiskFull(error)) throw error;
    throw new RunError(
      'E_WORKSPACE',
      'run',
      `the folder of the run cannot be made: ${messageOf(error)}`,
      'Check that RUNNER_TEMP is a folder to which the runner may write.',
      { cause: error },
    );
  }
}

async function install(
  { ports, progress, record, host, signal }: Job,
  inputs: Inputs,
  { workDir }: Plan,
  tool: Tool,
): Promise<InstalledTool> {
  const say = (line: string) => progress.say(tool, line);
  const stores = { ...ports, folder: join(workDir, 'tools'), pause: (ms: number) => pause(ms, signal), say };
  const installed = await progress.stage(tool, () => installTool(tool, inputs, host.platform, stores));
  record.tools[tool] = installed;
  return installed;
}

async function askService(job: Job, inputs: Inputs, calls: Calls): Promise<ServiceFacts | undefined> {
  const facts = await job.progress.stage('probe', () => probe(job, inputs, calls));
  job.record.service = facts;
  return facts;
}

/** @throws RunError where the model service can not be used, and may not be done without */
async function probe(
  { ports, progress, record, meter }: Job,
  { service, inference, model }: Inputs,
  calls: Calls,
): Promise<ServiceFacts | undefined> {
  if (!service) return undefined;
  const { baseUrl } = service.endpoint;
  const target = { baseUrl, apiKey: service.apiKey, timeoutMs: PROBE_CALL_MS };
  const api = metered(ports.openAi(target), 'model service', meter);
  meter.of('probe');
  progress.waiting('probe', `an answer of the model service at ${baseUrl}`);
  try {
    const facts = await probeService(api, baseUrl, model, calls);
    const { offered } = facts.embeddings;
    progress.say('probe', `${facts.model} answers; embeddings ${offered ? 'offered' : 'not offered'}`);
    return facts;
  } catch (error) {
    if (inference !== 'auto' || !isUnavailable(error)) throw error;
    record.untested = messageOf(error);
    progress.say('probe', `going on without the model: ${record.untested}`);
    return undefined;
  }
}

/** Before a resource is made, so that post knows of it even if this process is killed. */
export function saveState(
  { ports, unique }: Job,
  { keepCluster }: Inputs,
  { cluster }: Plan,
  { kind, ended }: Pick<SavedState, 'kind' | 'ended'>,
): void {
  const state = { run: unique, clusterName: cluster.name, keepCluster, kind, ended };
  ports.runner.saveState(STATE_NAME, writeState(state));
}
