import { describe, expect, it } from 'vitest';
import type { RawInputs } from '../../src/inputs.js';
import { makePlan, planFacts, reportPlaces, STAGE_DEADLINES, withoutKey } from '../../src/plan.js';
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
    });
  });

  it('keeps the reports and the diagnostics out of the folder that post removes', () => {
    const { workDir } = makePlan(inputs(), host(), 'c0ffee');
    const places = reportPlaces(host(), 'c0ffee', 'old/report.json');
    expect(places).toEqual({
      json: '/runner/temp/maas-e2e-report-c0ffee/report.json',
      junit: '/runner/temp/maas-e2e-report-c0ffee/junit.xml',
      diagnostics: '/runner/temp/maas-e2e-report-c0ffee/diagnostics',
      baseline: '/work/old/report.json',
    });
    expect(reportPlaces(host(), 'c0ffee', '').baseline).toBe('');
    for (const path of Object.values(places)) expect(`${path}/`.startsWith(`${workDir}/`)).toBe(false);
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

describe('what a reader may know of the plan', () => {
  const factsOf = (raw: Parameters<typeof inputs>[0] = {}) => {
    const parsed = inputs({ checks: 'basic', ...raw });
    return planFacts(parsed, makePlan(parsed, host(), 'c0ffee'));
  };

  it('is neither the key nor the values', () => {
    const facts = factsOf({ 'values-file': 'ci.yaml', 'set-values': 'db: {password: hunter22}' });
    expect(facts).toEqual({
      endpoint: 'https://maas.example.com/v1',
      chart: 'deploy/helm/rag',
      release: 'rag',
      namespace: 'rag-e2e',
      valuesFiles: ['ci.yaml'],
      cluster: 'maas-e2e-c0ffee',
      nodeImage: DEFAULT_NODE_IMAGE,
      checks: inputs({ checks: 'basic' }).checks,
      inference: 'required',
      timeoutMs: 1_800_000,
      workDir: '/runner/temp/maas-e2e-c0ffee',
    });
    expect(JSON.stringify(facts)).not.toMatch(/sk-0123456789|hunter22/);
  });

  it('names no endpoint where no model is tested, and no node image where kind chooses it', () => {
    expect(factsOf({ inference: 'off', 'kind-version': '0.31.0' })).toMatchObject({
      endpoint: '',
      inference: 'off',
      nodeImage: 'as kind brings it',
    });
  });
});

it('stages that the action knows end within the longest run, at the hop that hangs', () => {
  for (const { ms } of Object.values(STAGE_DEADLINES))
    expect(ms).toSatisfy((one: number) => one > 60_000 && one <= 3_600_000);
  const hops = Object.fromEntries(Object.entries(STAGE_DEADLINES).map(([name, { hop }]) => [name, hop]));
  expect(hops).toEqual({
    probe: 'model service',
    kind: 'tools',
    kubectl: 'tools',
    helm: 'tools',
    chart: 'chart',
    cluster: 'cluster',
    'stub CRDs': 'cluster',
    access: 'cluster',
    'UI checks': 'UI',
  });
});

it.each(['release', 'rollout', 'readiness', 'checks', 'deletion'])(
  'the stage %s has the time of the whole run, which the user sets',
  (name) => {
    expect(STAGE_DEADLINES[name]).toBeUndefined();
  },
);

describe('a run without a key', () => {
  const wishOf = (over: Partial<RawInputs>, forkPullRequest = false) =>
    withoutKey(rawInputs({ 'api-key': '', ...over }), host({ forkPullRequest }));

  it("is skipped for a fork's pull request, and says what a maintainer can do", () => {
    expect(wishOf({}, true)).toMatchObject({ wish: 'skip' });
    expect(wishOf({}, true).because).toMatch(/fork.*secrets.*branch.*stand-in/);
  });

  it.each<[string, Partial<RawInputs>, boolean, string]>([
    ['a fork that has a key', { 'api-key': 'sk-0123456789' }, true, 'go on'],
    ['a branch without a key: that is a mistake, and red', {}, false, 'go on'],
    ['a branch with a key', { 'api-key': 'sk-0123456789' }, false, 'go on'],
    ['a fork, where no model is tested', { inference: 'off' }, true, 'go on'],
    ['a fork, where a model may be', { inference: 'auto' }, true, 'skip'],
    ['a fork that must not be green without', { 'when-no-key': 'fail' }, true, 'go on'],
    ['a branch that may be skipped', { 'when-no-key': 'skip' }, false, 'skip'],
    ['a fork with a stand-in', { 'when-no-key': 'stand-in' }, true, 'stand-in'],
    ['a branch with a stand-in', { 'when-no-key': 'stand-in' }, false, 'stand-in'],
    ['a stand-in where there is a key', { 'when-no-key': 'stand-in', 'api-key': 'sk-0123456789' }, true, 'go on'],
    ['a stand-in where no model is tested', { 'when-no-key': 'stand-in', inference: 'off' }, true, 'go on'],
    ['a word that is none, which the inputs refuse', { 'when-no-key': 'perhaps' }, false, 'go on'],
  ])('%s', (_, over, forkPullRequest, wish) => {
    expect(wishOf(over, forkPullRequest).wish).toBe(wish);
  });

  it('says why there is a stand-in', () => {
    expect(wishOf({ 'when-no-key': 'stand-in' }).because).toBe('there is no key for the model service');
    expect(wishOf({ 'when-no-key': 'stand-in' }, true).because).toMatch(/^a pull request from a fork gets no secrets/);
  });

  it('does not speak of forks elsewhere', () => {
    expect(wishOf({ 'when-no-key': 'skip' }).because).toBe('there is no key for the model service');
  });
});
