import { dirname, join } from 'node:path';
import { renderChart, type ChartRead } from './chart.js';
import { Helm } from './deploy/helm.js';
import type { KubeObject } from './deploy/objects.js';
import { nameOfKind } from './deploy/stubs.js';
import type { Inputs } from './inputs.js';
import type { Job } from './job.js';
import type { Calls } from './maas/calls.js';
import type { Plan } from './plan.js';
import type { Files } from './ports.js';
import { prepareRender } from './prepare.js';
import { kubeVersionOf } from './provision/cluster.js';
import { newDryRun, type DryRun } from './report/record.js';
import { pathsIn, programOf } from './tests/command-words.js';
import { injectedOf } from './wiring/injected.js';

/** A dry run: everything up to the render, with the service asked, and no cluster. It fails as a real run would up to there. */
export async function rehearse(
  job: Job,
  planned: { inputs: Inputs; plan: Plan; read: ChartRead },
  calls: Calls,
): Promise<void> {
  const { progress, record, ports, host } = job;
  const { inputs, plan } = planned;
  const tests = { checks: inputs.checks, command: programOf(inputs.testCommand), report: inputs.testReport };
  const missing = await missingPaths(inputs, host.workspace, ports.files);
  const known = { ...newDryRun(), tests, missing };
  record.dryRun = known;
  const { service, helm } = await progress.phase('Model service and Helm', () =>
    prepareRender(job, inputs, plan, calls),
  );
  const command = new Helm(helm.path, plan.workDir, ports.commands, kubeVersionOf(plan.cluster.nodeImage));
  await progress.phase('Chart', () =>
    progress.stage('chart', async () => {
      const { rendered, stubs } = await renderChart(job, planned, planned.read, { helm: command, service });
      const { objects, api, wired } = rendered;
      record.dryRun = {
        ...known,
        objects: objects.length,
        stubs: stubs.map(nameOfKind),
        rendered: byKind(objects),
        injected: injectedOf(wired, inputs.setValues, service?.baseUrl),
        tests: { ...tests, checks: api === 'none' ? [] : tests.checks },
      };
      progress.say('chart', `api ${api}; ${objects.length} objects`);
    }),
  );
  job.meter.throwIfOverspent();
}

function byKind(objects: KubeObject[]): DryRun['rendered'] {
  const kinds = [...new Set(objects.map(({ kind }) => kind))].sort();
  return kinds.map((kind) => ({
    kind,
    names: objects.filter((one) => one.kind === kind).map(({ name }) => name),
  }));
}

/** What inputs name that may be made later, and is not there now: no error, and worth a look. */
async function missingPaths(inputs: Inputs, workspace: string, files: Files): Promise<string[]> {
  const folder = dirname(inputs.testReport);
  const named = [
    ...pathsIn(inputs.testCommand).map((path) => ({ input: 'test-command', path })),
    ...(folder === '.' ? [] : [{ input: 'test-report', path: folder }]),
    ...(inputs.baseline ? [{ input: 'baseline', path: inputs.baseline }] : []),
  ];
  const missing: string[] = [];
  for (const { input, path } of named)
    if (!(await isThere(join(workspace, path), files))) missing.push(`${path} (${input})`);
  return missing;
}

/** A folder is there, and cannot be read. */
async function isThere(path: string, files: Files): Promise<boolean> {
  try {
    return (await files.read(path)) !== undefined;
  } catch {
    return true;
  }
}
