import { assertApplication } from './assert/application.js';
import { assertStack, type TestedModel } from './assert/assert.js';
import { Helm, readChart, type Chart } from './deploy/chart.js';
import { deploy, type Deployment } from './deploy/deploy.js';
import { createKubectl } from './deploy/kubectl.js';
import { readRender, type Rendered } from './deploy/render.js';
import { KUBERNETES, missingKinds } from './deploy/stubs.js';
import { parseInputs, type Inputs } from './inputs.js';
import { noteSecurity, type Job } from './job.js';
import { Calls } from './maas/calls.js';
import { Pace } from './maas/pace.js';
import type { ServiceFacts } from './maas/probe.js';
import { createServiceChat } from './maas/service.js';
import { makePlan, planFacts, skipReason, type Plan } from './plan.js';
import { prepare, prepareRender, saveState, type Prepared } from './prepare.js';
import { blamingWhatIsBelow } from './provision/below.js';
import { provision } from './provision/provision.js';
import { RetryBudget } from './retry/budget.js';
import { notesOfService } from './secrets/notes.js';
import { runConsumerTests } from './tests/consumer-tests.js';
import { findPlaceholders } from './wiring/compose.js';
import { renderWired } from './wiring/render.js';

/**
 * The run: inputs → plan → probe and tools → chart, cluster and images → deployment → checks → the consumer's own tests. What
 * it learns goes into the job's record; the report is made of that, however the run ends.
 *
 * @throws RunError that names hop, cause and fix
 */
export async function run(job: Job): Promise<void> {
  const { progress, record, signal } = job;
  record.skipped = skipReason(job.raw, job.host);
  if (record.skipped !== undefined) return;

  const planned = await progress.phase('Inputs and plan', () => planRun(job));
  const { inputs, plan } = planned;
  const calls = new Calls({ pace: new Pace(inputs.requestsPerMinute, signal), budget: new RetryBudget(), signal });
  if (inputs.dryRun) return await rehearse(job, planned, calls);

  const prepared = await progress.phase('Model service and tools', () => prepare(job, inputs, plan, calls));
  record.untested = untestedReason(inputs, record.untested);
  const save = (ended: boolean) => saveState(job, inputs, plan, { kind: prepared.tools.kind.path, ended });
  save(false);
  try {
    await prove(job, planned, prepared, calls);
  } finally {
    if (!signal.aborted) save(true);
  }
}

/** What is known before anything is downloaded or made. */
interface Planned {
  inputs: Inputs;
  plan: Plan;
  chart: Chart;
  /** Names of the placeholders in the values. */
  placeholders: string[];
}

async function prove(job: Job, planned: Planned, { tools, service }: Prepared, calls: Calls): Promise<void> {
  const { progress, record, ports } = job;
  const { inputs, plan, chart } = planned;
  const { cluster } = plan;
  const helm = new Helm(tools.helm.path, plan.workDir, chart, inputs, ports.commands);
  const rendered = await progress.phase('Chart, cluster and images', () =>
    provision(job, tools.kind.path, cluster, async () =>
      readRender(await renderWired(job, inputs, planned, helm, service), inputs),
    ),
  );
  record.kubeconfig = cluster.kubeconfig;

  await blamingWhatIsBelow(job, cluster.name, async () => {
    const { modelKey, withKey } = rendered.wired;
    const deployment = await progress.phase('Deployment', () => {
      const { namespace } = inputs;
      const kubectl = createKubectl(tools.kubectl.path, cluster.kubeconfig, namespace, ports.commands);
      const hooksMs = inputs.timeoutMs - progress.elapsed();
      const { overlay, objects: before } = withKey(inputs.service?.apiKey ?? '');
      const address = service?.baseUrl;
      return deploy(job, { cluster, namespace, rendered, helm, kubectl, overlay, before, hooksMs, service: address });
    });
    record.apiUrl = deployment.apiUrl ?? '';
    record.uiUrl = deployment.uiUrl ?? '';
    await progress.phase('Checks', () => check(job, inputs, { rendered, deployment, service, calls }));
    await progress.phase("The consumer's tests", () => runConsumerTests(job, inputs, service, modelKey));
  });
}

/** What is checked depends on what the chart serves. */
async function check(job: Job, inputs: Inputs, given: Deployed): Promise<void> {
  const { rendered, deployment, service, calls } = given;
  const { record, progress, ports, signal } = job;
  const { apiUrl, uiUrl, rolledOut } = deployment;
  if (rendered.api === 'none') {
    const { healthPath, testCommand } = inputs;
    record.model = service?.model ?? '';
    const means = { web: ports.web, progress, signal, checks: record.checks };
    return await assertApplication({ deployment, healthPath, isAllThatIsAsked: !testCommand }, means);
  }
  record.stackUrl = apiUrl ?? '';
  const tested = service && testedModel(job, inputs, service, rendered.wired.modelKey);
  await assertStack({ stackUrl: record.stackUrl, uiUrl, rolledOut, tested }, inputs, { ...job, calls });
}

interface Deployed {
  rendered: Rendered;
  deployment: Deployment;
  service: ServiceFacts | undefined;
  calls: Calls;
}

/** A dry run: everything up to the render, with the service asked, and no cluster. It ends as a real run would up to there. */
async function rehearse(job: Job, planned: Planned, calls: Calls): Promise<void> {
  const { progress, record, ports } = job;
  const { inputs, plan, chart } = planned;
  const { service, helm } = await progress.phase('Model service and Helm', () =>
    prepareRender(job, inputs, plan, calls),
  );
  const command = new Helm(helm.path, plan.workDir, chart, inputs, ports.commands);
  await progress.phase('Chart', () =>
    progress.stage('chart', async () => {
      const { objects, api } = readRender(await renderWired(job, inputs, planned, command, service), inputs);
      const stubs = missingKinds(objects, KUBERNETES).map(({ kind, group }) => `${kind}.${group}`);
      record.dryRun = { objects: objects.length, stubs };
      progress.say(
        'chart',
        `api ${api}; ${objects.length} objects; stub definitions for ${stubs.join(', ') || 'none'}`,
      );
    }),
  );
}

/** Everything that can be wrong with the inputs is found here. */
async function planRun(job: Job): Promise<Planned> {
  const { raw, host, ports, progress, record, unique, endAfter } = job;
  const inputs = parseInputs(raw);
  endAfter(inputs.timeoutMs);
  const plan = makePlan(inputs, host, unique);
  record.plan = planFacts(inputs, plan);
  if (inputs.service) noteSecurity(job, notesOfService(inputs.service));
  const chart = await readChart(inputs, host.workspace, ports.files);
  const placeholders = findPlaceholders(chart, inputs.setValues);
  const against = inputs.service ? `against ${inputs.service.endpoint.baseUrl}` : 'without a model';
  const where = inputs.dryRun ? 'in a dry run' : `on Kind cluster ${plan.cluster.name}`;
  progress.say(
    'plan',
    `${inputs.chart} as release ${inputs.release} in namespace ${inputs.namespace}, ${where}, ${against}`,
  );
  progress.say('plan', inputs.dryRun ? REHEARSAL : STAGES);
  return { inputs, plan, chart, placeholders };
}

const STAGES =
  'model service, docker and tools side by side → chart → cluster and images side by side → deployment → checks as soon as the stack answers';
const REHEARSAL = 'model service and Helm side by side → chart; no cluster';

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
