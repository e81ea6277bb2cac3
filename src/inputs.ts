import type { AssertInputs, Inference } from './assert/assert.js';
import { parseSelection } from './assert/selection.js';
import { STACK_CHECKS, UI_CHECKS } from './assert/suite.js';
import type { ChartInputs } from './deploy/chart.js';
import type { DeployInputs } from './deploy/deploy.js';
import type { ServerInputs } from './deploy/render.js';
import { parseChartSource } from './deploy/source.js';
import type { StubWish } from './deploy/stubs.js';
import { parseValues, type ValuesSource } from './deploy/values.js';
import { refuseConflicts } from './input-conflicts.js';
import { DEFAULTS, type RawInputs } from './input-defaults.js';
import {
  linesIn,
  parseBoolean,
  parseCount,
  parseDuration,
  parseImage,
  parseInside,
  parseMirror,
  parseName,
  parseObjectName,
  parsePath,
  parsePort,
  parseShare,
  parseVersion,
  refuse,
} from './input-forms.js';
import { parseEndpoint, type Endpoint } from './maas/endpoint.js';
import type { ClusterInputs } from './provision/cluster.js';
import type { ToolInputs } from './provision/tools.js';
import { checkKey } from './secrets/key.js';
import { isAmount, parsePrices } from './spend/price.js';
import type { OnBudget, SpendInputs } from './spend/spend.js';
import type { TestInputs } from './tests/consumer-tests.js';
import { WIRING_NAMES } from './wiring/choose.js';
import { parseSecretKeys, SECRET_NAME, type SecretWish } from './wiring/secret-object.js';

export type { RawInputs } from './input-defaults.js';

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
  TestInputs & {
    timeoutMs: number;
    dryRun: boolean;
    spend: SpendInputs;
    /** Report of an earlier run, relative to the workspace; empty: there is none to compare with. */
    baseline: string;
  };

/** Every input, checked; nothing downstream reads a raw one. @throws RunError that names the input and the fix */
export function parseInputs(raw: RawInputs): Inputs {
  checkWhenNoKey(raw['when-no-key']);
  refuseConflicts(raw);
  const inference = parseInference(raw.inference);
  return {
    inference,
    service: inference === 'off' ? undefined : parseService(raw),
    model: raw.model,
    requestsPerMinute: raw['requests-per-minute']
      ? parseCount('requests-per-minute', raw['requests-per-minute'], 100_000)
      : undefined,
    spend: parseSpend(raw),
    baseline: parseInside('baseline', raw.baseline),
    checks: parseSelection(raw.checks, [...STACK_CHECKS, ...UI_CHECKS]),
    minRecall: parseShare('min-recall', raw['min-recall']),
    parallel: parseCount('parallel', raw.parallel, 64),
    testCommand: raw['test-command'],
    testNeedsKey: parseBoolean('test-needs-key', raw['test-needs-key']),
    testReport: parseInside('test-report', raw['test-report']),
    dryRun: parseBoolean('dry-run', raw['dry-run']),
    timeoutMs: parseDuration(raw.timeout),
    versions: {
      kind: parseToolVersion('kind-version', raw),
      kubectl: parseToolVersion('kubectl-version', raw),
      helm: parseToolVersion('helm-version', raw),
    },
    mirror: raw['tools-mirror'] ? parseMirror(raw['tools-mirror']) : undefined,
    clusterName: raw['cluster-name'] ? parseName('cluster-name', raw['cluster-name'], 50) : undefined,
    nodeImage: raw['node-image'] ? parseImage('node-image', raw['node-image']) : undefined,
    keepCluster: parseBoolean('keep-cluster', raw['keep-cluster']),
    ...parseServer(raw),
    ...parseChart(raw),
  };
}

function parseToolVersion(name: 'kind-version' | 'kubectl-version' | 'helm-version', raw: RawInputs): string {
  return parseVersion(name, raw[name], DEFAULTS[name]);
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
    gatewayImage: parseImage('gateway-image', raw['gateway-image']),
    allowLiteralKey: parseBoolean('allow-literal-key', raw['allow-literal-key']),
  };
}

function parseStubs(text: string): StubWish {
  if (text === 'auto' || text === 'none') return text;
  const kinds = text.split(/[\s,]+/).filter(Boolean);
  const wrong = kinds.find((kind) => !/^[a-zA-Z0-9][a-zA-Z0-9.-]*$/.test(kind));
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

function parseSpend(raw: RawInputs): SpendInputs {
  const count = (name: 'token-budget' | 'request-budget') =>
    raw[name] ? parseCount(name, raw[name], 999_999_999) : undefined;
  const prices = parsePrices(raw.price);
  const cost = raw['cost-budget'];
  if (cost && !(isAmount(cost) && Number(cost) > 0))
    throw refuse('cost-budget', `is "${cost}"`, 'Write an amount, such as 0.50.');
  if (cost && !prices.length)
    throw refuse('cost-budget', 'is set, and price is empty', 'Say by price what a million tokens cost.');
  return {
    prices,
    limits: {
      tokens: count('token-budget'),
      requests: count('request-budget'),
      cost: cost ? Number(cost) : undefined,
    },
    onBudget: parseOnBudget(raw['on-budget']),
  };
}

function parseOnBudget(text: string): OnBudget {
  if (text === 'warn' || text === 'fail' || text === 'stop') return text;
  throw refuse('on-budget', `is "${text}"`, 'Write warn, fail or stop.');
}

function parseInference(text: string): Inference {
  if (text === 'required' || text === 'auto' || text === 'off') return text;
  throw refuse('inference', `is "${text}"`, 'Write required, auto or off.');
}
