import { describe, expect, it } from 'vitest';
import { at } from '../../src/json.js';
import {
  asksFor,
  byEnvironment,
  byModels,
  chosen,
  failing,
  withValues,
  without,
  type Renders,
} from '../helpers/choosing.js';
import { container, kube, workload } from '../helpers/kube.js';
import { SERVICE } from '../helpers/wiring.js';

describe('a placeholder that reaches nothing', () => {
  const NOWHERE =
    'with wiring values no template of the chart reads the value that is ${MAAS_BASE_URL}: it is nowhere in what it renders';
  const misled = withValues('typo: {url: "${MAAS_BASE_URL}"}');

  it.each(['auto', 'values'])('is named, with %s', async (wanted) => {
    const failure = await failing(wanted, without, misled);
    expect([failure.code, failure.hop, failure.message]).toEqual(['E_WIRING', 'chart', NOWHERE]);
    expect(failure.fix).toContain('dry-run: true');
  });

  it('is told where another wiring fits', async () => {
    const { wiring, because } = await chosen('auto', byModels, misled).choice;
    expect(wiring.name).toBe('llama-stack');
    expect(because).toBe(
      `the chart then renders the service's address into ConfigMap run-config and its key into Secret env; but ${NOWHERE}`,
    );
  });

  /** A chart of models that also renders what its values have under `llm`. */
  const withOwn: Renders = (values) => [
    kube('ConfigMap', 'app', { data: { llm: JSON.stringify(values['llm'] ?? '') } }),
    ...byModels(values),
  ];

  it.each([
    ['the address', 'llm: "${MAAS_BASE_URL}"\ntypo: "${MAAS_API_KEY}"', 'MAAS_API_KEY'],
    ['a part of it', 'llm: "${MAAS_HOST}"\ntypo: "${MAAS_API_KEY}"', 'MAAS_API_KEY'],
    ['the key', 'llm: "${MAAS_API_KEY}"\ntypo: "${MAAS_BASE_URL}"', 'MAAS_BASE_URL'],
    ['the Secret', 'llm: "${MAAS_SECRET_NAME}"\ntypo: "${MAAS_BASE_URL}"', 'MAAS_BASE_URL'],
  ])('is what is wrong where %s arrives, though another wiring would show, too', async (_, written, name) => {
    const failure = await failing('auto', withOwn, withValues(written));
    expect([failure.code, failure.message]).toEqual([
      'E_WIRING',
      expect.stringMatching(new RegExp(`^with wiring values no template .*\\$\\{${name}\\}`)),
    ]);
  });

  it('is what is wrong only where a placeholder brings what arrives: values may have the address as it is', async () => {
    const literal = withValues(`llm: ${SERVICE.baseUrl}`);
    const { wiring, because } = await chosen('auto', withOwn, { ...literal, ...asksFor('llm') }).choice;
    expect([wiring.name, because]).toEqual(['llama-stack', expect.stringMatching(/; but with wiring secret nothing/)]);
  });

  it('is told where the Secret fits', async () => {
    const renders: Renders = () => [kube('Pod', 'p', { spec: { volumes: [{ secret: { secretName: 'llm' } }] } })];
    const { wiring, because } = await chosen('auto', renders, { ...misled, ...asksFor('llm') }).choice;
    expect(wiring.name).toBe('secret');
    expect(because).toBe(`the inputs ask for the Secret llm; but ${NOWHERE}`);
  });

  it.each(['MAAS_SECRET_NAME', 'MAAS_API_KEY'])('is said of ${%s} alone', async (name) => {
    expect((await failing('auto', without, withValues(`typo: "\${${name}}"`))).code).toBe('E_WIRING');
  });

  it('does not matter where a part of the address arrives, in any case', async () => {
    const renders: Renders = () => [kube('ConfigMap', 'c', { data: { host: 'MAAS.example.com' } })];
    expect((await chosen('auto', renders, misled).choice).wiring.name).toBe('values');
  });

  it('is the first one that stands for an address', async () => {
    const both = withValues('a: "${MAAS_API_KEY}"\nb: "${MAAS_HOST}"\nc: "${MAAS_BASE_URL}"');
    expect((await failing('auto', without, both)).message).toMatch(/the value that is \$\{MAAS_API_KEY\}: /);
  });
});

it('of several that reach nothing the first is named: that of the values', async () => {
  const both = { ...withValues('typo: {url: "${MAAS_BASE_URL}"}'), ...asksFor('llm') };
  expect((await failing('auto', without, both)).message).toMatch(/^with wiring values .*\$\{MAAS_BASE_URL\}/);
});

describe('a Secret that nothing refers to', () => {
  const NOBODY = 'with wiring secret nothing that the chart renders refers to the Secret llm';

  it.each([
    ['a name', kube('Pod', 'llm')],
    ['a label', kube('Pod', 'p', { metadata: { labels: { app: 'llm' } } })],
    ['what a Service selects', kube('Service', 's', { spec: { selector: { app: 'llm' } } })],
    ['a part of another word', kube('ConfigMap', 'c', { data: { a: 'llm-d' } })],
  ])('is not referred to by %s, where its name is short', async (_, object) => {
    expect((await failing('secret', () => [object], asksFor('llm'))).message).toBe(NOBODY);
  });

  it('ends auto with that where nothing else fits', async () => {
    const failure = await failing('auto', without, asksFor('llm'));
    expect([failure.code, failure.message]).toEqual(['E_WIRING', NOBODY]);
  });

  it('is told where another wiring fits', async () => {
    const { wiring, because, composed } = await chosen('auto', byModels, asksFor('llm')).choice;
    expect(wiring.name).toBe('llama-stack');
    expect(because).toMatch(/ into Secret env; but with wiring secret nothing .* the Secret llm$/);
    expect(composed.objects).toMatchObject([{ metadata: { name: 'llm' } }]);
  });
});

describe('a llama-stack', () => {
  const wait = (more: Record<string, unknown>) =>
    workload('Deployment', 'stack', { pod: { initContainers: [container('wait', 'i', more)] } });
  const command = ['sh', '-c', "curl -H 'Bearer ${env.MAAS_API_KEY}' u"];
  const OLD =
    'with wiring llama-stack container wait of Deployment stack can not read ${env.MAAS_API_KEY}: the chart is older than llama-stack 0.6.7';

  it.each<[string, Record<string, unknown>]>([
    ['in its command', { command }],
    ['in its arguments', { args: command }],
    ['with another variable', { command, env: [{ name: 'OTHER', value: SERVICE.apiKey }] }],
    ['with the variable of another Secret', { command, envFrom: [{ secretRef: { name: 'other' } }] }],
  ])('that is too old for a variable %s is refused', async (_, more) => {
    const renders: Renders = (values) => [...byModels(values), wait(more)];
    const failure = await failing('llama-stack', renders);
    expect([failure.code, failure.message]).toEqual(['E_WIRING', OLD]);
    const auto = await failing('auto', (values) => (at(values, 'global') ? renders(values) : without(values)));
    expect(auto.message).toContain(OLD);
  });

  it.each<[string, Record<string, unknown>]>([
    ['the Secret as a whole', { command, envFrom: [{ secretRef: { name: 'env' } }] }],
    [
      'the variable from the Secret',
      {
        command,
        env: [{ name: 'MAAS_API_KEY', valueFrom: { secretKeyRef: { name: 'env', key: 'MAAS_API_KEY' } } }],
      },
    ],
    ['no such command', { command: ['sh', '-c', 'true'] }],
  ])('is taken where the container has %s', async (_, more) => {
    const renders: Renders = (values) => [...byModels(values), wait(more)];
    expect((await chosen('llama-stack', renders).choice).wiring.name).toBe('llama-stack');
    expect((await chosen('auto', renders).choice).wiring.name).toBe('llama-stack');
  });
});

describe('openai-env', () => {
  const withConfiguration =
    (configuration: string): Renders =>
    (values) => [kube('ConfigMap', 'run-config', { data: { 'config.yaml': configuration } }), ...byEnvironment(values)];
  const BLIND =
    'with wiring openai-env the configuration of the stack that the chart brings (ConfigMap run-config) has no provider for it (remote::openai)';

  it.each(['provider_type: remote::vllm', 'provider_type: remote::ollama\nurl: ${env.OLLAMA_URL}'])(
    'is refused where the configuration of the stack has no such provider: %s',
    async (configuration) => {
      expect((await failing('openai-env', withConfiguration(configuration))).message).toBe(BLIND);
      expect((await failing('auto', withConfiguration(configuration))).message).toContain(BLIND);
    },
  );

  it.each([
    'provider_type: remote::openai',
    'provider_type: remote::vllm\nurl: ${env.OPENAI_BASE_URL:=x}',
    'no: configuration of a stack',
  ])('is taken for %s', async (configuration) => {
    expect((await chosen('openai-env', withConfiguration(configuration)).choice).wiring.name).toBe('openai-env');
    expect((await chosen('auto', withConfiguration(configuration)).choice).wiring.name).toBe('openai-env');
  });
});
