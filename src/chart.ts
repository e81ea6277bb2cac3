import { join, resolve } from 'node:path';
import {
  readChart,
  readFetched,
  readValuesFiles,
  type Chart,
  type ChartFolder,
  type ValuesFiles,
} from './deploy/chart.js';
import { ALL_THERE, type Helm } from './deploy/helm.js';
import { fetchManifests, readManifests, type ManifestMeans, type Manifests } from './deploy/manifests.js';
import { isSameObject, toObjects, type KubeObject } from './deploy/objects.js';
import { refuseUnattended } from './deploy/operated.js';
import { mayBeMade, preflight, stubsAhead } from './deploy/preflight.js';
import { readRender, type Rendered } from './deploy/render.js';
import { nameOfSource } from './deploy/source.js';
import { apiVersionsOf, stubDefinition, type MissingKind } from './deploy/stubs.js';
import { RunError } from './errors.js';
import type { Inputs } from './inputs.js';
import { noteSecurity, type Job } from './job.js';
import type { ServiceFacts } from './maas/probe.js';
import { pause } from './pause.js';
import type { Plan } from './plan.js';
import type { Files } from './ports.js';
import { notesOfDependencies } from './provision/supply.js';
import { findPlaceholders } from './wiring/compose.js';
import { renderWired } from './wiring/render.js';
import type { WiredChart } from './wiring/wire.js';

/** What is read of chart and values before anything is downloaded or made. */
export interface ChartRead {
  /** undefined where Helm has to fetch the chart. */
  folder: ChartFolder | undefined;
  files: ValuesFiles;
  /** Names of the placeholders in the values. */
  placeholders: string[];
  /** What the user's own manifests bring. */
  brought: Manifests;
}

/** @throws RunError where a file is missing or unreadable */
export async function readSources(inputs: Inputs, workspace: string, files: Files): Promise<ChartRead> {
  const { chart } = inputs;
  const folder = 'folder' in chart ? await readChart(resolve(workspace, chart.folder), chart.folder, files) : undefined;
  const valuesFiles = await readValuesFiles(inputs.valuesFiles, workspace, files);
  return {
    folder,
    files: valuesFiles,
    placeholders: findPlaceholders(valuesFiles.overlays, inputs.setValues, inputs.service?.apiKey),
    brought: await readManifests(inputs.preInstallManifests, workspace, files),
  };
}

/**
 * The chart with its dependencies and with the service wired in, and what can be known of its deployment before there is a cluster.
 * @returns and the user's manifests, those at URLs fetched: what was judged is what is to be applied
 * @throws RunError of Helm, of the wiring, and of what can not come up
 */
export async function renderChart(
  job: Job,
  { inputs, plan }: { inputs: Inputs; plan: Plan },
  read: ChartRead,
  { helm, service }: { helm: Helm; service: ServiceFacts | undefined },
): Promise<{ chart: Chart; rendered: Rendered; stubs: MissingKind[]; brought: Manifests }> {
  const folder = read.folder ?? (await fetchChart(job, inputs, plan, helm));
  const { brought, securityNotes } = await fetchManifests(read.brought, plan.workDir, meansOf(job));
  noteSecurity(job, securityNotes);
  const chart = { ...folder, files: read.files, apiVersions: apiVersionsOf(brought.objects) };
  const done = await helm.buildDependencies(chart);
  job.progress.say('chart', done);
  if (done !== ALL_THERE) noteSecurity(job, notesOfDependencies(chart.needs.flatMap((need) => need.repositories)));
  const wired = await renderAsInstalled(job, inputs, { chart, read: { ...read, brought } }, { helm, service });
  refuseDoubles(wired.before, brought.objects, inputs.namespace);
  // before the Services: what an operator would make is no missing Service
  const stubs = stubsAhead(wired.objects, brought, inputs.stubCrds);
  refuseUnattended(wired.objects, brought, inputs);
  const rendered = readRender(wired, inputs, mayBeMade(wired.objects, stubs, brought, inputs));
  note(job, preflight(rendered, stubs, brought, inputs));
  return { chart, rendered, stubs, brought };
}

function meansOf({ ports, progress, signal }: Job): ManifestMeans {
  return { ...ports, pause: (ms) => pause(ms, signal), say: (line) => progress.say('chart', line) };
}

/** Told now, and in the summary. */
function note({ progress, record }: Job, notes: string[]): void {
  for (const said of notes) progress.say('chart', said);
  record.notes.push(...notes);
}

async function fetchChart({ ports, progress }: Job, { chart }: Inputs, plan: Plan, helm: Helm): Promise<ChartFolder> {
  if ('folder' in chart) throw new Error(`${chart.folder} is a folder`);
  const into = join(plan.workDir, 'chart');
  await helm.fetch(chart, into);
  const folder = await readFetched(into, nameOfSource(chart), ports.files);
  progress.say('chart', `${nameOfSource(chart)} fetched`);
  return folder;
}

/**
 * The render of a cluster that has what the first render asks for: its own definitions and stubs are there when it is installed, and a
 * chart that looks (Capabilities.APIVersions) renders more then.
 */
async function renderAsInstalled(
  job: Job,
  inputs: Inputs,
  { chart, read: { placeholders, brought } }: { chart: Chart; read: ChartRead },
  { helm, service }: { helm: Helm; service: ServiceFacts | undefined },
): Promise<WiredChart> {
  const wired = await renderWired(job, inputs, { chart, placeholders }, helm, service);
  const stubs = stubsAhead(wired.objects, brought, inputs.stubCrds).map(stubDefinition);
  const more = apiVersionsOf([...wired.objects, ...stubs.flatMap((body) => toObjects(body))]);
  if (!more.length) return wired;
  const apiVersions = [...chart.apiVersions, ...more];
  return await renderWired(job, inputs, { chart: { ...chart, apiVersions }, placeholders }, helm, service);
}

/** @throws RunError for a manifest that would replace what the wiring makes */
function refuseDoubles(before: KubeObject[], brought: KubeObject[], namespace: string): void {
  const double = before.find((one) => brought.some((other) => isSameObject(one, other, namespace)));
  if (!double) return;
  throw new RunError(
    'E_INPUT',
    'inputs',
    `input pre-install-manifests has the ${double.kind} ${double.name}, which the wiring makes, too`,
    'Leave it out of the manifests, or choose another secret-name.',
  );
}
