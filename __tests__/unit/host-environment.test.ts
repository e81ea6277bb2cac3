import { expect, it } from 'vitest';
import { readHost } from '../../src/adapters/host.js';

it("a user's command has the job's environment, but neither the state that post acts on nor what is this step's alone", () => {
  const env = {
    PATH: '/bin',
    GITHUB_ENV: '/commands/env',
    GITHUB_STEP_SUMMARY: '/commands/summary',
    GITHUB_STATE: '/commands/state',
    STATE_x: '1',
    INPUT_CHART: 'rag',
    ACTIONS_RUNTIME_TOKEN: 't',
  };
  expect(readHost(env, [{ name: 'input api-key', value: 'the-key-0123456789' }]).environment).toEqual({
    PATH: '/bin',
    GITHUB_ENV: '/commands/env',
    GITHUB_STEP_SUMMARY: '/commands/summary',
  });
});
