import { describe, expect, it } from 'vitest';
import { RunError } from '../../src/errors.js';
import { at, member, text } from '../../src/json.js';
import { WIRING_NAMES } from '../../src/wiring/choose.js';
import type { GivenChart } from '../../src/wiring/wiring.js';
import {
  asksFor,
  base64,
  byEnvironment,
  byModels,
  chosen,
  failing,
  withValues,
  without,
  type Renders,
} from '../helpers/choosing.js';
import { failureOf } from '../helpers/failures.js';
import { kube } from '../helpers/kube.js';
import { SERVICE } from '../helpers/wiring.js';

/** Writes all its values into a Secret. */
const byValues: Renders = (values) => [kube('Secret', 's', { data: { all: base64(JSON.stringify(values)) } })];
/** A chart whose schema knows no models of a Llama Stack, nor secrets. */
const strict: Renders = (values) => {
  if (Object.keys(values).length) throw renderError('additional properties are not allowed');
  return without(values);
};
const renderError = (what: string) =>
  new RunError('E_CHART_RENDER', 'chart', `the chart does not render: ${what}`, 'Correct it.', { evidence: [what] });

describe('the wiring', () => {
  it.each<[string, Renders, Partial<GivenChart>]>([
    ['values', () => [kube('ConfigMap', 'c', { data: { host: 'maas.example.com' } })], {}],
    ['secret', () => [kube('Pod', 'p', { spec: { volumes: [{ secret: { secretName: 'llm' } }] } })], asksFor('llm')],
    ['llama-stack', byModels, {}],
    ['openai-env', byEnvironment, {}],
    ['gateway', byModels, {}],
    ['none', without, {}],
  ])('%s is taken where it is asked for', async (name, renders, over) => {
    const { choice, rendered } = chosen(name, renders, over);
    const { wiring, because, composed } = await choice;
    expect([wiring.name, because]).toEqual([name, 'the input wiring says so']);
    expect(rendered).toEqual([composed.overlay]);
  });

  it('is one of these, or auto', () => {
    expect(WIRING_NAMES).toEqual(['auto', 'values', 'secret', 'llama-stack', 'openai-env', 'gateway', 'none']);
  });

  it.each(['llama-stack', 'openai-env'])('%s is refused where it is asked for and does not show', async (name) => {
    const failure = await failing(name, without);
    expect([failure.code, failure.hop]).toEqual(['E_WIRING', 'chart']);
    expect(failure.message).toBe(
      `with wiring ${name} the chart is not wired: the service's address is in nothing that it renders`,
    );
    expect(failure.fix).toContain('docs/wiring.md');
  });

  it.each(['llama-stack', 'values', 'none'])('%s ends with the error of the render', async (name) => {
    const error = renderError('x');
    const renders = () => {
      throw error;
    };
    expect(await failing(name, renders)).toBe(error);
  });

  it('secret is refused where nothing refers to the Secret', async () => {
    const failure = await failing('secret', without, asksFor('llm'));
    expect([failure.code, failure.message]).toEqual([
      'E_WIRING',
      'with wiring secret nothing that the chart renders refers to the Secret llm',
    ]);
  });
});

describe('auto', () => {
  it('takes what the values ask for by a placeholder, and renders once', async () => {
    const { choice, rendered } = chosen('auto', byValues, withValues('llm: {url: "${MAAS_BASE_URL}"}'));
    const { wiring, because, composed } = await choice;
    expect([wiring.name, because]).toEqual(['values', 'the values have ${MAAS_BASE_URL}']);
    expect(rendered).toEqual([{ llm: { url: SERVICE.baseUrl } }]);
    expect(composed.overlay).toEqual(rendered[0]);
  });

  it.each(['MAAS_ROOT_URL', 'MAAS_HOST', 'MAAS_SECRET_NAME'])('takes values for ${%s}', async (name) => {
    const { because } = await chosen('auto', byValues, withValues(`a: "\${${name}}"`)).choice;
    expect(because).toBe(`the values have \${${name}}`);
  });

  it('does not take values for the key alone, with which nothing leads to the service', async () => {
    const { wiring, because } = await chosen('auto', byModels, withValues('a: "${MAAS_API_KEY}"')).choice;
    expect(wiring.name).toBe('llama-stack');
    expect(because).toContain('but with wiring values ');
  });

  it.each(['NAMESPACE', 'RELEASE', 'MAAS_MODEL', 'MAAS_PORT'])('does not take values for ${%s} alone', async (name) => {
    const { wiring } = await chosen('auto', byModels, withValues(`a: "\${${name}}"`)).choice;
    expect(wiring.name).toBe('llama-stack');
  });

  it('takes the Secret that a name asks for', async () => {
    const renders: Renders = () => [kube('Pod', 'p', { spec: { envFrom: [{ secretRef: { name: 'llm' } }] } })];
    const { because, wiring, composed } = await chosen('auto', renders, asksFor('llm')).choice;
    expect([wiring.name, because]).toEqual(['secret', 'the inputs ask for the Secret llm']);
    expect(composed.objects).toMatchObject([{ kind: 'Secret', metadata: { name: 'llm' } }]);
  });

  it('takes values before the Secret', async () => {
    const over = { ...withValues('a: "${MAAS_HOST}"'), ...asksFor('llm') };
    expect((await chosen('auto', byValues, over).choice).wiring.name).toBe('values');
  });

  it('takes global.models where the chart does, and says where it shows', async () => {
    const { because, wiring, objects, composed } = await chosen('auto', byModels).choice;
    expect(wiring.name).toBe('llama-stack');
    expect(because).toBe(
      "the chart then renders the service's address into ConfigMap run-config and its key into Secret env",
    );
    expect(objects).toHaveLength(2);
    expect(composed.modelKey).toBe('maas');
  });

  it('takes global.models where set-values have another address for the chart', async () => {
    const setValues = { where: 'input set-values', text: 'global: {models: {maas: {url: "http://proxy/v1"}}}' };
    expect((await chosen('auto', byModels, { setValues }).choice).wiring.name).toBe('llama-stack');
  });

  it('takes the environment where only that shows', async () => {
    const { wiring, composed } = await chosen('auto', byEnvironment).choice;
    expect([wiring.name, composed.modelKey]).toEqual(['openai-env', 'openai']);
  });

  it('takes the environment where the chart refuses models by its schema', async () => {
    const renders: Renders = (values) => {
      if (at(values, 'global', 'models')) throw renderError('models is not allowed');
      return byEnvironment(values);
    };
    expect((await chosen('auto', renders).choice).wiring.name).toBe('openai-env');
  });

  it('does not take a chart for one of its own by the address alone, or the key outside of a Secret', async () => {
    const onlyModels: Renders = (values) => byModels(values).slice(0, 1);
    const open: Renders = (values) => [kube('ConfigMap', 'c', { data: { all: JSON.stringify(values) } })];
    expect((await failing('auto', onlyModels)).code).toBe('E_WIRING');
    expect((await failing('auto', open)).code).toBe('E_WIRING');
  });

  it('does not take a chart for one of its own by the key alone', async () => {
    const onlyKey: Renders = (values) => {
      const key = text(at(values, 'llama-stack', 'secrets', 'MAAS_API_KEY'));
      return [kube('Secret', 's', { data: { key: base64(key) } })];
    };
    expect((await failing('auto', onlyKey)).code).toBe('E_WIRING');
  });

  it('ends where nothing fits, with what each wiring lacks and what can be done', async () => {
    const { choice, rendered } = chosen('auto', without);
    const failure = await failureOf(() => choice);
    expect([failure.code, failure.hop]).toEqual(['E_WIRING', 'chart']);
    const lacks = (name: string) =>
      `with wiring ${name} the chart is not wired: the service's address is in nothing that it renders`;
    expect(failure.message).toBe(
      `no wiring fits the chart, and its values have no placeholder for the model service: ${lacks('llama-stack')}; ${lacks('openai-env')}`,
    );
    expect(failure.fix).toMatch(/MAAS_BASE_URL.*secret-name.*wiring: gateway.*wiring: none/);
    expect(member(failure, 'evidence')).toEqual([lacks('llama-stack'), lacks('openai-env')]);
    expect(rendered.at(-1)).toEqual({});
    expect(rendered).toHaveLength(3);
  });
});

describe('a chart with a strict schema', () => {
  it('is not the end of auto: no wiring fits, with what the schema says in evidence, once', async () => {
    const failure = await failing('auto', strict);
    expect(failure.code).toBe('E_WIRING');
    expect(failure.message).toMatch(/^no wiring fits the chart.*: it refuses values that it does not know$/);
    expect(failure.evidence).toEqual([
      'the chart does not render: additional properties are not allowed',
      'additional properties are not allowed',
    ]);
  });

  it('is wired by its values, or by nothing', async () => {
    const renders: Renders = (values) => (at(values, 'global') ? strict(values) : byValues(values));
    expect((await chosen('auto', renders, withValues('url: "${MAAS_HOST}"')).choice).wiring.name).toBe('values');
    expect((await chosen('none', strict).choice).wiring.name).toBe('none');
  });

  it('that refuses what the user wrote is the end, even where another wiring would fit', async () => {
    const renders: Renders = (values) => (at(values, 'global') ? byModels(values) : strict(values));
    const { choice, rendered } = chosen('auto', renders, withValues('url: "${MAAS_HOST}"'));
    expect((await failureOf(() => choice)).code).toBe('E_CHART_RENDER');
    expect(rendered).toHaveLength(1);
  });

  it('that refuses what the user wrote is the end', async () => {
    const failure = await failing('auto', strict, withValues('url: "${MAAS_HOST}"'));
    expect([failure.code, failure.message]).toEqual([
      'E_CHART_RENDER',
      'the chart does not render: additional properties are not allowed',
    ]);
  });
});

describe('a chart that can not be rendered', () => {
  it('says so itself where it does not even without a wiring', async () => {
    const renders: Renders = (values) => {
      throw renderError(Object.keys(values).length ? 'wired' : 'plain');
    };
    expect((await failing('auto', renders)).message).toBe('the chart does not render: plain');
  });

  it.each(['E_ADMISSION', 'E_DISK_FULL', 'E_WORKSPACE'] as const)(
    'for another reason ends it at once: %s',
    async (code) => {
      const error = new RunError(code, 'chart', 'x', 'y');
      const { choice, rendered } = chosen('auto', () => {
        throw error;
      });
      expect(await failureOf(() => choice)).toBe(error);
      expect(rendered).toHaveLength(1);
    },
  );

  it('for a reason that nobody knows ends it at once', async () => {
    const error = new Error('x');
    const { choice, rendered } = chosen('auto', () => {
      throw error;
    });
    await expect(choice).rejects.toBe(error);
    expect(rendered).toHaveLength(1);
  });
});
