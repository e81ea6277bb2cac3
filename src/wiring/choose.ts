import { at, isRecord, text } from '../json.js';
import { RunError } from '../errors.js';
import type { KubeObject } from '../deploy/objects.js';
import type { Values } from '../deploy/values.js';
import { compose } from './compose.js';
import { TRY, type GivenChart, type WiredService, type Wiring } from './wiring.js';
import { WIRINGS } from './wirings.js';

/** The wiring that a run takes, why, and what the chart renders with it. */
export interface Choice {
  wiring: Wiring;
  because: string;
  objects: KubeObject[];
  /** Provider of the model in a Llama Stack; empty where the chart decides that. */
  modelKey: string;
}

/** What a chart renders with values over its own. */
export type Render = (overlay: Values) => Promise<KubeObject[]>;

/** Names that the input `wiring` may have. */
export const WIRING_NAMES = ['auto', ...WIRINGS.map(({ name }) => name)];

/**
 * The wiring that was asked for; by `auto` the first that the user's values ask for, or with which the service shows in what
 * the chart renders.
 *
 * @param service with a stand-in for the key
 * @throws RunError where no wiring fits, and of the render
 */
export async function chooseWiring(
  wanted: string,
  service: WiredService,
  chart: GivenChart,
  render: Render,
): Promise<Choice> {
  const asked = WIRINGS.find(({ name }) => name === wanted);
  for (const wiring of asked ? [asked] : WIRINGS) {
    const suits = asked ? 'the input wiring says so' : wiring.suits(chart);
    if (suits === undefined) continue;
    const composed = compose(wiring, service, chart);
    const objects = await render(composed.overlay);
    const because = suits === TRY ? shows(objects, service, addressIn(composed)) : suits;
    if (because !== undefined) return { wiring, because, objects, modelKey: composed.modelKey };
  }
  throw new RunError(
    'E_WIRING',
    'chart',
    'no wiring fits the chart: it takes neither global.models nor llama-stack.secrets, and its values have no placeholder for the model service',
    'Write ${MAAS_BASE_URL}, ${MAAS_MODEL} and ${MAAS_API_KEY} into the values where the chart takes them; or set secret-name, or wiring: none.',
  );
}

/** Where a render has both the service's address and its key, the key in a Secret. */
function shows(objects: KubeObject[], { baseUrl, apiKey }: WiredService, overridden: string): string | undefined {
  const withUrl = objects.find((object) => [baseUrl, overridden].some((url) => url && textOf(object).includes(url)));
  const withKey = objects.find((object) => object.kind === 'Secret' && textOf(object).includes(apiKey));
  if (!withUrl || !withKey) return undefined;
  return `the chart then renders the service's address into ${nameOf(withUrl)} and its key into ${nameOf(withKey)}`;
}

/** The address that is handed to the chart in the end: set-values may have another one, such as a proxy's. */
function addressIn({ overlay, modelKey }: { overlay: Values; modelKey: string }): string {
  return text(at(overlay, 'global', 'models', modelKey, 'url'));
}

function nameOf({ kind, name }: KubeObject): string {
  return `${kind} ${name}`;
}

/** All of an object, a Secret's data decoded. */
function textOf({ body }: KubeObject): string {
  const { data } = body;
  const decoded = isRecord(data)
    ? Object.values(data).map((value) => (typeof value === 'string' ? Buffer.from(value, 'base64').toString() : ''))
    : [];
  return [JSON.stringify(body), ...decoded].join('\n');
}
