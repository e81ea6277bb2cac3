import { RunError } from '../errors.js';
import type { Inputs } from '../inputs.js';
import { noteSecurity, type Job } from '../job.js';
import { notesOfChart } from '../secrets/notes.js';
import { literalsIn } from './exposure.js';
import type { Helm } from './helm.js';
import { readObjects, type KubeObject } from './objects.js';

/** A release that Helm has just installed. */
interface InstalledRelease {
  helm: Pick<Helm, 'installed'>;
  kubeconfig: string;
  /** What was rendered before, with a stand-in for the key. */
  rendered: KubeObject[];
}

/**
 * Looks once more for the key, at what was installed with it. The render had a stand-in, and no cluster: a chart may look into the
 * cluster (lookup), or decide by the text of the key, and show it only then.
 * @throws RunError if the key is outside of Secrets, unless allow-literal-key is set: then it is a security note
 */
export async function refuseShownKey(job: Job, inputs: Inputs, release: InstalledRelease): Promise<void> {
  const { service, allowLiteralKey } = inputs;
  if (!service) return;
  const { helm, kubeconfig, rendered } = release;
  const objects = readObjects(await helm.installed({ ...inputs, kubeconfig }));
  const literals = literalsIn(objects, service.apiKey, rendered);
  if (!literals.length) return;
  if (allowLiteralKey) return noteSecurity(job, notesOfChart({ commands: [], literals, hashes: [] }));
  throw new RunError(
    'E_LITERAL_KEY',
    'chart',
    `the chart was installed with the key in ${literals.join(', ')}, where it is no secret; rendered before with a stand-in for the key, it did not show it`,
    'Look in its templates for lookup, and for what depends on the text of the key: have it refer to a Secret. allow-literal-key: true goes on all the same.',
  );
}
