import { describe, expect, it } from 'vitest';
import { parseSecretKeys, secretObject } from '../../src/wiring/secret-object.js';
import { at } from '../../src/json.js';
import { failureOf } from '../helpers/failures.js';
import { SERVICE } from '../helpers/wiring.js';

const made = (keys: string) =>
  secretObject(SERVICE, { name: 'llm', entries: parseSecretKeys(keys), asked: true }, 'rag-e2e');

describe('the Secret of a wiring', () => {
  it('has the members that are asked for, in the namespace of the release', () => {
    expect(made('api-key=key\nLLM_URL = endpoint, LLM_HOST=host,,PORT=port\n')).toMatchObject({
      kind: 'Secret',
      metadata: { name: 'llm', namespace: 'rag-e2e' },
      stringData: {
        'api-key': 'stand-in-for-the-key',
        LLM_URL: 'https://maas.example.com/v1',
        LLM_HOST: 'maas.example.com',
        PORT: '443',
      },
    });
  });

  it('has every fact under its own name where none is asked for', () => {
    expect(made('')).toMatchObject({
      stringData: {
        MAAS_API_KEY: 'stand-in-for-the-key',
        MAAS_BASE_URL: 'https://maas.example.com/v1',
        MAAS_MODEL: 'acme/chat',
        MAAS_EMBEDDING_MODEL: '',
      },
    });
    expect(Object.keys(at(made(''), 'stringData') as object)).toHaveLength(9);
  });

  it.each([
    ['token', /input secret-keys has "token"/],
    ['a b=key', /has "a b=key"/],
    ['token=secret', /has "token=secret"/],
    ['token=constructor', /has "token=constructor"/],
    ['token=__proto__', /has "token=__proto__"/],
    ['token=', /has "token="/],
    ['=key', /has "=key"/],
    ['a=key,b=model,a=host', /names a twice/],
  ])('is refused for %s, with the words there are', async (keys, message) => {
    const failure = await failureOf(() => parseSecretKeys(keys));
    expect([failure.code, failure.hop]).toEqual(['E_INPUT', 'inputs']);
    expect(failure.message).toMatch(message);
    expect(failure.fix).toMatch(/key, endpoint|Leave one/);
  });
});
