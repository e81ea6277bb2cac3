import type { ServiceFacts } from '../maas/probe.js';
import type { Chart } from './chart.js';
import { mergeValues, modelKeyFor, modellessOverlay, wiringOverlay, type Values } from './values.js';

/** How the model service gets into the chart's values. */
export interface Wired {
  /** Key of the model under global.models; empty where none is wired in. */
  modelKey: string;
  /** The overlay over the chart's values; a render has a stand-in for the key. */
  overlayWith: (apiKey: string) => Values;
}

/** The user's own set-values come last. Without a service all models of the values are disabled. */
export function wire(setValues: Values, chart: Chart, service: ServiceFacts | undefined): Wired {
  const values = [...chart.values, setValues].reduce(mergeValues);
  if (!service) {
    const overlay = mergeValues(modellessOverlay(values), setValues);
    return { modelKey: '', overlayWith: () => overlay };
  }
  const { baseUrl, model } = service;
  const modelKey = modelKeyFor(model, values);
  const overlayWith = (apiKey: string) =>
    mergeValues(wiringOverlay({ baseUrl, model, modelKey, apiKey }, values), setValues);
  return { modelKey, overlayWith };
}
