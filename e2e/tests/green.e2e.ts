import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkStack } from '../../src/check-stack.js';
import type { Job, StepResult } from '../runner.mjs';
import {
  clusterOf,
  containersOf,
  exampleJob,
  filesWith,
  holds,
  kubectlOf,
  logWithoutMask,
  root,
  sampleCommandLines,
  serviceOfEnvironment,
  takeCounts,
  type Service,
  type ServiceCounts,
} from './world.js';

/** The example chart, from no cluster to no cluster. The cases look at one run, in order. */
describe('a healthy run', () => {
  let service: Service;
  let job: Job;
  let main: StepResult;
  let commandLines: { found: string[]; samples: number };
  let counted: ServiceCounts | undefined;

  beforeAll(async () => {
    service = await serviceOfEnvironment();
    job = exampleJob(service, { price: '0.15/0.60', 'token-budget': '100000' });
    await takeCounts();
    const sampler = sampleCommandLines(service.key);
    main = await job.main().done;
    commandLines = sampler.stop();
    counted = await takeCounts();
    console.log(job.summary());
    mkdirSync(`${root}/.e2e`, { recursive: true });
    writeFileSync(`${root}/.e2e/summary.md`, job.summary());
  }, 600_000);

  afterAll(async () => {
    await job.post().done;
    await service.close();
    job.remove();
  }, 300_000);

  it('is green: every check passed but the one of what the stack does not offer', () => {
    const { result, model, ...rest } = job.outputs();
    expect([main.code, result, model]).toEqual([0, 'passed', 'maas/llama-3-2-3b']);
    expect(rest).toMatchObject({
      'checks-passed': '20',
      'checks-warned': '0',
      'checks-failed': '0',
      'checks-blocked': '0',
      'checks-skipped': '1',
    });
    expect(main.log).toMatch(/skipped metadata-filter .*: not offered: /);
    expect(Number(rest['total-tokens'])).toBeGreaterThan(50);
    expect(job.summary()).toMatch(/^## ✅ MaaS E2E: passed \(20 checks passed, 1 skipped with `maas\/llama-3-2-3b`\)/);
  });

  it('leaves stack and UI reachable for later steps, under the names that the consumer reads', async () => {
    const { LLAMA_STACK_ENDPOINT, RAG_UI_ENDPOINT, INFERENCE_MODEL, SKIP_MODEL_TESTS } = job.variables();
    const models = await (await fetch(`${LLAMA_STACK_ENDPOINT ?? ''}/v1/models`)).text();
    const ui = await fetch(`${RAG_UI_ENDPOINT ?? ''}/_stcore/health`);
    expect([models.includes('maas/llama-3-2-3b'), ui.status, INFERENCE_MODEL, SKIP_MODEL_TESTS]).toEqual([
      true,
      200,
      'maas/llama-3-2-3b',
      'false',
    ]);
  });

  it('reports the requests and tokens that the model service counted', () => {
    const { requests, 'prompt-tokens': prompt, 'completion-tokens': completion, ...rest } = job.outputs();
    if (counted)
      expect([requests, prompt, completion]).toEqual(
        [counted.requests, counted.prompt_tokens, counted.completion_tokens].map(String),
      );
    const cost = (Number(prompt) * 0.15 + Number(completion) * 0.6) / 1_000_000;
    expect(cost).toBeGreaterThan(0);
    expect(Number(rest['estimated-cost'])).toBeCloseTo(cost, 5);
  });

  it.each([5, 12])(
    'asks no more than a request-budget of %d lets it',
    async (most) => {
      const { 'llama-stack-url': stackUrl = '', 'ui-url': uiUrl = '' } = job.outputs();
      const target = {
        stackUrl,
        uiUrl,
        api: 'llama-stack',
        basePath: '',
        modelKey: 'maas',
        model: 'llama-3-2-3b',
      } as const;
      const limits = { requests: most, tokens: undefined, cost: undefined };
      const spend = { prices: [], limits, onBudget: 'stop' } as const;
      await takeCounts();
      const log = { info: () => undefined, debug: () => undefined, warning: () => undefined, notice: () => undefined };
      const silent = { ...log, error: () => undefined, openGroup: () => undefined, closeGroup: () => undefined };
      const { endpoint: baseUrl, key: apiKey } = service;
      const record = await checkStack(
        { ...target, service: { baseUrl, apiKey } },
        { spend: { ...spend, prices: [] } },
        silent,
      );
      const requests = (await takeCounts())?.requests ?? most;
      expect([requests, record.failure, record.checks.some(({ verdict }) => verdict === 'failed')]).toEqual([
        most,
        undefined,
        false,
      ]);
      expect(record.spend.stopped).toMatch(new RegExp(`request-budget: ${most} of ${most} spent`));
      expect(record.checks.filter(({ verdict }) => verdict === 'passed').length).toBeGreaterThan(2);
    },
    60_000,
  );

  it('deletes what the checks made', async () => {
    const stack = job.variables()['LLAMA_STACK_ENDPOINT'] ?? '';
    const list = async (path: string) => ((await (await fetch(`${stack}${path}`)).json()) as { data: unknown[] }).data;
    expect([await list('/v1/vector_stores'), await list('/v1/files')]).toEqual([[], []]);
  });

  it('has the key on no command line', () => {
    expect(commandLines.samples).toBeGreaterThan(100);
    expect(commandLines.found).toEqual([]);
  });

  it('has the key in no log, output, variable, state, summary or file', () => {
    const texts = [logWithoutMask(main.log), job.outputs(), job.variables(), job.state(), job.summary()].map((value) =>
      JSON.stringify(value),
    );
    expect(texts.filter((text) => holds(text, service.key))).toEqual([]);
    expect(filesWith(service.key, job.home)).toEqual([]);
  });

  it('has the key in the cluster in its Secret and the release record alone', () => {
    const kubectl = kubectlOf(job);
    const kinds = kubectl('api-resources', '--verbs=list', '--namespaced', '-o', 'name')
      .trim()
      .split('\n')
      .filter((kind) => !/^events/.test(kind));
    const items = kinds.flatMap(
      (kind) =>
        (
          JSON.parse(kubectl('get', kind, '-A', '-o', 'json')) as {
            items: { kind: string; metadata: { name: string } }[];
          }
        ).items,
    );
    const holding = items
      .filter((item) => holds(JSON.stringify(item), service.key))
      .map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect([...new Set(holding)]).toEqual(['Secret llama-stack-env']);
    expect(items.some(({ metadata }) => metadata.name.startsWith('sh.helm.release.v1.rag'))).toBe(true);
  });

  it('leaves no cluster, container or temporary file after post; the report stays; post again does no harm', async () => {
    const cluster = clusterOf(job);
    expect(containersOf(cluster)).toHaveLength(1);
    for (const time of ['first', 'second']) {
      const { code, log } = await job.post().done;
      expect([time, code, log.includes('::warning')]).toEqual([time, 0, false]);
    }
    expect(containersOf(cluster)).toEqual([]);
    expect(readdirSync(job.temp)).toEqual([expect.stringMatching(/^maas-e2e-report-/)]);
    const report = job.outputs()['report-json'] ?? '';
    expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject({ version: 1, result: 'passed' });
    expect(dirname(dirname(report))).toBe(job.temp);
  }, 300_000);
});
