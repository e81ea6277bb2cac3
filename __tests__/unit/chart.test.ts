import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Helm, readChart, type Chart, type DeployInputs } from '../../src/deploy/chart.js';
import type { ErrorCode } from '../../src/error-codes.js';
import type { CommandResult } from '../../src/ports.js';
import { failureOf } from '../helpers/failures.js';
import { fakeCommands, memoryFiles, type FakeCommands } from '../helpers/memory.js';

const INPUTS: DeployInputs = {
  chart: 'deploy/rag',
  release: 'rag',
  namespace: 'ns',
  valuesFiles: [],
  setValues: { where: 'input set-values', text: '' },
};
const MANIFEST = `apiVersion: v2
name: rag
dependencies:
  - {name: llama-stack, version: 0.6.7, repository: "https://charts.example/a"}
  - {name: pgvector, version: 0.1.0, repository: "file://../pgvector"}
  - {name: odd}
`;
const AT = '/ws/deploy/rag';

describe('a chart in the workspace', () => {
  it('is read with its defaults, the values files in order, and its dependencies', async () => {
    const files = memoryFiles({
      [`${AT}/Chart.yaml`]: MANIFEST,
      [`${AT}/values.yaml`]: 'a: 1',
      '/ws/ci/one.yaml': 'a: 2',
      '/ws/two.yaml': 'b: 3',
    });
    expect(await readChart({ ...INPUTS, valuesFiles: ['ci/one.yaml', './two.yaml'] }, '/ws', files)).toEqual({
      path: AT,
      valuesFiles: ['/ws/ci/one.yaml', '/ws/two.yaml'],
      defaults: { where: 'deploy/rag/values.yaml', text: 'a: 1' },
      overlays: [
        { where: 'values file ci/one.yaml', text: 'a: 2' },
        { where: 'values file ./two.yaml', text: 'b: 3' },
      ],
      dependencies: [
        { name: 'llama-stack', repository: 'https://charts.example/a' },
        { name: 'pgvector', repository: 'file://../pgvector' },
        { name: 'odd', repository: '' },
      ],
    });
  });

  it('may have neither defaults nor dependencies', async () => {
    const files = memoryFiles({ [`${AT}/Chart.yaml`]: 'name: rag' });
    expect(await readChart(INPUTS, '/ws', files)).toMatchObject({
      defaults: { text: '' },
      overlays: [],
      dependencies: [],
    });
  });

  it.each<[string, Record<string, string | Error>, RegExp, RegExp, ErrorCode?]>([
    ['without Chart.yaml', {}, /^input chart: there is no deploy\/rag\/Chart\.yaml/, /actions\/checkout/],
    [
      'with a manifest that is no YAML',
      { [`${AT}/Chart.yaml`]: 'a: [' },
      /deploy\/rag\/Chart\.yaml is not valid/,
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
    ['without a values file', { [`${AT}/Chart.yaml`]: MANIFEST }, /^input values-file: there is no ci\.yaml/, /path/],
    [
      'with a values file that is no YAML',
      { [`${AT}/Chart.yaml`]: MANIFEST, '/ws/ci.yaml': 'a:\n\t- b' },
      /^values file ci\.yaml is not valid YAML at line 2/,
      /Correct it/,
      'E_VALUES',
    ],
    [
      'with a values file that can not be read',
      { [`${AT}/Chart.yaml`]: MANIFEST, '/ws/ci.yaml': new Error('EISDIR: is a directory') },
      /^\/ws\/ci\.yaml can not be read: EISDIR/,
      /permissions/,
    ],
  ])('%s is refused by name', async (_, content, message, fix, code = 'E_WORKSPACE') => {
    const inputs = { ...INPUTS, valuesFiles: ['ci.yaml'] };
    const failure = await failureOf(() => readChart(inputs, '/ws', memoryFiles(content)));
    expect([failure.code, failure.hop]).toEqual([code, 'inputs']);
    expect(failure.message).toMatch(message);
    expect(failure.fix).toMatch(fix);
  });
});

const CHART: Chart = {
  path: AT,
  valuesFiles: ['/ws/ci.yaml'],
  defaults: { where: 'values.yaml', text: '' },
  overlays: [],
  dependencies: [],
};
const OVERLAY = { 'llama-stack': { secrets: { MAAS_API_KEY: 'sk-0123456789' } } };

function helmWith(
  answer: (args: string[]) => Partial<CommandResult> = () => ({}),
  chart: Partial<Chart> = {},
): { helm: Helm; commands: FakeCommands } {
  const commands = fakeCommands(({ args }) => answer(args));
  const helm = new Helm('/bin/helm', '/t/home', { ...CHART, ...chart }, { release: 'rag', namespace: 'ns' }, commands);
  return { helm, commands };
}

describe('Helm', () => {
  it('gets every string of the overlay in quotes: Helm reads YAML 1.1, where these are numbers and a boolean', async () => {
    const values = { key: '1234_5678', mask: '0b10101010', answer: 'yes', time: '12:30' };
    const { helm, commands } = helmWith();
    await helm.render(values);
    expect(commands.ran[0]?.input).toBe('{"key":"1234_5678","mask":"0b10101010","answer":"yes","time":"12:30"}');
  });

  it('gets the overlay on standard input alone, after the values files: arguments show no secret', async () => {
    const { helm, commands } = helmWith();
    await helm.render(OVERLAY);
    await helm.install('/t/kubeconfig', OVERLAY, 90_500);
    const [render, install] = commands.ran;
    expect(render?.args.join(' ')).toBe(
      `template rag ${AT} --namespace ns --include-crds --values /ws/ci.yaml --values -`,
    );
    expect(install?.args.join(' ')).toBe(
      `upgrade --install rag ${AT} --kubeconfig /t/kubeconfig --namespace ns --create-namespace --timeout 91s --values /ws/ci.yaml --values -`,
    );
    for (const { args, input, env } of commands.ran) {
      expect(parse(input ?? '')).toEqual(OVERLAY);
      expect(JSON.stringify([args, env])).not.toContain('sk-0123456789');
    }
  });

  it('keeps repositories and caches in a folder of ours', async () => {
    const { helm, commands } = helmWith();
    await helm.render({});
    const paths = Object.entries(commands.ran[0]?.env ?? {});
    expect(paths.map(([name]) => name)).toEqual(
      expect.arrayContaining(['HELM_CACHE_HOME', 'HELM_REPOSITORY_CACHE', 'HELM_REPOSITORY_CONFIG']),
    );
    for (const [, path] of paths) expect(path).toMatch(/^\/t\/home\//);
  });

  it('gives what it renders', async () => {
    expect(await helmWith(() => ({ stdout: 'kind: Service' })).helm.render({})).toBe('kind: Service');
  });

  it.each([
    [
      'its error',
      'WARNING: old\nError: parse error at (rag/templates/x.yaml:3)\nmore',
      'parse error at (rag/templates/x.yaml:3)',
    ],
    ['its last line', 'level=INFO msg=x\nsomething\nbroke', 'broke'],
    ['nothing', '', ''],
  ])('that fails says %s', async (_, stderr, said) => {
    const { helm } = helmWith(() => ({ code: 1, stderr }));
    const failure = await failureOf(() => helm.render({}));
    expect([failure.code, failure.hop]).toEqual(['E_CHART_RENDER', 'chart']);
    expect(failure.message).toBe(`the chart does not render: ${said}`);
    expect(failure.evidence.join()).not.toMatch(/WARNING|level=/);
    const installed = await failureOf(() => helm.install('/k', {}, 1));
    expect(installed.code).toBe('E_CHART_INSTALL');
    expect(installed.message).toMatch(/^helm could not install the chart: /);
  });

  it.each<[ErrorCode, string, RegExp]>([
    ['E_QUOTA', 'pods "a" is forbidden: exceeded quota: small', /raise quota/],
    ['E_QUOTA', 'pods "a" is forbidden: maximum cpu usage per Container is 1', /limits of the namespace/],
    ['E_ADMISSION', 'admission webhook "policy.example" denied the request: no latest tag', /policy/],
    ['E_ADMISSION', "ValidatingAdmissionPolicy 'x' with binding 'y' denied request: no", /policy/],
    ['E_ADMISSION', 'pods "a" is forbidden: violates PodSecurity "restricted:latest"', /policy/],
    ['E_DISK_FULL', 'write /t/x: no space left on device', /Free disk space/],
    ['E_WORKSPACE', 'open charts/a.tgz: read-only file system', /writable/],
    ['E_WORKSPACE', 'mkdir charts: permission denied', /writable/],
  ])('whose error is of the cluster or the system is %s: %s', async (code, said, fix) => {
    const { helm } = helmWith(() => ({ code: 1, stderr: `Error: ${said}` }));
    for (const work of [() => helm.render({}), () => helm.install('/k', {}, 1)]) {
      const failure = await failureOf(work);
      expect([failure.code, failure.hop]).toEqual([code, 'chart']);
      expect(failure.message).toMatch(new RegExp(`: ${said}$`));
      expect(failure.fix).toMatch(fix);
    }
  });
});

describe('dependencies of the chart', () => {
  const dependencies = [
    { name: 'a', repository: 'https://charts.example' },
    { name: 'b', repository: 'https://charts.example' },
    { name: 'c', repository: 'file://../c' },
    { name: 'd', repository: 'oci://registry.example/d' },
  ];
  const list = (status: string) =>
    `NAME\tVERSION\tREPOSITORY\tSTATUS\na\t1\thttps://x\tok\nb\t1\thttps://x\t${status}\n`;

  it('are not asked for where there are none', async () => {
    const { helm, commands } = helmWith();
    expect(await helm.buildDependencies()).toBe('no dependencies');
    expect(commands.ran).toEqual([]);
  });

  it.each(['ok', 'unpacked'])('are not fetched where all are there (%s)', async (status) => {
    const { helm, commands } = helmWith(() => ({ stdout: list(status) }), { dependencies });
    expect(await helm.buildDependencies()).toBe('all dependencies are there');
    expect(commands.ran).toHaveLength(1);
  });

  it.each(['missing', 'wrong version'])(
    'are built where one is not (%s), from each repository once',
    async (status) => {
      const { helm, commands } = helmWith(() => ({ stdout: list(status) }), { dependencies });
      expect(await helm.buildDependencies()).toBe('dependencies built');
      expect(commands.ran.map(({ args }) => args.join(' '))).toEqual([
        `dependency list ${AT}`,
        'repo add repository-0 https://charts.example',
        `dependency build ${AT}`,
      ]);
    },
  );

  it.each([
    ['repo', 'helm can not read the chart repository https://charts.example: no such host'],
    ['build', "helm can not fetch the chart's dependencies: no such host"],
  ])('that can not be had are a failure of the chart (%s)', async (word, message) => {
    const { helm } = helmWith(
      (args) => (args.includes(word) ? { code: 1, stderr: 'Error: no such host' } : { stdout: list('missing') }),
      { dependencies },
    );
    const failure = await failureOf(() => helm.buildDependencies());
    expect(failure).toMatchObject({ code: 'E_CHART_DEPENDENCY', hop: 'chart', message });
  });
});
