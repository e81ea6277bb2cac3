import { assertStack, type TestedModel } from './assert/assert.js';
import { Helm, readChart, type Chart } from './deploy/chart.js';
import { deploy } from './deploy/deploy.js';
import { keyExposure } from './deploy/exposure.js';
import { createKubectl } from './deploy/kubectl.js';
import { wire } from './deploy/wiring.js';
import { parseInputs, type Inputs } from './inputs.js';
import type { Job } from './job.js';
import { Calls } from './maas/calls.js';
import { Pace } from './maas/pace.js';
import { createServiceChat } from './maas/service.js';
import { isUnavailable } from './maas/service-error.js';
import { probeService, type ServiceFacts } from './maas/probe.js';
import { messageOf } from './errors.js';
import { pause } from './pause.js';
import { makePlan, planFacts, skipReason, type Plan } from './plan.js';
import { blamingWhatIsBelow } from './provision/below.js';
import { checkDocker, findLeftover, OWNER_FILE } from './provision/cluster.js';
import type { Tool } from './provision/pins.js';
import { provision } from './provision/provision.js';
import { installTool, type InstalledTool } from './provision/tools.js';
import { RetryBudget } from './retry/budget.js';
import { notesOfChart, notesOfService } from './secrets/notes.js';
import { standInFor } from './secrets/stand-in.js';
import { STATE_NAME, writeState, type State } from './state.js';

/** Deadline of one call of the probe, in ms. */
const PROBE_CALL_MS = 20_000;

/**
 * The run: inputs → plan → probe and tools → chart, cluster and images → deployment → checks. What it learns goes into
 * the job's record; the report is made of that, however the run ends.
 *
 * @throws RunError that names hop, cause and fix
 */
export async function run(job: Job): Promise<void> {
  const { progress, record, signal } = job;
  record.skipped = skipReason(job.raw, job.host);
  if (record.skipped !== undefined) return;

  const { inputs, plan, chart } = await progress.phase('Inputs and plan', () => planRun(job));
  const calls = new Calls({ pace: new Pace(inputs.requestsPerMinute, signal), budget: new RetryBudget(), signal });
  const { tools, service } = await progress.phase('Model service and tools', () => prepare(job, inputs, plan, calls));
  record.untested = untestedReason(inputs, record.untested);

  const save = (ended: boolean) => saveState(job, inputs, plan, { kind: tools.kind.path, ended });
  save(false);
  try {
    await prove(job, { inputs, plan, chart, tools, service, calls });
  } finally {
    if (!signal.aborted) save(true);
  }
}

/** What a run has before it makes anything. */
interface Prepared {
  inputs: Inputs;
  plan: Plan;
  chart: Chart;
  tools: Record<Tool, InstalledTool>;
  service: ServiceFacts | undefined;
  calls: Calls;
}

async function prove(job: Job, { inputs, plan, chart, tools, service, calls }: Prepared): Promise<void> {
  const { progress, record, ports } = job;
  const { cluster } = plan;
  const { modelKey, overlayWith } = wire(inputs.setValues, chart, service);
  const helm = new Helm(tools.helm.path, plan.workDir, chart, inputs, ports.commands);
  const standIn = standInFor(inputs.service?.apiKey ?? '');
  const rendered = await progress.phase('Chart, cluster and images', () =>
    provision(job, tools.kind.path, cluster, helm, overlayWith(standIn)),
  );
  tellNotes(job, notesOfChart(keyExposure(rendered.objects, standIn)));
  record.kubeconfig = cluster.kubeconfig;

  await blamingWhatIsBelow(job, cluster.name, async () => {
    const deployment = await progress.phase('Deployment', () => {
      const { namespace } = inputs;
      const kubectl = createKubectl(tools.kubectl.path, cluster.kubeconfig, namespace, ports.commands);
      const hooksMs = inputs.timeoutMs - progress.elapsed();
      const overlay = overlayWith(inputs.service?.apiKey ?? '');
      return deploy(job, { cluster, namespace, rendered, helm, kubectl, overlay, hooksMs, service: service?.baseUrl });
    });
    record.stackUrl = deployment.stackUrl;
    record.uiUrl = deployment.uiUrl ?? '';

    const tested = service && testedModel(job, inputs, service, modelKey);
    await progress.phase('Checks', () => assertStack({ ...deployment, tested }, inputs, { ...job, calls }));
  });
}

/** Everything that can be wrong with the inputs is found here, before anything is downloaded or made. */
async function planRun(job: Job): Promise<{ inputs: Inputs; plan: Plan; chart: Chart }> {
  const { raw, host, ports, progress, record, unique, endAfter } = job;
  const inputs = parseInputs(raw);
  endAfter(inputs.timeoutMs);
  const plan = makePlan(inputs, host, unique);
  record.plan = planFacts(inputs, plan);
  if (inputs.service) tellNotes(job, notesOfService(inputs.service));
  const chart = await readChart(inputs, host.workspace, ports.files);
  const against = inputs.service ? `against ${inputs.service.endpoint.baseUrl}` : 'without a model';
  progress.say(
    'plan',
    `${inputs.chart} as release ${inputs.release} in namespace ${inputs.namespace}, on Kind cluster ${plan.cluster.name}, ${against}`,
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
  calls: Calls,
): Promise<{ service: ServiceFacts | undefined; tools: Record<Tool, InstalledTool> }> {
  const { ports, progress, record, host, signal } = job;
  saveState(job, inputs, plan, { kind: '', ended: false });
  await ports.files.makeDir(plan.cluster.marker);
  await ports.files.write(`${plan.cluster.marker}/${OWNER_FILE}`, ports.processes.parent());
  const install = (tool: Tool) => {
    const say = (line: string) => progress.say(tool, line);
    const stores = { ...ports, scratch: plan.workDir, pause: (ms: number) => pause(ms, signal), say };
    return progress
      .stage(tool, () => installTool(tool, inputs, host.platform, stores))
      .then((installed) => (record.tools[tool] = installed));
  };
  const [service, docker, kind, kubectl, helm] = await Promise.all([
    progress.stage('probe', () => probe(job, inputs, calls)).then((facts) => (record.service = facts)),
    progress.stage('docker', () => checkDocker(ports.commands)),
    install('kind'),
    install('kubectl'),
    install('helm'),
    findLeftover(plan.cluster.name, ports),
  ]);
  record.docker = docker;
  return { service, tools: { kind, kubectl, helm } };
}

/** @throws RunError where the model service can not be used, and may not be done without */
async function probe(
  { ports, progress, record }: Job,
  { service, inference, model }: Inputs,
  calls: Calls,
): Promise<ServiceFacts | undefined> {
  if (!service) return undefined;
  const { baseUrl } = service.endpoint;
  const api = ports.openAi({ baseUrl, apiKey: service.apiKey, timeoutMs: PROBE_CALL_MS });
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

function untestedReason({ inference }: Inputs, unavailable: string | undefined): string | undefined {
  return inference === 'off' ? 'the input inference is off' : unavailable;
}

function testedModel(
  { ports, record: { usage } }: Job,
  inputs: Inputs,
  { baseUrl, model }: ServiceFacts,
  modelKey: string,
): TestedModel {
  const apiKey = inputs.service?.apiKey ?? '';
  return {
    modelKey,
    model,
    serviceWithin: (timeoutMs, calls) =>
      createServiceChat(ports.openAi, { baseUrl, apiKey, timeoutMs }, { model, calls, usage }),
  };
}

function tellNotes({ ports, record }: Job, notes: string[]): void {
  record.securityNotes.push(...notes);
  notes.forEach((note) => ports.log.warning(note));
}

/** Before a resource is made, so that post knows of it even if this process is killed. */
function saveState(
  { ports, unique }: Job,
  { keepCluster }: Inputs,
  { workDir, cluster }: Plan,
  { kind, ended }: Pick<State, 'kind' | 'ended'>,
): void {
  const { marker, kubeconfig, name: clusterName } = cluster;
  const state = { run: unique, workDir, marker, kubeconfig, clusterName, keepCluster, kind, ended };
  ports.runner.saveState(STATE_NAME, writeState(state));
}
