import { basename, dirname, join } from 'node:path';
import { pause } from './pause.js';
import type { Ports } from './ports.js';
import { deleteCluster, markerOf, nodeName, OWNER_FILE } from './provision/cluster.js';
import { RUN_VARIABLE, type State } from './state.js';

export interface CleanupMeans extends Pick<Ports, 'log' | 'commands' | 'files' | 'processes'> {
  /** A path with its links followed; undefined if there is nothing. */
  realPath: (path: string) => Promise<string | undefined>;
  /** Folders that kind may lie in beside the run's own: the tool cache. */
  toolFolders: string[];
}

/**
 * What post does: processes of a run that was killed end, the cluster goes, then the folder of kubeconfig and caches. Twice
 * does no harm. What it leaves alone, it says why: commands of the job may have changed what main saved, so that nothing goes
 * but what can be told as this job's own.
 *
 * @throws where something of ours could not be removed; post makes that a warning
 */
export async function cleanUp(state: State | undefined, means: CleanupMeans, signal: AbortSignal): Promise<void> {
  const { log, files, processes } = means;
  if (!state) return log.info('Nothing to clean up: the run ended before it made anything.');
  const owner = await ownerOf(state, means);
  if (owner === 'another')
    return log.warning(`The folder ${state.workDir} was not made by this job: it is left alone, and its cluster, too.`);
  if (owner === 'this job') {
    const strays = await processes.endAll(RUN_VARIABLE, state.run);
    if (strays) log.info(`${strays} processes of the run were still there: ended.`);
  }
  if (state.kind && state.keepCluster) {
    const command = `kind delete cluster --name ${state.clusterName}`;
    return log.info(`Cluster ${state.clusterName} is kept (keep-cluster). Delete it with: ${command}`);
  }
  if (state.kind) {
    if (!state.ended && owner !== 'nobody') await settled(state, means, signal);
    await removeCluster(state, means);
  }
  if (owner !== 'nobody') await files.remove(state.workDir);
  log.info('Cleaned up.');
}

/** Whose a run's folder is. A run that was killed as it made the folder has put nothing into it yet. */
async function ownerOf(
  { workDir, marker }: State,
  { files, processes, realPath }: CleanupMeans,
): Promise<'this job' | 'another' | 'nobody'> {
  const at = await realPath(workDir);
  if (at === undefined) return 'nobody';
  const parent = await realPath(dirname(workDir));
  if (parent === undefined || at !== join(parent, basename(workDir))) return 'another'; // a link
  const note = join(marker, OWNER_FILE);
  const written = await files.read(note);
  if (written) return written === processes.parent() ? 'this job' : 'another';
  return (await files.list(workDir)).every((path) => path === note) ? 'this job' : 'another'; // killed, or the disk is full
}

/** @throws Error where the kind of the saved state, its links followed, is none that a run of this action uses */
async function refuseForeignKind({ kind, workDir }: State, { realPath, toolFolders }: CleanupMeans): Promise<void> {
  const at = await realPath(kind);
  const folders = await Promise.all([workDir, ...toolFolders].map(realPath));
  if (at !== undefined && folders.some((folder) => folder !== undefined && at.startsWith(`${folder}/`))) return;
  throw new Error(`${kind} is not a kind that this action installs, and is not run; the cluster is left as it is`);
}

/**
 * Looks for a node whose creation docker had begun when the run was ended, and the ms between two looks. The end of kind and
 * of docker's command does not reach the engine: it makes the container all the same, which lists it only when it is made, on a
 * busy disk many seconds later.
 */
const LOOKS = 40;
const LOOK_MS = 500;

async function settled({ clusterName }: State, { commands }: CleanupMeans, signal: AbortSignal): Promise<void> {
  for (let look = 0; look < LOOKS && (await markerOf(clusterName, commands)) === undefined; look += 1)
    await pause(LOOK_MS, signal);
}

/** @throws where docker or kind fails: the folder then stays, with the marker by which the cluster can be told as ours */
async function removeCluster(state: State, means: CleanupMeans): Promise<void> {
  const { clusterName, marker, kind, kubeconfig } = state;
  const { log, commands } = means;
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
  await refuseForeignKind(state, means);
  await deleteCluster(kind, { name: clusterName, kubeconfig }, commands);
  log.info(`Cluster ${clusterName} is deleted.`);
}
