import { pullImages, pullOrder } from '../deploy/images.js';
import type { Chart } from '../deploy/chart.js';
import type { Rendered } from '../deploy/render.js';
import type { Job } from '../job.js';
import { createCluster, deleteCluster, findLeftover, nodeName, type ClusterPlan } from './cluster.js';

/**
 * Renders the chart, then makes the cluster: a chart that does not render leaves nothing to clean up. As soon as the
 * node's containerd answers, it pulls the chart's images, beside kubeadm and beyond this stage.
 */
export async function provision<Made extends { chart: Chart; rendered: Rendered }>(
  job: Job,
  kind: string,
  cluster: ClusterPlan,
  render: () => Promise<Made>,
): Promise<Made> {
  const { progress, ports } = job;
  const made = await progress.stage('chart', render);
  const { rendered } = made;
  const creating = progress.stage('cluster', async () => {
    if (await findLeftover(cluster.name, ports)) {
      progress.say('cluster', `${cluster.name} was left by an earlier run: it is replaced`);
      await deleteCluster(kind, cluster, ports.commands);
    }
    await createCluster(kind, cluster, ports.commands, (line) => progress.say('cluster', line.trim()));
  });
  const all = [...rendered.wired.before, ...rendered.objects];
  const images = pullOrder(all, rendered.server?.selector);
  const say = (line: string) => progress.say('images', line);
  const pulling = progress.stage('images', () => pullImages(nodeName(cluster.name), images, ports.commands, say));
  pulling.catch(() => undefined); // only a head start: the kubelet pulls what is missing
  await creating;
  return made;
}
