import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { STACK_CHECKS, UI_CHECKS } from '../../src/assert/suite.js';
import type { ErrorCode } from '../../src/error-codes.js';
import { DEFAULTS, withDefaults, type RawInputs } from '../../src/input-defaults.js';
import { parseInputs } from '../../src/inputs.js';
import { failureOf } from '../helpers/failures.js';
import { inputs, rawInputs } from '../helpers/inputs.js';

interface ActionFile {
  inputs: Record<string, { required: boolean; default?: string }>;
}

const action = parse(readFileSync(new URL('../../action.yml', import.meta.url), 'utf8')) as ActionFile;

describe('action.yml and the code', () => {
  it('know the same inputs, and the same defaults', () => {
    const defaults = Object.entries(action.inputs).map(([name, input]) => [name, input.default ?? '']);
    expect(DEFAULTS).toEqual(Object.fromEntries(defaults));
  });

  it('agree on defaults: with them only the endpoint and the key are needed', () => {
    const raw = { ...DEFAULTS, 'maas-endpoint': 'https://h.example', 'api-key': 'a-long-key' };

    expect(parseInputs(raw)).toEqual({
      inference: 'required',
      service: { endpoint: { baseUrl: 'https://h.example/v1' }, apiKey: 'a-long-key' },
      model: '',
      requestsPerMinute: undefined,
      spend: {
        prices: [],
        limits: { tokens: undefined, requests: undefined, cost: undefined },
        onBudget: 'warn',
      },
      baseline: '',
      checks: [...STACK_CHECKS, ...UI_CHECKS].map(({ name }) => name),
      minRecall: 0.9,
      parallel: 4,
      timeoutMs: 30 * 60_000,
      versions: { kind: '0.32.0', kubectl: '1.36.4', helm: '4.2.4' },
      mirror: undefined,
      clusterName: undefined,
      nodeImage: undefined,
      keepCluster: false,
      chart: { folder: 'deploy/helm/rag' },
      stubCrds: 'auto',
      preInstallManifests: [],
      postInstallCommand: '',
      release: 'rag',
      namespace: 'rag-e2e',
      valuesFiles: [],
      setValues: { where: 'input set-values', text: '' },
      wiring: 'auto',
      secret: { name: 'maas-e2e-model-service', entries: [], asked: false },
      gatewayImage: rawInputs()['gateway-image'],
      allowLiteralKey: false,
      api: 'auto',
      apiService: '',
      apiPort: undefined,
      uiService: '',
      uiPort: undefined,
      basePath: '',
      healthPath: '',
      testCommand: '',
      testNeedsKey: false,
      testReport: '',
      dryRun: false,
    });
  });
});

describe('an input that is given empty', () => {
  const NEEDED = { 'maas-endpoint': 'https://h.example', 'api-key': 'a-long-key' };
  const given = (over: Record<string, string>) => withDefaults((name) => ({ ...DEFAULTS, ...NEEDED, ...over })[name]);
  const names = Object.keys(action.inputs).filter((name) => !(name in NEEDED));

  it.each(names)('%s: is its default', (name) => {
    for (const empty of ['', '  ', '\n', '\t'])
      expect(parseInputs(given({ [name]: empty }))).toEqual(parseInputs(given({})));
  });

  it('is nothing that contradicts another input: all at once', () => {
    const none = withDefaults((name) => (name in NEEDED ? given({})[name] : ''));
    expect(parseInputs(none)).toEqual(parseInputs(given({})));
    expect(parseInputs({ ...none, api: 'none' }).api).toBe('none'); // `checks` counts as left out
  });
});

describe('a path in the workspace', () => {
  it('of a report is nothing without the tests that write it', async () => {
    const failure = await failureOf(() => inputs({ 'test-report': 'results.xml' }));
    expect(failure.message).toBe('input test-report is set, and test-command is empty');
  });

  it.each(['results.xml', 'out/results.xml', 'a..b.xml', ''])('may be %s', (path) => {
    expect(inputs({ 'test-report': path, 'test-command': 'true' }).testReport).toBe(path);
  });

  it.each(['.', '..', '../results.xml', '/tmp/results.xml', 'a/../../b', 'out/'])('may not be %s', async (path) => {
    const failure = await failureOf(() => inputs({ 'test-report': path, 'test-command': 'true' }));
    expect([failure.code, failure.message]).toEqual(['E_INPUT', `input test-report is "${path}"`]);
  });
});

describe('what a user may write', () => {
  it.each([
    ['90s', 90_000],
    ['1s', 1000],
    ['30m', 1_800_000],
    ['45', 2_700_000],
    ['1h', 3_600_000],
    ['6h', 21_600_000],
    ['10 m', 600_000],
  ])('timeout %s is %i ms', (timeout, ms) => {
    expect(inputs({ timeout }).timeoutMs).toBe(ms);
  });

  it('values files: one per line, in order, blank lines and spaces dropped', () => {
    expect(inputs({ 'values-file': ' a.yaml \r\n\n  ci/b.yaml\n' }).valuesFiles).toEqual(['a.yaml', 'ci/b.yaml']);
  });

  it('set-values as YAML', () => {
    expect(inputs({ 'set-values': 'a:\n  b: 1' }).setValues.text).toBe('a:\n  b: 1');
  });

  it.each([
    ['v1.34.5', '1.34.5'],
    ['1.34.5', '1.34.5'],
    ['4.1.4-lab.1', '4.1.4-lab.1'],
  ])('version %s', (written, version) => {
    expect(inputs({ 'helm-version': written }).versions.helm).toBe(version);
    expect(inputs({ 'kind-version': written }).versions.kind).toBe(version);
    expect(inputs({ 'kubectl-version': written }).versions.kubectl).toBe(version);
  });

  it.each([
    ['https://mirror.example/tools///', 'https://mirror.example/tools'],
    ['http://10.0.0.1:8080', 'http://10.0.0.1:8080'],
  ])('mirror %s loses its last slashes', (written, mirror) => {
    expect(inputs({ 'tools-mirror': written }).mirror).toBe(mirror);
  });

  it('names up to their longest', () => {
    const { release, namespace, clusterName } = inputs({
      release: 'r'.repeat(53),
      namespace: 'n'.repeat(63),
      'cluster-name': 'c-1'.padEnd(50, '0'),
    });
    expect([release.length, namespace.length, clusterName?.length]).toEqual([53, 63, 50]);
  });

  it.each([
    ['rag-chat', ['rag-chat']],
    ['load, chat', ['chat', 'load']],
    ['-load -ui-session', inputs().checks.filter((name) => !['load', 'ui-session'].includes(name))],
  ])('checks %s, in the order of the suite', (checks, names) => {
    expect(inputs({ checks }).checks).toEqual(names);
  });

  it.each([
    ['0', 0],
    ['1', 1],
    ['0.75', 0.75],
    ['1.0', 1],
  ])('min-recall %s', (written, minRecall) => {
    expect(inputs({ 'min-recall': written }).minRecall).toBe(minRecall);
  });

  it.each([
    ['1', 1],
    ['64', 64],
    ['07', 7],
  ])('parallel %s', (parallel, count) => {
    expect(inputs({ parallel }).parallel).toBe(count);
  });

  it.each([
    ['', undefined],
    ['1', 1],
    ['100000', 100_000],
  ])('requests-per-minute "%s"', (written, limit) => {
    expect(inputs({ 'requests-per-minute': written }).requestsPerMinute).toBe(limit);
  });

  it.each(['required', 'auto'] as const)('inference %s, which needs endpoint and key', async (inference) => {
    const service = { endpoint: { baseUrl: 'https://maas.example.com/v1' }, apiKey: 'sk-0123456789' };
    expect(inputs({ inference })).toMatchObject({ inference, service });
    expect((await failureOf(() => inputs({ inference, 'maas-endpoint': '' }))).code).toBe('E_ENDPOINT');
    expect((await failureOf(() => inputs({ inference, 'api-key': '' }))).code).toBe('E_KEY_MISSING');
  });

  it.each([
    ['neither endpoint nor key', '', ''],
    ['some that could not be used', 'not a URL', 'short'],
  ])('inference off with %s: the service is never called', (_, endpoint, key) => {
    const got = inputs({ inference: 'off', 'maas-endpoint': endpoint, 'api-key': key });
    expect([got.inference, got.service]).toEqual(['off', undefined]);
  });

  it('keep-cluster, model and node image as they are', () => {
    const got = inputs({ 'keep-cluster': 'true', model: 'acme/chat', 'node-image': 'kindest/node:v1.30.0' });
    expect(got).toMatchObject({ keepCluster: true, model: 'acme/chat', nodeImage: 'kindest/node:v1.30.0' });
  });
});

it('what a user may write of the chart, its Services and what comes before and after arrives as it is', () => {
  const parsed = inputs({
    'gateway-image': 'mirror/caddy:2',
    'post-install-command': 'kubectl wait x',
    'pre-install-manifests': 'a.yaml',
    'secret-name': 'llm',
    'secret-keys': 'token=key,url=endpoint',
    api: 'auto',
    'api-service': 'api',
    'api-port': '8080',
    'api-base-path': '/openai/v1',
    'health-path': '/health',
    'ui-service': 'web',
    'ui-port': '3000',
  });
  expect(parsed).toMatchObject({
    chart: { folder: 'deploy/helm/rag' },
    stubCrds: 'auto',
    gatewayImage: 'mirror/caddy:2',
    postInstallCommand: 'kubectl wait x',
    preInstallManifests: ['a.yaml'],
    secret: { name: 'llm', asked: true },
    api: 'auto',
    apiService: 'api',
    apiPort: 8080,
    basePath: '/openai/v1',
    healthPath: '/health',
    uiService: 'web',
    uiPort: 3000,
  });
  expect(parsed.secret.entries.map((entry): unknown[] => Object.values(entry))).toEqual([
    ['token', 'API_KEY'],
    ['url', 'BASE_URL'],
  ]);
});

it.each(['api-service', 'ui-service'])('%s has at most 63 characters', async (name) => {
  expect(() => inputs({ [name]: 'x'.repeat(63) })).not.toThrow();
  expect((await failureOf(() => inputs({ [name]: 'x'.repeat(64) }))).code).toBe('E_INPUT');
});

describe('what is refused names its input, and how to write it', () => {
  it.each<[keyof RawInputs, string, RegExp, ErrorCode?]>([
    ['timeout', '1800', /with its unit.*a number alone is minutes/],
    ['timeout', '0s', /from 1s to 6h/],
    ['timeout', '7h', /from 1s to 6h/],
    ['timeout', '361m', /from 1s to 6h/],
    ['timeout', '1.5h', /from 1s to 6h/],
    ['timeout', '-5m', /from 1s to 6h/],
    ['timeout', '30min', /from 1s to 6h/],
    ['timeout', '30m and more', /from 1s to 6h/],
    ['kind-version', 'latest', /full version, such as 0\.32\.0/],
    ['kubectl-version', '1.36', /full version, such as 1\.36\.4/],
    ['helm-version', '4', /full version, such as 4\.2\.4/],
    ['helm-version', '4.2.4; rm -rf /', /full version/],
    ['helm-version', '', /full version/],
    ['keep-cluster', 'yes', /true or false/],
    ['keep-cluster', 'True', /true or false/],
    ['release', 'Rag', /at most 53 lower-case/],
    ['release', '-rag', /at most 53/],
    ['release', 'r'.repeat(54), /at most 53/],
    ['namespace', '', /at most 63/],
    ['namespace', 'a.b', /at most 63/],
    ['namespace', 'n'.repeat(64), /at most 63/],
    ['cluster-name', 'rag-', /at most 50/],
    ['cluster-name', 'c'.repeat(51), /at most 50/],
    ['tools-mirror', 'mirror.example', /base URL/],
    ['tools-mirror', 'ftp://mirror.example', /base URL/],
    ['api-key', '', /secrets\.MAAS_API_KEY/, 'E_KEY_MISSING'],
    ['api-key', 'short', /can not be masked/, 'E_KEY_FORM'],
    ['maas-endpoint', '', /maas\.example\.com\/v1/, 'E_ENDPOINT'],
    ['set-values', '- a list', /names with values/, 'E_VALUES'],
    ['inference', '', /required, auto or off/],
    ['inference', 'Off', /required, auto or off/],
    ['inference', 'false', /required, auto or off/],
    ['checks', 'rag', /rag-chat, rag-responses/],
    ['checks', 'chat,rag-chats', /names of/],
    ['checks', '-all', /name a check/],
    ['min-recall', '', /from 0 to 1/],
    ['min-recall', '1.1', /from 0 to 1/],
    ['min-recall', '90%', /such as 0\.9/],
    ['min-recall', '-0.5', /from 0 to 1/],
    ['min-recall', '.9', /from 0 to 1/],
    ['min-recall', '0,9', /from 0 to 1/],
    ['parallel', '', /from 1 to 64/],
    ['parallel', '0', /from 1 to 64/],
    ['parallel', '65', /from 1 to 64/],
    ['parallel', '2.5', /whole number/],
    ['parallel', '1e1', /whole number/],
    ['requests-per-minute', '0', /from 1 to 100000/],
    ['requests-per-minute', '100001', /from 1 to 100000/],
    ['requests-per-minute', '60/min', /whole number/],
    ['requests-per-minute', '-1', /whole number/],
  ])('%s: "%s"', async (name, text, fix, code = 'E_INPUT') => {
    const failure = await failureOf(() => parseInputs(rawInputs({ [name]: text })));
    expect([failure.code, failure.hop]).toEqual([code, 'inputs']);
    expect(failure.message).toContain(`input ${name} `);
    expect(failure.fix).toMatch(fix);
  });

  it.each([
    'https://bob:hunter22@mirror.example',
    'https://hunter22@mirror.example',
    'https://:hunter22@mirror.example',
  ])('credentials in a mirror, without repeating them: %s', async (mirror) => {
    const failure = await failureOf(() => parseInputs(rawInputs({ 'tools-mirror': mirror })));
    expect(failure.message).toContain('tools-mirror');
    expect(failure.message + failure.fix).not.toContain('hunter22');
  });
});
