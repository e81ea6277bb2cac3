import { keyExposure, type KeyExposure } from '../deploy/exposure.js';
import { isSameObject, toObjects, type KubeObject } from '../deploy/objects.js';
import type { Values } from '../deploy/values.js';
import { RunError } from '../errors.js';
import type { ServiceFacts } from '../maas/probe.js';
import { chooseWiring, type Render } from './choose.js';
import { compose, type Composed } from './compose.js';
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
  /** What is made before the install, with a stand-in for the key. */
  before: KubeObject[];
  /** Provider of the model in a Llama Stack; empty where it is not known. */
  modelKey: string;
  /** Values for Helm, and objects that are made before the install. */
  withKey: (apiKey: string) => { overlay: Values; objects: object[] };
  /** Where the user's values have something else in the key's place, and what to do about it. */
  notes: string[];
  /** What the chart does with the key that it should not: names of objects and containers. */
  exposure: KeyExposure;
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
  const { wiring, because, objects, composed, notes } = await chooseWiring(wanted, service, chart, render);
  const before = objectsOf(composed);
  refuseTwins(before, objects, chart.namespace);
  const exposure = keyExposure(objects, standIn);
  if (exposure.literals.length && !allowLiteralKey) throw literalKey(exposure.literals, wiring);
  return {
    wiring: wiring.name,
    because,
    objects,
    before,
    notes,
    exposure,
    modelKey: composed.modelKey,
    withKey: (apiKey) => compose(wiring, { ...service, apiKey }, chart),
  };
}

function wiredService({ baseUrl, model, embeddings }: ServiceFacts): Omit<WiredService, 'apiKey'> {
  const embedding = embeddings.offered ? { model: embeddings.model, dimension: embeddings.dimension } : undefined;
  return { baseUrl, model, embedding };
}

/** All models of the values are disabled; a Secret that the chart expects is there, with nothing in it. */
async function wireNobody(wanted: string, chart: GivenChart, render: Render): Promise<WiredChart> {
  const asked = WIRINGS.find(({ name }) => name === wanted);
  const suiting = WIRINGS.find((wiring) => ![undefined, TRY].includes(wiring.suits(chart)));
  const { name, needsSecret } = asked ?? suiting ?? none;
  const wire: Wiring['wire'] = (_, given) => ({
    overlay: asked === none ? {} : modellessOverlay(given.chart, given.values),
    objects: [],
  });
  const composed = compose({ ...none, ...(needsSecret && { needsSecret }), wire }, NOBODY, chart);
  const objects = await render(composed.overlay);
  const before = objectsOf(composed);
  refuseTwins(before, objects, chart.namespace);
  return {
    wiring: name,
    because: 'no model is tested',
    objects,
    before,
    notes: [],
    exposure: { commands: [], literals: [], hashes: [] },
    modelKey: '',
    withKey: () => composed,
  };
}

function objectsOf({ objects }: Composed): KubeObject[] {
  return objects.flatMap((body) => toObjects(body));
}

/** @throws RunError where the chart makes an object that is also made before it: Helm would refuse it, once there is a cluster */
function refuseTwins(before: KubeObject[], rendered: KubeObject[], namespace: string): void {
  const isTwin = (one: KubeObject) => (other: KubeObject) => isSameObject(one, other, namespace);
  const double = before.find((one, index) => before.findIndex(isTwin(one)) < index);
  if (double)
    throw new RunError(
      'E_INPUT',
      'inputs',
      `input secret-name is ${double.name}, which this wiring makes for itself`,
      'Choose another one.',
    );
  const twin = rendered.find((one) => before.some(isTwin(one)));
  if (!twin) return;
  throw new RunError(
    'E_WIRING',
    'chart',
    `the chart makes the ${twin.kind} ${twin.name} itself, and so would this run before it is installed`,
    twin.kind === 'Secret' && twin.name !== 'maas-gateway'
      ? 'Choose another secret-name; or have the values take an existing Secret, so that the chart makes none.'
      : 'Have the values name it otherwise, or take another wiring.',
  );
}

function literalKey(objects: string[], { name }: Wiring): RunError {
  return new RunError(
    'E_LITERAL_KEY',
    'chart',
    `with wiring ${name} the chart would write the key into ${objects.join(', ')}, where it is no secret`,
    'Where the chart can take an existing Secret, name ${MAAS_SECRET_NAME} in the values instead of the key (or ${env.MAAS_API_KEY} in the configuration of a Llama Stack). Where it can not, wiring: gateway keeps the key out of it. allow-literal-key: true goes on all the same.',
  );
}
