import { at, isRecord, items, member, text } from '../json.js';
import { hashesOf } from '../secrets/forms.js';
import { tellingPartOf } from '../secrets/stand-in.js';
import { createKeyFinder } from '../secrets/key-finder.js';
import { containersOf, podSpecOf, type KubeObject } from './objects.js';
import { KEY_VARIABLE } from './values.js';

/** Where a chart shows the key to more than its Secret does: names of objects and containers. */
export interface KeyExposure {
  /** Put it on a command line inside a pod, or may do so. */
  commands: string[];
  /** Hold it, or a part of it, outside of the contents of any Secret: with the place in the object. */
  literals: string[];
  /** Hold no more of it than a hash, as an annotation that restarts pods does. */
  hashes: string[];
}

/** @param standIn what the render had in place of the key */
export function keyExposure(objects: KubeObject[], standIn: string): KeyExposure {
  const holds = holderOf(standIn);
  const secrets = objects.filter(({ kind }) => kind === 'Secret');
  const commands = objects.flatMap((object) =>
    containersOf(podSpecOf(object))
      .filter((container) => showsInCommand(container, keyVariables(container, secrets, holds), holds))
      .map((container) => `${object.kind} ${object.name}, container ${text(member(container, 'name'))}`),
  );
  const sums = hashesOf(standIn);
  const hashed = (value: unknown) => sums.some((hash) => written(value).includes(hash));
  const named = (isThere: Holds, those: KubeObject[]) =>
    those
      .filter((object) => isThere(openPart(object)))
      .map((object) => `${object.kind} ${object.name} (${placeOf(openPart(object), isThere)})`);
  const others = objects.filter((object) => !holds(openPart(object)));
  return { commands, literals: named(holds, objects), hashes: named(hashed, others) };
}

/**
 * Places outside of Secrets where objects show the real key, or a part of it.
 * @param rendered the same chart without the key: what it has as well is a word that the key happens to have in it, too
 */
export function literalsIn(objects: KubeObject[], key: string, rendered: KubeObject[]): string[] {
  const telling = tellingPartOf(key);
  const words = written(rendered.map(({ body }) => body)).toLowerCase();
  const isByChance = (found: string) => found.length < telling.length && words.includes(found.toLowerCase());
  const holds = holderOf(key, isByChance);
  return objects
    .filter((object) => holds(openPart(object)))
    .map((object) => `${object.kind} ${object.name} (${placeOf(openPart(object), holds)})`);
}

/**
 * Containers whose command is to put a variable in place of ${env.NAME}, and which have no such variable that holds the key.
 * @param key what the render has in place of it
 */
export function containersWithout(variable: string, objects: KubeObject[], key: string): string[] {
  const holds = holderOf(key);
  const secrets = objects.filter(({ kind }) => kind === 'Secret');
  return objects.flatMap((object) =>
    containersOf(podSpecOf(object))
      .filter((container) =>
        written([member(container, 'command'), member(container, 'args')]).includes(`{env.${variable}}`),
      )
      .filter((container) => !keyVariables(container, secrets, holds).includes(variable))
      .map((container) => `container ${text(member(container, 'name'))} of ${object.kind} ${object.name}`),
  );
}

type Holds = (value: unknown) => boolean;

/** Of a hash nobody reads the key. */
function holderOf(key: string, isByChance: (found: string) => boolean = () => false): Holds {
  const { find } = createKeyFinder(tellingPartOf(key));
  const hashes = [key, tellingPartOf(key)].flatMap(hashesOf);
  return (value) => {
    const text = hashes.reduce((rest, hash) => rest.replaceAll(hash, ''), written(value));
    return find(text).some(({ start, end }) => !isByChance(text.slice(start, end)));
  };
}

/** An object as text; what leads back into itself, which no API server takes, as none. */
function written(value: unknown): string {
  try {
    return JSON.stringify([value]);
  } catch {
    return '';
  }
}

/** What everybody may read who reads objects; of a Secret all but its contents. */
function openPart({ apiVersion, kind, body }: KubeObject): unknown {
  return kind === 'Secret' && apiVersion === 'v1' ? { ...body, data: undefined, stringData: undefined } : body;
}

/** Path of the first text that holds the key: spec.template.spec.containers[app].env[API_KEY].value. */
function placeOf(value: unknown, holds: Holds): string {
  const entries: [string, unknown][] = Array.isArray(value)
    ? value.map((item, at): [string, unknown] => [`[${text(member(item, 'name')) || String(at)}]`, item])
    : isRecord(value)
      ? Object.entries(value).map(([name, item]): [string, unknown] => [name, item])
      : [];
  const found = entries.find(([, item]) => holds(item));
  if (!found) return '';
  const [name, item] = found;
  const rest = placeOf(item, holds);
  return rest && !rest.startsWith('[') ? `${name}.${rest}` : `${name}${rest}`;
}

/** Variables of a container that hold the key: written there, taken from a Secret of the chart, or made of such a one. */
function keyVariables(container: unknown, secrets: KubeObject[], holds: Holds): string[] {
  const members = (name: unknown) => {
    const body = secrets.find((secret) => secret.name === name)?.body ?? {};
    const values = [body['data'], body['stringData']].flatMap((part) => (isRecord(part) ? Object.entries(part) : []));
    return values.filter(([, value]) => holds(value)).map(([key]) => key);
  };
  const variables = items(member(container, 'env'));
  const whole = items(member(container, 'envFrom')).flatMap((source) =>
    members(at(source, 'secretRef', 'name')).map((key) => `${text(member(source, 'prefix'))}${key}`),
  );
  return variables.reduce<string[]>((known, variable) => {
    const reference = at(variable, 'valueFrom', 'secretKeyRef');
    const value = text(member(variable, 'value'));
    const isKey =
      members(member(reference, 'name')).some((key) => key === member(reference, 'key')) ||
      holds(value) ||
      known.some((name) => value.includes(`$(${name})`));
    return isKey ? [...known, text(member(variable, 'name'))] : known;
  }, whole);
}

/**
 * The kubelet puts the value in place of $(NAME), a shell in place of $NAME: https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/
 * The stack's charts do the same for ${env.NAME} in a container that waits for models. What a shell does with it is not known:
 * handed to another program, it is on that one's command line.
 */
function showsInCommand(container: unknown, variables: string[], holds: Holds): boolean {
  const hooks = ['livenessProbe', 'readinessProbe', 'startupProbe'].map((probe) => at(container, probe, 'exec'));
  const lines = [member(container, 'command'), member(container, 'args'), member(container, 'lifecycle'), ...hooks];
  const commands = written(lines);
  return (
    holds(lines) ||
    commands.includes(`env.${KEY_VARIABLE}`) ||
    variables.some((name) => mentions(commands, name).some((before) => before % 2 === 1))
  );
}

/** How many dollar signs stand before each mention of a variable: an even number says that it is meant as text. */
function mentions(commands: string, name: string): number[] {
  const escaped = name.replace(/[^\w]/g, '\\$&');
  const pattern = new RegExp(`(\\$+)(\\(${escaped}\\)|\\{${escaped}[}:#%/]|${escaped}(?!\\w))`, 'g');
  return [...commands.matchAll(pattern)].map(([, dollars = '']) => dollars.length);
}
