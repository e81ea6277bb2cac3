import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { imageBehind, pullerPod, pullImages, pullOrder } from '../../src/deploy/images.js';
import { container, kube, workload } from '../helpers/kube.js';
import { fakeCommands } from '../helpers/memory.js';

const STACK = { app: 'stack' };
const app = (kind: string, name: string, image: string, spec = {}) =>
  workload(kind, name, { labels: { app: name }, pod: { containers: [container('main', image)] }, spec });

describe('the order of pulls', () => {
  it("is databases, the stack's, the rest, each as the chart has them", () => {
    const objects = [
      app('Deployment', 'ui', 'ui:1'),
      app('Deployment', 'stack', 'stack:1'),
      app('Job', 'loader', 'loader:1'),
      app('StatefulSet', 'pgvector', 'pg:1'),
      app('StatefulSet', 'minio', 'minio:1'),
    ];
    expect(pullOrder(objects, STACK)).toEqual(['pg:1', 'minio:1', 'stack:1', 'ui:1', 'loader:1']);
  });

  it('has the images of initialisation too, and each image once', () => {
    const pod = {
      initContainers: [container('wait', 'curl:1')],
      containers: [container('a', 'app:1'), container('b', 'curl:1')],
    };
    expect(pullOrder([workload('Deployment', 'a', { pod }), workload('Deployment', 'b', { pod })], STACK)).toEqual([
      'curl:1',
      'app:1',
    ]);
  });

  it.each([
    [
      'a CronJob',
      kube('CronJob', 'c', {
        spec: { jobTemplate: { spec: { template: { spec: { containers: [container('m', 'x:1')] } } } } },
      }),
    ],
    [
      'an object of helm test',
      kube('Pod', 't', {
        metadata: { annotations: { 'helm.sh/hook': 'test' } },
        spec: { containers: [container('m', 'x:1')] },
      }),
    ],
    ['a workload without replicas', app('Deployment', 'd', 'x:1', { replicas: 0 })],
    ['a Service', kube('Service', 's')],
    ['a container without an image', workload('Deployment', 'd', { pod: { containers: [{ name: 'm' }] } })],
  ])('leaves out %s', (_, object) => {
    expect(pullOrder([object, app('Deployment', 'one', 'one:1', { replicas: 1 })], STACK)).toEqual(['one:1']);
  });

  it('does not change the list of objects', () => {
    const objects = [app('Deployment', 'ui', 'ui:1'), app('StatefulSet', 'pg', 'pg:1')];
    pullOrder(objects, STACK);
    expect(objects.map(({ name }) => name)).toEqual(['ui', 'pg']);
  });
});

describe('the image behind a Service', () => {
  it('is that of the workload that its selector takes', () => {
    expect(imageBehind(STACK, [app('Deployment', 'ui', 'ui:1'), app('Deployment', 'stack', 'stack:1')])).toBe(
      'stack:1',
    );
  });

  it('is unknown where it takes none, or one without containers', () => {
    expect(imageBehind(STACK, [app('Deployment', 'ui', 'ui:1')])).toBeUndefined();
    expect(imageBehind(STACK, [workload('Deployment', 'stack', { labels: STACK })])).toBeUndefined();
  });
});

describe('pulling ahead', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("waits until the node's containerd answers, then pulls one after the other and tells of each", async () => {
    let looks = 0;
    const commands = fakeCommands(({ args }) => {
      if (args.includes('images')) return { code: ++looks < 3 ? 1 : 0 };
      return args.includes('bad:1') ? { code: 1, stderr: 'trying\nnot found\n' } : {};
    });
    const said: string[] = [];
    const pulling = pullImages('node-1', ['bad:1', 'good:1'], commands, (line) => said.push(line));
    await vi.runAllTimersAsync();
    await pulling;
    expect(commands.ran.map(({ args }) => args.slice(3).join(' '))).toEqual([
      'images',
      'images',
      'images',
      'pull bad:1',
      'pull good:1',
    ]);
    expect(commands.ran.every(({ args }) => args.slice(0, 3).join(' ') === 'exec node-1 crictl')).toBe(true);
    expect(commands.ran.every((command) => command.program === 'docker')).toBe(true);
    expect(said).toEqual(['bad:1 could not be pulled ahead: not found', 'good:1 is on the node']);
  });
});

describe('the pod that has the kubelet ask for an image', () => {
  it('is bound to the node, runs once without a token, and marked as ours', () => {
    expect(pullerPod('node-1', 'stack:1')).toMatchObject({
      kind: 'Pod',
      metadata: { namespace: 'default', labels: { 'app.kubernetes.io/managed-by': 'maas-e2e-action' } },
      spec: {
        nodeName: 'node-1',
        restartPolicy: 'Never',
        automountServiceAccountToken: false,
        tolerations: [{ operator: 'Exists' }],
        containers: [{ image: 'stack:1', imagePullPolicy: 'IfNotPresent' }],
      },
    });
  });
});
