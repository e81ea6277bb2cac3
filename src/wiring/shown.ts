import type { KubeObject } from '../deploy/objects.js';
import { isRecord } from '../json.js';
import type { Fact } from './facts.js';
import type { GivenChart, WiredService } from './wiring.js';

/** All of an object as text, a Secret's data decoded. */
export function textOf({ body }: KubeObject): string {
  const { data, stringData } = body;
  const written = isRecord(stringData) ? Object.values(stringData).filter((value) => typeof value === 'string') : [];
  const decoded = isRecord(data)
    ? Object.values(data).map((value) => (typeof value === 'string' ? Buffer.from(value, 'base64').toString() : ''))
    : [];
  return [JSON.stringify(body), ...decoded, ...written].join('\n');
}

/** Whether a text is anywhere in the objects, in any case of letters. */
export function isShown(text: string, objects: KubeObject[]): boolean {
  const wanted = text.toLowerCase();
  return objects.some((object) => textOf(object).toLowerCase().includes(wanted));
}

/** Characters of a name that is no part of another word by chance. */
const TELLING = 8;

/** Whether the objects refer to another one by its name. A short one must stand alone, and not as a name or a label. */
export function isReferredTo(name: string, objects: KubeObject[]): boolean {
  if (name.length >= TELLING) return isShown(name, objects);
  const isThere = (value: unknown): boolean =>
    value === name ||
    Object.entries(isRecord(value) || Array.isArray(value) ? value : {}).some(
      ([member, item]) => !['metadata', 'selector', 'labels', 'matchLabels'].includes(member) && isThere(item),
    );
  return objects.some(({ body }) => isThere(body));
}

/**
 * Whether the chart gets to the service: something in the render has its host, or refers to the Secret that has its address.
 * @param seen the service as the chart is to know it
 */
export function leadsTo(seen: WiredService, objects: KubeObject[], { secret, placeholders }: GivenChart): boolean {
  const isMade = secret.asked || placeholders.includes('MAAS_SECRET_NAME');
  const hasAddress = !secret.entries.length || secret.entries.some(({ fact }) => ADDRESS_FACTS.includes(fact));
  return (
    isShown(new URL(seen.baseUrl).hostname, objects) || (isMade && hasAddress && isReferredTo(secret.name, objects))
  );
}

const ADDRESS_FACTS: Fact[] = ['BASE_URL', 'ROOT_URL', 'HOST'];
