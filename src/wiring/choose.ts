import { at, text } from '../json.js';
import { RunError } from '../errors.js';
import type { KubeObject } from '../deploy/objects.js';
import type { Values } from '../deploy/values.js';
import { compose, replacedKeys, type Composed } from './compose.js';
import { none } from './none.js';
import { leadsToService } from './placeholders.js';
import { leadsTo, textOf } from './shown.js';
import { notesOf, SpoiltKey, spoiltKey } from './spoilt-key.js';
import { TRY, type GivenChart, type WiredService, type Wiring } from './wiring.js';
import { WIRINGS } from './wirings.js';

/** The wiring that a run takes, why, and what the chart renders with it. */
export interface Choice {
  wiring: Wiring;
  because: string;
  objects: KubeObject[];
  composed: Composed;
  /** Where the user's values have something else in the key's place, and what to do about it. */
  notes: string[];
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
  if (asked) return await take(asked, 'the input wiring says so', { service, chart, render });
  const refusals: RunError[] = [];
  const spoilt: string[] = [];
  let misled: RunError | undefined; // what the user's own values ask for, and what reaches nothing
  for (const wiring of WIRINGS) {
    const because = wiring.suits(chart);
    if (because === undefined) continue;
    const given = { service, chart, render };
    const tried = because === TRY ? await attempt(wiring, given) : await takeIfItFits(wiring, because, given);
    if (!(tried instanceof RunError)) {
      const choice = { ...tried, notes: [...spoilt, ...tried.notes] };
      if (!misled) return choice;
      if (because === TRY && (await isShownWithout(given))) throw misled;
      return { ...choice, because: `${tried.because}; but ${misled.message}` };
    }
    if (because !== TRY) misled ??= tried;
    refusals.push(tried);
    if (tried instanceof SpoiltKey) spoilt.push(tried.note);
  }
  await render({}); // a chart that does not render at all says so itself
  throw misled ?? noneFits(refusals);
}

interface Given {
  service: WiredService;
  chart: GivenChart;
  render: Render;
}

/** @throws RunError of the render; where the chart can not work as it then renders */
async function take(wiring: Wiring, because: string, { service, chart, render }: Given): Promise<Choice> {
  const composed = compose(wiring, service, chart);
  const objects = await render(composed.overlay);
  const replaced = replacedKeys(wiring, service, chart);
  const arrived = arrivals(objects, service, addressIn(composed));
  const isWired = wiring.suits(chart) !== TRY || (arrived.url && arrived.key);
  const spoilt = !isWired && arrived.url ? spoiltKey(wiring, replaced, chart) : undefined;
  const unfit = spoilt ?? objectionTo(wiring, objects, service, chart);
  if (unfit) throw unfit;
  if (!isWired) throw doesNotShow(wiring, objects, service);
  return { wiring, because, objects, composed, notes: notesOf(wiring, replaced, chart) };
}

/** What the user's values ask for may not reach anything: another wiring may still fit. */
async function takeIfItFits(wiring: Wiring, because: string, given: Given): Promise<Choice | RunError> {
  try {
    return await take(wiring, because, given);
  } catch (error) {
    if (error instanceof RunError && error.code === 'E_WIRING') return error;
    throw error;
  }
}

/** The choice where the render with a wiring shows the service; the error where it does not render, or can not work. */
async function attempt(wiring: Wiring, { service, chart, render }: Given): Promise<Choice | RunError> {
  const composed = compose(wiring, service, chart);
  try {
    const objects = await render(composed.overlay);
    const replaced = replacedKeys(wiring, service, chart);
    const because = shows(objects, service, addressIn(composed));
    if (because === undefined) {
      const { url, key } = arrivals(objects, service, addressIn(composed));
      return (url && !key && spoiltKey(wiring, replaced, chart)) || doesNotShow(wiring, objects, service);
    }
    const choice = { wiring, because, objects, composed, notes: notesOf(wiring, replaced, chart) };
    return objectionTo(wiring, objects, service, chart) ?? choice;
  } catch (error) {
    if (error instanceof RunError && error.code === 'E_CHART_RENDER') return error; // a schema that knows no such value
    throw error;
  }
}

/**
 * Whether the values' own placeholders bring the service or its key into the render: then it is not the wiring's doing that it
 * shows there, and what is wrong is the placeholder that reaches nothing.
 */
async function isShownWithout({ service, chart, render }: Given): Promise<boolean> {
  if (!chart.placeholders.some(leadsToService)) return false;
  const objects = await render(compose(none, service, chart).overlay);
  return leadsTo(service, objects, chart) || objects.some((object) => textOf(object).includes(service.apiKey));
}

function objectionTo(
  wiring: Wiring,
  objects: KubeObject[],
  service: WiredService,
  chart: GivenChart,
): RunError | undefined {
  const seen = wiring.seenByChart?.(service) ?? service;
  const said = wiring.objection?.(objects, seen, chart);
  if (said === undefined) return undefined;
  const fix =
    'Check the paths in the values: dry-run: true shows what comes of them; docs/wiring.md has the wirings and the placeholders.';
  return new RunError('E_WIRING', 'chart', `with wiring ${wiring.name} ${said}`, fix);
}

/** What of the service a render has at all, also the key where it should not be: that has an error of its own. */
function arrivals(
  objects: KubeObject[],
  { baseUrl, apiKey }: WiredService,
  overridden: string,
): { url: boolean; key: boolean } {
  const isThere = (...texts: string[]) =>
    objects.some((object) => texts.some((text) => text && textOf(object).includes(text)));
  return { url: isThere(baseUrl, overridden), key: isThere(apiKey) };
}

function doesNotShow({ name }: Wiring, objects: KubeObject[], { baseUrl }: WiredService): RunError {
  const hasUrl = objects.some((object) => textOf(object).includes(baseUrl));
  const lacks = hasUrl ? 'its key is in none of its Secrets' : "the service's address is in nothing that it renders";
  const what = `with wiring ${name} the chart is not wired: ${lacks}`;
  const fix =
    'Check that this is how the chart takes its models; docs/wiring.md has the others, and the placeholders for the values.';
  return new RunError('E_WIRING', 'chart', what, fix);
}

/** @param refusals of the wirings that were tried */
function noneFits(refusals: RunError[]): RunError {
  const whys = refusals.filter(({ code }) => code === 'E_WIRING').map(({ message }) => message);
  const why = whys.length ? whys.join('; ') : 'it refuses values that it does not know';
  return new RunError(
    'E_WIRING',
    'chart',
    `no wiring fits the chart, and its values have no placeholder for the model service: ${why}`,
    'Write ${MAAS_BASE_URL}, ${MAAS_MODEL} and ${MAAS_API_KEY} into the values where the chart takes them; or set secret-name, wiring: gateway (for a chart of models), or wiring: none.',
    { evidence: [...new Set(refusals.flatMap(({ message, evidence }) => [message, ...evidence]))] },
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
