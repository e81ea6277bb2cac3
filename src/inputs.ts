import type { AssertInputs, Inference } from './assert/assert.js';
import { parseSelection } from './assert/selection.js';
import { STACK_CHECKS, UI_CHECKS } from './assert/suite.js';
import type { ChartInputs } from './deploy/chart.js';
import type { DeployInputs } from './deploy/deploy.js';
import type { ServerInputs } from './deploy/render.js';
import { parseChartSource } from './deploy/source.js';
import type { StubWish } from './deploy/stubs.js';
import { parseValues, type ValuesSource } from './deploy/values.js';
import { RunError } from './errors.js';
import { parseEndpoint, type Endpoint } from './maas/endpoint.js';
import type { ClusterInputs } from './provision/cluster.js';
import type { ToolInputs } from './provision/tools.js';
import { checkKey } from './secrets/key.js';
import type { TestInputs } from './tests/consumer-tests.js';
import { WIRING_NAMES } from './wiring/choose.js';
import { parseSecretKeys, SECRET_NAME, type SecretWish } from './wiring/secret-object.js';

export const INPUT_NAMES = [
  'maas-endpoint',
  'api-key',
  'when-no-key',
  'values-file',
  'model',
  'chart',
  'chart-repository',
  'chart-version',
  'release',
  'namespace',
  'set-values',
  'wiring',
  'secret-name',
  'secret-keys',
  'gateway-image',
  'allow-literal-key',
  'stub-crds',
  'pre-install-manifests',
  'post-install-command',
  'checks',
  'inference',
  'min-recall',
  'parallel',
  'requests-per-minute',
  'api',
  'api-service',
  'api-port',
  'api-base-path',
  'health-path',
  'ui-service',
  'ui-port',
  'test-command',
  'test-needs-key',
  'test-report',
  'dry-run',
  'timeout',
  'keep-cluster',
  'cluster-name',
  'kind-version',
  'kubectl-version',
  'helm-version',
  'node-image',
  'tools-mirror',
] as const;

/** Inputs as the runner hands them over: defaults of action.yml filled in, ends trimmed. */
export type RawInputs = Record<(typeof INPUT_NAMES)[number], string>;

export interface ServiceInputs {
  /** undefined where `inference` is off: the service is never called. */
  service: { endpoint: Endpoint; apiKey: string } | undefined;
  /** As the user wrote it; empty: the only chat model that is served. */
  model: string;
  /** What the service allows, for everything that the run sends; undefined: no limit. */
  requestsPerMinute: number | undefined;
}

export interface WiringInputs {
  /** Name of a wiring, or auto. */
  wiring: string;
  secret: SecretWish;
  /** Image of the reverse proxy of wiring gateway. */
  gatewayImage: string;
  allowLiteralKey: boolean;
}

export type Inputs = ServiceInputs &
  ToolInputs &
  ClusterInputs &
  ChartInputs &
  DeployInputs &
  WiringInputs &
  AssertInputs &
  ServerInputs &
  TestInputs & { timeoutMs: number; dryRun: boolean };

/** Every input, checked; nothing downstream reads a raw one. @throws RunError that names the input and the fix */
export function parseInputs(raw: RawInputs): Inputs {
  checkWhenNoKey(raw['when-no-key']);
  if (raw['test-report'] && !raw['test-command'])
    throw refuse('test-report', 'is set, and test-command is empty', 'Say by test-command what writes it.');
  const inference = parseInference(raw.inference);
  return {
    inference,
    service: inference === 'off' ? undefined : parseService(raw),
    model: raw.model,
    requestsPerMinute: raw['requests-per-minute']
      ? parseCount('requests-per-minute', raw['requests-per-minute'], 100_000)
      : undefined,
    checks: parseSelection(raw.checks, [...STACK_CHECKS, ...UI_CHECKS]),
    minRecall: parseShare('min-recall', raw['min-recall']),
    parallel: parseCount('parallel', raw.parallel, 64),
    testCommand: raw['test-command'],
    testNeedsKey: parseBoolean('test-needs-key', raw['test-needs-key']),
    testReport: parseInside('test-report', raw['test-report']),
    dryRun: parseBoolean('dry-run', raw['dry-run']),
    timeoutMs: parseDuration(raw.timeout),
    versions: {
      kind: parseVersion('kind-version', raw['kind-version']),
      kubectl: parseVersion('kubectl-version', raw['kubectl-version']),
      helm: parseVersion('helm-version', raw['helm-version']),
    },
    mirror: raw['tools-mirror'] ? parseMirror(raw['tools-mirror']) : undefined,
    clusterName: raw['cluster-name'] ? parseName('cluster-name', raw['cluster-name'], 50) : undefined,
    nodeImage: raw['node-image'] || undefined,
    keepCluster: parseBoolean('keep-cluster', raw['keep-cluster']),
    ...parseServer(raw),
    ...parseChart(raw),
  };
}

function parseServer(raw: RawInputs): ServerInputs {
  return {
    api: parseApi(raw.api),
    apiService: raw['api-service'] && parseName('api-service', raw['api-service'], 63),
    apiPort: parsePort('api-port', raw['api-port']),
    uiService: raw['ui-service'] && parseName('ui-service', raw['ui-service'], 63),
    uiPort: parsePort('ui-port', raw['ui-port']),
    basePath: parsePath('api-base-path', raw['api-base-path']),
    healthPath: parsePath('health-path', raw['health-path']),
  };
}

function parseChart(raw: RawInputs): ChartInputs & DeployInputs & WiringInputs {
  return {
    chart: parseChartSource(raw.chart, raw['chart-repository'], raw['chart-version']),
    release: parseName('release', raw.release, 53),
    namespace: parseName('namespace', raw.namespace, 63),
    valuesFiles: linesIn(raw['values-file']),
    stubCrds: parseStubs(raw['stub-crds']),
    preInstallManifests: linesIn(raw['pre-install-manifests']),
    postInstallCommand: raw['post-install-command'],
    setValues: parseSetValues(raw['set-values']),
    wiring: parseWiring(raw.wiring),
    secret: {
      name: raw['secret-name'] ? parseObjectName('secret-name', raw['secret-name']) : SECRET_NAME,
      entries: parseSecretKeys(raw['secret-keys']),
      asked: Boolean(raw['secret-name'] || raw['secret-keys']),
    },
    gatewayImage: raw['gateway-image'],
    allowLiteralKey: parseBoolean('allow-literal-key', raw['allow-literal-key']),
  };
}

function linesIn(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}

function parseStubs(text: string): StubWish {
  if (text === 'auto' || text === 'none') return text;
  const kinds = text.split(/[\s,]+/).filter(Boolean);
  const wrong = kinds.find((kind) => !/^[a-zA-Z0-9.-]+$/.test(kind));
  if (kinds.length && wrong === undefined) return kinds;
  throw refuse('stub-crds', `is "${text}"`, 'Write auto, none, or kinds such as routes.route.openshift.io.');
}

function parseSetValues(text: string): ValuesSource {
  const source = { where: 'input set-values', text };
  parseValues(source.text, source.where);
  return source;
}

function parseApi(text: string): ServerInputs['api'] {
  if (text === 'auto' || text === 'llama-stack' || text === 'openai' || text === 'none') return text;
  throw refuse('api', `is "${text}"`, 'Write auto, llama-stack, openai or none.');
}

function parsePort(name: string, text: string): number | undefined {
  return text ? parseCount(name, text, 65_535) : undefined;
}

function parsePath(name: string, text: string): string {
  if (!text || /^\/[\x21-\x7e]*$/.test(text)) return text;
  throw refuse(name, `is "${text}"`, 'Write a path that begins with a slash, such as /health.');
}

/** A path in the workspace. */
function parseInside(name: string, text: string): string {
  if (!/^\/|(^|\/)\.\.?(\/|$)|\/$/.test(text)) return text;
  throw refuse(name, `is "${text}"`, 'Write the path of a file in the workspace, such as results.xml.');
}

function parseWiring(text: string): string {
  if (WIRING_NAMES.includes(text)) return text;
  throw refuse('wiring', `is "${text}"`, `Write one of ${WIRING_NAMES.join(', ')}.`);
}

function parseService(raw: RawInputs): ServiceInputs['service'] {
  checkKey(raw['api-key']);
  return { endpoint: parseEndpoint(raw['maas-endpoint']), apiKey: raw['api-key'] };
}

function checkWhenNoKey(text: string): void {
  if (['', 'skip', 'stand-in', 'fail'].includes(text)) return;
  throw refuse('when-no-key', `is "${text}"`, 'Write skip, stand-in or fail; or leave it empty.');
}

function parseInference(text: string): Inference {
  if (text === 'required' || text === 'auto' || text === 'off') return text;
  throw refuse('inference', `is "${text}"`, 'Write required, auto or off.');
}

/** @throws RunError */
function parseDuration(text: string): number {
  const match = /^(\d{1,6})\s*(s|m|h)?$/.exec(text);
  const unit = { s: 1000, m: 60_000, h: 3_600_000 }[match?.[2] ?? 'm'] ?? 0;
  const ms = Number(match?.[1]) * unit;
  if (!match || ms < 1000 || ms > 6 * 3_600_000) {
    throw refuse('timeout', `is "${text}"`, 'Write a duration from 1s to 6h, such as 30m.');
  }
  return ms;
}

function parseCount(name: string, text: string, most: number): number {
  const count = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= most) return count;
  throw refuse(name, `is "${text}"`, `Write a whole number from 1 to ${most}.`);
}

function parseShare(name: string, text: string): number {
  const share = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (share >= 0 && share <= 1) return share;
  throw refuse(name, `is "${text}"`, 'Write a number from 0 to 1, such as 0.9.');
}

function parseVersion(name: string, text: string): string {
  const version = text.replace(/^v/, '');
  if (!/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(version)) {
    throw refuse(name, `is "${text}"`, 'Write a full version, such as 1.36.4.');
  }
  return version;
}

function parseMirror(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) {
    throw refuse('tools-mirror', 'is no plain http(s) URL', 'Write the base URL of the mirror, without credentials.');
  }
  return text.replace(/\/+$/, '');
}

/** A DNS label: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
function parseName(name: string, text: string, longest: number): string {
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(text) || text.length > longest) {
    throw refuse(name, `is "${text}"`, `Use at most ${longest} lower-case letters, digits and inner hyphens.`);
  }
  return text;
}

/** A DNS subdomain, as names of most objects are. */
function parseObjectName(name: string, text: string): string {
  if (text.length <= 253 && text.split('.').every((label) => /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(label)))
    return text;
  throw refuse(name, `is "${text}"`, 'Use lower-case letters, digits, and inner hyphens and dots.');
}

function parseBoolean(name: string, text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  throw refuse(name, `is "${text}"`, 'Write true or false.');
}

function refuse(name: string, what: string, fix: string): RunError {
  return new RunError('E_INPUT', 'inputs', `input ${name} ${what}`, fix);
}
