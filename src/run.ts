import { assertApplication } from './assert/application.js';
import { assertStack, testedModel } from './assert/assert.js';
import { readSources, renderChart, type ChartRead } from './chart.js';
import { deploy, type Deployment } from './deploy/deploy.js';
import { Helm } from './deploy/helm.js';
import { createKubectl } from './deploy/kubectl.js';
import type { Rendered } from './deploy/render.js';
import { parseInputs, type Inputs } from './inputs.js';
import { noteSecurity, type Job } from './job.js';
import { Calls } from './maas/calls.js';
import { Pace } from './maas/pace.js';
import type { ServiceFacts } from './maas/probe.js';
import { makePlan, planFacts, withoutKey, type Plan } from './plan.js';
import { prepare, saveState, type Prepared } from './prepare.js';
import { blamingWhatIsBelow } from './provision/below.js';
import { kubeVersionOf } from './provision/cluster.js';
import { provision } from './provision/provision.js';
import { judgeSupply } from './provision/supply.js';
import { rehearse } from './rehearse.js';
import { RetryBudget } from './retry/budget.js';
import { notesOfService } from './secrets/notes.js';
import { onStandIn } from './stand-in.js';
import { runConsumerTests } from './tests/consumer-tests.js';

/**
 * The run: inputs → plan → probe and tools → chart, cluster and images → deployment → checks → the consumer's own tests. What
 * it learns goes into the job's record; the report is made of that, however the run ends.
 *
 * @throws RunError that names hop, cause and fix
 */
export async function run(job: Job): Promise<void> {
  const { record } = job;
  const { wish, because } = withoutKey(job.raw, job.host);
  if (wish === 'skip') record.skipped = because;
  else if (wish === 'stand-in') await onStandIn(job, because, runOn);
  else await runOn(job);
}

async function runOn(job: Job): Promise<void> {
  const { progress, signal } = job;
  const planned = await progress.phase('Inputs and plan', () => planRun(job));
  const { inputs, plan } = planned;
  const pace = new Pace(inputs.requestsPerMinute, signal, (ms) => job.meter.waited(ms));
  const calls = new Calls({ pace, budget: new RetryBudget(), signal, meter: job.meter });
  if (inputs.dryRun) return await rehearse(job, planned, calls);

  const prepared = await progress.phase('Model service and tools', () => prepare(job, inputs, plan, calls));
  const save = (ended: boolean) => saveState(job, inputs, plan, { kind: prepared.tools.kind.path, ended });
  save(false);
  try {
    await prove(job, planned, prepared, calls);
  } finally {
    if (!signal.aborted) save(true);
  }
}

async function prove(job: Job, planned: Planned, { tools, service }: Prepared, calls: Calls): Promise<void> {
  const { progress, record, ports } = job;
  const { inputs, plan, read } = planned;
  const { cluster } = plan;
  const helm = new Helm(tools.helm.path, plan.workDir, ports.commands, kubeVersionOf(cluster.nodeImage));
  const { chart, rendered, brought } = await progress.phase('Chart, cluster and images', () =>
    provision(job, tools.kind.path, cluster, () => renderChart(job, planned, read, { helm, service })),
  );
  record.kubeconfig = cluster.kubeconfig;

  await blamingWhatIsBelow(job, cluster.name, async () => {
    const { modelKey, withKey } = rendered.wired;
    const deployment = await progress.phase('Deployment', () => {
      const kubectl = createKubectl(tools.kubectl.path, cluster.kubeconfig, inputs.namespace, ports.commands);
      const hooksMs = inputs.timeoutMs - progress.elapsed();
      const { overlay, objects: before } = withKey(inputs.service?.apiKey ?? '');
      const made = { overlay, before, brought };
      const release = { cluster, chart, rendered, helm, kubectl, hooksMs, service: service?.baseUrl };
      return deploy(job, inputs, { ...release, ...made });
    });
    record.apiUrl = deployment.apiUrl ?? '';
    record.uiUrl = deployment.uiUrl ?? '';
    await progress.phase('Checks', () => check(job, inputs, { rendered, deployment, service, calls }));
    await progress.phase("The consumer's tests", () => runConsumerTests(job, inputs, service, modelKey));
    job.meter.throwIfOverspent();
  });
}

/** What is checked depends on what the chart serves. */
async function check(job: Job, inputs: Inputs, given: Deployed): Promise<void> {
  const { rendered, deployment, service, calls } = given;
  const { record } = job;
  const { api, wired } = rendered;
  const { apiUrl, uiUrl, rolledOut } = deployment;
  if (api === 'none') {
    record.model = service?.model ?? '';
    return await checkApplication(job, inputs, deployment);
  }
  const stackUrl = apiUrl ?? '';
  const { modelKey } = wired;
  const apiKey = inputs.service?.apiKey ?? '';
  const tested = service && testedModel({ ...service, modelKey, apiKey }, job.ports, job.meter);
  const subject = { api, basePath: inputs.basePath, stackUrl, rolledOut, tested };
  if (api === 'llama-stack') {
    record.stackUrl = stackUrl;
    return await assertStack({ ...subject, uiUrl }, inputs, { ...job, calls });
  }
  await assertStack({ ...subject, uiUrl: undefined }, inputs, { ...job, calls });
  if (uiUrl) await checkApplication(job, inputs, { uiUrl, apiUrl: undefined, rolledOut }); // it need be no Streamlit
}

async function checkApplication(
  { ports: { web }, progress, signal, record: { checks } }: Job,
  { healthPath, testCommand, api }: Inputs,
  deployment: Deployment,
): Promise<void> {
  const isAllThatIsAsked = api !== 'openai' && !testCommand;
  await assertApplication({ deployment, healthPath, isAllThatIsAsked }, { web, progress, signal, checks });
}

interface Deployed {
  rendered: Rendered;
  deployment: Deployment;
  service: ServiceFacts | undefined;
  calls: Calls;
}

/** Everything that can be wrong with the inputs is found here. */
async function planRun(job: Job): Promise<Planned> {
  const { raw, host, ports, progress, record, unique, endAfter } = job;
  const inputs = parseInputs(raw);
  endAfter(inputs.timeoutMs);
  const plan = makePlan(inputs, host, unique);
  record.plan = planFacts(inputs, plan);
  Object.assign(record.spend, inputs.spend);
  // the address and the key of a stand-in are this run's own
  if (inputs.service && record.standIn === undefined) noteSecurity(job, notesOfService(inputs.service));
  noteSecurity(job, judgeSupply(inputs, host.platform));
  const read = await readSources(inputs, host.workspace, ports.files);
  const against = inputs.service ? `against ${inputs.service.endpoint.baseUrl}` : 'without a model';
  const where = inputs.dryRun ? 'in a dry run' : `on Kind cluster ${plan.cluster.name}`;
  progress.say(
    'plan',
    `${record.plan.chart} as release ${inputs.release} in namespace ${inputs.namespace}, ${where}, ${against}`,
  );
  progress.say('plan', inputs.dryRun ? REHEARSAL : STAGES);
  progress.say('plan', `deadline of the run: ${inputs.timeoutMs / 1000} s`);
  return { inputs, plan, read };
}

/** What is known before anything is downloaded or made. */
interface Planned {
  inputs: Inputs;
  plan: Plan;
  read: ChartRead;
}

const STAGES =
  'model service, docker and tools side by side → chart → cluster and images side by side → deployment → checks as soon as the stack answers';
const REHEARSAL = 'model service and Helm side by side → chart; no cluster';
