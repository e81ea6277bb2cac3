import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { startModelService } from '../../src/extractive-service.js';
import { readAddress } from '../../src/provision/bridge.js';
import { createJob, inputsFromEnvironment, root, type Job } from '../runner.mjs';
import { toolFolder } from '../tool-folder.mjs';

/** The model service of an end-to-end run. */
export interface Service {
  endpoint: string;
  key: string;
  close: () => Promise<void>;
}

/** The lab's model service where `lab env` names it, else an extractive one on this host. */
export async function serviceOfEnvironment(): Promise<Service> {
  const { MAAS_ENDPOINT, MAAS_API_KEY } = process.env;
  if (MAAS_ENDPOINT && MAAS_API_KEY)
    return { endpoint: MAAS_ENDPOINT, key: MAAS_API_KEY, close: () => Promise.resolve() };
  return await hostService('llama-3-2-3b', `e2e-${randomBytes(16).toString('hex')}`);
}

/** What a model service counted itself. */
export interface ServiceCounts {
  requests: number;
  prompt_tokens: number;
  completion_tokens: number;
}

/** What the lab's model service counted of chats and embeddings since it was last asked; undefined for any other service. */
export async function takeCounts(): Promise<ServiceCounts | undefined> {
  const admin = process.env['MODEL_SERVICE_ADMIN'];
  if (!admin) return undefined;
  const { paths } = (await (await fetch(`${admin}/usage`)).json()) as { paths: Record<string, ServiceCounts> };
  await fetch(`${admin}/usage`, { method: 'DELETE' });
  const sum = { requests: 0, prompt_tokens: 0, completion_tokens: 0 };
  for (const [path, counts] of Object.entries(paths)) {
    if (path.endsWith('/models')) continue;
    sum.requests += counts.requests;
    sum.prompt_tokens += counts.prompt_tokens;
    sum.completion_tokens += counts.completion_tokens;
  }
  return sum;
}

/** An extractive model service on this host, under the address by which pods reach it. */
export async function hostService(model: string, key: string): Promise<Service> {
  const host = readAddress(docker('network', 'inspect', 'bridge'));
  const service = await startModelService({ host, apiKey: key, model });
  return { endpoint: `http://${host}:${service.port}`, key, close: service.close };
}

/** A job against the example chart; its lines are printed as they come. */
export function exampleJob(
  service: Service,
  inputs: Record<string, string>,
  options: { workspace?: string; env?: Record<string, string>; onLine?: (line: string) => void } = {},
): Job {
  return createJob({
    toolCache: toolFolder(),
    inputs: {
      'maas-endpoint': service.endpoint,
      'api-key': service.key,
      chart: 'e2e/chart',
      'values-file': 'e2e/values.yaml',
      ...inputsFromEnvironment(),
      ...inputs,
    },
    ...(options.workspace !== undefined && { workspace: options.workspace }),
    ...(options.env && { env: options.env }),
    onLine: (line) => {
      if (!/^::(debug|add-mask|endgroup)::/.test(line)) console.log(line.replace(/^::group::/, '── '));
      options.onLine?.(line);
    },
  });
}

export function docker(...args: string[]): string {
  return execFileSync('docker', args, { encoding: 'utf8' });
}

/** kubectl of the job's own run, against the job's cluster; there until post. */
export function kubectlOf(job: Job): (...args: string[]) => string {
  const path = join(folderOf(job), 'tools', 'kubectl');
  return (...args) =>
    execFileSync(path, args, {
      encoding: 'utf8',
      env: { ...process.env, KUBECONFIG: kubeconfigOf(job) },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
}

export function kubeconfigOf(job: Job): string {
  return join(folderOf(job), 'kubeconfig');
}

/** The folder of the job's run, which the saved state names by the run. */
function folderOf(job: Job): string {
  const { run = '' } = JSON.parse(job.state()['maas-e2e'] ?? '{}') as { run?: string };
  return join(job.temp, `maas-e2e-${run}`);
}

export function clusterOf(job: Job): string {
  const state = JSON.parse(job.state()['maas-e2e'] ?? '{}') as { clusterName?: string };
  return state.clusterName ?? '';
}

/** Node containers of a cluster, running or not. */
export function containersOf(cluster: string): string[] {
  return docker('ps', '-a', '-q', '--filter', `label=io.x-k8s.kind.cluster=${cluster}`).split('\n').filter(Boolean);
}

/** The forms of a key in which a careless program passes it on. */
export function formsOf(key: string): string[] {
  return [
    key,
    Buffer.from(key).toString('base64').replace(/=+$/, '').slice(0, -1),
    encodeURIComponent(key),
    Buffer.from(key).toString('hex'),
  ];
}

export function holds(text: string, key: string): boolean {
  return formsOf(key).some((form) => text.includes(form));
}

/** Files below a folder that hold the key. */
export function filesWith(key: string, folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter(
      (path) =>
        statSync(path, { throwIfNoEntry: false })?.isFile() === true && holds(readFileSync(path, 'latin1'), key),
    );
}

/**
 * Samples the command lines of all processes of this machine until it is stopped; gives those with the key in them. A
 * consumer's containers are among them: the example chart keeps the key off their command lines too.
 */
export function sampleCommandLines(key: string): { stop: () => { found: string[]; samples: number } } {
  const found = new Set<string>();
  let samples = 0;
  const look = () => {
    samples += 1;
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      const line = commandLine(pid);
      if (holds(line, key)) found.add(line.replaceAll(key, '<key>'));
    }
  };
  const timer = setInterval(look, 40);
  return {
    stop: () => {
      clearInterval(timer);
      return { found: [...found], samples };
    },
  };
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return ''; // it has ended
  }
}

/** Lines of a log in which a leak would show: all but the one that masks the key. */
export function logWithoutMask(log: string): string {
  return log
    .split('\n')
    .filter((line) => !line.startsWith('::add-mask::'))
    .join('\n');
}

export function errorLine(log: string): string {
  return log.split('\n').find((line) => line.startsWith('::error')) ?? '';
}

export { root };
