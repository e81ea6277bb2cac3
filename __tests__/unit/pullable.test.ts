import { describe, expect, it } from 'vitest';
import { describeImage, imageError, unpullable } from '../../src/deploy/pullable.js';
import { container, kube, workload } from '../helpers/kube.js';

const app = (image: unknown, pod = {}, more = {}) =>
  workload('Deployment', 'rag', { pod: { containers: [container('app', image as string, more)], ...pod } });
const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

describe('an image that Kind can not pull', () => {
  it.each([
    'image-registry.openshift-image-registry.svc:5000/openshift/tools:latest',
    'image-registry.openshift-image-registry.svc.cluster.local:5000/a/b',
    'default-route-openshift-image-registry.apps.example.com/a/b:1',
    'docker-registry.default.svc:5000/a/b',
    'registry.tools.svc/a/b',
    'localhost/rag:dev',
    'localhost:5001/rag:dev',
    '127.0.0.1:5000/rag',
  ])('is %s', (image) => {
    const { errors, notes } = unpullable([app(image)]);
    expect(errors).toEqual([expect.objectContaining({ workload: 'Deployment rag', container: 'app', image })]);
    expect(notes).toEqual([]);
    expect(imageError(errors, ['values.yaml'])).toMatchObject({ code: 'E_IMAGE_PULL', hop: 'chart' });
  });

  it.each([
    ['', 'no image'],
    [' ', 'no image'],
    [undefined, 'no image'],
    [7, 'no image'],
    ['rag:', 'no name of an image'],
    ['rag:1:2', 'no name of an image'],
    [':latest', 'no name of an image'],
    ['quay.io/Acme/rag', 'no name of an image'],
    ['quay.io//rag', 'no name of an image'],
    ['quay.io/rag tag', 'no name of an image'],
    [' rag', 'no name of an image'],
    ['<registry>/rag:1', 'no name of an image'],
    ['rag@sha256:abc', 'no name of an image'],
    ['quay.io:port/rag', 'no name of an image'],
    ['https://quay.io/rag', 'no name of an image'],
    [`rag:${'x'.repeat(129)}`, 'no name of an image'],
  ])('is %j, which is none', (image, said) => {
    const { errors } = unpullable([app(image)]);
    expect(errors).toHaveLength(1);
    expect(imageError(errors, ['values.yaml']).code).toBe('E_IMAGE_NAME');
    expect(imageError(errors, ['values.yaml']).message).toContain(`Deployment rag, container app: `);
    expect(describeImage(errors[0]!)).toContain(said);
  });

  it.each([
    'rag',
    'rag:1.0',
    'acme/rag:v1_2-x',
    'docker.io/library/postgres:16',
    'quay.io/acme/rag.app__x--y:latest',
    'ghcr.io/acme/rag@' + DIGEST,
    'ghcr.io/acme/rag:1@' + DIGEST,
    'registry.example.com:5000/a/b/c:1',
    'Registry.Example.com/a:1',
    '[::1]:5000/a:1',
    'registry.svc.example.com/a',
    'public.ecr.aws/a/b:1',
    'registry.access.redhat.com/ubi9/ubi:latest',
    'nvcr.io/nvidia/cuda:12.0.0-base',
  ])('is not %s', (image) => {
    expect(unpullable([app(image)])).toEqual({ errors: [], notes: [] });
  });

  it('is one that may not be pulled', () => {
    const { errors } = unpullable([app('rag:1', {}, { imagePullPolicy: 'Never' })]);
    expect(errors.map(describeImage)).toEqual([
      'Deployment rag, container app: image rag:1, which is not on the node, and imagePullPolicy is Never',
    ]);
    expect(imageError(errors, ['values.yaml']).code).toBe('E_IMAGE_PULL');
  });

  it('is looked for in init containers, and not in what an install does not start', () => {
    const pod = { initContainers: [container('wait', 'localhost/a')], containers: [container('app', 'a')] };
    expect(unpullable([workload('Deployment', 'a', { pod })]).errors.map((one) => one.container)).toEqual(['wait']);
    const asleep = workload('Deployment', 'a', { pod, spec: { replicas: 0 } });
    const tested = workload('Job', 'b', { pod, metadata: { annotations: { 'helm.sh/hook': 'test' } } });
    expect(unpullable([asleep, tested, kube('Service', 's')])).toEqual({ errors: [], notes: [] });
  });

  it('is only noted where a schedule would start it', () => {
    const spec = { jobTemplate: { spec: { template: { spec: { containers: [container('m', 'localhost/x')] } } } } };
    const { errors, notes } = unpullable([kube('CronJob', 'c', { spec })]);
    expect([errors.length, notes.length]).toEqual([0, 1]);
  });

  it('is told with others, of which a message names two and the evidence all', () => {
    const containers = Array.from({ length: 7 }, (_, index) => container(`c${index}`, 'localhost/x'));
    const { errors } = unpullable([workload('Deployment', 'rag', { pod: { containers } }), app('')]);
    const { code, message, evidence } = imageError(errors, ['values.yaml']);
    expect(code).toBe('E_IMAGE_PULL');
    expect(message).toMatch(/container c1: [^;]*; and 6 more$/);
    expect(evidence).toHaveLength(8);
    expect(message.length).toBeLessThan(300);
  });

  it('is blamed on the defaults of the chart where there is no values file', () => {
    const { errors } = unpullable([app('image-registry.openshift-image-registry.svc:5000/rag/ui:1')]);
    expect(imageError(errors, []).fix).toMatch(
      /^The input values-file is empty, .*name the values for this run there\./,
    );
    expect(imageError(errors, ['ci.yaml']).fix).not.toContain('values-file');
  });
});

describe('an image that wants a login', () => {
  const image = 'registry.redhat.io/rhoai/stack:1';
  const account = (name: string) => kube('ServiceAccount', name, { imagePullSecrets: [{ name: 'pull' }] });

  it.each([
    image,
    'registry.connect.redhat.com/a/b',
    'nvcr.io/nim/meta/llama:1',
    'nvcr.io/nvidia/blueprint/rag-server:2',
    'acme.azurecr.io/rag:1',
    '1234.dkr.ecr.us-east-1.amazonaws.com/rag:1',
  ])('is noted: %s', (private_) => {
    const { errors, notes } = unpullable([app(private_)]);
    expect(errors).toEqual([]);
    expect(notes.map(({ why }) => why)).toEqual(['whose registry wants a login, and the pod has no imagePullSecrets']);
  });

  it.each([
    ['its own', [app(image, { imagePullSecrets: [{ name: 'pull' }] })]],
    ['that of its ServiceAccount', [app(image, { serviceAccountName: 'rag' }), account('rag')]],
    ['that of the default ServiceAccount', [app(image), account('default')]],
  ])('has one: %s', (_, objects) => {
    expect(unpullable(objects).notes).toEqual([]);
  });

  it('has none of the ServiceAccount of another', () => {
    expect(unpullable([app(image), account('other')]).notes).toHaveLength(1);
  });
});

describe('an image that the command after the install may load', () => {
  it.each([
    ['localhost/rag:dev', {}],
    ['registry.tools.svc/a/b', {}],
    ['rag:1', { imagePullPolicy: 'Never' }],
  ])('is only noted: %s', (image, more) => {
    const { errors, notes } = unpullable([app(image, {}, more)], true);
    expect(errors).toEqual([]);
    expect(notes.map(describeImage)).toEqual([
      expect.stringMatching(/, unless the command after the install loads it$/),
    ]);
  });

  it('is none that has no name', () => {
    expect(unpullable([app('rag:')], true).errors).toHaveLength(1);
  });
});
