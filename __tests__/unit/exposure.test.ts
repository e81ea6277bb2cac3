import { describe, expect, it } from 'vitest';
import { keyExposure } from '../../src/deploy/exposure.js';
import { container, kube, workload } from '../helpers/kube.js';

const KEY = 'stand-in-for-the-key';
const NONE = { commands: [], literals: [] };

describe('a chart that keeps the key in its Secret', () => {
  it('is not reported', () => {
    const env = [{ name: 'MAAS_API_KEY', valueFrom: { secretKeyRef: { name: 's', key: 'MAAS_API_KEY' } } }];
    const objects = [
      kube('Secret', 's', { stringData: { MAAS_API_KEY: KEY } }),
      kube('ConfigMap', 'c', { data: { 'config.yaml': 'api_token: ${env.MAAS_API_KEY}' } }),
      workload('Deployment', 'stack', {
        pod: { containers: [container('main', 'i', { env, args: ['--port', '8321'] })] },
      }),
    ];
    expect(keyExposure(objects, KEY)).toEqual(NONE);
  });
});

describe('a chart that shows the key', () => {
  it.each([
    ['command', 'containers', { command: ['sh', '-c', "curl -H '${env.MAAS_API_KEY}' x"] }],
    ['arguments', 'containers', { args: [`TOKEN='\${env.MAAS_API_KEY}'`] }],
    ['arguments of its initialisation', 'initContainers', { args: ['x ${env.MAAS_API_KEY}'] }],
  ])('in the %s of a container is reported by container', (_, list, more) => {
    const object = workload('Deployment', 'stack', {
      pod: { [list]: [container('wait', 'i', more), container('b', 'i')] },
    });
    expect(keyExposure([object], KEY)).toEqual({ commands: ['Deployment stack, container wait'], literals: [] });
  });

  it('as a literal on a command line is reported as both', () => {
    const object = workload('Job', 'j', {
      pod: { containers: [container('main', 'i', { args: [`--token=${KEY}`] })] },
    });
    expect(keyExposure([object], KEY)).toEqual({ commands: ['Job j, container main'], literals: ['Job j'] });
  });

  it.each([
    ['a ConfigMap', kube('ConfigMap', 'c', { data: { token: `x${KEY}` } }), 'ConfigMap c'],
    [
      'a variable',
      workload('Deployment', 'd', {
        pod: { containers: [container('m', 'i', { env: [{ name: 'K', value: KEY }] })] },
      }),
      'Deployment d',
    ],
  ])('in %s is reported by object', (_, object, where) => {
    expect(keyExposure([object], KEY)).toEqual({ commands: [], literals: [where] });
  });
});

describe('a variable that holds the key', () => {
  const secret = kube('Secret', 's', { data: { token: Buffer.from(KEY).toString('base64'), user: 'cmFn' } });
  const reported = (more: Record<string, unknown>) => {
    const object = workload('Deployment', 'app', { pod: { containers: [container('main', 'i', more)] } });
    return keyExposure([secret, object], KEY);
  };
  const reference = (name: string, key: string) => [{ name, valueFrom: { secretKeyRef: { name: 's', key } } }];

  it.each([
    ['in its command', { env: reference('LLM.TOKEN', 'token'), command: ['app', '--key=$(LLM.TOKEN)'] }],
    ['in its arguments', { env: reference('TOKEN', 'token'), args: ['$(TOKEN)'] }],
    ['by another variable', { env: [...reference('K', 'token'), { name: 'H', value: 'Bearer $(K)' }], args: ['$(H)'] }],
    ['after an escaped dollar', { env: reference('K', 'token'), args: ['$$$(K)'] }],
    ['in a shell', { env: reference('K', 'token'), command: ['sh', '-c', 'curl -H "Bearer $K" u'] }],
    ['in a shell, in braces', { env: reference('K', 'token'), args: ['curl -H "Bearer ${K:-none}" u'] }],
    ['in a probe', { env: reference('K', 'token'), livenessProbe: { exec: { command: ['sh', '-c', 'x ${K}'] } } }],
    [
      'in a hook',
      { env: reference('K', 'token'), lifecycle: { postStart: { exec: { command: ['sh', '-c', 'x $K'] } } } },
    ],
    ['with a name of any characters', { env: reference('A(B', 'token'), args: ['$(A(B)'] }],
    ['by a whole Secret', { envFrom: [{ secretRef: { name: 's' } }], args: ['$(token)'] }],
    [
      'by a whole Secret with a prefix',
      { envFrom: [{ prefix: 'S_', secretRef: { name: 's' } }], args: ['$(S_token)'] },
    ],
  ])('that the kubelet writes out %s is reported', (_, more) => {
    expect(reported(more)).toEqual({ commands: ['Deployment app, container main'], literals: [] });
  });

  it.each([
    ['another value of the Secret', { env: reference('USER', 'user'), args: ['$(USER)'] }],
    ['another Secret', { envFrom: [{ secretRef: { name: 'other' } }], args: ['$(token)'] }],
    ['what the kubelet leaves', { env: reference('TOKEN', 'token'), args: ['$$(TOKEN)'] }],
    ['a longer name', { env: reference('K', 'token'), args: ['echo $KEY ${K_2}'] }],
    ['the environment alone', { env: reference('TOKEN', 'token'), args: ['--serve'] }],
    ['a name that only looks like it', { env: reference('A.B', 'token'), args: ['$(AxB)'] }],
  ])('is not reported for %s', (_, more) => {
    expect(reported(more)).toEqual(NONE);
  });
});

describe('odd objects', () => {
  it('are no reason to fail', () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    const odd = workload('Deployment', 'd', {
      pod: { containers: [null, 7, container('m', 'i', { env: 'x', args: 9 })] },
    });
    expect(keyExposure([kube('ConfigMap', 'c', { data: circle }), odd], KEY)).toEqual(NONE);
  });

  it('show the key in what is not the contents of a Secret, or a part of it', () => {
    const labelled = kube('Secret', 's', { metadata: { labels: { token: KEY } }, data: { k: 'x' } });
    const cut = kube('ConfigMap', 'c', { data: { start: KEY.slice(0, 12).toUpperCase() } });
    expect(keyExposure([labelled, cut], KEY).literals).toEqual(['Secret s', 'ConfigMap c']);
  });
});

describe('an encoded key outside of a Secret', () => {
  it.each([
    ['in base64', Buffer.from(`user:${KEY}`).toString('base64')],
    ['in hex', Buffer.from(KEY).toString('hex')],
  ])('is reported: %s', (_, token) => {
    expect(keyExposure([kube('ConfigMap', 'c', { data: { token } })], KEY).literals).toEqual(['ConfigMap c']);
  });
});
