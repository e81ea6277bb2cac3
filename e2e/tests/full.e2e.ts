import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  clusterOf,
  containersOf,
  errorLine,
  exampleJob,
  holds,
  hostService,
  kubectlOf,
  root,
  serviceOfEnvironment,
  type Service,
} from './world.js';

/** Longer runs, for a change of the deployment or the checks; `npm run e2e:full`. */
describe('the same contract elsewhere', () => {
  it('another path, release, namespace and model key, by inputs alone; a key with every special character', async () => {
    const workspace = mkdtempSync(join(tmpdir(), 'consumer-'));
    cpSync(join(root, 'e2e', 'chart'), join(workspace, 'charts', 'answers'), { recursive: true });
    const values = {
      global: {
        models: {
          'granite-3.1/8b.instruct': { id: 'ibm/Granite-3.1-8B.Instruct', maxTokens: 2048 },
          'other-model': { id: 'x/y', url: 'http://nowhere/v1', enabled: true },
        },
      },
    };
    writeFileSync(join(workspace, 'models.yaml'), JSON.stringify(values));
    writeFileSync(join(workspace, 'database.yaml'), 'pgvector: {secret: {dbname: answers}}\n');
    const service = await hostService('ibm/Granite-3.1-8B.Instruct', `k,{}[]"'\\&<$:#%=+/~0123456789`);
    const inputs = {
      chart: 'charts/answers',
      release: 'answers',
      namespace: 'team-a',
      'values-file': 'models.yaml\ndatabase.yaml',
      model: 'Granite-3.1-8B.Instruct',
    };
    const job = exampleJob(service, inputs, { workspace });
    const { code, log } = await job.main().done;
    expect([code, job.outputs()['model'], errorLine(log)]).toEqual([
      0,
      'granite-3.1/8b.instruct/ibm/Granite-3.1-8B.Instruct',
      '',
    ]);
    const secret = JSON.parse(kubectlOf(job)('get', 'secret', 'llama-stack-env', '-n', 'team-a', '-o', 'json')) as {
      data: Record<string, string>;
    };
    expect(Buffer.from(secret.data['MAAS_API_KEY'] ?? '', 'base64').toString()).toBe(service.key);
    expect(holds(log.replace(/^::add-mask::.*$/m, ''), service.key)).toBe(false);
    await job.post().done;
    await service.close();
    rmSync(workspace, { recursive: true });
    job.remove();
  }, 600_000);
});

describe('a cancelled job', () => {
  it('leaves no cluster once post has run', async () => {
    const service = await serviceOfEnvironment();
    const job = exampleJob(
      service,
      {},
      { onLine: (line) => line.includes('Starting control-plane') && step.child.kill('SIGINT') },
    );
    const step = job.main();
    const { code, log } = await step.done;
    expect([code, errorLine(log)]).toEqual([1, expect.stringContaining('the job was cancelled')]);
    expect(containersOf(clusterOf(job))).toHaveLength(1);
    await job.post().done;
    expect(containersOf(clusterOf(job))).toEqual([]);
    job.remove();
  }, 300_000);
});

describe('the vector database', () => {
  it('scaled to zero from the start: the stack crashes, and the database is blamed', async () => {
    const service = await serviceOfEnvironment();
    const job = exampleJob(service, { 'set-values': 'pgvector: {replicaCount: 0}' });
    const { code, log } = await job.main().done;
    await job.post().done;
    expect(code).toBe(1);
    expect(errorLine(log)).toMatch(
      /failed at%3A vector store \(E_VECTOR_STORE\)::vector store: pod llamastack-.*Fix: .*check that its pods run \(replicas\)/,
    );
    job.remove();
  }, 600_000);

  it('scaled to zero under the running stack: red at the vector store within 60 s', async () => {
    const service = await serviceOfEnvironment();
    let goneAt = 0;
    const job = exampleJob(
      service,
      {},
      {
        onLine: (line) => {
          if (!line.includes('passed embeddings')) return;
          step.child.kill('SIGSTOP'); // so that the checks go on when the database is gone, and not before
          const kubectl = kubectlOf(job);
          kubectl('scale', 'statefulset/pgvector', '--replicas=0', '-n', 'rag-e2e');
          kubectl('delete', 'pod', 'pgvector-0', '-n', 'rag-e2e', '--force', '--grace-period=0', '--ignore-not-found');
          goneAt = Date.now();
          step.child.kill('SIGCONT');
        },
      },
    );
    const step = job.main();
    const { code, log } = await step.done;
    const seconds = (Date.now() - goneAt) / 1000;
    await job.post().done;
    expect(code).toBe(1);
    expect(errorLine(log)).toMatch(
      /failed at%3A vector store \(E_VECTOR_STORE\)::vector store: check files: .*Fix: .*vector database runs/,
    );
    expect(seconds).toBeLessThan(60);
    expect(containersOf(clusterOf(job))).toEqual([]);
    job.remove();
  }, 600_000);
});

describe('a service with a limit', () => {
  const admin = process.env['MODEL_SERVICE_ADMIN'];

  it.skipIf(!admin).each([20, 60])(
    'of %i a minute is asked no more often, counted at the service',
    async (limit) => {
      const service = await serviceOfEnvironment();
      await fetch(`${admin ?? ''}/usage`, { method: 'DELETE' });
      const job = exampleJob(service, { 'requests-per-minute': String(limit) });
      const { code, log } = await job.main().done;
      const usage = (await (await fetch(`${admin ?? ''}/usage`)).json()) as { busiest_60s: number; total: object };
      await job.post().done;
      expect([code, errorLine(log)]).toEqual([0, '']);
      expect(usage.total).toMatchObject({ sent_429: 0 });
      expect(usage.busiest_60s).toBeGreaterThan(10);
      expect(usage.busiest_60s).toBeLessThanOrEqual(limit);
      job.remove();
    },
    900_000,
  );
});

describe('a run without a model', () => {
  const admin = process.env['MODEL_SERVICE_ADMIN'];
  const basicRun = async (service: Service, inputs: Record<string, string>, workspace = root) => {
    const job = exampleJob(service, inputs, { workspace });
    const { code, log } = await job.main().done;
    const { result, mode, model } = job.outputs();
    const found = { code, error: errorLine(log), result, mode, model, skips: job.variables()['SKIP_MODEL_TESTS'] };
    const summary = job.summary();
    await job.post().done;
    job.remove();
    return { found, summary };
  };
  const passed = { code: 0, error: '', result: 'passed', mode: 'basic', model: undefined, skips: 'true' };

  it.skipIf(!admin)(
    'inference off: no endpoint, no key, not one call of the service, a workspace that can not be written to; the basic checks decide',
    async () => {
      const service = { ...(await serviceOfEnvironment()), endpoint: '', key: '' };
      await fetch(`${admin ?? ''}/usage`, { method: 'DELETE' });
      const workspace = mkdtempSync(join(tmpdir(), 'read-only-'));
      execFileSync('mount', ['--bind', root, workspace]);
      execFileSync('mount', ['-o', 'remount,bind,ro', workspace]);
      const { found, summary } = await basicRun(service, { inference: 'off' }, workspace);
      execFileSync('umount', [workspace]);
      rmSync(workspace, { recursive: true });
      expect(found).toEqual(passed);
      expect(summary).toMatch(
        /^## .* passed \(basic: model not tested; 7 checks passed, 1 warned, 13 skipped\)\n\n> \[!WARNING\]/,
      );
      expect(await (await fetch(`${admin ?? ''}/usage`)).json()).toMatchObject({ total: { requests: 0 } });
    },
    300_000,
  );

  it('inference auto: a service that is away leaves the basic checks; a key that it refuses is red', async () => {
    const service = await serviceOfEnvironment();
    const away = { ...service, endpoint: service.endpoint.replace(/:\d+/, ':9') };
    const { found, summary } = await basicRun(away, { inference: 'auto' });
    expect(found).toEqual(passed);
    expect(summary).toMatch(/> \[!WARNING\]\n> The model was not tested: the model service at .* can not be reached/);
    const refused = await basicRun({ ...service, key: 'wrong-key-0123456789' }, { inference: 'auto' });
    expect(refused.found).toMatchObject({ code: 1, result: 'failed' });
  }, 300_000);
});

describe('two runs at once on one machine', () => {
  it('do not meet', async () => {
    const service = await serviceOfEnvironment();
    const jobs = [exampleJob(service, {}), exampleJob(service, {})];
    const results = await Promise.all(jobs.map((job) => job.main().done));
    expect(results.map(({ code, log }) => [code, errorLine(log)])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    const [one, other] = jobs;
    await one!.post().done;
    expect([containersOf(clusterOf(one!)).length, containersOf(clusterOf(other!)).length]).toEqual([0, 1]);
    await other!.post().done;
    jobs.forEach((job) => job.remove());
  }, 600_000);
});
