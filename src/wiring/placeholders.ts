import { FACTS, type Fact } from './facts.js';

/** Names that ${…} may hold in values, and what they stand for. Every other ${…} is the chart's own. */
export type Placeholders = Record<`MAAS_${Fact | 'SECRET_NAME'}` | 'NAMESPACE' | 'RELEASE', string>;

const KNOWN = [...FACTS.map((fact) => `MAAS_${fact}`), 'MAAS_SECRET_NAME', 'NAMESPACE', 'RELEASE'];
/** Values that are numbers where they stand alone and without quotes, as a template would write them. */
const NUMBERS = ['MAAS_PORT', 'MAAS_EMBEDDING_DIMENSION'];
const PLACEHOLDER = /\$\{(MAAS_[^}]*|NAMESPACE|RELEASE)\}/g;

/**
 * The names in a text.
 * @throws Error for one that begins with MAAS_ and is not known
 */
export function placeholdersIn(text: string): string[] {
  const names = [...text.matchAll(PLACEHOLDER)].map(([, name = '']) => name);
  const unknown = names.find((name) => !KNOWN.includes(name));
  if (unknown !== undefined)
    throw new Error(`\${${unknown}} is no placeholder; there are ${KNOWN.map((name) => `\${${name}}`).join(', ')}`);
  return names;
}

/** A scalar with its placeholders replaced: as text, whatever characters there are in it. */
export function replacePlaceholders(text: string, isPlain: boolean, values: Placeholders): string | number {
  const names = placeholdersIn(text);
  const [name = ''] = names;
  const replaced = text.replace(PLACEHOLDER, (_, found: keyof Placeholders) => values[found]);
  const isNumber = isPlain && text === `\${${name}}` && NUMBERS.includes(name) && /^\d+$/.test(replaced);
  return isNumber ? Number(replaced) : replaced;
}
