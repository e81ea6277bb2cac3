import { describe, expect, it } from 'vitest';
import type { RawInputs } from '../../src/inputs.js';
import { failureOf } from '../helpers/failures.js';
import { inputs } from '../helpers/inputs.js';

describe('an input of which nothing would come', () => {
  it.each<[string, Partial<RawInputs>, RegExp]>([
    ['test-report', { 'test-report': 'r.xml' }, /is set, and test-command is empty/],
    ['test-needs-key', { 'test-needs-key': 'true' }, /is true, and test-command is empty/],
    ['on-budget', { 'on-budget': 'stop' }, /is set, and there is no budget/],
    ['checks', { api: 'none', checks: 'basic' }, /api is none: no check knows such an API/],
    ['api-base-path', { api: 'none', 'api-base-path': '/v1' }, /is set, and api is none/],
    ['health-path', { api: 'openai', 'health-path': '/health' }, /is asked by its own routes/],
    ['health-path', { api: 'llama-stack', 'health-path': '/health' }, /is asked by its own routes/],
  ])('is refused: %s', async (name, raw, says) => {
    const { code, hop, message } = await failureOf(() => inputs(raw));
    expect([code, hop]).toEqual(['E_INPUT', 'inputs']);
    expect(message).toMatch(new RegExp(`^input ${name} `));
    expect(message).toMatch(says);
  });

  it.each<[string, Partial<RawInputs>]>([
    ['a budget', { 'on-budget': 'fail', 'request-budget': '9' }],
    ['tests', { 'test-report': 'r.xml', 'test-needs-key': 'true', 'test-command': 'true' }],
    ['a matrix without the model', { inference: 'off', 'test-needs-key': 'true', 'test-command': 'true' }],
    ['an API that is looked for', { api: 'auto', 'health-path': '/health', checks: 'basic', 'api-base-path': '/v1' }],
    ['an API that is not known', { api: 'none', 'health-path': '/health' }],
  ])('is none with %s', (_, raw) => {
    expect(() => inputs(raw)).not.toThrow();
  });
});
