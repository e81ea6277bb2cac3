import { assertStack } from './assert/assert.js';
import { Helm, readChart, type Chart } from './deploy/chart.js';
import { deploy } from './deploy/deploy.js';
import { keyExposure } from './deploy/exposure.js';
import { createKubectl } from './deploy/kubectl.js';
import { mergeValues, modelKeyFor, wiringOverlay, type Values } from './deploy/values.js';
import { parseInputs, type Inputs } from './inputs.js';
import type { Job } from './job.js';
import { Pace } from './maas/pace.js';
import { createServiceChat } from './maas/service.js';
import { probeService, type ServiceFacts } from './maas/probe.js';
import { makePlan, skipReason, type Plan } from './plan.js';
import { checkDocker, checkNameIsFree } from './provision/cluster.js';
import type { Tool } from './provision/pins.js';
import { provision, type Rendered } from './provision/provision.js';
import { installTool, type InstalledTool } from './provision/tools.js';
import { STATE_NAME, writeState } from './state.js';

/** Stands for the key wherever a chart is only rendered. */
const KEY_STAND_IN = 'stand-in-for-the-key';
/** Deadline of one call of the probe, in ms. */
const PROBE_CALL_MS = 20_000;

/**
 * The run: inputs → plan → probe and tools → chart, cluster and images → deployment → checks. What it learns goes into
 * the job's record; the report is made of that, however the run ends.
 *
 * @throws RunError that names hop, cause and fix
 */
export async function run(job: Job): Promise<void> {
  const { progress, record } = job;
  record.skipped = skipReason(job.raw, job.host);
  if (record.skipped !== undefined) return;

  const { inputs, plan, chart } = await progress.phase('Inputs and plan', () => planRun(job));
  const pace = new Pace(inputs.requestsPerMinute, job.signal);
  const { service, tools } = await progress.phase('Model service and tools', () => prepare(job, inputs, plan, pace));

  const { modelKey, overlayWith } = wire(inputs, chart, service);
  const helm = new Helm(tools.helm.path, plan.workDir, chart, inputs, job.ports.commands);
  const rendered = await progress.phase('Chart, cluster and images', () => {
    saveState(job, inputs, plan, tools.kind.path);
    return provision(job, tools.kind.path, plan.cluster, helm, overlayWith(KEY_STAND_IN));
  });
  record.securityNotes = securityNotes(rendered);
  record.securityNotes.forEach((note) => job.ports.log.warning(note));
  record.kubeconfig = plan.cluster.kubeconfig;

  const deployment = await progress.phase('Deployment', () => {
    const kubectl = createKubectl(tools.kubectl.path, plan.cluster.kubeconfig, inputs.namespace, job.ports.commands);
    const hooksMs = inputs.timeoutMs - progress.elapsed();
    const { namespace } = inputs;
    const overlay = overlayWith(inputs.apiKey);
    return deploy(job, { cluster: plan.cluster, namespace, rendered, helm, kubectl, overlay, hooksMs });
  });
  record.stackUrl = deployment.stackUrl;
  record.uiUrl = deployment.uiUrl ?? '';

  await progress.phase('Checks', () => {
    const { baseUrl, model } = service;
    const serviceWithin = (timeoutMs: number) =>
      createServiceChat(
        job.ports.openAi,
        { baseUrl, apiKey: inputs.apiKey, timeoutMs },
        { model, pace, usage: record.usage },
      );
    const subject = { ...deployment, modelKey, model, serviceWithin };
    return assertStack(subject, inputs, { ...job, pace });
  });
}

/** Everything that can be wrong with the inputs is found here, before anything is downloaded or made. */
async function planRun({
  raw,
  host,
  ports,
  progress,
  record,
  unique,
  endAfter,
}: Job): Promise<{ inputs: Inputs; plan: Plan; chart: Chart }> {
  const inputs = parseInputs(raw);
  endAfter(inputs.timeoutMs);
  const plan = makePlan(inputs, host, unique);
  record.reportPath = plan.reportPath;
  const chart = await readChart(inputs, host.workspace, ports.files);
  progress.say(
    'plan',
    `${inputs.chart} as release ${inputs.release} in namespace ${inputs.namespace}, on Kind cluster ${plan.cluster.name}, against ${inputs.endpoint.baseUrl}`,
  );
  progress.say(
    'plan',
    'model service, docker and tools side by side → chart → cluster and images side by side → deployment → checks as soon as the stack answers',
  );
  return { inputs, plan, chart };
}

async function prepare(
  job: Job,
  inputs: Inputs,
  plan: Plan,
  pace: Pace,
): Promise<{ service: ServiceFacts; tools: Record<Tool, InstalledTool> }> {
  const { ports, progress, record, host } = job;
  saveState(job, inputs, plan, '');
  await ports.files.makeDir(plan.cluster.marker);
  const install = (tool: Tool) =>
    progress
      .stage(tool, () => installTool(tool, inputs, host.platform, { ...ports, scratch: plan.workDir }))
      .then((installed) => (record.tools[tool] = installed));
  const api = ports.openAi({ baseUrl: inputs.endpoint.baseUrl, apiKey: inputs.apiKey, timeoutMs: PROBE_CALL_MS });
  const probe = () => probeService(api, inputs.endpoint.baseUrl, inputs.model, pace);
  const [service, docker, kind, kubectl, helm] = await Promise.all([
    progress.stage('probe', probe).then((facts) => (record.service = facts)),
    progress.stage('docker', () => checkDocker(ports.commands)),
    install('kind'),
    install('kubectl'),
    install('helm'),
    checkNameIsFree(plan.cluster.name, ports.commands),
  ]);
  record.docker = docker;
  progress.say(
    'probe',
    `${service.model} answers; embeddings ${service.embeddings.offered ? 'offered' : 'not offered'}`,
  );
  return { service, tools: { kind, kubectl, helm } };
}

/** How the model service gets into the chart's values. The user's own set-values come last. */
function wire(
  inputs: Inputs,
  chart: Chart,
  { baseUrl, model }: ServiceFacts,
): { modelKey: string; overlayWith: (apiKey: string) => Values } {
  const values = [...chart.values, inputs.setValues].reduce(mergeValues);
  const modelKey = modelKeyFor(model, values);
  const overlayWith = (apiKey: string) =>
    mergeValues(wiringOverlay({ baseUrl, model, modelKey, apiKey }, values), inputs.setValues);
  return { modelKey, overlayWith };
}

function securityNotes({ objects }: Rendered): string[] {
  const { containers, literals } = keyExposure(objects, KEY_STAND_IN);
  return [
    ...containers.map(
      (where) =>
        `${where}: the chart puts the key on a command line inside the container. Read it from the environment there.`,
    ),
    ...literals.map((where) => `${where}: the chart writes the key into an object that is no Secret.`),
  ];
}

/** Before a resource is made, so that post knows of it even if this process is killed. */
function saveState({ ports }: Job, { keepCluster }: Inputs, { workDir, cluster }: Plan, kind: string): void {
  const { marker, kubeconfig, name: clusterName } = cluster;
  ports.runner.saveState(STATE_NAME, writeState({ workDir, marker, kubeconfig, clusterName, keepCluster, kind }));
}
