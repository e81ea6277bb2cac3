import { pause } from './pause.js';
import type { Ports } from './ports.js';
import { deleteCluster, markerOf, nodeName } from './provision/cluster.js';
import { RUN_VARIABLE, type State } from './state.js';

type Means = Pick<Ports, 'log' | 'commands' | 'files' | 'processes'>;

/**
 * What post does: processes of a run that was killed end, the cluster goes, then the folder of kubeconfig and caches. Twice
 * does no harm. What it leaves alone, it says why.
 *
 * @throws where something of ours could not be removed; post makes that a warning
 */
export async function cleanUp(state: State | undefined, means: Means, signal: AbortSignal): Promise<void> {
  const { log, files, processes } = means;
  if (!state) return log.info('Nothing to clean up: the run ended before it made anything.');
  const strays = await processes.endAll(RUN_VARIABLE, state.run);
  if (strays) log.info(`${strays} processes of the run were still there: ended.`);
  if (state.kind && state.keepCluster) {
    const command = `kind delete cluster --name ${state.clusterName}`;
    return log.info(`Cluster ${state.clusterName} is kept (keep-cluster). Delete it with: ${command}`);
  }
  if (state.kind) {
    if (!state.ended) await settled(state, means, signal);
    await removeCluster(state, means);
  }
  await files.remove(state.workDir);
  log.info('Cleaned up.');
}

/** Looks for a node whose creation docker had begun when the run was ended, and the ms between two looks. */
const LOOKS = 8;
const LOOK_MS = 500;

async function settled({ clusterName }: State, { commands }: Means, signal: AbortSignal): Promise<void> {
  for (let look = 0; look < LOOKS && (await markerOf(clusterName, commands)) === undefined; look += 1)
    await pause(LOOK_MS, signal);
}

/** @throws where docker or kind fails: the folder then stays, with the marker by which the cluster can be told as ours */
async function removeCluster(
  { clusterName, marker, kind, kubeconfig }: State,
  { log, commands }: Pick<Ports, 'log' | 'commands'>,
): Promise<void> {
  const found = await commands.run({
    program: 'docker',
    args: ['inspect', '--type', 'container', nodeName(clusterName)],
  });
  if (found.code !== 0 && /no such/i.test(found.stderr))
    return log.info(`There is no cluster ${clusterName} any more.`);
  if (found.code !== 0)
    throw new Error(`docker does not tell whether cluster ${clusterName} is there: ${found.stderr.trim()}`);
  if ((await markerOf(clusterName, commands)) !== marker)
    return log.warning(`Cluster ${clusterName} was not made by this run: it is left alone.`);
  await deleteCluster(kind, { name: clusterName, kubeconfig }, commands);
  log.info(`Cluster ${clusterName} is deleted.`);
}
