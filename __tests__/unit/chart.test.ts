import { describe, expect, it } from 'vitest';
import { readSources, renderChart } from '../../src/chart.js';
import { readChart, readFetched, readValuesFiles } from '../../src/deploy/chart.js';
import { Helm } from '../../src/deploy/helm.js';
import type { ErrorCode } from '../../src/error-codes.js';
import type { RawInputs } from '../../src/inputs.js';
import type { Job } from '../../src/job.js';
import { makePlan } from '../../src/plan.js';
import { DownloadFailure } from '../../src/provision/download-failure.js';
import { Progress } from '../../src/progress.js';
import { newRecord } from '../../src/report/record.js';
import { failureOf } from '../helpers/failures.js';
import { host, inputs } from '../helpers/inputs.js';
import { fakeCommands, memoryFiles, memoryToolCache, recordedLog, type Served } from '../helpers/memory.js';

const MANIFEST = `apiVersion: v2
name: rag
dependencies:
  - {name: llama-stack, version: 0.6.7, repository: "https://charts.example/a"}
  - {name: pgvector, alias: database, version: 0.1.0, repository: "file://../pgvector"}
  - {name: odd}
`;
const AT = '/ws/deploy/rag';
const SHOWN = 'deploy/rag';

describe('a chart in the workspace', () => {
  it('is read with its name, its defaults and its dependencies', async () => {
    const files = memoryFiles({ [`${AT}/Chart.yaml`]: MANIFEST, [`${AT}/values.yaml`]: 'a: 1' });
    expect(await readChart(AT, SHOWN, files)).toEqual({
      path: AT,
      name: 'rag',
      dependencies: [
        { name: 'llama-stack', alias: 'llama-stack' },
        { name: 'pgvector', alias: 'database' },
        { name: 'odd', alias: 'odd' },
      ],
      defaults: { where: 'deploy/rag/values.yaml', text: 'a: 1' },
      needs: [{ path: AT, repositories: ['https://charts.example/a', 'file://../pgvector', ''] }],
    });
  });

  it('may have neither defaults nor dependencies', async () => {
    const files = memoryFiles({ [`${AT}/Chart.yaml`]: 'name: rag' });
    const read = await readChart(AT, SHOWN, files);
    expect(read).toMatchObject({ defaults: { text: '' }, dependencies: [], needs: [] });
  });

  it('of the first API version has its dependencies in a file of their own', async () => {
    const files = memoryFiles({
      [`${AT}/Chart.yaml`]: 'apiVersion: v1\nname: rag',
      [`${AT}/requirements.yaml`]: 'dependencies: [{name: a, repository: "https://charts.example"}]',
    });
    expect(await readChart(AT, SHOWN, files)).toMatchObject({
      dependencies: [{ name: 'a', alias: 'a' }],
      needs: [{ path: AT, repositories: ['https://charts.example'] }],
    });
  });

  it('needs those of local charts first, however deep, and ends where they need each other', async () => {
    const needing = (...urls: string[]) =>
      `name: x\ndependencies: ${JSON.stringify(urls.map((repository) => ({ name: 'y', repository })))}`;
    const files = memoryFiles({
      [`${AT}/Chart.yaml`]: needing('file://../app', 'https://one.example'),
      '/ws/deploy/app/Chart.yaml': needing('file://../lib', 'https://two.example'),
      '/ws/deploy/lib/Chart.yaml': needing('file://../lib'),
    });
    const { needs } = await readChart(AT, SHOWN, files);
    const paths = needs.map(({ path }) => path);
    expect(paths.slice(-2)).toEqual(['/ws/deploy/app', AT]);
    expect(paths[0]).toBe('/ws/deploy/lib');
    expect(paths.length).toBeLessThan(10);
  });

  it('needs those of every local chart, in their order', async () => {
    const local = (...names: string[]) =>
      `name: x\ndependencies: ${JSON.stringify(names.map((name) => ({ name, repository: `file://../${name}` })))}`;
    const files = memoryFiles({
      [`${AT}/Chart.yaml`]: local('one', 'gone', 'two', 'plain'),
      '/ws/deploy/one/Chart.yaml': local('plain'),
      '/ws/deploy/two/Chart.yaml': local('plain'),
      '/ws/deploy/plain/Chart.yaml': 'name: plain',
    });
    const { needs } = await readChart(AT, SHOWN, files);
    expect(needs.map(({ path }) => path)).toEqual(['/ws/deploy/one', '/ws/deploy/two', AT]);
  });

  it.each<[string, Record<string, string | Error>, RegExp, RegExp, ErrorCode?]>([
    ['without Chart.yaml', {}, /^input chart: there is no deploy\/rag\/Chart\.yaml/, /actions\/checkout/],
    [
      'with a manifest that is no YAML',
      { [`${AT}/Chart.yaml`]: 'a: [' },
      /rag\/Chart\.yaml is not valid/,
      /./,
      'E_VALUES',
    ],
    [
      'with defaults that are no mapping',
      { [`${AT}/Chart.yaml`]: MANIFEST, [`${AT}/values.yaml`]: '[]' },
      /deploy\/rag\/values\.yaml is not a mapping/,
      /./,
      'E_VALUES',
    ],
    [
      'with a manifest that can not be read',
      { [`${AT}/Chart.yaml`]: new Error('EISDIR: is a directory') },
      /Chart\.yaml can not be read: EISDIR/,
      /permissions/,
    ],
  ])('%s is refused by name', async (_, content, message, fix, code = 'E_WORKSPACE') => {
    const failure = await failureOf(() => readChart(AT, SHOWN, memoryFiles(content)));
    expect([failure.code, failure.hop]).toEqual([code, 'inputs']);
    expect(failure.message).toMatch(message);
    expect(failure.fix).toMatch(fix);
  });
});

describe('a chart that Helm has unpacked', () => {
  it('is the outermost one in the folder', async () => {
    const files = memoryFiles({
      '/t/chart/rag/charts/pgvector/Chart.yaml': 'name: pgvector',
      '/t/chart/rag/Chart.yaml': 'name: rag',
    });
    expect(await readFetched('/t/chart', 'oci://x/rag', files)).toMatchObject({ path: '/t/chart/rag', name: 'rag' });
  });

  it('is no other file, nor a chart in it whose name comes first', async () => {
    const files = memoryFiles({
      '/t/chart/a': '',
      '/t/chart/rag/A/Chart.yaml': 'name: inner',
      '/t/chart/rag/Chart.yaml': 'name: rag',
    });
    expect((await readFetched('/t/chart', 'oci://x/rag', files)).name).toBe('rag');
  });

  it('that is not there is named as the input names it', async () => {
    const failure = await failureOf(() => readFetched('/t/chart', 'oci://x/rag', memoryFiles()));
    expect(failure.message).toContain('oci://x/rag/Chart.yaml');
  });
});

describe('values files', () => {
  it('are read in their order', async () => {
    const files = memoryFiles({ '/ws/ci/one.yaml': 'a: 2', '/ws/two.yaml': 'b: 3' });
    expect(await readValuesFiles(['ci/one.yaml', './two.yaml'], '/ws', files)).toEqual({
      paths: ['/ws/ci/one.yaml', '/ws/two.yaml'],
      overlays: [
        { where: 'values file ci/one.yaml', text: 'a: 2' },
        { where: 'values file ./two.yaml', text: 'b: 3' },
      ],
    });
  });

  it.each<[string, Record<string, string | Error>, RegExp, RegExp, ErrorCode?]>([
    ['that are not there', {}, /^input values-file: there is no ci\.yaml/, /path/],
    [
      'that are no YAML',
      { '/ws/ci.yaml': 'a:\n\t- b' },
      /^values file ci\.yaml is not valid YAML at line 2/,
      /Correct it/,
      'E_VALUES',
    ],
    [
      'that can not be read',
      { '/ws/ci.yaml': new Error('EISDIR: is a directory') },
      /^input values-file: ci\.yaml can not be read: EISDIR/,
      /permissions/,
    ],
  ])('%s are refused by name', async (_, content, message, fix, code = 'E_WORKSPACE') => {
    const failure = await failureOf(() => readValuesFiles(['ci.yaml'], '/ws', memoryFiles(content)));
    expect([failure.code, failure.hop]).toEqual([code, 'inputs']);
    expect(failure.message).toMatch(message);
    expect(failure.fix).toMatch(fix);
  });
});

describe('the chart before there is a cluster', () => {
  const APP = `apiVersion: apps/v1
kind: Deployment
metadata: {name: rag}
spec: {template: {metadata: {labels: {app: rag}}, spec: {containers: [{name: app, image: "acme/app:1"}]}}}
`;
  const ROUTE = 'apiVersion: route.openshift.io/v1\nkind: Route\nmetadata: {name: rag}\n';
  const OPERATED = 'apiVersion: llamastack.io/v1alpha1\nkind: LlamaStackDistribution\nmetadata: {name: rag}\n';
  const DEFINITION = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.acme.example}
spec: {group: acme.example, names: {kind: Widget}, versions: [{name: v1}]}
`;
  const secretOf = (name: string) => `apiVersion: v1\nkind: Secret\nmetadata: {name: ${name}}\n`;

  /** What a run without a model knows of its chart. */
  function bench(
    over: Partial<RawInputs> = {},
    {
      renders = APP,
      gated = '',
      files = {},
      site = {},
    }: { renders?: string; gated?: string; files?: Record<string, string>; site?: Record<string, Served> } = {},
  ) {
    const memory = memoryFiles({ '/ws/deploy/helm/rag/Chart.yaml': 'name: rag', ...files });
    const commands = fakeCommands(({ args }) => {
      if (args[0] === 'pull') memory.entries.set(`${args.at(-1)}/rag/Chart.yaml`, 'name: fetched');
      const more = args.includes('route.openshift.io/v1') ? gated : '';
      return args[0] === 'template' ? { stdout: renders + more } : {};
    });
    const given = inputs({ inference: 'off', api: 'none', ...over });
    const plan = makePlan(given, host(), 'u');
    const log = recordedLog();
    const record = newRecord();
    const ports = { files: memory, commands, log, toolCache: memoryToolCache(memory, site) };
    const job = { ports, progress: new Progress(log), record } as unknown as Job;
    const read = () => readSources(given, '/ws', memory);
    const rendering = async () =>
      renderChart(job, { inputs: given, plan }, await read(), {
        helm: new Helm('/bin/helm', '/t', commands),
        service: undefined,
      });
    const ran = () => commands.ran.map(({ args }) => args.join(' '));
    return { read, rendering, ran, record, log: log.lines };
  }

  it('is read with the values, the names of their placeholders, and the manifests', async () => {
    const files = { '/ws/ci.yaml': 'a: "${RELEASE}"', '/ws/llm.yaml': secretOf('llm') };
    const { read, ran } = bench({ 'values-file': 'ci.yaml', 'pre-install-manifests': 'llm.yaml' }, { files });
    expect(await read()).toMatchObject({
      folder: { name: 'rag', path: '/ws/deploy/helm/rag' },
      files: { paths: ['/ws/ci.yaml'] },
      placeholders: ['RELEASE'],
      brought: { objects: [{ kind: 'Secret', name: 'llm' }], unseen: false },
    });
    expect(ran()).toEqual([]);
  });

  it('in a folder is rendered as it is, and what may go wrong is told now and in the summary', async () => {
    const { rendering, ran, record, log } = bench({}, { renders: `${APP}---\n${ROUTE}` });
    const { chart, rendered } = await rendering();
    expect([chart.name, rendered.objects.length, rendered.api]).toEqual(['rag', 2, 'none']);
    expect(ran()).toEqual([
      expect.stringMatching(/^template rag \/ws\/deploy\/helm\/rag /),
      expect.stringContaining('--api-versions route.openshift.io/v1 --api-versions route.openshift.io/v1/Route'),
    ]);
    const note = 'stub definitions for Route.route.openshift.io: nothing acts on these objects';
    expect(record.notes).toEqual([note]);
    expect(log.join()).toContain('no dependencies');
    expect(log.filter((line) => line.includes(note))).toHaveLength(1);
  });

  it('is judged by what it renders once its stubs are there, as Helm installs that', async () => {
    const renders = `${APP}---\n${ROUTE}`;
    const gated =
      '---\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: localhost/c}]}\n';
    expect((await failureOf(bench({}, { renders, gated }).rendering)).code).toBe('E_IMAGE_PULL');
  });

  it('that is none of the workspace is fetched into the folder of the run, and said to be', async () => {
    const { read, rendering, ran, log } = bench({ chart: 'oci://r.example/rag', 'chart-version': '1.2' });
    expect((await read()).folder).toBeUndefined();
    const { chart } = await rendering();
    const into = '/runner/temp/maas-e2e-u/chart';
    expect([chart.name, chart.path]).toEqual(['fetched', `${into}/rag`]);
    expect(ran().map((args) => args.split(' ')[0])).toEqual(['pull', 'template']);
    expect(log.join()).toContain('oci://r.example/rag 1.2 fetched');
  });

  it('is told of the kinds that manifests define', async () => {
    const { rendering, ran } = bench({ 'pre-install-manifests': 'w.yaml' }, { files: { '/ws/w.yaml': DEFINITION } });
    await rendering();
    expect(ran().at(-1)).toContain('--api-versions acme.example/v1 --api-versions acme.example/v1/Widget');
  });

  const AT_URL = 'https://x.example/w.yaml';

  it('is told of the kinds that manifests at URLs define, which it is deployed with as they were read', async () => {
    const { rendering, ran, record } = bench({ 'pre-install-manifests': AT_URL }, { site: { [AT_URL]: DEFINITION } });
    const { brought } = await rendering();
    expect(ran().at(-1)).toContain('--api-versions acme.example/v1 --api-versions acme.example/v1/Widget');
    expect(brought.places).toEqual([{ name: AT_URL, at: '/runner/temp/maas-e2e-u/download-1' }]);
    expect(record.notes).toEqual([]);
  });

  it('is not rendered where these cannot be read: kubectl would be given what nobody has looked at', async () => {
    const site = { [AT_URL]: new DownloadFailure('HTTP 404', { status: 404 }) };
    const { rendering, ran } = bench({ 'pre-install-manifests': AT_URL }, { site });
    expect((await failureOf(rendering)).code).toBe('E_PRE_INSTALL');
    expect(ran()).toEqual([]);
  });

  it('lacks an operator of which only the definition is there', async () => {
    const its = DEFINITION.replaceAll('acme.example', 'llamastack.io').replace('Widget', 'LlamaStackDistribution');
    const failure = await failureOf(bench({}, { renders: [APP, OPERATED, its].join('---\n') }).rendering);
    expect([failure.code, failure.message]).toEqual(['E_OPERATOR', expect.stringMatching(/^only the definitions/)]);
  });

  it('lacks an operator before it lacks the Service that this would make', async () => {
    const failure = await failureOf(bench({ 'api-service': 'made' }, { renders: `${APP}---\n${OPERATED}` }).rendering);
    expect(failure.code).toBe('E_OPERATOR');
  });

  it('is not rendered with a Secret of the wiring that a manifest makes, too', async () => {
    const withSecret = (name: string) =>
      bench(
        { wiring: 'secret', 'secret-name': 'llm', 'pre-install-manifests': 'llm.yaml' },
        { files: { '/ws/llm.yaml': secretOf(name) } },
      );
    const failure = await failureOf(withSecret('llm').rendering);
    expect([failure.code, failure.hop]).toEqual(['E_INPUT', 'inputs']);
    expect(failure.message).toMatch(/^input pre-install-manifests has the Secret llm, which the wiring makes/);
    await expect(withSecret('other').rendering()).resolves.toBeDefined();
  });
});
