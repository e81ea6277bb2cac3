import { stringify } from 'yaml';
import { RunError } from '../errors.js';
import type { Command, Commands } from '../ports.js';

export interface ClusterInputs {
  clusterName: string | undefined;
  nodeImage: string | undefined;
  keepCluster: boolean;
}

/** Node ports of our own Services, below those that Kubernetes gives away first (30086 and up). */
export const NODE_PORTS = { stack: 30082, ui: 30083 } as const;

export interface ClusterPlan {
  name: string;
  nodeImage: string | undefined;
  /** Kubeconfig of this cluster alone. */
  kubeconfig: string;
  /** Folder that is mounted into the node: it marks the cluster as ours, even where its creation was killed. */
  marker: string;
}

export const MARKER_MOUNT = '/maas-e2e-owner';

export function nodeName(cluster: string): string {
  return `${cluster}-control-plane`;
}

/** The cluster's configuration: https://kind.sigs.k8s.io/docs/user/configuration/ */
export function kindConfig({ marker }: ClusterPlan): string {
  const mapping = (containerPort: number) => ({
    containerPort,
    hostPort: 0,
    listenAddress: '127.0.0.1',
    protocol: 'TCP',
  });
  return stringify({
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    nodes: [
      {
        role: 'control-plane',
        extraMounts: [{ hostPath: marker, containerPath: MARKER_MOUNT, readOnly: true }],
        extraPortMappings: [mapping(NODE_PORTS.stack), mapping(NODE_PORTS.ui)],
      },
    ],
  });
}

/** @throws RunError of hop "docker" where no engine answers within 8 s */
export async function checkDocker(commands: Commands): Promise<string> {
  const { code, stdout, stderr, timedOut } = await commands.run({
    program: 'docker',
    args: ['version', '--format', '{{.Server.Version}}'],
    timeoutMs: 8000,
  });
  if (code === 0 && stdout.trim()) return stdout.trim();
  const said =
    code === 127
      ? 'there is no docker command'
      : timedOut
        ? 'it did not answer in 8 s'
        : (stderr.trim().split('\n')[0] ?? '');
  throw new RunError(
    'docker',
    `docker is not running or may not be used: ${said}`,
    'Run on a runner with docker, such as ubuntu-latest; on your own runner start the engine and let the runner user use it.',
  );
}

/** @throws RunError where a cluster of that name is there already: it may be somebody's */
export async function checkNameIsFree(name: string, commands: Commands): Promise<void> {
  const { stdout } = await commands.run({
    program: 'docker',
    args: ['ps', '-a', '-q', '--filter', `label=io.x-k8s.kind.cluster=${name}`],
  });
  if (stdout.trim()) {
    throw new RunError(
      'cluster',
      `a Kind cluster named ${name} exists already`,
      `Delete it (kind delete cluster --name ${name}), or leave cluster-name empty for a unique one.`,
    );
  }
}

/** @throws RunError with kind's own last lines */
export async function createCluster(
  kind: string,
  plan: ClusterPlan,
  commands: Commands,
  onLine: (line: string) => void,
): Promise<void> {
  const image = plan.nodeImage ? ['--image', plan.nodeImage] : [];
  const args = [
    'create',
    'cluster',
    '--name',
    plan.name,
    '--kubeconfig',
    plan.kubeconfig,
    '--config',
    '-',
    '--retain',
    ...image,
  ];
  const { code, stderr } = await commands.run({ program: kind, args, input: kindConfig(plan), onLine });
  if (code === 0) return;
  const evidence = stderr.trim().split('\n').slice(-15);
  const error = evidence.find((line) => line.startsWith('ERROR:')) ?? evidence.at(-1) ?? '';
  throw new RunError(
    'cluster',
    `kind could not create the cluster: ${error.replace(/^ERROR:\s*/, '')}`,
    clusterFix(stderr),
    { evidence },
  );
}

function clusterFix(stderr: string): string {
  if (/toomanyrequests|rate limit/i.test(stderr))
    return 'The image registry limits pulls: log in to it before this step, or set node-image to a mirror of the node image.';
  if (/no space left/i.test(stderr)) return 'Free disk space on the runner, or use a larger one.';
  if (/pull|manifest|not found/i.test(stderr)) return 'Check node-image: the runner must be able to pull it.';
  return 'Look at the lines of kind below; a runner with 2 cores, 7 GB of memory and 14 GB of free disk is enough.';
}

/** The port on the runner behind a node port. */
export async function hostPort(cluster: string, nodePort: number, commands: Commands): Promise<number> {
  const command: Command = { program: 'docker', args: ['port', nodeName(cluster), `${nodePort}/tcp`] };
  const { stdout } = await commands.run(command);
  const port = Number(/:(\d+)\s*$/m.exec(stdout)?.[1]);
  if (port > 0) return port;
  throw new RunError(
    'cluster',
    `docker does not publish node port ${nodePort} of ${nodeName(cluster)}`,
    'Run again; if it comes back, open an issue with the log.',
  );
}
