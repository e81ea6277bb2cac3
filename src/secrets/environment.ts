import { FRAGMENT, type Span } from './fragments.js';
import { createKeyFinder } from './key-finder.js';
import type { Secret } from './secret.js';

/** Without these hardly a program runs: they are withheld only where they hold all of a secret. */
const NEEDED = ['PATH', 'HOME'];
/** A word, as secrets may have one in them, and other texts have too. */
const WORD = /^[a-z]+$/i;

/** Variables that hold nothing of a secret; and the names of the others. */
export interface Environment {
  kept: Record<string, string>;
  withheld: string[];
}

/**
 * An environment without the variables that hold a secret, or a part of it that tells something, in any form: half of it, or
 * eight characters that are no word.
 */
export function withoutSecrets(env: Record<string, string | undefined>, secrets: Secret[]): Environment {
  const finders = secrets.map(({ value: secret }) => {
    const { find } = createKeyFinder(secret);
    return (name: string, value: string) => find(value).some((span) => tells(name, value, secret, span));
  });
  const kept: Record<string, string> = {};
  const withheld: string[] = [];
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined) continue;
    if (finders.some((holds) => holds(name, value))) withheld.push(name);
    else kept[name] = value;
  }
  return { kept, withheld };
}

function tells(name: string, value: string, secret: string, { start, end }: Span): boolean {
  const length = end - start;
  if (NEEDED.includes(name.toUpperCase())) return length >= secret.length;
  return !WORD.test(value.slice(start, end)) || length >= Math.max(FRAGMENT, secret.length / 2);
}
