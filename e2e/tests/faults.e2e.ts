import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { seen } from '../../__tests__/helpers/faults-page.js';
import type { Job } from '../runner.mjs';
import {
  clusterOf,
  containersOf,
  docker,
  errorLine,
  exampleJob,
  filesWith,
  hostService,
  kubectlOf,
  root,
  serviceOfEnvironment,
} from './world.js';

let job: Job | undefined;
let workspace: string | undefined;

afterEach(async () => {
  if (!job) return;
  await job.post().done;
  expect([containersOf(clusterOf(job)), readdirSync(job.temp)]).toEqual([
    [],
    [expect.stringMatching(/^maas-e2e-report-/)],
  ]);
  job.remove();
  if (workspace !== undefined) rmSync(workspace, { recursive: true });
  job = workspace = undefined;
}, 120_000);

/** The example consumer with one edit of its chart. */
function edited(file: string, from: string, to: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'consumer-'));
  cpSync(join(root, 'e2e'), join(folder, 'e2e'), { recursive: true });
  const path = join(folder, 'e2e', 'chart', file);
  const text = readFileSync(path, 'utf8');
  expect(text).toContain(from);
  writeFileSync(path, text.replace(from, to));
  return folder;
}

it('faults 4 and 15: a key with every special character reaches the pod byte for byte; a probe that gets the wrong answer is named', async () => {
  const probe = (path: string) => `path: ${path}\n              port: 8321\n            initialDelaySeconds: 15`;
  const file = 'charts/llama-stack/templates/server.yaml';
  workspace = edited(file, probe('/v1/health'), probe('/no/such/health'));
  const service = await hostService('llama-3-2-3b', `k,{}[]"'\\&<$:#%=+/~0123456789`);
  job = exampleJob(service, { checks: 'chat' }, { workspace });
  const { code, log } = await job.main().done;
  expect([code, job.outputs()['error-code']]).toEqual([1, 'E_NEVER_READY']);
  expect(errorLine(log)).toMatch(seen(15, 'wrong answer'));
  expect(log).toMatch(/passed chat /);
  const show = ['exec', 'deploy/llamastack', '-n', 'rag-e2e', '-c', 'llama-stack', '--', 'printenv', 'MAAS_API_KEY'];
  expect(kubectlOf(job)(...show)).toBe(`${service.key}\n`);

  const folder = job.outputs()['diagnostics'] ?? '';
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const wanted = ['events.txt', 'nodes.txt', 'describe-pods.txt', 'helm-status.txt', 'helm-manifest.yaml', 'plan.json'];
  expect(found).toEqual(expect.arrayContaining([...wanted, 'versions.json', 'logs/pgvector-0.log']));
  expect(filesWith(service.key, folder)).toEqual([]);
  expect(readFileSync(join(folder, 'helm-manifest.yaml'), 'utf8')).toMatch(/kind: Secret[^]*MAAS_API_KEY: "?\*\*\*/);
  await service.close();
}, 300_000);

it('fault 12: a cluster of that name that somebody else made is refused, and left alone', async () => {
  const name = 'not-ours';
  const image = process.env['NODE_IMAGE'] ?? 'kindest/node:v1.36.1';
  const id = docker('create', '--name', `${name}-control-plane`, '--label', `io.x-k8s.kind.cluster=${name}`, image);
  job = exampleJob(await serviceOfEnvironment(), { 'cluster-name': name });
  const { code, log } = await job.main().done;
  expect([code, job.outputs()['error-code']]).toEqual([1, 'E_CLUSTER_EXISTS']);
  expect(errorLine(log)).toMatch(seen(12, 'name is taken'));
  await job.post().done;
  expect(containersOf(name)).toHaveLength(1);
  docker('rm', id.trim());
}, 60_000);

it('fault 13: a registry that limits pulls is named, with the way out', async () => {
  const said = {
    errors: [{ code: 'TOOMANYREQUESTS', message: 'toomanyrequests: you have reached your pull rate limit' }],
  };
  const registry = createServer((_, response) => response.writeHead(429).end(JSON.stringify(said)));
  await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve));
  const image = `127.0.0.1:${(registry.address() as AddressInfo).port}/kindest/node:v1`;
  job = exampleJob(await serviceOfEnvironment(), { 'node-image': image });
  const { code, log } = await job.main().done;
  registry.close();
  expect([code, job.outputs()['error-code']]).toEqual([1, 'E_REGISTRY_LIMIT']);
  expect(errorLine(log)).toMatch(seen(13, 'pull limit of the node image'));
}, 120_000);

it('fault 16: a forwarded port that dies is named as that, and no answer of the stack is blamed', async () => {
  let killed = 0;
  job = exampleJob(
    await serviceOfEnvironment(),
    { checks: 'chat-tool embeddings' },
    {
      onLine: (line) => {
        if (line.includes('passed chat-tool')) killed = killForwarding(clusterOf(job!));
      },
    },
  );
  const { code, log } = await job.main().done;
  expect([killed, code, job.outputs()['error-code']]).toEqual([1, 1, 'E_PORT_LOST']);
  expect(errorLine(log)).toMatch(seen(16));
}, 300_000);

it('fault 20: killed in the middle of the creation, what is left goes in post; what an ended job left is replaced; cancelled, it leaves nothing', async () => {
  const service = await serviceOfEnvironment();
  const inputs = { 'cluster-name': 'same-name' };
  const killed = exampleJob(service, inputs, {
    onLine: (line) => line.includes('Starting control-plane') && killing.child.kill('SIGKILL'),
  });
  const killing = killed.main();
  expect((await killing.done).signal).toBe('SIGKILL');
  // the runner empties its temporary folder when its next job begins; kind, which was not killed, is still at work
  rmSync(killed.temp, { recursive: true });

  job = exampleJob(service, inputs, {
    onLine: (line) => line.includes('Starting control-plane') && cancelled.child.kill('SIGINT'),
  });
  const cancelled = job.main();
  const { code, log } = await cancelled.done;
  expect([code, job.outputs()['error-code']]).toEqual([1, 'E_CANCELLED']);
  expect(log).toContain('same-name was left by an earlier run: it is replaced');
  expect(errorLine(log)).toMatch(seen(20, 'cancelled'));
  for (const time of ['first', 'second']) {
    const post = await job.post().done;
    expect([time, post.code, post.log.includes('::warning'), containersOf('same-name')]).toEqual([time, 0, false, []]);
  }
  await killed.post().done;
  killed.remove();
}, 300_000);

/** Ends docker's forwarding of the stack's port; gives how many processes that were. */
function killForwarding(cluster: string): number {
  const port = /:(\d+)\s*$/m.exec(docker('port', `${cluster}-control-plane`, '30082/tcp'))?.[1] ?? '';
  const { stdout } = spawnSync('pgrep', ['-f', `docker-proxy .*-host-port ${port} `], { encoding: 'utf8' });
  const pids = stdout.split('\n').filter(Boolean).map(Number);
  pids.forEach((pid) => process.kill(pid, 'SIGKILL'));
  return pids.length;
}
