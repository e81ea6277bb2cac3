import type { ChartFolder } from '../deploy/chart.js';
import { containersWithout } from '../deploy/exposure.js';
import { KEY_VARIABLE, mergeValues, type Values } from '../deploy/values.js';
import { at, isRecord, member } from '../json.js';
import { TRY, type Wiring } from './wiring.js';

/**
 * For charts that take models as rh-ai-quickstart's do (llama-stack 0.6.7 and newer): the key is in a Secret only, and
 * everything else refers to it as ${env.…}. The inner quotes are for the init container of that chart, which puts the value
 * unquoted into bash; in YAML they are plain quotes.
 */
export const llamaStack: Wiring = {
  name: 'llama-stack',
  suits: () => TRY,
  objection: (objects, { apiKey }) => {
    const [container] = containersWithout(KEY_VARIABLE, objects, apiKey);
    return container && `${container} can not read \${env.${KEY_VARIABLE}}: the chart is older than llama-stack 0.6.7`;
  },
  modelKey: ({ values, chart }, model) => modelKeyFor(model, chart, values),
  wire: ({ baseUrl, model, apiKey }, { values, chart }) => {
    const models = modelsOverlay({ id: model, url: baseUrl, apiToken: `'\${env.${KEY_VARIABLE}}'` }, chart, values);
    return { overlay: mergeValues(models, inStack(chart, { secrets: { [KEY_VARIABLE]: apiKey } })), objects: [] };
  },
};

/** Name of the chart of the stack. */
const STACK = 'llama-stack';

/** Values of the stack: at the root where the chart is that of the stack, else under each name that it has as a dependency. */
export function inStack(chart: ChartFolder, values: Values): Values {
  if (chart.name === STACK) return values;
  return Object.fromEntries(aliasesOf(chart).map((alias) => [alias, values]));
}

function aliasesOf({ dependencies }: ChartFolder): string[] {
  const aliases = dependencies.filter(({ name }) => name === STACK).map(({ alias }) => alias);
  return aliases.length ? aliases : [STACK];
}

/** Whether a chart has models, or the chart that takes them. */
export function takesModels(chart: ChartFolder, values: Values): boolean {
  const isStack = [chart, ...chart.dependencies].some(({ name }) => name === STACK);
  return isStack || Object.keys(modelsOf(chart, values)).length > 0;
}

/** A model as `global.models` of these charts has it. */
interface ModelEntry {
  id: string;
  url: string;
  apiToken: string;
}

/**
 * The one model that is enabled. Those that are enabled elsewhere are disabled: their services do not run here, and the init
 * container would wait for them for ever.
 */
export function modelsOverlay(entry: ModelEntry, chart: ChartFolder, values: Values): Values {
  const modelKey = modelKeyFor(entry.id, chart, values);
  const others = Object.keys(modelsOf(chart, values)).filter((key) => key !== modelKey);
  const models = Object.fromEntries<Values>([
    ...others.map((key): [string, Values] => [key, { enabled: false }]),
    [modelKey, { ...entry, enabled: true }],
  ]);
  return { global: { models } };
}

/** The key under `global.models` that a consumer's values already use for this model, else "maas". */
export function modelKeyFor(model: string, chart: ChartFolder, values: Values): string {
  const declared = Object.entries(modelsOf(chart, values));
  const byId = declared.find(([, entry]) => member(entry, 'id') === model);
  const byKey = declared.find(([key, entry]) => key === model && member(entry, 'id') === undefined);
  return byId?.[0] ?? byKey?.[0] ?? 'maas';
}

/** The overlay that leaves no model enabled, so that nothing waits for one or asks it; empty where the chart has none. */
export function modellessOverlay(chart: ChartFolder, values: Values): Values {
  const models = Object.fromEntries(Object.keys(modelsOf(chart, values)).map((key) => [key, { enabled: false }]));
  return Object.keys(models).length ? { global: { models } } : {};
}

/** Models that all charts share, over those of the stacks alone. */
function modelsOf(chart: ChartFolder, values: Values): Values {
  const stacks = chart.name === STACK ? [values] : aliasesOf(chart).map((alias) => member(values, alias));
  const all = [...stacks.map((stack) => member(stack, 'models')), at(values, 'global', 'models')];
  return all.filter(isRecord).reduce((merged, models) => ({ ...merged, ...models }), {});
}
