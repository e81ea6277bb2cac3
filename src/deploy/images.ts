import { at, member, text } from '../json.js';
import type { Commands } from '../ports.js';
import { takes } from './hops.js';
import { containersOf, isTestHook, podLabelsOf, podSpecOf, type KubeObject } from './objects.js';

/**
 * The images of a rendered chart in the order in which the node should pull them: what others wait for first
 * (StatefulSets: databases, small), then the stack's, which is by far the largest, then the rest. Measured: one at a
 * time is faster than three at once, and a stack that starts before its database is restarted once.
 */
export function pullOrder(objects: KubeObject[], stackSelector: unknown): string[] {
  const rank = (object: KubeObject) => (object.kind === 'StatefulSet' ? 0 : isBehind(stackSelector, object) ? 1 : 2);
  const workloads = objects.filter(
    (object) => object.kind !== 'CronJob' && !isTestHook(object) && at(object.body, 'spec', 'replicas') !== 0,
  );
  const ordered = [...workloads].sort((a, b) => rank(a) - rank(b));
  return [
    ...new Set(
      ordered.flatMap((object) => containersOf(podSpecOf(object)).map((container) => text(member(container, 'image')))),
    ),
  ].filter(Boolean);
}

/** The image of the first container that a Service's selector takes. */
export function imageBehind(selector: unknown, objects: KubeObject[]): string | undefined {
  const workload = objects.find((object) => isBehind(selector, object));
  return text(member(containersOf(podSpecOf(workload))[0], 'image')) || undefined;
}

function isBehind(selector: unknown, object: KubeObject): boolean {
  return podLabelsOf(object).some((labels) => takes(selector, labels));
}

/** ms between two looks at a containerd that is not up yet. */
const PAUSE_MS = 300;

/**
 * Pulls images on the node beside kubeadm, from the moment its containerd answers. A pull that fails is only told: the
 * kubelet tries again, and the rollout decides.
 */
export async function pullImages(
  node: string,
  images: string[],
  commands: Commands,
  say: (line: string) => void,
): Promise<void> {
  const crictl = (...args: string[]) => commands.run({ program: 'docker', args: ['exec', node, 'crictl', ...args] });
  while ((await crictl('images')).code !== 0) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  for (const image of images) {
    const { code, stderr } = await crictl('pull', image);
    say(
      code === 0
        ? `${image} is on the node`
        : `${image} could not be pulled ahead: ${stderr.trim().split('\n').at(-1) ?? ''}`,
    );
  }
}

/**
 * A Pod that has the kubelet ask for an image. The kubelet pulls one at a time: with the stack's image in its queue first,
 * smaller ones do not slow that pull down, which the whole run waits for.
 */
export function pullerPod(node: string, image: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'maas-e2e-puller',
      namespace: 'default',
      labels: { 'app.kubernetes.io/managed-by': 'maas-e2e-action' },
    },
    spec: {
      nodeName: node,
      hostNetwork: true,
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      tolerations: [{ operator: 'Exists' }],
      containers: [{ name: 'puller', image, imagePullPolicy: 'IfNotPresent', command: ['true'] }],
    },
  };
}
