import { DEFAULTS } from '../../src/input-defaults.js';
import { parseInputs, type Inputs, type RawInputs } from '../../src/inputs.js';
import type { Host } from '../../src/plan.js';

/** Raw inputs as the runner hands them over: the required ones, and the defaults, which unit/inputs compares with action.yml. */
export function rawInputs(over: Partial<RawInputs> = {}): RawInputs {
  return {
    ...DEFAULTS,
    'maas-endpoint': 'https://maas.example.com/v1',
    'api-key': 'sk-0123456789',
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
