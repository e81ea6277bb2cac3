import type { WiredService } from './wiring.js';

/** What can be said of a model service in a placeholder, as ${MAAS_…}, or in a Secret. */
export const FACTS = [
  'BASE_URL',
  'ROOT_URL',
  'HOST',
  'PORT',
  'SCHEME',
  'MODEL',
  'EMBEDDING_MODEL',
  'EMBEDDING_DIMENSION',
  'API_KEY',
] as const;
export type Fact = (typeof FACTS)[number];

/** BASE_URL ends with the version part (/v1); ROOT_URL is the same without it. What the service does not offer is empty. */
export function factsOf({ baseUrl, apiKey, model, embedding }: WiredService): Record<Fact, string> {
  const { hostname, port, protocol } = new URL(baseUrl);
  const scheme = protocol.replace(':', '');
  return {
    BASE_URL: baseUrl,
    ROOT_URL: baseUrl.replace(/\/v\d[^/]*$/, ''),
    HOST: hostname,
    PORT: port || (scheme === 'https' ? '443' : '80'),
    SCHEME: scheme,
    MODEL: model,
    EMBEDDING_MODEL: embedding?.model ?? '',
    EMBEDDING_DIMENSION: embedding ? String(embedding.dimension) : '',
    API_KEY: apiKey,
  };
}
