import { FACTS, type Fact } from './facts.js';

/** Names that ${…} may hold in values, and what they stand for. Every other ${…} is the chart's own. */
export type Placeholders = Record<`MAAS_${Fact | 'SECRET_NAME'}` | 'NAMESPACE' | 'RELEASE', string>;

const KNOWN = [...FACTS.map((fact) => `MAAS_${fact}`), 'MAAS_SECRET_NAME', 'NAMESPACE', 'RELEASE'];
/** Values that are numbers where they stand alone and without quotes, as a template would write them. */
const NUMBERS = ['MAAS_PORT', 'MAAS_EMBEDDING_DIMENSION'];
/** With a second dollar sign it is meant as text, and loses that sign. Names are bounded: an open brace is looked for no further. */
const PLACEHOLDER = /\$?\$\{(MAAS_[^}]{0,100}|NAMESPACE|RELEASE)\}/g;

/**
 * The names in a text.
 * @throws Error for one that begins with MAAS_ and is not known
 */
export function placeholdersIn(text: string): string[] {
  const names = [...text.matchAll(PLACEHOLDER)].filter(([written]) => !isText(written)).map(([, name = '']) => name);
  const unknown = names.find((name) => !KNOWN.includes(name));
  if (unknown !== undefined) {
    const there = KNOWN.map((name) => `\${${name}}`).join(', ');
    throw new Error(
      `\${${unknown}} is no placeholder; there are ${there}. Where it is meant as text, write $\${${unknown}}`,
    );
  }
  return names;
}

/** A text with the key in it, as by an expression of the workflow, as if its placeholder stood there: a render never has the key. */
export function keyAsPlaceholder(text: string, key: string): string {
  return key ? text.replaceAll(key, '${MAAS_API_KEY}') : text;
}

/** Those that say where the service's address is. */
export const ADDRESSES = ['MAAS_BASE_URL', 'MAAS_ROOT_URL', 'MAAS_HOST'];

/** Whether a placeholder leads a chart to the model service: a model's name alone, namespace and release do not. */
export function leadsToService(name: string): boolean {
  return [...ADDRESSES, 'MAAS_SECRET_NAME', 'MAAS_API_KEY'].includes(name);
}

/** A scalar with its placeholders replaced: as text, whatever characters there are in it. */
export function replacePlaceholders(text: string, isPlain: boolean, values: Placeholders): string | number {
  const names = placeholdersIn(text);
  const [name = ''] = names;
  const replaced = text.replace(PLACEHOLDER, (written, found: keyof Placeholders) =>
    isText(written) ? written.slice(1) : values[found],
  );
  const isNumber = isPlain && text === `\${${name}}` && NUMBERS.includes(name) && /^\d+$/.test(replaced);
  return isNumber ? Number(replaced) : replaced;
}

function isText(written: string): boolean {
  return written.startsWith('$$');
}
