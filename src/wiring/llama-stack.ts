import { KEY_VARIABLE, type Values } from '../deploy/values.js';
import { isRecord, member } from '../json.js';
import { TRY, type Wiring } from './wiring.js';

/**
 * For charts that take models as rh-ai-quickstart's do (llama-stack 0.6.7 and newer): the key is in a Secret only, and
 * everything else refers to it as ${env.…}. The inner quotes are for the init container of that chart, which puts the value
 * unquoted into bash; in YAML they are plain quotes. Models that are enabled elsewhere are disabled: their services do not run
 * here, and the init container would wait for them for ever.
 */
export const llamaStack: Wiring = {
  name: 'llama-stack',
  suits: () => TRY,
  modelKey: ({ values }, model) => modelKeyFor(model, values),
  wire: ({ baseUrl, model, apiKey }, { values }) => {
    const modelKey = modelKeyFor(model, values);
    const others = Object.keys(modelsOf(values)).filter((key) => key !== modelKey);
    const wired = { id: model, url: baseUrl, apiToken: `'\${env.${KEY_VARIABLE}}'`, enabled: true };
    const models = Object.fromEntries<Values>([
      ...others.map((key): [string, Values] => [key, { enabled: false }]),
      [modelKey, wired],
    ]);
    const overlay = { global: { models }, 'llama-stack': { secrets: { [KEY_VARIABLE]: apiKey } } };
    return { overlay, objects: [] };
  },
};

/** The key under `global.models` that a consumer's values already use for this model, else "maas". */
function modelKeyFor(model: string, values: Values): string {
  const declared = Object.entries(modelsOf(values));
  const byId = declared.find(([, entry]) => member(entry, 'id') === model);
  const byKey = declared.find(([key, entry]) => key === model && member(entry, 'id') === undefined);
  return byId?.[0] ?? byKey?.[0] ?? 'maas';
}

/** The overlay that leaves no model enabled, so that nothing waits for one or asks it. */
export function modellessOverlay(values: Values): Values {
  const models = Object.fromEntries(Object.keys(modelsOf(values)).map((key) => [key, { enabled: false }]));
  return { global: { models } };
}

function modelsOf(values: Values): Values {
  const own = member(member(values, 'llama-stack'), 'models');
  const shared = member(member(values, 'global'), 'models');
  return { ...(isRecord(own) ? own : {}), ...(isRecord(shared) ? shared : {}) };
}
