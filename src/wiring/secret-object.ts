import { RunError } from '../errors.js';
import { factsOf, type Fact } from './facts.js';
import type { ChartToWire, WiredService } from './wiring.js';

/** A name in a Secret, and which fact of the model service it holds. */
export interface SecretEntry {
  name: string;
  fact: Fact;
}

/** What the Secret is called where the user gives it no name. */
export const SECRET_NAME = 'maas-e2e-model-service';

/** What `secret-keys` may name, beside the names of the placeholders without MAAS_. */
const WORDS: Record<string, Fact> = {
  key: 'API_KEY',
  endpoint: 'BASE_URL',
  'base-url': 'BASE_URL',
  'root-url': 'ROOT_URL',
  host: 'HOST',
  port: 'PORT',
  scheme: 'SCHEME',
  model: 'MODEL',
  'embedding-model': 'EMBEDDING_MODEL',
  'embedding-dimension': 'EMBEDDING_DIMENSION',
};

/**
 * Lines or commas of NAME=WORD.
 * @throws RunError that names the entry
 */
export function parseSecretKeys(text: string): SecretEntry[] {
  const entries = text
    .split(/[\n,]/)
    .map((entry) => entry.trim())
    .filter(Boolean)
    .map((entry) => {
      const [, name, word = ''] = /^([-._a-zA-Z0-9]+)\s*=\s*(.*)$/.exec(entry) ?? [];
      const fact = WORDS[word];
      if (name === undefined || fact === undefined)
        throw new RunError(
          'E_INPUT',
          'inputs',
          `input secret-keys has "${entry}"`,
          `Write NAME=WORD, where the word is one of ${Object.keys(WORDS).join(', ')}.`,
        );
      return { name, fact };
    });
  const twice = entries.find(({ name }, at) => entries.findIndex((other) => other.name === name) < at);
  if (twice)
    throw new RunError('E_INPUT', 'inputs', `input secret-keys names ${twice.name} twice`, 'Leave one of them out.');
  return entries;
}

/** Where the user names no members, every fact is there under its own name: MAAS_API_KEY, MAAS_BASE_URL and so on. */
export function secretObject(service: WiredService, { secretName, secretKeys, namespace }: ChartToWire): object {
  const facts = factsOf(service);
  const members: [string, string | undefined][] = secretKeys.length
    ? secretKeys.map(({ name, fact }) => [name, facts[fact]])
    : Object.entries(facts).map(([fact, value]) => [`MAAS_${fact}`, value]);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace, name: secretName, labels: { 'app.kubernetes.io/managed-by': 'maas-e2e-action' } },
    type: 'Opaque',
    stringData: Object.fromEntries(members.map(([name, value]) => [name, value ?? ''])),
  };
}
