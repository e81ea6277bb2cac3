import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { INPUT_NAMES } from '../../src/inputs.js';

interface Step {
  uses?: string;
  with?: Record<string, string>;
}
interface Workflow {
  permissions: Record<string, string>;
  jobs: Record<string, { steps: Step[]; 'timeout-minutes': number }>;
}

const outputs = Object.keys((parse(readFileSync('action.yml', 'utf8')) as { outputs: object }).outputs);

it.each(['fork-safe.yml', 'other-chart.yml'])('%s is one of them', (name) => {
  expect(readdirSync('examples')).toContain(name);
});

describe.each(readdirSync('examples').filter((name) => name.endsWith('.yml')))('examples/%s', (name) => {
  const text = readFileSync(`examples/${name}`, 'utf8');
  const workflow = parse(text) as Workflow;
  const steps = Object.values(workflow.jobs).flatMap((job) => job.steps);
  const ours = steps.filter(({ uses }) => uses?.startsWith('org/maas-e2e-action@'));

  it('uses this action, with inputs that there are and a key from secrets', () => {
    expect(ours.length).toBeGreaterThan(0);
    for (const step of ours) {
      const names = Object.keys(step.with ?? {});
      expect(names.filter((input) => !(INPUT_NAMES as readonly string[]).includes(input))).toEqual([]);
      expect(step.with?.['api-key']).toMatch(/^\$\{\{ secrets\.\w+ \}\}$/);
    }
  });

  it('reads only outputs that there are', () => {
    const read = [...text.matchAll(/outputs\.([\w-]+)/g)].map(([, output = '']) => output);
    expect(read.filter((output) => !outputs.includes(output))).toEqual([]);
  });

  it('has the least permissions, no credentials left by the checkout, and a deadline', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
    expect(text).not.toContain('pull_request_target');
    expect(steps[0]?.with).toEqual({ 'persist-credentials': false });
    for (const job of Object.values(workflow.jobs)) expect(job['timeout-minutes']).toBeGreaterThan(0);
  });
});
