import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { containersWithout, keyExposure } from '../../src/deploy/exposure.js';
import { container, kube, workload } from '../helpers/kube.js';

const KEY = 'stand-in-for-the-key';
const NONE = { commands: [], literals: [], hashes: [] };

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
    expect(keyExposure([object], KEY)).toEqual({ ...NONE, commands: ['Deployment stack, container wait'] });
  });

  it('as a literal on a command line is reported as both', () => {
    const object = workload('Job', 'j', {
      pod: { containers: [container('main', 'i', { args: [`--token=${KEY}`] })] },
    });
    expect(keyExposure([object], KEY)).toEqual({
      commands: ['Job j, container main'],
      literals: ['Job j (spec.template.spec.containers[main].args[0])'],
      hashes: [],
    });
  });

  it.each([
    ['a ConfigMap', kube('ConfigMap', 'c', { data: { token: `x${KEY}` } }), 'ConfigMap c (data.token)'],
    [
      'a variable',
      workload('Deployment', 'd', {
        pod: { containers: [container('m', 'i', { env: [{ name: 'K', value: KEY }] })] },
      }),
      'Deployment d (spec.template.spec.containers[m].env[K].value)',
    ],
  ])('in %s is reported by object', (_, object, where) => {
    expect(keyExposure([object], KEY)).toEqual({ ...NONE, literals: [where] });
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
    expect(reported(more)).toEqual({ ...NONE, commands: ['Deployment app, container main'] });
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
    const cut = kube('ConfigMap', 'c', { data: { end: KEY.slice(-12).toUpperCase() } });
    expect(keyExposure([labelled, cut], KEY).literals).toEqual([
      'Secret s (metadata.labels.token)',
      'ConfigMap c (data.end)',
    ]);
  });
});

describe('an encoded key outside of a Secret', () => {
  it.each([
    ['in base64', Buffer.from(`user:${KEY}`).toString('base64')],
    ['in hex', Buffer.from(KEY).toString('hex')],
  ])('is reported: %s', (_, token) => {
    expect(keyExposure([kube('ConfigMap', 'c', { data: { token } })], KEY).literals).toEqual([
      'ConfigMap c (data.token)',
    ]);
  });
});

describe('a hash of the key', () => {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const annotated = (sum: string, more: Record<string, unknown> = {}) =>
    workload('Deployment', 'd', { spec: more, pod: {}, metadata: { annotations: { 'checksum/key': sum } } });

  it.each([
    ['in hex', digest(KEY).toString('hex')],
    ['of the key with a line break', digest(`${KEY}\n`).toString('hex')],
    ['in base64', digest(KEY).toString('base64')],
    ['in base64 for URLs', digest(KEY).toString('base64url')],
    ['in a text', `sha256:${digest(KEY).toString('hex')}!`],
  ])('in an annotation is no literal: %s', (_, sum) => {
    expect(keyExposure([annotated(sum)], KEY)).toEqual({
      ...NONE,
      hashes: ['Deployment d (metadata.annotations.checksum/key)'],
    });
  });

  it('does not hide the key beside it', () => {
    const both = annotated(digest(KEY).toString('hex'), { token: KEY });
    expect(keyExposure([both], KEY)).toMatchObject({
      literals: [expect.stringMatching(/^Deployment d \(/)],
      hashes: [],
    });
  });

  it('is not told for the place of the key behind it', () => {
    const both = kube('Deployment', 'd');
    both.body['metadata'] = { name: 'd', annotations: { sum: digest(KEY).toString('hex') } };
    both.body['spec'] = { token: KEY };
    expect(keyExposure([both], KEY).literals).toEqual(['Deployment d (spec.token)']);
  });

  it('of something else is nothing', () => {
    expect(keyExposure([annotated(digest('other').toString('hex'))], KEY)).toEqual(NONE);
  });

  it('in the contents of a Secret is nothing', () => {
    expect(keyExposure([kube('Secret', 's', { stringData: { sum: digest(KEY).toString('hex') } })], KEY)).toEqual(NONE);
  });
});

describe('the place of the key in an object', () => {
  it.each([
    ['by the names of a list', { env: [{ name: 'A' }, { name: 'B', value: KEY }] }, 'spec.env[B].value'],
    ['by the numbers of one without names', { args: ['x', KEY] }, 'spec.args[1]'],
    ['in a list of lists', { deep: [['x'], ['y', `a=${KEY}`]] }, 'spec.deep[1][1]'],
    ['the first of several', { a: 'x', b: KEY, c: KEY }, 'spec.b'],
  ])('is told %s', (_, spec, place) => {
    expect(keyExposure([kube('Thing', 't', { spec })], KEY).literals).toEqual([`Thing t (${place})`]);
  });
});

describe('a container that is to write out a variable', () => {
  const secret = kube('Secret', 's', { stringData: { MAAS_API_KEY: KEY, OTHER: 'x' } });
  const args = ["--key='${env.MAAS_API_KEY}'"];
  const lacking = (more: Record<string, unknown>, kind = 'containers') =>
    containersWithout(
      'MAAS_API_KEY',
      [
        secret,
        workload('StatefulSet', 'app', { pod: { [kind]: [container('main', 'i', more), container('b', 'i')] } }),
      ],
      KEY,
    );

  it.each([
    ['none', { args }, 'containers'],
    ['none, at initialisation', { command: args }, 'initContainers'],
    ['another value', { args, env: [{ name: 'MAAS_API_KEY', value: 'x' }] }, 'containers'],
    [
      'another member of the Secret',
      { args, env: [{ name: 'MAAS_API_KEY', valueFrom: { secretKeyRef: { name: 's', key: 'OTHER' } } }] },
      'containers',
    ],
    ['it under a prefix', { args, envFrom: [{ prefix: 'P_', secretRef: { name: 's' } }] }, 'containers'],
  ])('is told where it has %s', (_, more, kind) => {
    expect(lacking(more, kind)).toEqual(['container main of StatefulSet app']);
  });

  it.each([
    ['has it of the Secret', { args, envFrom: [{ secretRef: { name: 's' } }] }],
    ['has it written', { args, env: [{ name: 'MAAS_API_KEY', value: KEY }] }],
    ['has another one to write out', { args: ['${env.OTHER_MAAS_API_KEY} ${env.MAAS_API_KEY_2}'] }],
    ['only has it in its environment', { env: [{ name: 'CONFIG', value: '${env.MAAS_API_KEY}' }] }],
  ])('is not where it %s', (_, more) => {
    expect(lacking(more)).toEqual([]);
  });
});

it('the prefix of a key, which may be a word, is no key', () => {
  const standIn = 'platform-7c1d9e5a3b8f2046';
  const said = (text: string) => keyExposure([kube('ConfigMap', 'c', { data: { text } })], standIn).literals;
  expect(said('a platform-independent thing')).toEqual([]);
  expect(said('7c1d9e5a')).toHaveLength(1);
});

it('a Secret of another group than that of Kubernetes is no Secret', () => {
  const object = kube('Secret', 's', { stringData: { a: KEY } }, 'acme.example/v1');
  expect(keyExposure([object], KEY).literals).toEqual(['Secret s (stringData.a)']);
});
