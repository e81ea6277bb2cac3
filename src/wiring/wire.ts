import { keyExposure } from '../deploy/exposure.js';
import type { KubeObject } from '../deploy/objects.js';
import type { Values } from '../deploy/values.js';
import { RunError } from '../errors.js';
import type { ServiceFacts } from '../maas/probe.js';
import { chooseWiring, type Render } from './choose.js';
import { compose } from './compose.js';
import { modellessOverlay } from './llama-stack.js';
import { none } from './none.js';
import { TRY, type GivenChart, type WiredService, type Wiring } from './wiring.js';
import { WIRINGS } from './wirings.js';

/** Stands for a model service that the run does without. */
const NOBODY: WiredService = {
  baseUrl: 'http://no-model.invalid/v1',
  apiKey: 'none',
  model: 'none',
  embedding: undefined,
};

export interface WiringMeans {
  /** Name of a wiring, or auto. */
  wiring: string;
  allowLiteralKey: boolean;
  /** In place of the key wherever a chart is only rendered: what is only looked at never holds it. */
  standIn: string;
}

/** A chart with the model service wired in. */
export interface WiredChart {
  /** Name of the wiring, and why it was taken. */
  wiring: string;
  because: string;
  /** What the chart renders, with a stand-in for the key. */
  objects: KubeObject[];
  /** Provider of the model in a Llama Stack; empty where it is not known. */
  modelKey: string;
  /** Values for Helm, and objects that are made before the install. */
  withKey: (apiKey: string) => { overlay: Values; objects: object[] };
  /** What the chart does with the key that it should not: names of objects and containers. */
  exposure: { commands: string[]; literals: string[] };
}

/**
 * Wires the service into the chart; none where the run does without the model.
 * @throws RunError where no wiring fits, where the chart does not render, or would write the key into an object that is no Secret
 */
export async function wire(
  { wiring: wanted, allowLiteralKey, standIn }: WiringMeans,
  facts: ServiceFacts | undefined,
  chart: GivenChart,
  render: Render,
): Promise<WiredChart> {
  if (!facts) return await wireNobody(wanted, chart, render);
  const service = { ...wiredService(facts), apiKey: standIn };
  const { wiring, because, objects, modelKey } = await chooseWiring(wanted, service, chart, render);
  const exposure = keyExposure(objects, standIn);
  if (exposure.literals.length && !allowLiteralKey) throw literalKey(exposure.literals, wiring);
  return {
    wiring: wiring.name,
    because,
    objects,
    exposure,
    modelKey,
    withKey: (apiKey) => compose(wiring, { ...service, apiKey }, chart),
  };
}

function wiredService({ baseUrl, model, embeddings }: ServiceFacts): Omit<WiredService, 'apiKey'> {
  const embedding = embeddings.offered ? { model: embeddings.model, dimension: embeddings.dimension } : undefined;
  return { baseUrl, model, embedding };
}

/** All models of the values are disabled; Secrets that the chart expects are there, with nothing in them. */
async function wireNobody(wanted: string, chart: GivenChart, render: Render): Promise<WiredChart> {
  const asked = WIRINGS.find(({ name }) => name === wanted);
  const suiting = WIRINGS.find((wiring) => ![undefined, TRY].includes(wiring.suits(chart)));
  const wiring = asked ?? suiting ?? none;
  const modelless: Wiring = {
    ...wiring,
    wire: (service, given) => ({
      overlay: modellessOverlay(given.values),
      objects: wiring.wire(service, given).objects,
    }),
  };
  const composed = compose(modelless, NOBODY, chart);
  return {
    wiring: wiring.name,
    because: 'no model is tested',
    objects: await render(composed.overlay),
    exposure: { commands: [], literals: [] },
    modelKey: '',
    withKey: () => composed,
  };
}

function literalKey(objects: string[], { name }: Wiring): RunError {
  return new RunError(
    'E_LITERAL_KEY',
    'chart',
    `with wiring ${name} the chart would write the key into ${objects.join(', ')}, where it is no secret`,
    'Let the chart refer to a Secret there (secretKeyRef; ${env.MAAS_API_KEY} in the configuration of a Llama Stack), by wiring: secret or llama-stack. allow-literal-key: true goes on all the same.',
  );
}
