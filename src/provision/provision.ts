import type { Helm } from '../deploy/chart.js';
import { hopsOf, STACK_PORT, UI_PORT } from '../deploy/hops.js';
import { pullImages, pullOrder } from '../deploy/images.js';
import { readObjects, serviceOnPort, type KubeObject, type ServicePort } from '../deploy/objects.js';
import type { Values } from '../deploy/values.js';
import { RunError, type Hop } from '../errors.js';
import type { Job } from '../job.js';
import { createCluster, deleteCluster, findLeftover, nodeName, type ClusterPlan } from './cluster.js';

/** A chart as Helm renders it: what is known of the deployment before there is a cluster. */
export interface Rendered {
  objects: KubeObject[];
  stack: ServicePort;
  ui: ServicePort | undefined;
  hopOf: (labels: unknown) => Hop;
}

/**
 * Renders the chart, then makes the cluster: a chart that does not render leaves nothing to clean up. As soon as the
 * node's containerd answers, it pulls the chart's images, beside kubeadm and beyond this stage.
 */
export async function provision(
  job: Job,
  kind: string,
  cluster: ClusterPlan,
  helm: Helm,
  overlay: Values,
): Promise<Rendered> {
  const { progress, ports } = job;
  const rendered = await progress.stage('chart', () => render(job, helm, overlay));
  const creating = progress.stage('cluster', async () => {
    if (await findLeftover(cluster.name, ports)) {
      progress.say('cluster', `${cluster.name} was left by an earlier run: it is replaced`);
      await deleteCluster(kind, cluster, ports.commands);
    }
    await createCluster(kind, cluster, ports.commands, (line) => progress.say('cluster', line.trim()));
  });
  const images = pullOrder(rendered.objects, rendered.stack.selector);
  const say = (line: string) => progress.say('images', line);
  const pulling = progress.stage('images', () => pullImages(nodeName(cluster.name), images, ports.commands, say));
  pulling.catch(() => undefined); // only a head start: the kubelet pulls what is missing
  await creating;
  return rendered;
}

async function render({ progress }: Job, helm: Helm, overlay: Values): Promise<Rendered> {
  progress.say('chart', await helm.buildDependencies());
  const objects = readObjects(await helm.render(overlay));
  const stack = serviceOnPort(objects, STACK_PORT, 'llamastack');
  if (!stack) {
    throw new RunError(
      'E_NO_STACK',
      'chart',
      `the chart renders no Service on port ${STACK_PORT}, so there is no stack to test`,
      'Check that the values enable the stack (llama-stack.enabled), and the input chart.',
    );
  }
  const ui = serviceOnPort(objects, UI_PORT, 'rag');
  return { objects, stack, ui, hopOf: hopsOf(objects, stack, ui) };
}
