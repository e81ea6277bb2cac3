import { isRecord, items } from '../json.js';
import { differenceOf, mergeValues, parseValues, type Values, type ValuesSource } from '../deploy/values.js';
import { factsOf } from './facts.js';
import { keyAsPlaceholder, placeholdersIn, replacePlaceholders, type Placeholders } from './placeholders.js';
import { secretsFor } from './secret-object.js';
import type { ChartToWire, GivenChart, Wired, WiredService, Wiring } from './wiring.js';

/**
 * The placeholders in the values that the user writes for this run, each as often as it is there. One that later values replace
 * is none.
 * @throws RunError with the place of values that can not be read, or of a placeholder that there is not
 */
export function findPlaceholders(overlays: ValuesSource[], setValues: ValuesSource, literalKey = ''): string[] {
  const refuseUnknown = (scalar: string) => {
    const text = keyAsPlaceholder(scalar, literalKey);
    placeholdersIn(text);
    return text;
  };
  const values = [...overlays, setValues].map(({ text, where }) => parseValues(text, where, refuseUnknown));
  return textsIn(values.reduce(mergeValues, {})).flatMap(placeholdersIn);
}

/** Every text in a value, at any depth; no names. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return Object.values(isRecord(value) ? value : items(value)).flatMap(textsIn);
}

/** What a wiring comes to, together with the user's values. */
export interface Composed extends Wired {
  /** Provider of the model in a Llama Stack; empty where the chart decides that. */
  modelKey: string;
}

/**
 * What goes over a chart's values, in this order: the places of the values files that hold placeholders, the wiring, the user's
 * set-values. Everything else of the files is left to Helm. Pure.
 */
export function compose(wiring: Wiring, service: WiredService, given: GivenChart): Composed {
  const { seen, asWritten, files, last, toWire } = layersOf(wiring, service, given);
  const { overlay, objects } = wiring.wire(service, toWire);
  return {
    overlay: [differenceOf(asWritten, files), overlay, last].reduce(mergeValues),
    objects: [...secretsFor(seen, given, wiring), ...objects],
    modelKey: wiring.modelKey(toWire, service.model),
  };
}

/**
 * Places where the wiring puts the key, or a reference to it, and the user's set-values something else: paths such as
 * llama-stack.secrets.MAAS_API_KEY, never what stands there. Pure.
 */
export function replacedKeys(wiring: Wiring, service: WiredService, given: GivenChart): string[] {
  const { seen, last, toWire } = layersOf(wiring, service, given);
  return replacedIn(wiring.wire(service, toWire).overlay, last, seen.apiKey);
}

function replacedIn(wired: Values, over: Values, key: string): string[] {
  const leadsToKey = (value: unknown) => typeof value === 'string' && (value.includes(key) || value.includes('${env.'));
  return Object.entries(wired).flatMap(([name, value]) => {
    const other = Object.hasOwn(over, name) ? over[name] : undefined;
    if (other === undefined) return [];
    if (isRecord(value) && isRecord(other)) return replacedIn(value, other, key).map((place) => `${name}.${place}`);
    return leadsToKey(value) && !leadsToKey(other) ? [name] : [];
  });
}

/** The user's values as they lie under and over a wiring, and what that knows of the chart. */
function layersOf(wiring: Wiring, service: WiredService, given: GivenChart) {
  const { chart, setValues } = given;
  const seen = wiring.seenByChart?.(service) ?? service;
  const texts = textsOf(seen, given);
  const asWritten = chart.files.overlays.map(({ text, where }) => parseValues(text, where)).reduce(mergeValues, {});
  const files = chart.files.overlays.map((source) => resolved(source, texts, given)).reduce(mergeValues, {});
  const last = resolved(setValues, texts, given);
  const defaults = parseValues(chart.defaults.text, chart.defaults.where);
  const toWire: ChartToWire = { ...given, values: [defaults, files, last].reduce(mergeValues) };
  return { seen, asWritten, files, last, toWire };
}

function resolved({ text, where }: ValuesSource, texts: Placeholders, { literalKey }: GivenChart): Values {
  return parseValues(text, where, (scalar, isPlain) =>
    replacePlaceholders(keyAsPlaceholder(scalar, literalKey), isPlain, texts),
  );
}

function textsOf(service: WiredService, { secret, namespace, release }: GivenChart): Placeholders {
  const facts = Object.entries(factsOf(service)).map(([fact, text]) => [`MAAS_${fact}`, text]);
  const names = { MAAS_SECRET_NAME: secret.name, NAMESPACE: namespace, RELEASE: release };
  return { ...(Object.fromEntries(facts) as Placeholders), ...names };
}
