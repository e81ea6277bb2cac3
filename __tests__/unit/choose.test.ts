import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../src/deploy/objects.js';
import type { Values } from '../../src/deploy/values.js';
import { at, member } from '../../src/json.js';
import { chooseWiring, WIRING_NAMES } from '../../src/wiring/choose.js';
import { kube } from '../helpers/kube.js';
import { failureOf } from '../helpers/failures.js';
import { givenChart, SERVICE } from '../helpers/wiring.js';

const base64 = (text: unknown) => Buffer.from(String(text)).toString('base64');

/** A chart with a Llama Stack that has its models from global.models; and one that has them from the environment alone. */
const byModels = (values: Values): KubeObject[] => [
  kube('ConfigMap', 'run-config', { data: { config: JSON.stringify(at(values, 'global', 'models') ?? {}) } }),
  ...byEnvironment(values),
];
const byEnvironment = (values: Values): KubeObject[] => {
  const secrets = Object.entries((at(values, 'llama-stack', 'secrets') ?? {}) as Values);
  return [kube('Secret', 'env', { data: Object.fromEntries(secrets.map(([name, value]) => [name, base64(value)])) })];
};
const without = (): KubeObject[] => [kube('ConfigMap', 'c', { data: {} })];

const chosen = (wanted: string, renders: (values: Values) => KubeObject[], over = {}) => {
  const rendered: Values[] = [];
  const choice = chooseWiring(wanted, SERVICE, givenChart({}, over), (values) => {
    rendered.push(values);
    return Promise.resolve(renders(values));
  });
  return { choice, rendered };
};

describe('the wiring', () => {
  it.each(WIRING_NAMES.filter((name) => name !== 'auto'))(
    '%s is taken where it is asked for, whatever shows',
    async (name) => {
      const { wiring, because } = await chosen(name, without).choice;
      expect([wiring.name, because]).toEqual([name, 'the input wiring says so']);
    },
  );
});

describe('auto', () => {
  it('takes what the values ask for by a placeholder, and renders once', async () => {
    const { choice, rendered } = chosen('auto', byModels, { placeholders: ['MAAS_MODEL'] });
    expect(await choice).toMatchObject({ wiring: { name: 'values' }, because: 'the values have ${MAAS_MODEL}' });
    expect(rendered).toEqual([{}]);
  });

  it('takes the Secret that a name asks for', async () => {
    const { because, wiring } = await chosen('auto', byModels, { secretName: 'llm' }).choice;
    expect([wiring.name, because]).toEqual(['secret', 'the input secret-name asks for the Secret llm']);
  });

  it('takes global.models where the chart does, and says where it shows', async () => {
    const { because, wiring, objects } = await chosen('auto', byModels).choice;
    expect(wiring.name).toBe('llama-stack');
    expect(because).toBe(
      "the chart then renders the service's address into ConfigMap run-config and its key into Secret env",
    );
    expect(objects).toHaveLength(2);
  });

  it('takes global.models where set-values have another address for the chart', async () => {
    const setValues = { where: 'input set-values', text: 'global: {models: {maas: {url: "http://proxy/v1"}}}' };
    expect((await chosen('auto', byModels, { setValues }).choice).wiring.name).toBe('llama-stack');
  });

  it('takes the environment where only that shows', async () => {
    const { wiring } = await chosen('auto', byEnvironment).choice;
    expect(wiring.name).toBe('openai-env');
  });

  it('does not take a chart for one of its own by the key or the address alone', async () => {
    const onlyModels = (values: Values) => byModels(values).slice(0, 1);
    await expect(chosen('auto', onlyModels).choice).rejects.toMatchObject({ code: 'E_WIRING' });
  });

  it('ends where nothing fits, with what can be done', async () => {
    const failure = await failureOf(() => chosen('auto', without).choice);
    expect([failure.code, failure.hop]).toEqual(['E_WIRING', 'chart']);
    expect(failure.fix).toMatch(/MAAS_BASE_URL.*secret-name.*wiring: none/);
    expect(member(failure, 'evidence')).toEqual([]);
  });
});
