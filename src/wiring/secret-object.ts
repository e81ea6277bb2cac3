import { RunError } from '../errors.js';
import { factsOf, type Fact } from './facts.js';
import type { GivenChart, WiredService, Wiring } from './wiring.js';

/** A name in a Secret, and which fact of the model service it holds. */
export interface SecretEntry {
  name: string;
  fact: Fact;
}

/** What the user says of a Secret for the chart. */
export interface SecretWish {
  name: string;
  /** None: every fact under its own name. */
  entries: SecretEntry[];
  /** Whether the inputs ask for it; else it is made only where the values name it, or the wiring needs it. */
  asked: boolean;
}

/** What the Secret is called where the user gives it no name. */
export const SECRET_NAME = 'maas-e2e-model-service';

/** What `secret-keys` may name. */
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
      const fact = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
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

/** The Secret for the chart, where one is wanted: by the inputs, by a placeholder in the values or by the wiring. */
export function secretsFor(
  service: WiredService,
  { secret, namespace, placeholders }: GivenChart,
  wiring: Wiring,
): object[] {
  const wanted = secret.asked || placeholders.includes('MAAS_SECRET_NAME') || wiring.needsSecret === true;
  return wanted ? [secretObject(service, secret, namespace)] : [];
}

/** Where the user names no members, every fact is there under its own name: MAAS_API_KEY, MAAS_BASE_URL and so on. */
export function secretObject(service: WiredService, { name, entries }: SecretWish, namespace: string): object {
  const facts = factsOf(service);
  const members = entries.length
    ? entries.map((entry): [string, string] => [entry.name, facts[entry.fact]])
    : Object.entries(facts).map(([fact, value]): [string, string] => [`MAAS_${fact}`, value]);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace, name, labels: { 'app.kubernetes.io/managed-by': 'maas-e2e-action' } },
    type: 'Opaque',
    stringData: Object.fromEntries(members),
  };
}
