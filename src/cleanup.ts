import type { Ports } from './ports.js';
import { MARKER_MOUNT, nodeName } from './provision/cluster.js';
import type { State } from './state.js';

/**
 * What post does: the cluster goes, then the folder of kubeconfig and caches. Twice does no harm. What it leaves alone, it
 * says why.
 *
 * @throws where something of ours could not be removed; post makes that a warning
 */
export async function cleanUp(
  state: State | undefined,
  { log, commands, files }: Pick<Ports, 'log' | 'commands' | 'files'>,
): Promise<void> {
  if (!state) return log.info('Nothing to clean up: the run ended before it made anything.');
  if (state.kind && state.keepCluster) {
    const command = `kind delete cluster --name ${state.clusterName}`;
    return log.info(`Cluster ${state.clusterName} is kept (keep-cluster). Delete it with: ${command}`);
  }
  if (state.kind) await deleteCluster(state, { log, commands });
  await files.remove(state.workDir);
  log.info('Cleaned up.');
}

/** @throws where docker or kind fails: the folder then stays, with the marker by which the cluster can be told as ours */
async function deleteCluster(
  { clusterName, marker, kind, kubeconfig }: State,
  { log, commands }: Pick<Ports, 'log' | 'commands'>,
): Promise<void> {
  const node = nodeName(clusterName);
  const inspect = ['inspect', '--type', 'container', '--format', '{{json .HostConfig.Binds}}', node];
  const found = await commands.run({ program: 'docker', args: inspect });
  if (found.code !== 0 && /no such/i.test(found.stderr))
    return log.info(`There is no cluster ${clusterName} any more.`);
  if (found.code !== 0)
    throw new Error(`docker does not tell whether cluster ${clusterName} is there: ${found.stderr.trim()}`);
  if (!found.stdout.includes(`${marker}:${MARKER_MOUNT}`))
    return log.warning(`Cluster ${clusterName} was not made by this run: it is left alone.`);
  const args = ['delete', 'cluster', '--name', clusterName, '--kubeconfig', kubeconfig];
  const deleted = await commands.run({ program: kind, args, timeoutMs: 120_000 });
  if (deleted.code !== 0) throw new Error(`kind could not delete cluster ${clusterName}: ${deleted.stderr.trim()}`);
  log.info(`Cluster ${clusterName} is deleted.`);
}
