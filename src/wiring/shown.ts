import type { KubeObject } from '../deploy/objects.js';
import { isRecord } from '../json.js';
import type { Fact } from './facts.js';
import type { GivenChart, WiredService } from './wiring.js';

/** All of an object as text, a Secret's data decoded. */
export function textOf({ body }: KubeObject): string {
  const { data } = body;
  const decoded = isRecord(data)
    ? Object.values(data).map((value) => (typeof value === 'string' ? Buffer.from(value, 'base64').toString() : ''))
    : [];
  return [JSON.stringify(body), ...decoded].join('\n');
}

/** Whether a text is anywhere in the objects, in any case of letters. */
export function isShown(text: string, objects: KubeObject[]): boolean {
  const wanted = text.toLowerCase();
  return objects.some((object) => textOf(object).toLowerCase().includes(wanted));
}

/**
 * Whether the chart gets to the service: something in the render has its host, or refers to the Secret that has its address.
 * @param seen the service as the chart is to know it
 */
export function leadsTo(seen: WiredService, objects: KubeObject[], { secret, placeholders }: GivenChart): boolean {
  const isMade = secret.asked || placeholders.includes('MAAS_SECRET_NAME');
  const hasAddress = !secret.entries.length || secret.entries.some(({ fact }) => ADDRESS_FACTS.includes(fact));
  return isShown(new URL(seen.baseUrl).hostname, objects) || (isMade && hasAddress && isShown(secret.name, objects));
}

const ADDRESS_FACTS: Fact[] = ['BASE_URL', 'ROOT_URL', 'HOST'];
