import { describe, expect, it } from 'vitest';
import type { Manifests } from '../../src/deploy/manifests.js';
import type { KubeObject } from '../../src/deploy/objects.js';
import { mayBeMade, preflight, stubsAhead } from '../../src/deploy/preflight.js';
import { readRender } from '../../src/deploy/render.js';
import type { RawInputs } from '../../src/inputs.js';
import type { WiredChart } from '../../src/wiring/wire.js';
import { failureOf } from '../helpers/failures.js';
import { inputs } from '../helpers/inputs.js';
import { kube, service } from '../helpers/kube.js';

const NONE: Manifests = { places: [], objects: [], unseen: false };
const URL = 'https://x.example/a.yaml';
const UNSEEN: Manifests = { ...NONE, places: [{ name: URL, at: URL }], unseen: true };
const LABELS = { app: 'rag' };

function workload(name: string, container: object = {}, metadata: object = {}): KubeObject {
  const spec = { containers: [{ name: 'app', image: 'acme/app:1', ...container }] };
  const body = kube('Deployment', name, { spec: { template: { metadata: { labels: LABELS }, spec } } });
  return { ...body, body: { ...body.body, metadata: { name, ...metadata } } };
}
const foreign = (kind: string, group: string, name = 'x'): KubeObject => ({
  ...kube(kind, name, {}),
  apiVersion: `${group}/v1`,
});
const APP = workload('rag');
const SERVICE = service('rag', 80, LABELS);

function look(
  objects: KubeObject[],
  over: Partial<RawInputs> = {},
  brought = NONE,
  before: KubeObject[] = [],
): string[] {
  const given = inputs({ api: 'none', ...over });
  const wired = { objects, before } as unknown as WiredChart;
  const stubs = stubsAhead(objects, brought, given.stubCrds);
  return preflight(readRender(wired, given, mayBeMade(objects, stubs, brought, given)), stubs, brought, given);
}
const refused = async (...given: Parameters<typeof look>) => {
  const { code, hop, message } = await failureOf(() => look(...given));
  return [code, hop, message];
};

describe('a render in which nothing is wrong', () => {
  it('has nothing to say of it', () => {
    expect(look([APP, SERVICE], { 'api-service': 'rag' })).toEqual([]);
  });

  it('says for which kinds there will be stubs', () => {
    expect(look([APP, foreign('Route', 'route.openshift.io')])).toEqual([
      'stub definitions for Route.route.openshift.io: nothing acts on these objects',
    ]);
  });
});

const wantsSecret = workload('rag', { envFrom: [{ secretRef: { name: 'llm' } }] });

describe('a Job that is suspended', () => {
  const job = (spec: object, metadata: object = {}) => kube('Job', 'load', { spec, metadata }, 'batch/v1');

  it('is noted: it is started by somebody else, if at all', () => {
    expect(look([APP, job({ suspend: true })])).toEqual([
      'Job load is suspended: it is neither waited for nor tested, whatever else is',
    ]);
  });

  it.each([
    ['a Job that runs', job({ suspend: false })],
    ['a hook that an install does not run', job({ suspend: true }, { annotations: { 'helm.sh/hook': 'pre-delete' } })],
    ['a CronJob', kube('CronJob', 'load', { spec: { suspend: true } }, 'batch/v1')],
  ])('is not %s', (_, object) => {
    expect(look([APP, object])).toEqual([]);
  });
});

describe('what can not come up', () => {
  it('is a reference to what nothing makes', async () => {
    expect(await refused([wantsSecret])).toEqual(['E_REFERENCE', 'chart', expect.stringMatching(/needs Secret llm/)]);
  });

  it('is none where the wiring, or a manifest, makes it', () => {
    const secret = kube('Secret', 'llm', { data: {} });
    expect(look([wantsSecret], {}, NONE, [secret])).toEqual([]);
    expect(look([wantsSecret], {}, { ...NONE, objects: [secret] })).toEqual([]);
  });

  it.each<[string, Partial<RawInputs>, Manifests]>([
    ['a manifest that nobody has seen', {}, UNSEEN],
    ['a command after the install', { 'post-install-command': 'true' }, NONE],
  ])('is only noted where %s may make it', (_, over, brought) => {
    expect(look([wantsSecret], over, brought)).toEqual([expect.stringMatching(/needs Secret llm/)]);
  });

  it('is a reference to what a stub would have to make', async () => {
    const claim = foreign('Widget', 'acme.example', 'llm');
    expect((await refused([wantsSecret, claim]))[0]).toBe('E_REFERENCE');
  });

  it('is an image of a registry inside of OpenShift', async () => {
    const image = 'image-registry.openshift-image-registry.svc:5000/a/b';
    expect(await refused([workload('rag', { image })])).toEqual(['E_IMAGE_PULL', 'chart', expect.any(String)]);
    expect((await refused([workload('rag', { image })], {}, UNSEEN))[0]).toBe('E_IMAGE_PULL');
    expect(look([workload('rag', { image })], { 'post-install-command': 'kind load' })).toHaveLength(1);
  });

  it('is an API that no pod stands behind', async () => {
    const other = service('api', 80, { app: 'other' });
    expect(await refused([APP, other], { 'api-service': 'api' })).toEqual([
      'E_INPUT',
      'inputs',
      expect.stringMatching(/^input api-service names api, and no pod .*"app":"other"/),
    ]);
    expect(look([APP, SERVICE, other], { 'api-service': 'rag' })).toEqual([]);
  });

  it('is a user interface that no pod stands behind', async () => {
    const other = service('ui', 80, { app: 'other' });
    expect((await refused([APP, other], { 'ui-service': 'ui' }))[2]).toMatch(/^input ui-service names ui/);
  });

  it('is no Service that says the namespace of the release', () => {
    const { body, ...rest } = SERVICE;
    const metadata = { name: 'rag', namespace: 'rag-e2e' };
    expect(look([APP, { ...rest, body: { ...body, metadata } }], { 'api-service': 'rag' })).toEqual([]);
  });

  it('is a render without a workload', async () => {
    expect(await refused([SERVICE])).toEqual(['E_NO_STACK', 'chart', expect.stringMatching(/no workload/)]);
    expect((await refused([foreign('Route', 'route.openshift.io')]))[0]).toBe('E_NO_STACK');
    expect(look([SERVICE], {}, UNSEEN)).toEqual([]);
  });

  it('is no API behind which others may put a pod', () => {
    const other = service('api', 80, { app: 'other' });
    const named = { 'api-service': 'api', 'ui-service': 'api' };
    expect(look([APP, other], { ...named, 'post-install-command': 'true' })).toEqual([]);
    expect(look([APP, other], named, UNSEEN)).toEqual([]);
  });

  it('is no API behind which a Pod stands by itself', async () => {
    const spec = { containers: [{ name: 'app', image: 'acme/app:1' }] };
    const pod = (labels: object) => kube('Pod', 'rag', { metadata: { labels }, spec });
    expect(look([pod(LABELS), SERVICE], { 'api-service': 'rag' })).toEqual([]);
    expect((await refused([pod({ app: 'x' }), SERVICE], { 'api-service': 'rag' }))[0]).toBe('E_INPUT');
  });

  it('is no API behind which a pod stands by a label that its controller gives it', async () => {
    const pod = { containers: [{ name: 'app', image: 'acme/app:1' }] };
    const template = { metadata: { labels: LABELS }, spec: pod };
    const set = kube('StatefulSet', 'db', { spec: { replicas: 2, template } }, 'apps/v1');
    const job = kube('Job', 'load', { spec: { template } }, 'batch/v1');
    const behind = (labels: Record<string, unknown>) => service('api', 80, labels);
    const named = { 'api-service': 'api' };
    const one = (name: string) => behind({ ...LABELS, 'statefulset.kubernetes.io/pod-name': name });
    expect(look([set, one('db-1')], named)).toEqual([]);
    expect(look([set, behind({ 'apps.kubernetes.io/pod-index': '0' })], named)).toEqual([]);
    expect(look([job, behind({ 'batch.kubernetes.io/job-name': 'load' })], named)).toEqual([]);
    expect(look([job, behind({ 'job-name': 'load' })], named)).toEqual([]);
    for (const name of ['db-2', 'db', 'other-0'])
      expect((await refused([set, one(name)], named))[2]).toMatch(/no pod of the chart has the labels/);
  });

  it('is not an image that may want a login: that is noted', () => {
    const image = 'registry.redhat.io/rhel9/postgresql-16:1';
    expect(look([workload('rag', { image })])).toEqual([
      `Deployment rag, container app: image ${image}, whose registry wants a login, and the pod has no imagePullSecrets`,
    ]);
  });

  it('is a workload in a namespace that nothing makes', async () => {
    const elsewhere = workload('rag', {}, { namespace: 'other' });
    expect(await refused([elsewhere])).toEqual([
      'E_INPUT',
      'inputs',
      expect.stringMatching(/Deployment rag in the namespace other, which nothing makes/),
    ]);
    expect(look([elsewhere, kube('Namespace', 'other', {})])).toEqual([
      expect.stringMatching(/only what is in rag-e2e/),
    ]);
    expect(look([elsewhere], {}, { ...NONE, objects: [kube('Namespace', 'other', {})] })).toHaveLength(1);
    expect(look([workload('rag', {}, { namespace: 'rag-e2e' })])).toEqual([]);
    expect(look([workload('rag', {}, { namespace: 'default' })])).toEqual([expect.stringMatching(/namespace default/)]);
    expect(look([elsewhere], { 'post-install-command': 'true' })).toHaveLength(1);
    expect(look([elsewhere], {}, UNSEEN)).toHaveLength(1);
  });

  it('is no chart whose workload an operator makes, where its kind is defined and something runs that may act on it', async () => {
    const definition = kube('CustomResourceDefinition', 'x', {
      spec: { group: 'acme.example', names: { kind: 'App' } },
    });
    const brought = { ...NONE, objects: [definition, workload('operator')] };
    expect(look([foreign('App', 'acme.example')], {}, brought)).toEqual([]);
    const both = [foreign('App', 'acme.example'), foreign('Gadget', 'acme.example')]; // of one group, only one a stub
    expect(look(both, {}, brought)).toEqual([
      'stub definitions for Gadget.acme.example: nothing acts on these objects',
    ]);
    const alone = { ...NONE, objects: [definition] };
    expect((await refused([foreign('App', 'acme.example')], {}, alone))[0]).toBe('E_NO_STACK');
    expect(look([foreign('App', 'acme.example')], { 'post-install-command': 'true' }, alone)).toEqual([]);
  });

  it.each([
    [{}, 1],
    [{ policyTypes: ['Ingress', 'Egress'] }, 1],
    [{ policyTypes: ['Egress'] }, 0],
  ])('may be kept from this runner by a policy %j', (spec, notes) => {
    expect(look([APP, kube('NetworkPolicy', 'deny', { spec }, 'networking.k8s.io/v1')])).toHaveLength(notes);
  });

  it('is an API, or a user interface, whose Service is in another namespace', async () => {
    const { body, ...rest } = SERVICE;
    const moved = { ...rest, body: { ...body, metadata: { name: 'rag', namespace: 'other' } } };
    expect(await refused([APP, moved], { 'api-service': 'rag' })).toEqual([
      'E_INPUT',
      'inputs',
      expect.stringMatching(/has the Service rag in the namespace other/),
    ]);
    expect((await refused([APP, moved], { 'ui-service': 'rag' }))[2]).toMatch(/Service rag in the namespace other/);
  });
});

const OPERATED = foreign('LlamaStackDistribution', 'llamastack.io');

describe('a kind whose operator would make the workload', () => {
  it('is told before all else that is wrong', async () => {
    const image = 'image-registry.openshift-image-registry.svc:5000/a/b';
    const wrong = [wantsSecret, workload('other', { image }, { namespace: 'other' })];
    expect((await refused(wrong))[0]).toBe('E_REFERENCE');
    expect((await refused([...wrong, OPERATED]))[0]).toBe('E_OPERATOR');
  });

  it('may make the Service that the inputs name, where the kind is served', async () => {
    const named = { 'api-service': 'made', 'api-port': '80' };
    const names = { kind: 'LlamaStackDistribution' };
    const definition = kube('CustomResourceDefinition', 'x', { spec: { group: 'llamastack.io', names } });
    expect(look([APP, OPERATED], named, { ...NONE, objects: [definition] })).toEqual([]);
    expect((await refused([APP], named, { ...NONE, objects: [definition] }))[0]).toBe('E_INPUT');
  });

  it('gets no stub', async () => {
    expect(await refused([APP, OPERATED])).toEqual([
      'E_OPERATOR',
      'chart',
      expect.stringMatching(/LlamaStackDistribution\.llamastack\.io/),
    ]);
  });

  it('is let through where a manifest defines it, or may do so', () => {
    const names = { kind: 'LlamaStackDistribution' };
    const definition = kube('CustomResourceDefinition', 'x', { spec: { group: 'llamastack.io', names } });
    expect(stubsAhead([OPERATED], { ...NONE, objects: [definition] }, 'auto')).toEqual([]);
    expect(stubsAhead([OPERATED], UNSEEN, 'auto')).toEqual([]);
    expect(stubsAhead([OPERATED], UNSEEN, 'none')).toEqual([]);
  });

  it('is no error with stub-crds: none where manifests that nobody has seen may define the kinds', async () => {
    const route = foreign('Route', 'route.openshift.io');
    expect(stubsAhead([route], UNSEEN, 'none')).toMatchObject([{ kind: 'Route', group: 'route.openshift.io' }]);
    expect((await failureOf(() => stubsAhead([route], NONE, 'none'))).code).toBe('E_OPERATOR');
  });
});

it('a stub makes no Service: one that is not rendered is refused, although others are stubs', async () => {
  const given = { 'api-service': 'typo', 'api-port': '8321' };
  expect((await refused([APP, foreign('Route', 'route.openshift.io')], given))[0]).toBe('E_INPUT');
});
