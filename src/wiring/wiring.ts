import type { Chart } from '../deploy/chart.js';
import type { KubeObject } from '../deploy/objects.js';
import type { Values, ValuesSource } from '../deploy/values.js';
import type { SecretWish } from './secret-object.js';

/** The model service as a chart is to know it. A render has a stand-in for the key. */
export interface WiredService {
  /** With its version part and without a slash at the end. */
  baseUrl: string;
  apiKey: string;
  model: string;
  /** What the service embeds with, where it does. */
  embedding: { model: string; dimension: number } | undefined;
}

/** What is given of a chart and its release. */
export interface GivenChart {
  chart: Chart;
  /** The user's last overlay. */
  setValues: ValuesSource;
  release: string;
  namespace: string;
  /** Names of the placeholders in its values. */
  placeholders: string[];
  /** The real key: where values hold it, it stands for its placeholder. */
  literalKey: string;
  /** A Secret that is made before the install, where one is. */
  secret: SecretWish;
  /** Of the reverse proxy, where one is made. */
  gatewayImage: string;
}

/** What a wiring knows of the chart. */
export interface ChartToWire extends GivenChart {
  /** Its defaults, the values files and the user's set-values, merged, without placeholders. */
  values: Values;
}

/** What a wiring adds to a chart. */
export interface Wired {
  /** Values over the chart's; the user's set-values come over these. */
  overlay: Values;
  /** Objects that are there before the chart is installed. */
  objects: object[];
}

/** One way in which a chart gets to know the model service. A new one is a file here and a line in wirings.ts. */
export interface Wiring {
  /** As the input `wiring` names it. */
  name: string;
  /**
   * Why `auto` takes it, in words that follow "because": by what the user wrote, before anything is rendered; "try": where the
   * render with it shows the service; undefined: it has to be asked for.
   */
  suits(chart: GivenChart): string | undefined;
  /** The Secret of the inputs is made with it, even where they do not name it. */
  needsSecret?: true;
  /** The service as the chart is to know it, where that is not as it is. */
  seenByChart?(service: WiredService): WiredService;
  /** Why the chart can not work as it then renders, in a clause; undefined where nothing speaks against it. */
  objection?(objects: KubeObject[], seen: WiredService, chart: GivenChart): string | undefined;
  /** Provider of the model in a Llama Stack; empty where the chart decides that. */
  modelKey(chart: ChartToWire, model: string): string;
  /** Pure. @param service as it is */
  wire(service: WiredService, chart: ChartToWire): Wired;
}

/** `suits` of a wiring that fits where the render says so. */
export const TRY = 'try';
