import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../src/deploy/objects.js';
import type { Values } from '../../src/deploy/values.js';
import { at, items, text } from '../../src/json.js';
import { chooseWiring } from '../../src/wiring/choose.js';
import { compose, findPlaceholders } from '../../src/wiring/compose.js';
import { gateway } from '../../src/wiring/gateway.js';
import { wire } from '../../src/wiring/wire.js';
import type { GivenChart } from '../../src/wiring/wiring.js';
import { failureOf } from '../helpers/failures.js';
import { kube } from '../helpers/kube.js';
import { serviceFacts } from '../helpers/record.js';
import { givenChart, SERVICE } from '../helpers/wiring.js';

const KEY = 'the-key-0123456789';
const REAL = { ...SERVICE, apiKey: KEY };
const GATEWAY = 'http://maas-gateway:8080/v1';
const DUMMY = 'sk-opens-nothing';

/** A chart whose placeholders are those of its values; it takes no models, unless it is said to. */
function given(setValues = '', { takesModels = false, ...over }: Partial<GivenChart> & { takesModels?: boolean } = {}) {
  const chart = givenChart({ setValues });
  const folder = takesModels ? chart.chart : { ...chart.chart, dependencies: [] };
  const placeholders = findPlaceholders(folder.files.overlays, chart.setValues);
  return { ...chart, chart: folder, placeholders, ...over };
}
const ADDRESS_AND_KEY = 'url: ${MAAS_BASE_URL}\nkey: ${MAAS_API_KEY}\nmodel: ${MAAS_MODEL}';

/** A chart that writes all its values into a ConfigMap. */
const open = (values: Values): KubeObject[] => [kube('ConfigMap', 'c', { data: { config: JSON.stringify(values) } })];
const wired = (chart: GivenChart, renders = open) =>
  wire({ wiring: 'gateway', allowLiteralKey: false, standIn: SERVICE.apiKey }, serviceFacts(), chart, (overlay) =>
    Promise.resolve(renders(overlay)),
  );

describe('what the chart gets', () => {
  it('is the address of the gateway and a key that opens nothing, by placeholders', () => {
    const { overlay, modelKey } = compose(gateway, REAL, given(ADDRESS_AND_KEY));
    expect(overlay).toEqual({ url: GATEWAY, key: DUMMY, model: 'acme/chat' });
    expect(modelKey).toBe('');
  });

  it('has the parts of that address', () => {
    const parts = 'a: ${MAAS_SCHEME} ${MAAS_HOST}\nb: ${MAAS_PORT}\nc: ${MAAS_ROOT_URL}';
    expect(compose(gateway, REAL, given(parts)).overlay).toEqual({
      a: 'http maas-gateway',
      b: 8080,
      c: 'http://maas-gateway:8080',
    });
  });

  it('is a model where the chart takes models and no value asks for the address', () => {
    const { overlay, modelKey } = compose(gateway, REAL, given('name: ${MAAS_MODEL}', { takesModels: true }));
    expect(modelKey).toBe('maas');
    expect(overlay).toEqual({
      global: { models: { maas: { id: 'acme/chat', url: GATEWAY, apiToken: DUMMY, enabled: true } } },
      name: 'acme/chat',
    });
  });

  it('is a model under the name that the values have for it, and no other', () => {
    const models = 'global: {models: {mine: {id: acme/chat, enabled: true}, other: {enabled: true}}}';
    const chart = { ...given(), chart: { ...given().chart, defaults: { where: 'values.yaml', text: models } } };
    const { overlay, modelKey } = compose(gateway, REAL, chart);
    expect(modelKey).toBe('mine');
    expect(at(overlay, 'global', 'models')).toEqual({
      mine: { id: 'acme/chat', url: GATEWAY, apiToken: DUMMY, enabled: true },
      other: { enabled: false },
    });
  });

  it.each(['MAAS_BASE_URL', 'MAAS_ROOT_URL', 'MAAS_HOST', 'MAAS_API_KEY', 'MAAS_SECRET_NAME'])(
    'is no model where the values have ${%s}, even where the chart takes models',
    (name) => {
      const { overlay, modelKey } = compose(gateway, REAL, given(`a: "\${${name}}"`, { takesModels: true }));
      expect([Object.keys(overlay), modelKey]).toEqual([['a'], '']);
    },
  );

  it('is nothing at all where it has neither models nor placeholders', () => {
    expect(compose(gateway, REAL, given()).overlay).toEqual({});
  });
});

describe('the key', () => {
  const secretWish = { name: 'llm', entries: [], asked: true };
  it.each([
    ['with placeholders', given(ADDRESS_AND_KEY)],
    ['with models', given('', { takesModels: true })],
    ['with a Secret for the chart', given('a: ${MAAS_SECRET_NAME}', { secret: secretWish })],
  ])('is in one Secret of the gateway and nowhere else, %s', (_, chart) => {
    const { overlay, objects } = compose(gateway, REAL, chart);
    expect(JSON.stringify(overlay)).not.toContain(KEY);
    const holders = objects.filter((object) => JSON.stringify(object).includes(KEY));
    expect(holders).toEqual([
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: expect.objectContaining({ name: 'maas-gateway', namespace: 'rag-e2e' }) as unknown,
        type: 'Opaque',
        stringData: { 'api-key': KEY },
      },
    ]);
  });

  it('is not in the Secret that the inputs ask for: that has the one that opens nothing', () => {
    const { objects } = compose(gateway, REAL, given('', { secret: secretWish }));
    const made = objects.find((object) => at(object, 'metadata', 'name') === 'llm');
    expect(at(made, 'kind')).toBe('Secret');
    expect(at(made, 'stringData')).toMatchObject({ MAAS_API_KEY: DUMMY, MAAS_BASE_URL: GATEWAY });
  });

  it('gets into the gateway by its environment', () => {
    const [container] = containers(compose(gateway, REAL, given()).objects);
    expect(at(container, 'env')).toContainEqual({
      name: 'MAAS_API_KEY',
      valueFrom: { secretKeyRef: { name: 'maas-gateway', key: 'api-key' } },
    });
  });
});

describe('the objects of the gateway', () => {
  const { objects } = compose(gateway, REAL, given('', { gatewayImage: 'caddy@sha256:1' }));

  it('are four, of the name that the address has, in the namespace of the release', () => {
    expect(objects.map((object) => [at(object, 'kind'), at(object, 'metadata', 'name')])).toEqual([
      ['Secret', 'maas-gateway'],
      ['ConfigMap', 'maas-gateway'],
      ['Service', 'maas-gateway'],
      ['Deployment', 'maas-gateway'],
    ]);
    expect([...new Set(objects.map((object) => at(object, 'metadata', 'namespace')))]).toEqual(['rag-e2e']);
  });

  it('fit together: labels, ports, the mounted configuration and the image', () => {
    const [, , service, deployment] = objects;
    const labels = at(deployment, 'spec', 'template', 'metadata', 'labels');
    expect(labels).toMatchObject(at(service, 'spec', 'selector') as object);
    expect(labels).toMatchObject(at(deployment, 'spec', 'selector', 'matchLabels') as object);
    expect(at(service, 'spec', 'ports')).toEqual([{ name: 'http', port: 8080, targetPort: 8080 }]);
    const [container] = containers(objects);
    expect(container).toMatchObject({
      image: 'caddy@sha256:1',
      command: ['caddy', 'run', '--config', '/etc/maas-gateway/caddy.json'],
      ports: [{ containerPort: 8080 }],
      volumeMounts: [{ name: 'config', mountPath: '/etc/maas-gateway' }],
    });
    expect(at(deployment, 'spec', 'template', 'spec', 'volumes')).toEqual([
      { name: 'config', configMap: { name: 'maas-gateway' } },
    ]);
  });
});

describe('the configuration of Caddy', () => {
  it.each([
    ['https://host/prefix/v1', 'host', 'host:443', true, '/prefix/v1'],
    ['http://10.0.0.1:8080/v1', '10.0.0.1:8080', '10.0.0.1:8080', false, '/v1'],
    ['https://host/v1beta/openai', 'host', 'host:443', true, '/v1beta/openai'],
    ['https://host:8443/v1', 'host:8443', 'host:8443', true, '/v1'],
    ['http://host/v1', 'host', 'host:80', false, '/v1'],
    ['http://[fd00::1]:8000/v1', '[fd00::1]:8000', '[fd00::1]:8000', false, '/v1'],
  ])('for %s', (baseUrl, host, dial, isTls, path) => {
    const configuration = configurationFor(baseUrl);
    expect(configuration).toMatchObject({ admin: { disabled: true, config: { persist: false } } });
    const server = at(configuration, 'apps', 'http', 'servers', 'gateway');
    expect(server).toMatchObject({ listen: [':8080'], automatic_https: { disable: true } });
    const [health, toService, rest] = items(at(server, 'routes'));
    expect(health).toEqual({
      match: [{ path: ['/healthz'] }],
      handle: [{ handler: 'static_response', status_code: 200 }],
      terminal: true,
    });
    expect(rest).toEqual({ handle: [{ handler: 'static_response', status_code: 404 }] });
    expect(toService).toEqual({
      match: [{ path: ['/v1/*'] }],
      handle: [
        // a rewrite would undo the escapes in a path
        ...(path === '/v1'
          ? []
          : [
              { handler: 'rewrite', strip_path_prefix: '/v1' },
              { handler: 'rewrite', uri: `${path}{http.request.uri}` },
            ]),
        {
          handler: 'reverse_proxy',
          upstreams: [{ dial }],
          transport: isTls ? { protocol: 'http', tls: {} } : { protocol: 'http' },
          headers: {
            request: {
              set: { Host: [host], Authorization: ['Bearer {env.MAAS_API_KEY}'] },
              delete: ['X-Forwarded-*'],
            },
          },
          flush_interval: -1,
        },
      ],
      terminal: true,
    });
  });

  it('has nothing of an address that Caddy would read as a variable', () => {
    expect(JSON.stringify(configurationFor('https://host/{env.MAAS_API_KEY}/v1'))).toContain(
      '"uri":"/%7Benv.MAAS_API_KEY%7D/v1{http.request.uri}"',
    );
  });
});

describe('a chart with the gateway', () => {
  it('is taken where it is asked for and the chart leads to it, even into a ConfigMap', async () => {
    const { wiring, because, exposure, withKey, before } = await wired(given(ADDRESS_AND_KEY));
    expect([wiring, because]).toEqual(['gateway', 'the input wiring says so']);
    expect(exposure).toEqual({ commands: [], literals: [], hashes: [] });
    expect(withKey(KEY).overlay).toMatchObject({ url: GATEWAY, key: DUMMY });
    expect(before.map(({ kind }) => kind)).toEqual(['Secret', 'ConfigMap', 'Service', 'Deployment']);
    expect(JSON.stringify(before)).not.toContain(KEY);
  });

  it.each(['MAAS_HOST', 'MAAS_ROOT_URL', 'MAAS_BASE_URL'])('is taken with ${%s} alone', async (name) => {
    expect((await wired(given(`host: "\${${name}}"`))).wiring).toBe('gateway');
  });

  it('is taken where only a Secret of the chart leads to it', async () => {
    const url = (values: Values) => Buffer.from(text(values['url'])).toString('base64');
    const renders = (values: Values) => [kube('Secret', 's', { data: { url: url(values) } })];
    expect((await wired(given(ADDRESS_AND_KEY), renders)).wiring).toBe('gateway');
  });

  it.each([
    ['has no object that leads to it', given(ADDRESS_AND_KEY), (): KubeObject[] => [kube('ConfigMap', 'c')]],
    ['has neither placeholders nor models', given(), open],
  ])('is refused where the chart %s', async (_, chart, renders) => {
    const failure = await failureOf(() => wired(chart, renders));
    expect([failure.code, failure.hop]).toEqual(['E_WIRING', 'chart']);
    expect(failure.message).toBe('with wiring gateway nothing that the chart renders leads to the gateway');
    expect(failure.fix).toContain('dry-run: true');
  });

  it('is refused where the chart has its key, and not its address', async () => {
    const renders = ({ key }: Values) => [kube('ConfigMap', 'c', { data: { key } })];
    expect((await failureOf(() => wired(given(ADDRESS_AND_KEY), renders))).code).toBe('E_WIRING');
  });

  it('is taken where the chart refers to the Secret that has its address', async () => {
    expect((await wired(given('existingSecret: ${MAAS_SECRET_NAME}'))).wiring).toBe('gateway');
  });

  it('is no choice of auto', async () => {
    const choice = chooseWiring('auto', SERVICE, given('', { takesModels: true }), (overlay) =>
      Promise.resolve(open(overlay)),
    );
    await expect(choice).rejects.toMatchObject({ code: 'E_WIRING' });
  });
});

function containers(objects: object[]): unknown[] {
  const deployment = objects.find((object) => at(object, 'kind') === 'Deployment');
  return items(at(deployment, 'spec', 'template', 'spec', 'containers'));
}

function configurationFor(baseUrl: string): unknown {
  const { objects } = compose(gateway, { ...REAL, baseUrl }, given());
  const config = objects.find((object) => at(object, 'kind') === 'ConfigMap');
  return JSON.parse(text(at(config, 'data', 'caddy.json')));
}

it('a Secret of the inputs may not have the name of the gateway', async () => {
  const twice = given(ADDRESS_AND_KEY, { secret: { name: 'maas-gateway', entries: [], asked: true } });
  const failure = await failureOf(() => wired(twice));
  expect([failure.code, failure.message]).toEqual([
    'E_INPUT',
    'input secret-name is maas-gateway, which this wiring makes for itself',
  ]);
});
