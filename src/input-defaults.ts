/**
 * Every input and its default, as action.yml has them (a test compares the two). The runner fills a default in only if the
 * workflow does not name the input at all: `${{ inputs.x }}` is empty on push and schedule, and an empty input means its default.
 */
export const DEFAULTS = {
  'maas-endpoint': '',
  'api-key': '',
  'when-no-key': '',
  'values-file': '',
  model: '',
  chart: 'deploy/helm/rag',
  'chart-repository': '',
  'chart-version': '',
  release: 'rag',
  namespace: 'rag-e2e',
  'set-values': '',
  wiring: 'auto',
  'secret-name': '',
  'secret-keys': '',
  'gateway-image':
    'docker.io/library/caddy:2.10.2-alpine@sha256:4c6e91c6ed0e2fa03efd5b44747b625fec79bc9cd06ac5235a779726618e530d',
  'allow-literal-key': 'false',
  'stub-crds': 'auto',
  'pre-install-manifests': '',
  'post-install-command': '',
  checks: 'all',
  inference: 'required',
  'min-recall': '0.9',
  parallel: '4',
  'requests-per-minute': '',
  price: '',
  'token-budget': '',
  'request-budget': '',
  'cost-budget': '',
  'on-budget': 'warn',
  baseline: '',
  api: 'auto',
  'api-service': '',
  'api-port': '',
  'api-base-path': '',
  'health-path': '',
  'ui-service': '',
  'ui-port': '',
  'test-command': '',
  'test-needs-key': 'false',
  'test-report': '',
  'dry-run': 'false',
  timeout: '30m',
  'keep-cluster': 'false',
  'cluster-name': '',
  'kind-version': '0.32.0',
  'kubectl-version': '1.36.4',
  'helm-version': '4.2.4',
  'node-image': '',
  'tools-mirror': '',
} as const satisfies Record<string, string>;

export type InputName = keyof typeof DEFAULTS;

/** Inputs as the runner hands them over: ends trimmed, defaults filled in. */
export type RawInputs = Record<InputName, string>;

/** @param given the text of an input; empty if it is not there. Blanks alone are nothing, too */
export function withDefaults(given: (name: InputName) => string): RawInputs {
  const inputs = Object.entries(DEFAULTS).map(([name, byDefault]) => [
    name,
    given(name as InputName).trim() || byDefault,
  ]);
  return Object.fromEntries(inputs) as RawInputs;
}
