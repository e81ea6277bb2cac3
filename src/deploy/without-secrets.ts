import { stringify } from 'yaml';
import { isRecord, text } from '../json.js';
import { readObjects } from './objects.js';

/** What says which Secret it is, and nothing of what it holds. */
const SHOWN = ['apiVersion', 'kind', 'type', 'immutable'];
const SHOWN_OF_METADATA = ['name', 'namespace', 'labels', 'creationTimestamp', 'uid', 'resourceVersion'];

/**
 * A manifest with the values of its Secrets taken out: the chart has others than the key, and nobody else knows them. Of a Secret,
 * only what names it is kept: an annotation such as kubectl's last-applied-configuration holds all of it once more.
 */
export function withoutSecrets(manifest: string): string {
  return readObjects(manifest)
    .map(({ body }) => stringify(withoutValues(body), { lineWidth: 0 })) // no line is broken inside of a word
    .join('---\n');
}

/** A Secret may lie anywhere: in a list, or in the template of another object. */
function withoutValues(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutValues);
  if (!isRecord(value)) return value;
  if (/^Secret(List)?$/.test(text(value['kind']))) return nameOnly(value);
  const inside = Object.entries(value).map(([name, item]) => [
    name,
    name === LAST_APPLIED ? HIDDEN : withoutValues(item),
  ]);
  return Object.fromEntries(inside) as unknown;
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const HIDDEN = '***';

function nameOnly(secret: Record<string, unknown>): unknown {
  const of = (name: string, value: unknown) => {
    if (SHOWN.includes(name)) return value;
    if (name === 'metadata' && isRecord(value)) return ofMetadata(value);
    return hidden(value);
  };
  return Object.fromEntries(Object.entries(secret).map(([name, value]) => [name, of(name, value)]));
}

function ofMetadata(metadata: Record<string, unknown>): unknown {
  const kept = ([name, value]: [string, unknown]) => [name, SHOWN_OF_METADATA.includes(name) ? value : hidden(value)];
  return Object.fromEntries(Object.entries(metadata).map(kept)) as unknown;
}

/** The names of its members, at the most. */
function hidden(value: unknown): unknown {
  if (value === null) return value;
  return isRecord(value) ? Object.fromEntries(Object.keys(value).map((name) => [name, HIDDEN])) : HIDDEN;
}
