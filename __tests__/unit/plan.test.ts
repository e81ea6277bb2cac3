import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makePlan, skipReason } from '../../src/plan.js';
import { DEFAULT_NODE_IMAGE } from '../../src/provision/pins.js';
import { host, inputs, rawInputs } from '../helpers/inputs.js';

describe('the plan of a run', () => {
  it('has names and places of this run alone, below the temporary folder', () => {
    expect(makePlan(inputs(), host(), 'c0ffee')).toEqual({
      cluster: {
        name: 'maas-e2e-c0ffee',
        nodeImage: DEFAULT_NODE_IMAGE,
        kubeconfig: '/runner/temp/maas-e2e-c0ffee/kubeconfig',
        marker: '/runner/temp/maas-e2e-c0ffee/owner',
      },
      workDir: '/runner/temp/maas-e2e-c0ffee',
      reportPath: '/runner/temp/maas-e2e-report-c0ffee/report.json',
    });
  });

  it('keeps the report out of the folder that post removes', () => {
    const { workDir, reportPath } = makePlan(inputs(), host(), 'c0ffee');
    expect(`${dirname(reportPath)}/`.startsWith(`${workDir}/`)).toBe(false);
  });

  it('takes the cluster name of the user, and still a folder of its own', () => {
    const { cluster, workDir } = makePlan(inputs({ 'cluster-name': 'mine' }), host(), 'c0ffee');
    expect(cluster.name).toBe('mine');
    expect(workDir).toContain('c0ffee');
  });

  it.each([
    ['the pinned one for the default kind', {}, DEFAULT_NODE_IMAGE],
    ['the one that another kind brings', { 'kind-version': '0.31.0' }, undefined],
    ["the user's", { 'node-image': 'mirror/node:v1', 'kind-version': '0.31.0' }, 'mirror/node:v1'],
    ["the user's before the pinned one", { 'node-image': 'mirror/node:v1' }, 'mirror/node:v1'],
  ])('node image: %s', (_, raw, image) => {
    expect(makePlan(inputs(raw), host(), 'u').cluster.nodeImage).toBe(image);
  });
});

describe('a run is skipped', () => {
  it("for a fork's pull request without a key, and says what a maintainer can do", () => {
    expect(skipReason(rawInputs({ 'api-key': '' }), host({ forkPullRequest: true }))).toMatch(/fork.*secrets.*branch/);
  });

  it.each([
    ['a fork that has a key', 'sk-0123456789', true],
    ['a branch without a key: that is a mistake, and red', '', false],
    ['a branch with a key', 'sk-0123456789', false],
  ])('but not for %s', (_, key, forkPullRequest) => {
    expect(skipReason(rawInputs({ 'api-key': key }), host({ forkPullRequest }))).toBeUndefined();
  });
});
