import type { Chart } from '../deploy/chart.js';
import { mergeValues, parseValues, type ValuesSource } from '../deploy/values.js';
import { factsOf } from './facts.js';
import { placeholdersIn, replacePlaceholders, type Placeholders } from './placeholders.js';
import type { GivenChart, Wired, WiredService, Wiring } from './wiring.js';

/** The texts of a chart's values that may hold placeholders: those that the user writes for this run. */
function sourcesOf(chart: Chart, setValues: ValuesSource): ValuesSource[] {
  return [...chart.overlays, setValues];
}

/**
 * The placeholders in the values, each as often as it is there.
 * @throws RunError with the place of values that can not be read, or of a placeholder that there is not
 */
export function findPlaceholders(chart: Chart, setValues: ValuesSource): string[] {
  const found: string[] = [];
  for (const { text, where } of sourcesOf(chart, setValues))
    parseValues(text, where, (scalar) => {
      found.push(...placeholdersIn(scalar));
      return scalar;
    });
  return found;
}

/** What a wiring comes to, together with the user's values. */
interface Composed extends Wired {
  /** Provider of the model in a Llama Stack; empty where the chart decides that. */
  modelKey: string;
}

/** What goes over a chart's values, in this order: values files with placeholders, the wiring, the user's set-values. Pure. */
export function compose(wiring: Wiring, service: WiredService, given: GivenChart): Composed {
  const { chart, setValues, placeholders } = given;
  const texts = textsOf(service, given);
  const resolved = ({ text, where }: ValuesSource) =>
    parseValues(text, where, (scalar, isPlain) => replacePlaceholders(scalar, isPlain, texts));
  const [files, last] = [chart.overlays.map(resolved), resolved(setValues)];
  const defaults = parseValues(chart.defaults.text, chart.defaults.where);
  const toWire = { ...given, values: [defaults, ...files, last].reduce(mergeValues) };
  const { overlay, objects } = wiring.wire(service, toWire);
  return {
    overlay: [...(placeholders.length ? files : []), overlay, last].reduce(mergeValues, {}),
    objects,
    modelKey: wiring.modelKey(toWire, service.model),
  };
}

function textsOf(service: WiredService, { secretName, namespace, release }: GivenChart): Placeholders {
  const facts = Object.entries(factsOf(service)).map(([fact, text]) => [`MAAS_${fact}`, text]);
  const names = { MAAS_SECRET_NAME: secretName, NAMESPACE: namespace, RELEASE: release };
  return { ...(Object.fromEntries(facts) as Placeholders), ...names };
}
