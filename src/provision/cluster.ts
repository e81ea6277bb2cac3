import { stringify } from 'yaml';
import type { ErrorCode } from '../error-codes.js';
import { RunError } from '../errors.js';
import type { Command, Commands, Ports } from '../ports.js';

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

/** Version of Kubernetes that a node image brings, where its tag says so, as kind's own do; undefined where it does not. */
export function kubeVersionOf(nodeImage: string | undefined): string | undefined {
  return /:v(\d+\.\d+\.\d+)(@|$)/.exec(nodeImage ?? '')?.[1];
}

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

/** @throws RunError of hop "docker" where no engine answers within 7 s */
export async function checkDocker(commands: Commands): Promise<string> {
  const { code, stdout, stderr, timedOut } = await commands.run({
    program: 'docker',
    args: ['version', '--format', '{{.Server.Version}}'],
    timeoutMs: 7000,
  });
  if (code === 0 && stdout.trim()) return stdout.trim();
  const said =
    code === 127
      ? 'there is no docker command'
      : timedOut
        ? 'it did not answer in 7 s'
        : (stderr.trim().split('\n')[0] ?? '');
  throw new RunError(
    'E_DOCKER',
    'docker',
    `docker is not running or may not be used: ${said}`,
    'Run on a runner with docker, such as ubuntu-latest; on your own runner start the engine and let the runner user use it.',
  );
}

/** Name of the file in the marker folder that tells which job made the cluster. */
export const OWNER_FILE = 'job';

/**
 * Whether a cluster of that name is there that an ended run of this action has left. The node itself tells the process of
 * the job that made it: a run's folder, which is mounted into it, is emptied when the runner's next job begins.
 * @throws RunError where a cluster of that name is somebody else's, or that of a job that still runs
 */
export async function findLeftover(
  name: string,
  { commands, processes }: Pick<Ports, 'commands' | 'processes'>,
): Promise<boolean> {
  const label = `label=io.x-k8s.kind.cluster=${name}`;
  const { stdout } = await commands.run({ program: 'docker', args: ['ps', '-a', '-q', '--filter', label] });
  if (!stdout.trim()) return false;
  if ((await markerOf(name, commands)) === undefined)
    throw taken(name, 'exists already, and this action did not make it');
  const args = ['exec', nodeName(name), 'cat', `${MARKER_MOUNT}/${OWNER_FILE}`];
  const owner = await commands.run({ program: 'docker', args });
  const alive = owner.code === 0 ? processes.isAlive(owner.stdout.trim()) : false;
  if (alive === true) throw taken(name, 'exists already, and the job that made it still runs');
  if (alive === undefined)
    throw taken(name, 'exists already, and a job on another machine or in another container made it');
  return true;
}

/** The folder on the runner that marks a cluster as made by this action; undefined where none does. */
export async function markerOf(name: string, commands: Commands): Promise<string | undefined> {
  const args = ['inspect', '--type', 'container', '--format', '{{json .HostConfig.Binds}}', nodeName(name)];
  const { stdout } = await commands.run({ program: 'docker', args });
  return new RegExp(`"([^":]+):${MARKER_MOUNT}[:"]`).exec(stdout)?.[1];
}

function taken(name: string, what: string): RunError {
  const fix = `Delete it (kind delete cluster --name ${name}), or leave cluster-name empty for a unique one.`;
  return new RunError('E_CLUSTER_EXISTS', 'cluster', `a Kind cluster named ${name} ${what}`, fix);
}

/** Deadline of deleting a cluster, in ms. */
const DELETE_MS = 120_000;

/** @throws RunError with what kind says */
export async function deleteCluster(
  kind: string,
  { name, kubeconfig }: Pick<ClusterPlan, 'name' | 'kubeconfig'>,
  commands: Commands,
): Promise<void> {
  const args = ['delete', 'cluster', '--name', name, '--kubeconfig', kubeconfig];
  const { code, stderr } = await commands.run({ program: kind, args, timeoutMs: DELETE_MS });
  if (code === 0) return;
  const fix = `Delete it by hand: kind delete cluster --name ${name}.`;
  throw new RunError('E_CLUSTER', 'cluster', `kind could not delete cluster ${name}: ${stderr.trim()}`, fix);
}

/** A cluster that could not be created is kept, so that its logs can be exported. @throws RunError with kind's own last lines */
export async function createCluster(
  kind: string,
  plan: ClusterPlan,
  commands: Commands,
  onLine: (line: string) => void,
): Promise<void> {
  const image = plan.nodeImage ? ['--image', plan.nodeImage] : [];
  const where = ['--name', plan.name, '--kubeconfig', plan.kubeconfig];
  const args = ['create', 'cluster', ...where, '--config', '-', '--retain', ...image];
  const result = await commands.run({ program: kind, args, input: kindConfig(plan), onLine });
  if (result.code === 0) return;
  const evidence = result.stderr.trim().split('\n').slice(-15);
  const error = evidence.find((line) => line.startsWith('ERROR:')) ?? evidence.at(-1) ?? '';
  const { code, fix } = CREATION_ERRORS.find(({ pattern }) => pattern.test(result.stderr)) ?? UNKNOWN;
  const said = [error.replace(/^ERROR:\s*/, ''), deeper(result.stderr)].filter(Boolean).join(': ');
  throw new RunError(code, 'cluster', `kind could not create the cluster: ${said}`, fix, { evidence });
}

/** What docker said, which kind quotes below its own error. */
function deeper(stderr: string): string {
  const line = stderr.split('\n').find((candidate) => /Error response from daemon|no space left/.test(candidate));
  return line?.replace(/^.*(Error response from daemon:)/, '$1').trim() ?? '';
}

const CREATION_ERRORS: { pattern: RegExp; code: ErrorCode; fix: string }[] = [
  {
    pattern: /toomanyrequests|rate limit/i,
    code: 'E_REGISTRY_LIMIT',
    fix: 'The image registry limits pulls: log in to it before this step, or set node-image to a mirror of the node image.',
  },
  {
    pattern: /no space left/i,
    code: 'E_DISK_FULL',
    fix: 'Free disk space on the runner, or use a larger one.',
  },
  {
    pattern: /failed to pull image|manifest unknown|pull access denied/i,
    code: 'E_NODE_IMAGE',
    fix: 'Check node-image: the runner must be able to pull it.',
  },
];
const UNKNOWN: { code: ErrorCode; fix: string } = {
  code: 'E_CLUSTER_CREATE',
  fix: 'Look at the lines of kind below; a runner with 2 cores, 7 GB of memory and 14 GB of free disk is enough.',
};

/** What became of the node's container, where it no longer runs: everything that asks the cluster fails then. */
export async function nodeLoss(name: string, commands: Commands): Promise<RunError | undefined> {
  const format = '{{.State.Status}} {{.State.ExitCode}} {{.State.OOMKilled}}';
  const args = ['inspect', '--type', 'container', '--format', format, nodeName(name)];
  const { code, stdout, stderr } = await commands.run({ program: 'docker', args, timeoutMs: 8000 });
  const [status = '', exitCode = '', outOfMemory = ''] = stdout.trim().split(' ');
  if (code === 0 && status === 'running') return undefined;
  if (code !== 0 && !/no such/i.test(stderr)) return undefined; // docker itself does not tell
  const how =
    code !== 0
      ? 'is gone'
      : `${status === 'exited' ? 'has' : 'is'} ${status} (exit code ${exitCode}${outOfMemory === 'true' ? ', out of memory' : ''})`;
  return new RunError(
    'E_NODE_LOST',
    'cluster',
    `the cluster's node container ${nodeName(name)} ${how}`,
    'Look for what ended it: too little memory on the runner, another job that deletes containers, a restart of docker.',
  );
}

/** Whether the stack answers on the node, where its port on the runner does not: docker's forwarding has ended then. */
export async function portLoss(
  name: string,
  stackUrl: string,
  { commands, web }: Pick<Ports, 'commands' | 'web'>,
): Promise<RunError | undefined> {
  const back = await web.get(`${stackUrl}/v1/models`).then(
    () => true,
    () => false,
  );
  if (back) return undefined; // it was the stack that was away
  const url = `http://127.0.0.1:${NODE_PORTS.stack}/v1/models`;
  const args = ['exec', nodeName(name), 'curl', '--silent', '--output', '/dev/null', '--max-time', '5', url];
  const { code } = await commands.run({ program: 'docker', args, timeoutMs: 8000 });
  if (code !== 0) return undefined;
  return new RunError(
    'E_PORT_LOST',
    'cluster',
    `${stackUrl} no longer leads to the stack, which answers inside the cluster`,
    'Run again; on your own runner look for what ended docker-proxy or changed the firewall.',
  );
}

/** The port on the runner behind a node port. */
export async function hostPort(cluster: string, nodePort: number, commands: Commands): Promise<number> {
  const command: Command = { program: 'docker', args: ['port', nodeName(cluster), `${nodePort}/tcp`] };
  const { stdout } = await commands.run(command);
  const port = Number(/:(\d+)\s*$/m.exec(stdout)?.[1]);
  if (port > 0) return port;
  throw new RunError(
    'E_CLUSTER',
    'cluster',
    `docker does not publish node port ${nodePort} of ${nodeName(cluster)}`,
    'Run again; if it comes back, open an issue with the log.',
  );
}
