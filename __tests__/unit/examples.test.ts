import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { isOurs, misusesIn, OUTPUTS, type Workflow } from '../helpers/workflows.js';

it.each(['fork-safe.yml', 'other-chart.yml'])('%s is one of them', (name) => {
  expect(readdirSync('examples')).toContain(name);
});

describe.each(readdirSync('examples').filter((name) => name.endsWith('.yml')))('examples/%s', (name) => {
  const text = readFileSync(`examples/${name}`, 'utf8');
  const workflow = parse(text) as Workflow;
  const steps = Object.values(workflow.jobs).flatMap((job) => job.steps);
  const ours = steps.filter(isOurs);

  it('uses this action, with inputs that there are and a key from secrets', () => {
    expect(ours.length).toBeGreaterThan(0);
    expect(misusesIn(text)).toEqual([]);
    for (const step of ours) expect(step.with?.['api-key']).toMatch(/^\$\{\{ secrets\.\w+ \}\}$/);
  });

  it('reads only outputs that there are', () => {
    const read = [...text.matchAll(/outputs\.([\w-]+)/g)].map(([, output = '']) => output);
    expect(read.filter((output) => !OUTPUTS.includes(output))).toEqual([]);
  });

  it('has the least permissions, no credentials left by the checkout, and a deadline', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
    expect(text).not.toContain('pull_request_target');
    expect(steps[0]?.with).toEqual({ 'persist-credentials': false });
    for (const job of Object.values(workflow.jobs)) expect(job['timeout-minutes']).toBeGreaterThan(0);
  });
});
