import { isRecord, member } from '../json.js';
import { LineCounter, parseDocument } from 'yaml';
import { RunError } from '../errors.js';
import { findUnusable } from './yaml.js';

export type Values = Record<string, unknown>;

/** Bytes; a larger values file is refused before it is parsed. */
const LARGEST = 1024 * 1024;

/** Helm takes the last of two members of the same name, and merges `<<`. */
export const AS_HELM = { uniqueKeys: false, merge: true };

/** Name of the variable that carries the key into the stack's containers. */
export const KEY_VARIABLE = 'MAAS_API_KEY';

/**
 * Helm values from YAML. `where` names the input or file in messages.
 * @throws RunError with line and column where the text is no YAML mapping
 */
export function parseValues(text: string, where: string): Values {
  if (Buffer.byteLength(text) > LARGEST)
    throw new RunError(
      'E_VALUES',
      'inputs',
      `${where} is larger than 1 MiB`,
      'Split it, or take out what is not needed.',
    );
  const lines = new LineCounter();
  const document = parseDocument(text, { ...AS_HELM, lineCounter: lines, prettyErrors: false });
  const invalid = (offset: number, what: string) => {
    const { line, col } = lines.linePos(offset);
    const place = `at line ${line}, column ${col}`;
    return new RunError('E_VALUES', 'inputs', `${where} is not valid YAML ${place}: ${what}`, 'Correct it there.');
  };
  const error = document.errors[0];
  if (error) throw invalid(error.pos[0], error.message.split(/[\r\n]/)[0] ?? '');
  const unusable = findUnusable(document);
  if (unusable) throw invalid(unusable.at?.range?.[0] ?? 0, unusable.what);
  const values = expand(document, where);
  if (values === null || values === undefined) return {};
  if (!isRecord(values))
    throw new RunError(
      'E_VALUES',
      'inputs',
      `${where} is not a mapping, line 1, column 1`,
      'Write Helm values: names with values, such as "replicaCount: 1".',
    );
  return values;
}

/** The yaml library counts how often aliases are expanded, and throws at what only a bomb needs. */
function expand(document: ReturnType<typeof parseDocument>, where: string): unknown {
  try {
    return document.toJS() as unknown;
  } catch (error) {
    throw new RunError(
      'E_VALUES',
      'inputs',
      `${where} can not be expanded: ${(error as Error).message}`,
      'Write it with fewer aliases.',
      { cause: error },
    );
  }
}

/** Merged as Helm merges values: mappings member by member, everything else replaced by the later one. */
export function mergeValues(base: Values, over: Values): Values {
  const merged = new Map(Object.entries(base)); // a name may be __proto__
  for (const [name, value] of Object.entries(over)) {
    const before = merged.get(name);
    merged.set(name, isRecord(before) && isRecord(value) ? mergeValues(before, value) : value);
  }
  return Object.fromEntries(merged);
}

export interface Wiring {
  baseUrl: string;
  model: string;
  /** Key under `global.models`; the stack makes it the provider id. */
  modelKey: string;
  apiKey: string;
}

/** The key under `global.models` that a consumer's values already use for this model, else "maas". */
export function modelKeyFor(model: string, values: Values): string {
  const declared = Object.entries(modelsOf(values));
  const byId = declared.find(([, entry]) => member(entry, 'id') === model);
  const byKey = declared.find(([key, entry]) => key === model && member(entry, 'id') === undefined);
  return byId?.[0] ?? byKey?.[0] ?? 'maas';
}

/**
 * The overlay that wires the model service in, for charts that take it as rh-ai-quickstart's do (llama-stack 0.6.7 and
 * newer): the key is in a Secret only, and everything else refers to it as ${env.…}. The inner quotes are for the
 * init container of that chart, which puts the value unquoted into bash; in YAML they are plain quotes.
 * Models that are enabled elsewhere are disabled: their services do not run here, and the init container would wait
 * for them for ever.
 */
export function wiringOverlay(wiring: Wiring, values: Values): Values {
  const others = Object.keys(modelsOf(values)).filter((key) => key !== wiring.modelKey);
  const wired = { id: wiring.model, url: wiring.baseUrl, apiToken: `'\${env.${KEY_VARIABLE}}'`, enabled: true };
  const models = Object.fromEntries<Values>([
    ...others.map((key): [string, Values] => [key, { enabled: false }]),
    [wiring.modelKey, wired],
  ]);
  return { global: { models }, 'llama-stack': { secrets: { [KEY_VARIABLE]: wiring.apiKey } } };
}

/** The overlay of a run that tests no model: none is enabled, so that nothing waits for it or asks it. */
export function modellessOverlay(values: Values): Values {
  return {
    global: { models: Object.fromEntries(Object.keys(modelsOf(values)).map((key) => [key, { enabled: false }])) },
  };
}

function modelsOf(values: Values): Values {
  const own = member(member(values, 'llama-stack'), 'models');
  const shared = member(member(values, 'global'), 'models');
  return { ...(isRecord(own) ? own : {}), ...(isRecord(shared) ? shared : {}) };
}
