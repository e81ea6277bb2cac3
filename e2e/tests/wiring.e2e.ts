import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorLine, exampleJob, holds, hostService, kubectlOf, logWithoutMask, root, type Service } from './world.js';

/** Every way in which a chart gets to know the model service, each on a cluster of its own; `npm run e2e:full`. */
const KEY = `a: #{b}"'$&\\`;
let service: Service;
let workspace: string;

/** The gateway's image: the action's own, or in the lab, which reaches no public registry, one of Debian's package. */
function gatewayImage(): Record<string, string> {
  const lab = join(root, '..', 'shared', 'lab', 'lab');
  if (!process.env['TOOLS_MIRROR'] || !existsSync(lab)) return {};
  const image = 'maas-e2e/caddy:lab';
  execFileSync('docker', ['build', '-q', '--network', 'host', '-t', image, join(root, 'e2e', 'gateway')]);
  execFileSync(lab, ['push', image]);
  return { 'gateway-image': `docker.io/${image}` };
}

beforeAll(async () => {
  service = await hostService('llama-3-2-3b', KEY);
  workspace = mkdtempSync(join(tmpdir(), 'wiring-'));
  for (const name of ['chart', 'values.yaml', 'openai-app'])
    cpSync(join(root, 'e2e', name), join(workspace, 'e2e', name), { recursive: true });
});

afterAll(async () => {
  await service.close();
  rmSync(workspace, { recursive: true });
});

const MODELS = `
global:
  models:
    mine: {id: "\${MAAS_MODEL}", url: "\${MAAS_BASE_URL}", apiToken: "'\${env.MAAS_API_KEY}'", enabled: true}
pgvector:
  secret: {password: e2e-password, dbname: rag_e2e}
llama-stack:
`;

interface Case {
  wiring: string;
  values?: string;
  inputs?: Record<string, string>;
  /** Secret and its member that must hold the key. */
  secret: [name: string, member: string];
  model: string;
}

const CASES: Case[] = [
  { wiring: 'llama-stack', secret: ['llama-stack-env', 'MAAS_API_KEY'], model: 'maas/llama-3-2-3b' },
  {
    wiring: 'openai-env',
    inputs: { wiring: 'openai-env' },
    secret: ['llama-stack-env', 'OPENAI_API_KEY'],
    model: 'openai/llama-3-2-3b',
  },
  {
    wiring: 'values',
    values: `${MODELS}  secrets: {MAAS_API_KEY: "\${MAAS_API_KEY}"}\n`,
    secret: ['llama-stack-env', 'MAAS_API_KEY'],
    model: 'mine/llama-3-2-3b',
  },
  {
    wiring: 'secret',
    values: `${MODELS}  extraSecretRefs: [{name: my-llm}]\n`,
    inputs: { wiring: 'secret', 'secret-name': 'my-llm', 'secret-keys': 'MAAS_API_KEY=key\nURL=endpoint' },
    secret: ['my-llm', 'MAAS_API_KEY'],
    model: 'mine/llama-3-2-3b',
  },
  {
    wiring: 'gateway',
    inputs: { wiring: 'gateway', ...gatewayImage() },
    secret: ['maas-gateway', 'api-key'],
    model: 'maas/llama-3-2-3b',
  },
];

describe.each(CASES)('wiring $wiring', ({ wiring, values, inputs = {}, secret: [name, member], model }) => {
  it('is green; the key arrives byte for byte in its Secret, and is in no other kind of object', async () => {
    if (values) writeFileSync(join(workspace, `${wiring}.yaml`), values);
    const job = exampleJob(service, { ...(values && { 'values-file': `${wiring}.yaml` }), ...inputs }, { workspace });
    const { code, log } = await job.main().done;
    const kubectl = kubectlOf(job);
    const here = ['-n', 'rag-e2e', '-o', 'json'];
    const secret = JSON.parse(kubectl('get', 'secret', name, ...here)) as { data: Record<string, string> };
    const others = kubectl('get', 'configmaps,pods,deployments,statefulsets,replicasets,events,services', ...here);
    const lastApplied = JSON.stringify(
      (JSON.parse(kubectl('get', 'secret', name, ...here)) as { metadata: object }).metadata,
    );
    await job.post().done;
    expect([code, errorLine(log), job.outputs()['model']]).toEqual([0, '', model]);
    expect(log).toMatch(new RegExp(`chart: wiring ${wiring}, because `));
    expect(Buffer.from(secret.data[member] ?? '', 'base64').toString()).toBe(KEY);
    expect([others, lastApplied, logWithoutMask(log), job.summary()].filter((text) => holds(text, KEY))).toEqual([]);
    job.remove();
  }, 300_000);
});

describe('an application that is no Llama Stack', () => {
  const APP = {
    chart: 'e2e/openai-app/chart',
    'values-file': 'e2e/openai-app/values.yaml',
    'secret-keys': 'api-key=key',
    'api-service': 'rag',
    'health-path': '/health',
    'test-command': 'node e2e/openai-app/test.mjs results.xml',
    'test-report': 'results.xml',
  };

  it('is judged by its health and by its own tests, which have no key', async () => {
    const job = exampleJob(service, APP, { workspace });
    const { code, log } = await job.main().done;
    await job.post().done;
    expect([code, errorLine(log), job.outputs()['checks-passed']]).toEqual([0, '', '3']);
    expect(job.summary()).toContain('exit code 0; 1 tests, 0 failed, 0 skipped');
    expect(holds(logWithoutMask(log), KEY)).toBe(false);
    job.remove();
  }, 300_000);

  it('is red where its own tests are, with their output', async () => {
    const inputs = { ...APP, 'set-values': 'llm: {model: nobody}' };
    const job = exampleJob(service, inputs, { workspace });
    const { code, log } = await job.main().done;
    await job.post().done;
    expect([code, job.outputs()['error-code']]).toEqual([1, 'E_TESTS']);
    expect(errorLine(log)).toMatch(/own tests failed: exit code 1; 1 tests, 1 failed/);
    job.remove();
  }, 300_000);
});

describe('a plain OpenAI-compatible API', () => {
  it('is judged by its chat; what it does not have is skipped, and that is said', async () => {
    const inputs = {
      chart: 'e2e/openai-app/chart',
      'values-file': 'e2e/openai-app/values.yaml',
      'secret-keys': 'api-key=key',
      api: 'openai',
      'api-service': 'rag',
    };
    const job = exampleJob(service, inputs, { workspace });
    const { code, log } = await job.main().done;
    await job.post().done;
    expect([code, errorLine(log), job.outputs()['model'], job.outputs()['checks-failed']]).toEqual([0, '', 'rag', '0']);
    expect(log).toMatch(/passed chat-stream/);
    expect(log).toMatch(/skipped embeddings/);
    expect(log).toMatch(/retrieval is not proven/);
    job.remove();
  }, 300_000);
});

describe('without a key', () => {
  const repo = (name: string) => ({ repo: { full_name: name } });
  const FORK = { pull_request: { head: repo('stranger/rag'), base: repo('org/rag') } };
  const onFork = (inputs: Record<string, string>) => {
    const event = join(workspace, 'event.json');
    writeFileSync(event, JSON.stringify(FORK));
    const env = { GITHUB_EVENT_NAME: 'pull_request', GITHUB_EVENT_PATH: event };
    return exampleJob({ ...service, endpoint: '', key: '' }, inputs, { workspace, env });
  };

  it("a fork's pull request is skipped at once, and makes nothing", async () => {
    const job = onFork({});
    const { code, seconds } = await job.main().done;
    await job.post().done;
    expect([code, job.outputs()['result']]).toEqual([0, 'skipped']);
    expect(seconds).toBeLessThan(5);
    expect(readdirSync(job.temp)).toEqual([expect.stringMatching(/^maas-e2e-report-/)]); // no cluster, no tools
    job.remove();
  }, 60_000);

  it('a stand-in proves all but the model, and says so', async () => {
    const job = onFork({ 'when-no-key': 'stand-in', model: 'llama-3-2-3b' });
    const { code, log } = await job.main().done;
    await job.post().done;
    const { result, mode, model } = job.outputs();
    expect([code, errorLine(log), result, mode, model]).toEqual([0, '', 'passed', 'stand-in', 'maas/llama-3-2-3b']);
    expect(job.summary()).toContain('passed with a stand-in for the model');
    job.remove();
  }, 300_000);
});

describe('a dry run', () => {
  it('of every case decides as the real run does, and makes no cluster', async () => {
    const clusters = () =>
      execFileSync('docker', ['ps', '-aq', '--filter', 'label=io.x-k8s.kind.role'], { encoding: 'utf8' });
    const before = clusters();
    for (const { wiring, values, inputs = {} } of CASES) {
      if (values) writeFileSync(join(workspace, `${wiring}.yaml`), values);
      const given = { ...(values && { 'values-file': `${wiring}.yaml` }), ...inputs, 'dry-run': 'true' };
      const job = exampleJob(service, given, { workspace });
      const { code, log, seconds } = await job.main().done;
      await job.post().done;
      const { mode, result } = job.outputs();
      expect([wiring, code, errorLine(log), mode, result]).toEqual([wiring, 0, '', 'dry-run', 'planned']);
      expect(log).toMatch(new RegExp(`chart: wiring ${wiring}, because `));
      expect(seconds).toBeLessThan(20);
      expect(readdirSync(job.temp)).toEqual([expect.stringMatching(/^maas-e2e-report-/)]);
      expect(JSON.parse(readFileSync(job.outputs()['report-json'] ?? '', 'utf8'))).toMatchObject({
        wiring: { name: wiring },
      });
      job.remove();
    }
    expect(clusters()).toBe(before);
  }, 120_000);

  it('of a chart that would show the key is red, and names the object', async () => {
    const inputs = { 'set-values': 'global: {models: {maas: {apiToken: "${MAAS_API_KEY}"}}}', 'dry-run': 'true' };
    const job = exampleJob(service, { ...inputs, wiring: 'llama-stack' }, { workspace });
    const { code, log } = await job.main().done;
    await job.post().done;
    expect([code, job.outputs()['error-code']]).toEqual([1, 'E_LITERAL_KEY']);
    expect(errorLine(log)).toContain('ConfigMap run-config');
    job.remove();
  }, 60_000);
});
