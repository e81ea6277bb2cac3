import { parseInputs, type Inputs, type RawInputs } from '../../src/inputs.js';
import type { Host } from '../../src/plan.js';

/** Raw inputs as the runner hands them over: the required ones, and action.yml's defaults. */
export function rawInputs(over: Partial<RawInputs> = {}): RawInputs {
  return {
    'maas-endpoint': 'https://maas.example.com/v1',
    'api-key': 'sk-0123456789',
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
    ...over,
  };
}

export function inputs(over: Partial<RawInputs> = {}): Inputs {
  return parseInputs(rawInputs(over));
}

export function host(over: Partial<Host> = {}): Host {
  return {
    temp: '/runner/temp',
    workspace: '/work',
    platform: { os: 'linux', arch: 'amd64' },
    environment: {},
    forkPullRequest: false,
    ...over,
  };
}
