import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Chart, ChartFolder } from '../../src/deploy/chart.js';
import { Helm } from '../../src/deploy/helm.js';
import type { RemoteChart } from '../../src/deploy/source.js';
import type { Values } from '../../src/deploy/values.js';
import type { ErrorCode } from '../../src/error-codes.js';
import type { CommandResult } from '../../src/ports.js';
import { failureOf } from '../helpers/failures.js';
import { fakeCommands, type FakeCommands } from '../helpers/memory.js';

const AT = '/ws/deploy/rag';
const CHART: Chart = {
  path: AT,
  name: 'rag',
  dependencies: [],
  defaults: { where: 'values.yaml', text: '' },
  needs: [],
  files: { paths: ['/ws/ci.yaml'], overlays: [] },
  apiVersions: [],
};
const OVERLAY = { 'llama-stack': { secrets: { MAAS_API_KEY: 'sk-0123456789' } } };

function helmWith(answer: (args: string[]) => Partial<CommandResult> = () => ({})): {
  helm: Helm;
  commands: FakeCommands;
} {
  const commands = fakeCommands(({ args }) => answer(args));
  return { helm: new Helm('/bin/helm', '/t/home', commands), commands };
}

const NAME = { release: 'rag', namespace: 'ns' };
const render = (helm: Helm, overlay: Values = {}) => helm.render(CHART, NAME, overlay);
const install = (helm: Helm, overlay: Values = {}, ms = 1) =>
  helm.install(CHART, { ...NAME, kubeconfig: '/t/kubeconfig' }, overlay, ms);

describe('Helm', () => {
  it('gets every string of the overlay in quotes: Helm reads YAML 1.1, where these are numbers and a boolean', async () => {
    const values = { key: '1234_5678', mask: '0b10101010', answer: 'yes', time: '12:30' };
    const { helm, commands } = helmWith();
    await render(helm, values);
    expect(commands.ran[0]?.input).toBe('{"key":"1234_5678","mask":"0b10101010","answer":"yes","time":"12:30"}');
  });

  it('renders for the version that the cluster will have, where that is known', async () => {
    const commands = fakeCommands();
    await new Helm('/bin/helm', '/t/home', commands, '1.34.4').render(CHART, NAME, {});
    expect(commands.ran[0]?.args.join(' ')).toContain('--include-crds --kube-version 1.34.4 ');
  });

  it('gets the overlay on standard input alone, after the values files: arguments show no secret', async () => {
    const { helm, commands } = helmWith();
    await render(helm, OVERLAY);
    await install(helm, OVERLAY, 90_500);
    const [rendered, installed] = commands.ran;
    expect(rendered?.args.join(' ')).toBe(
      `template rag ${AT} --namespace ns --include-crds --values /ws/ci.yaml --values -`,
    );
    expect(installed?.args.join(' ')).toBe(
      `upgrade --install rag ${AT} --kubeconfig /t/kubeconfig --namespace ns --create-namespace --timeout 91s --values /ws/ci.yaml --values -`,
    );
    for (const { args, input, env } of commands.ran) {
      expect(parse(input ?? '')).toEqual(OVERLAY);
      expect(JSON.stringify([args, env])).not.toContain('sk-0123456789');
    }
  });

  it('keeps repositories and caches in a folder of ours', async () => {
    const { helm, commands } = helmWith();
    await render(helm);
    const paths = Object.entries(commands.ran[0]?.env ?? {});
    expect(paths.map(([name]) => name)).toEqual(
      expect.arrayContaining(['HELM_CACHE_HOME', 'HELM_REPOSITORY_CACHE', 'HELM_REPOSITORY_CONFIG']),
    );
    for (const [, path] of paths) expect(path).toMatch(/^\/t\/home\//);
  });

  it('gives what it renders', async () => {
    expect(await render(helmWith(() => ({ stdout: 'kind: Service' })).helm)).toBe('kind: Service');
  });

  it.each([
    [
      'its error',
      'WARNING: old\nError: parse error at (rag/templates/x.yaml:3)',
      'parse error at (rag/templates/x.yaml:3)',
    ],
    [
      'where a template breaks',
      'Error: rag/templates/x.yaml:3:7\n  executing "x" at <.a.b>:\n    nil pointer\n\nUse --debug flag to see',
      'rag/templates/x.yaml:3:7 executing "x" at <.a.b>: nil pointer',
    ],
    [
      'what a schema refuses',
      "Error: values don't meet the specifications of the schema(s) in the following chart(s):\nrag:\n- at '/a': got number, want string\n- at '': additional properties 'x' not allowed",
      "values don't meet the specifications of the schema(s) in the following chart(s): rag: - at '/a': got number, want string - at '': additional properties 'x' not allowed",
    ],
    ['its last line', 'level=INFO msg=x\nsomething\nbroke', 'broke'],
    ['nothing', '', ''],
  ])('that fails says %s', async (_, stderr, said) => {
    const { helm } = helmWith(() => ({ code: 1, stderr }));
    const failure = await failureOf(() => render(helm));
    expect([failure.code, failure.hop]).toEqual(['E_CHART_RENDER', 'chart']);
    expect(failure.message).toBe(`the chart does not render: ${said}`);
    expect(failure.evidence.join()).not.toMatch(/WARNING|level=/);
    const installed = await failureOf(() => install(helm));
    expect(installed.code).toBe('E_CHART_INSTALL');
    expect(installed.message).toMatch(/^helm could not install the chart: /);
  });

  it('that fails at length says the beginning of it; the last lines are evidence', async () => {
    const refused = Array.from({ length: 30 }, (_, at) => `- at '/value-${at}': got number, want string`);
    const stderr = ["Error: values don't meet the specifications", 'rag:', ...refused].join('\n');
    const failure = await failureOf(() => render(helmWith(() => ({ code: 1, stderr })).helm));
    expect(failure.message).toMatch(/specifications rag: - at '\/value-0': .*'\/value-3': got number, want string$/);
    expect(failure.evidence).toEqual(refused.slice(-10));
    const one = await failureOf(() => render(helmWith(() => ({ code: 1, stderr: `Error: ${'x'.repeat(5000)}` })).helm));
    expect(one.message).toBe(`the chart does not render: ${'x'.repeat(700)}`);
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
    for (const work of [() => render(helm), () => install(helm)]) {
      const failure = await failureOf(work);
      expect([failure.code, failure.hop]).toEqual([code, 'chart']);
      expect(failure.message).toMatch(new RegExp(`: ${said}$`));
      expect(failure.fix).toMatch(fix);
    }
  });
});

describe('dependencies of the chart', () => {
  const REPOSITORIES = ['https://charts.example', 'https://charts.example', 'file://../c', 'oci://registry.example/d'];
  const folder = (...needs: ChartFolder['needs']): ChartFolder => ({ ...CHART, needs });
  const own = { path: AT, repositories: REPOSITORIES };
  const list = (status: string) =>
    `NAME\tVERSION\tREPOSITORY\tSTATUS\na\t1\thttps://x\tok\nb\t1\thttps://x\t${status}\n`;
  const argsOf = ({ ran }: FakeCommands) => ran.map(({ args }) => args.join(' '));

  it('are not asked for where there are none', async () => {
    const { helm, commands } = helmWith();
    expect(await helm.buildDependencies(folder())).toBe('no dependencies');
    expect(commands.ran).toEqual([]);
  });

  it.each(['ok', 'unpacked'])('are not fetched where all are there (%s), nor those of local charts', async (status) => {
    const { helm, commands } = helmWith(() => ({ stdout: list(status) }));
    const needs = folder({ path: '/ws/deploy/c', repositories: ['https://other.example'] }, own);
    expect(await helm.buildDependencies(needs)).toBe('all dependencies are there');
    expect(argsOf(commands)).toEqual([`dependency list ${AT}`]);
  });

  it.each(['missing', 'wrong version'])(
    'are built where one is not (%s), from each repository once',
    async (status) => {
      const { helm, commands } = helmWith(() => ({ stdout: list(status) }));
      expect(await helm.buildDependencies(folder(own))).toBe('dependencies built');
      expect(argsOf(commands)).toEqual([
        `dependency list ${AT}`,
        'repo add repository-0 https://charts.example --force-update',
        `dependency build ${AT}`,
      ]);
    },
  );

  it('of local charts are built first: Helm packs these as they are', async () => {
    const { helm, commands } = helmWith(() => ({ stdout: list('missing') }));
    const needs = folder({ path: '/ws/deploy/c', repositories: ['file://../d'] }, own);
    expect(await helm.buildDependencies(needs)).toBe('dependencies built');
    const built = argsOf(commands).filter((args) => args.startsWith('dependency build'));
    expect(built).toEqual(['dependency build /ws/deploy/c', `dependency build ${AT}`]);
  });

  it('of local charts that can not be had are told, and are no end', async () => {
    const { helm } = helmWith((args) =>
      args.join(' ') === 'dependency build /ws/deploy/c'
        ? { code: 1, stderr: 'Error: no such host' }
        : { stdout: list('missing') },
    );
    const needs = folder({ path: '/ws/deploy/c', repositories: ['file://../d'] }, own);
    expect(await helm.buildDependencies(needs)).toMatch(/^dependencies built; of \/ws\/deploy\/c: .*no such host$/);
  });

  it('of local charts that have them all are not built again, and those that were updated are told', async () => {
    const stale = 'Error: the lock file (Chart.lock) is out of sync with the dependencies file (Chart.yaml).';
    const { helm, commands } = helmWith((args) => {
      if (args.join(' ') === 'dependency build /ws/deploy/old') return { code: 1, stderr: stale };
      return { stdout: list(args.at(-1) === '/ws/deploy/c' ? 'ok' : 'missing') };
    });
    const local = (name: string) => ({ path: `/ws/deploy/${name}`, repositories: ['file://../d'] });
    expect(await helm.buildDependencies(folder(local('c'), local('old'), own))).toMatch(
      /^dependencies built; of \/ws\/deploy\/old: updated, as Chart\.lock is older than Chart\.yaml$/,
    );
    const built = argsOf(commands).filter((args) => /^dependency (build|update)/.test(args));
    expect(built).toEqual([
      'dependency build /ws/deploy/old',
      'dependency update /ws/deploy/old',
      `dependency build ${AT}`,
    ]);
  });

  it('are all there whatever Helm says of other files in charts/', async () => {
    const warned = `${list('ok')}\nWARNING: "/ws/deploy/rag/charts/x.tgz" is not in Chart.yaml.\n`;
    const { helm } = helmWith(() => ({ stdout: warned }));
    expect(await helm.buildDependencies(folder(own))).toBe('all dependencies are there');
  });

  it('are built where Helm can not list them: what is wrong with them it then says', async () => {
    const { helm, commands } = helmWith((args) =>
      args.includes('list') ? { code: 1, stderr: 'Error: no chart' } : {},
    );
    expect(await helm.buildDependencies(folder(own))).toBe('dependencies built');
    expect(argsOf(commands).at(-1)).toBe(`dependency build ${AT}`);
  });

  it('are updated where Chart.lock is older than Chart.yaml, which is said', async () => {
    const stale = 'Error: the lock file (Chart.lock) is out of sync with the dependencies file (Chart.yaml).';
    const { helm, commands } = helmWith((args) =>
      args.includes('build') ? { code: 1, stderr: stale } : { stdout: list('missing') },
    );
    expect(await helm.buildDependencies(folder(own))).toMatch(/^dependencies updated, as Chart\.lock is older/);
    expect(argsOf(commands).at(-1)).toBe(`dependency update ${AT}`);
  });

  it.each([
    ['repo', 'helm can not read the chart repository https://charts.example: no such host'],
    ['build', "helm can not fetch the chart's dependencies: no such host"],
  ])('that can not be had are a failure of the chart (%s)', async (word, message) => {
    const { helm } = helmWith((args) =>
      args.includes(word) ? { code: 1, stderr: 'Error: no such host' } : { stdout: list('missing') },
    );
    const failure = await failureOf(() => helm.buildDependencies(folder(own)));
    expect(failure).toMatchObject({ code: 'E_CHART_DEPENDENCY', hop: 'chart', message });
    expect(failure.fix).toMatch(/HTTPS_PROXY.*commit the charts/);
  });
});

describe('a chart that is no folder', () => {
  const remote = (over: Partial<RemoteChart>): RemoteChart => ({ name: 'rag', repository: '', version: '', ...over });

  it.each<[RemoteChart, string]>([
    [remote({ name: 'oci://registry.example/rag', version: '1.2.3' }), 'oci://registry.example/rag --version 1.2.3'],
    [remote({ name: 'oci://localhost:5000/rag' }), 'oci://localhost:5000/rag --plain-http'],
    [remote({ name: 'oci://127.0.0.1:5000/rag' }), 'oci://127.0.0.1:5000/rag --plain-http'],
    [remote({ name: 'oci://[::1]:5000/rag' }), 'oci://[::1]:5000/rag --plain-http'],
    [remote({ name: 'oci://localhost.example/rag' }), 'oci://localhost.example/rag'],
    [
      remote({ repository: 'https://charts.example', version: '1.2.3' }),
      'rag --repo https://charts.example --version 1.2.3',
    ],
    [remote({ name: 'https://charts.example/rag.tgz' }), 'https://charts.example/rag.tgz'],
  ])('is fetched: %j', async (chart, args) => {
    const { helm, commands } = helmWith();
    await helm.fetch(chart, '/t/chart');
    expect(commands.ran.map((one) => one.args.join(' '))).toEqual([`pull ${args} --untar --untardir /t/chart`]);
  });

  it('that is not there is a failure of its own', async () => {
    const { helm } = helmWith(() => ({ code: 1, stderr: 'Error: not found' }));
    const chart = remote({ repository: 'https://charts.example', version: '1.2.3' });
    expect(await failureOf(() => helm.fetch(chart, '/t'))).toMatchObject({
      code: 'E_CHART_FETCH',
      hop: 'chart',
      message: 'helm can not fetch the chart rag 1.2.3 of https://charts.example: not found',
      fix: expect.stringMatching(/name and version.*helm registry login before this step/) as string,
    });
  });
});

it('a chart that looks what the cluster serves is told what manifests bring', async () => {
  const { helm, commands } = helmWith();
  await helm.render({ ...CHART, apiVersions: ['acme.example/v1', 'acme.example/v1/Widget'] }, NAME, {});
  expect(commands.ran[0]?.args.join(' ')).toContain(
    '--api-versions acme.example/v1 --api-versions acme.example/v1/Widget',
  );
});

it("Helm's errors name a URL without its query, which may be a signature, in message and evidence", async () => {
  const stderr = 'x\nError: failed to fetch https://r.example/rag.tgz?sig=s3cr3t : 403 Forbidden\n';
  const { helm } = helmWith(() => ({ code: 1, stderr }));
  const chart = { name: 'https://r.example/rag.tgz?sig=s3cr3t', repository: '', version: '' };
  const failure = await failureOf(() => helm.fetch(chart, '/t/chart'));
  expect(failure.message).toContain('failed to fetch https://r.example/rag.tgz : 403 Forbidden');
  expect(JSON.stringify([failure.message, failure.fix, failure.evidence])).not.toContain('s3cr3t');
});
