import { describe, expect, it } from 'vitest';
import type { Chart } from '../../src/deploy/chart.js';
import type { Helm } from '../../src/deploy/helm.js';
import type { Values } from '../../src/deploy/values.js';
import type { Job } from '../../src/job.js';
import { at } from '../../src/json.js';
import { Progress } from '../../src/progress.js';
import { newRecord } from '../../src/report/record.js';
import { renderWired } from '../../src/wiring/render.js';
import type { GivenChart } from '../../src/wiring/wiring.js';
import { base64, byEnvironment, byModels, chosen, failing, without, type Renders } from '../helpers/choosing.js';
import { inputs } from '../helpers/inputs.js';
import { kube } from '../helpers/kube.js';
import { recordedLog } from '../helpers/memory.js';
import { serviceFacts } from '../helpers/record.js';
import { givenChart } from '../helpers/wiring.js';

const OTHER = 'sk-another-key-0123456789';
const PLACE = 'llama-stack.secrets.MAAS_API_KEY';
const setting = (text: string): Partial<GivenChart> => ({ setValues: { where: 'input set-values', text } });
const spoilt = (value = OTHER) => setting(`llama-stack: {secrets: {MAAS_API_KEY: ${value}}}`);

/** A stack that has its models from global.models alone, whatever else is in its environment. */
const modelsAlone: Renders = (values) => {
  const key = at(values, 'llama-stack', 'secrets', 'MAAS_API_KEY') ?? '';
  const models = JSON.stringify(at(values, 'global', 'models') ?? {});
  return [kube('ConfigMap', 'run-config', { data: { models } }), kube('Secret', 'env', { data: { key: base64(key) } })];
};

describe('another key in the values', () => {
  it.each([OTHER, '""', 'null'])('is what is wrong where the wiring is asked for: %s', async (value) => {
    const failure = await failing('llama-stack', byModels, spoilt(value));
    expect([failure.code, failure.hop, failure.message, failure.fix]).toEqual([
      'E_WIRING',
      'chart',
      `with wiring llama-stack the chart is not wired: input set-values has another value than the key at ${PLACE}`,
      `Take ${PLACE} out of set-values: the wiring puts the key there.`,
    ]);
  });

  it('is noted where auto takes another wiring for it', async () => {
    const { wiring, notes } = await chosen('auto', byModels, spoilt()).choice;
    expect([wiring.name, notes]).toEqual([
      'openai-env',
      [
        `input set-values has another value than the key at ${PLACE}, so that another wiring than llama-stack is taken. Fix: take ${PLACE} out of set-values.`,
      ],
    ]);
  });

  it('is among the reasons where auto finds no wiring', async () => {
    const failure = await failing('auto', modelsAlone, spoilt());
    expect(failure.message).toContain(`with wiring llama-stack the chart is not wired: input set-values has another`);
    expect(failure.evidence.join('\n')).toContain(PLACE);
  });

  it.each(['auto', 'llama-stack'])('is noted where %s fits all the same, by another Secret', async (wanted) => {
    const renders: Renders = (values) => [
      ...byModels(values),
      kube('Secret', 'more', { data: { key: base64(at(values, 'more', 'secrets', 'MAAS_API_KEY')) } }),
    ];
    const chart = givenChart().chart;
    const aliases = ['llama-stack', 'more'].map((alias) => ({ name: 'llama-stack', alias }));
    const { wiring, notes } = await chosen(wanted, renders, {
      ...spoilt(),
      chart: { ...chart, dependencies: aliases },
    }).choice;
    expect([wiring.name, notes]).toEqual([
      'llama-stack',
      [
        `input set-values has another value than the key at ${PLACE}, where wiring llama-stack puts the key. Fix: take ${PLACE} out of set-values.`,
      ],
    ]);
  });

  it('is found where the chart has it under a name of its own, and in the reference to the key', async () => {
    const renders: Renders = (values) => byModels({ ...values, 'llama-stack': at(values, 'rag-stack') });
    const { chart } = givenChart();
    const named = { ...chart, dependencies: [{ name: 'llama-stack', alias: 'rag-stack' }] };
    const failure = await failing('llama-stack', renders, {
      ...setting(`{rag-stack: {secrets: {MAAS_API_KEY: ${OTHER}}}, global: {models: {maas: {apiToken: ${OTHER}}}}}`),
      chart: named,
    });
    expect(failure.fix).toMatch(/^Take global\.models\.maas\.apiToken, rag-stack\.secrets\.MAAS_API_KEY out of/);
  });

  it('is found where the environment carries the key', async () => {
    const failure = await failing('openai-env', byEnvironment, setting('llama-stack: {secrets: {OPENAI_API_KEY: x}}'));
    expect(failure.fix).toMatch(/^Take llama-stack\.secrets\.OPENAI_API_KEY out of set-values/);
  });

  it('is told now and in the summary, once, however often the chart is rendered', async () => {
    const log = recordedLog();
    const record = newRecord();
    const job = { ports: { log }, progress: new Progress(log), record } as unknown as Job;
    const given = inputs({ 'set-values': `llama-stack: {secrets: {MAAS_API_KEY: ${OTHER}}}` });
    const helm = {
      render: (_chart: Chart, _inputs: unknown, overlay: Values) =>
        Promise.resolve(
          byModels(overlay)
            .map(({ body }) => `---\n${JSON.stringify(body)}\n`)
            .join(''),
        ),
    } as unknown as Helm;
    const { chart } = givenChart();
    await renderWired(job, given, { chart, placeholders: [] }, helm, serviceFacts());
    await renderWired(job, given, { chart, placeholders: [] }, helm, serviceFacts());
    const note = `input set-values has another value than the key at ${PLACE}, so that another wiring than llama-stack is taken. Fix: take ${PLACE} out of set-values.`;
    expect(record.securityNotes).toEqual([note]);
    expect(log.lines.filter((line) => line.includes(PLACE))).toEqual([expect.stringContaining(note)]);
  });

  it('is never shown itself', async () => {
    const said = await Promise.all([
      failing('llama-stack', byModels, spoilt()).then(({ message, fix, evidence }) => [message, fix, ...evidence]),
      failing('auto', modelsAlone, spoilt()).then(({ message, fix, evidence }) => [message, fix, ...evidence]),
      chosen('auto', byModels, spoilt()).choice.then(({ because, notes }) => [because, ...notes]),
    ]);
    expect(said.flat().join('\n')).not.toContain(OTHER);
  });
});

describe('no other key', () => {
  it.each<[string, Renders, Partial<GivenChart>]>([
    ['values without one', byModels, {}],
    ['its placeholder', byModels, spoilt('"${MAAS_API_KEY}"')],
    ['the key itself', byModels, { ...spoilt('the-real-key'), literalKey: 'the-real-key' }],
    ['another reference', byModels, setting("global: {models: {maas: {apiToken: '${env.OTHER}'}}}")],
    ['another address', byModels, setting('global: {models: {maas: {url: http://proxy/v1}}}')],
    ['another variable', byModels, setting('llama-stack: {secrets: {HF_TOKEN: hf-0123456789}}')],
    [
      'a values file, over which the wiring comes',
      byModels,
      givenChart({ files: [`llama-stack: {secrets: {MAAS_API_KEY: ${OTHER}}}`] }),
    ],
  ])('is %s', async (_, renders, over) => {
    const { wiring, notes } = await chosen('auto', renders, over).choice;
    expect([wiring.name, notes]).toEqual(['llama-stack', []]);
  });

  it('is what is wrong with a chart that does not take the address either', async () => {
    expect((await failing('llama-stack', without, spoilt())).message).toMatch(/the service's address is in nothing/);
  });
});
