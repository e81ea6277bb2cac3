import type { Chart } from '../deploy/chart.js';
import type { Helm } from '../deploy/helm.js';
import { readObjects } from '../deploy/objects.js';
import type { Inputs } from '../inputs.js';
import { noteSecurity, type Job } from '../job.js';
import type { ServiceFacts } from '../maas/probe.js';
import { notesOfChart } from '../secrets/notes.js';
import { standInFor } from '../secrets/stand-in.js';
import { wire, type WiredChart } from './wire.js';

/** The chart with the service wired in, as Helm renders it. @throws RunError of Helm, and of the wiring */
export async function renderWired(
  job: Job,
  inputs: Inputs,
  given: { chart: Chart; placeholders: string[] },
  helm: Helm,
  service: ServiceFacts | undefined,
): Promise<WiredChart> {
  const { progress, record } = job;
  const means = { ...inputs, standIn: standInFor(inputs.service?.apiKey ?? '') };
  const wired = await wire(
    means,
    service,
    { ...inputs, ...given, literalKey: inputs.service?.apiKey ?? '' },
    async (overlay) => readObjects(await helm.render(given.chart, inputs, overlay)),
  );
  const { wiring: name, because } = wired;
  if (record.wiring?.because !== because) progress.say('chart', `wiring ${name}, because ${because}`);
  record.wiring = { name, because };
  noteSecurity(job, [...wired.notes, ...notesOfChart(wired.exposure)]);
  return wired;
}
