import { differenceOf, parseValues, type ValuesSource } from '../deploy/values.js';
import type { KubeObject } from '../deploy/objects.js';
import { isRecord, member, text } from '../json.js';
import type { Injected } from '../report/record.js';
import type { WiredChart } from './wire.js';

/** Places of each kind that are listed, and values of a chart that are looked at. */
const MOST = 50;
const MOST_LOOKS = 100_000;

/**
 * Where the model service gets into a chart: names and places only, so that no value, and no key, is in it. Pure.
 *
 * @param setValues the user's own last overlay: what it sets without placeholders is not ours
 * @param baseUrl of the model service; undefined if the run does without it
 */
export function injectedOf(wired: WiredChart, setValues: ValuesSource, baseUrl: string | undefined): Injected {
  const own = parseValues(setValues.text, setValues.where);
  const host = baseUrl && new URL(baseUrl).host.toLowerCase();
  const holds = (value: string) => host !== undefined && value.toLowerCase().includes(host);
  const values = leavesOf(differenceOf(own, wired.withKey('').overlay)).map(({ path }) => path);
  const places = wired.objects.flatMap((object) =>
    leavesOf(readable(object))
      .filter(({ value }) => typeof value === 'string' && holds(value))
      .map(({ path }) => `${object.kind} ${object.name} (${path})`),
  );
  return { values: first(values), objects: first(wired.before.map(named)), places: first(places) };
}

function first(all: string[]): string[] {
  return all.length > MOST ? [...all.slice(0, MOST), `and ${all.length - MOST} more`] : all;
}

/** Such as "Secret maas (API_KEY, BASE_URL)". */
function named({ kind, name, body }: KubeObject): string {
  const members = ['data', 'stringData'].flatMap((part) => (isRecord(body[part]) ? Object.keys(body[part]) : []));
  return members.length ? `${kind} ${name} (${members.join(', ')})` : `${kind} ${name}`;
}

/** A Secret with its data decoded. */
function readable({ kind, body }: KubeObject): unknown {
  if (kind !== 'Secret' || !isRecord(body['data'])) return body;
  const data = Object.entries(body['data']).map(([name, value]) => [
    name,
    Buffer.from(text(value), 'base64').toString(),
  ]);
  return { ...body, data: Object.fromEntries(data) as Record<string, string> };
}

/** Values that are no mappings and no lists, with their paths: spec.containers[app].env[URL].value. */
function leavesOf(root: unknown): { path: string; value: unknown }[] {
  const leaves: { path: string; value: unknown }[] = [];
  const open: { path: string; value: unknown }[] = [{ path: '', value: root }];
  for (let looks = 0; open.length && looks < MOST_LOOKS; looks += 1) {
    const { path, value } = open.pop() ?? { path: '', value: undefined };
    const inner = Array.isArray(value)
      ? value.map((item, at) => ({
          path: `${path}[${text(member(item, 'name')) || String(at)}]`,
          value: item as unknown,
        }))
      : isRecord(value)
        ? Object.entries(value).map(([name, item]) => ({ path: path ? `${path}.${name}` : name, value: item }))
        : undefined;
    if (inner) open.push(...inner.reverse());
    else leaves.push({ path, value });
  }
  return leaves;
}
