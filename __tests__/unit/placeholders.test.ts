import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseValues } from '../../src/deploy/values.js';
import { findPlaceholders } from '../../src/wiring/compose.js';
import { factsOf } from '../../src/wiring/facts.js';
import {
  leadsToService,
  placeholdersIn,
  replacePlaceholders,
  type Placeholders,
} from '../../src/wiring/placeholders.js';
import { failureOf } from '../helpers/failures.js';
import { givenChart, SERVICE } from '../helpers/wiring.js';

const TEXTS: Placeholders = {
  MAAS_BASE_URL: 'https://maas.example.com/v1',
  MAAS_ROOT_URL: 'https://maas.example.com',
  MAAS_HOST: 'maas.example.com',
  MAAS_PORT: '443',
  MAAS_SCHEME: 'https',
  MAAS_MODEL: 'acme/chat',
  MAAS_EMBEDDING_MODEL: '',
  MAAS_EMBEDDING_DIMENSION: '768',
  MAAS_SECRET_NAME: 'maas',
  MAAS_API_KEY: `a: #{b}"'$&\\`,
  NAMESPACE: 'rag-e2e',
  RELEASE: 'rag',
};
const replaced = (text: string, texts = TEXTS) =>
  parseValues(text, 'values file v.yaml', (scalar, isPlain) => replacePlaceholders(scalar, isPlain, texts));

describe('a placeholder', () => {
  it.each([
    ['alone', 'a: ${MAAS_BASE_URL}', 'https://maas.example.com/v1'],
    ['in quotes', 'a: "${MAAS_MODEL}"', 'acme/chat'],
    ['in a text', 'a: ${MAAS_SCHEME}://${MAAS_HOST}:${MAAS_PORT}/x', 'https://maas.example.com:443/x'],
    ['in a block', 'a: |\n  url = ${MAAS_ROOT_URL}\n', 'url = https://maas.example.com\n'],
    ['in a list', 'a: ["${RELEASE}", "${NAMESPACE}"]', ['rag', 'rag-e2e']],
    ['of a number alone', 'a: ${MAAS_PORT}', 443],
    ['of a number in quotes', 'a: "${MAAS_PORT}"', '443'],
    ['of a dimension alone', 'a: ${MAAS_EMBEDDING_DIMENSION}', 768],
    ['of what there is not', 'a: ${MAAS_EMBEDDING_MODEL}', ''],
    ['of a name that patterns know', 'a: ${MAAS_API_KEY}!', `a: #{b}"'$&\\!`],
  ])('%s is replaced', (_, text, value) => {
    expect(replaced(text)).toEqual({ a: value });
  });

  it('is replaced where an alias repeats it', () => {
    expect(replaced('a: &u ${MAAS_HOST}\nb: *u')).toEqual({ a: 'maas.example.com', b: 'maas.example.com' });
  });

  it.each([
    ['another variable', '${OTHER} ${env.MAAS_API_KEY} $MAAS_API_KEY ${maas_model}'],
    ['a template', '{{ .Values.x }} {{ MAAS_MODEL }}'],
    ['something that is not closed', 'x ${MAAS_MODEL'],
    ['a word without dollar sign', '{MAAS_MODEL}'],
  ])('is not seen in %s', (_, text) => {
    expect(replaced(JSON.stringify({ a: text }))).toEqual({ a: text });
    expect(placeholdersIn(text)).toEqual([]);
  });

  it('is left in a comment, which is no value', () => {
    expect(replaced('# ${MAAS_NOTHING}\na: 1')).toEqual({ a: 1 });
  });

  it('is refused in a name, where it would stay as it is', () => {
    expect(() => replaced('"${MAAS_MODEL}": 1')).toThrow(
      /line 1, column 1: \$\{MAAS_MODEL\} is a name, and only values/,
    );
    expect(() => replaced('"${MAAS_NOTHING}": 1')).toThrow(/is no placeholder/);
    expect(replaced('"${OTHER}": 1')).toEqual({ '${OTHER}': 1 });
  });

  it.each([
    ['$${MAAS_MODEL}', '${MAAS_MODEL}'],
    ['x $${MAAS_NOTHING} $${RELEASE}', 'x ${MAAS_NOTHING} ${RELEASE}'],
    ['$${MAAS_PORT} ${MAAS_PORT}', '${MAAS_PORT} 443'],
  ])('is meant as text with a second dollar sign: %s', (text, value) => {
    expect(replaced(`a: ${text}`)).toEqual({ a: value });
    expect(replaced(`a: ["${text}"]`)).toEqual({ a: [value] });
    expect(placeholdersIn(text)).toEqual(text.includes(' ${') ? ['MAAS_PORT'] : []);
  });

  it.each(['${MAAS_KEY}', '${MAAS_API_KEY:-x}', '${MAAS_}'])(
    'that there is not is refused with its place: %s',
    async (name) => {
      const failure = await failureOf(() => replaced(`a: 1\nb:\n  - "x ${name}"`));
      expect(failure.code).toBe('E_VALUES');
      expect(failure.message).toContain(
        `values file v.yaml, line 3, column 5: ${name} is no placeholder; there are \${MAAS_BASE_URL}`,
      );
    },
  );

  it('arrives as it is, whatever characters are in it', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.constantFrom('a: ${MAAS_API_KEY}', "a: '${MAAS_API_KEY}'"),
        (key, text) => {
          expect(replaced(text, { ...TEXTS, MAAS_API_KEY: key })).toEqual({ a: key });
        },
      ),
    );
  });
});

describe('the placeholders of a chart', () => {
  it('are those of the values files and of set-values, not of its own defaults', () => {
    const given = givenChart({
      defaults: 'a: ${MAAS_NOT_OURS}',
      files: ['a: ${MAAS_MODEL} # ${RELEASE}', 'b: [1, "${MAAS_HOST}:${MAAS_PORT}"]'],
      setValues: 'c: ${RELEASE}',
    });
    expect(findPlaceholders(given.chart.files.overlays, given.setValues)).toEqual([
      'MAAS_MODEL',
      'MAAS_HOST',
      'MAAS_PORT',
      'RELEASE',
    ]);
  });
});

describe('what leads to the service', () => {
  it.each([
    ['MAAS_BASE_URL', true],
    ['MAAS_ROOT_URL', true],
    ['MAAS_HOST', true],
    ['MAAS_SECRET_NAME', true],
    ['MAAS_API_KEY', true],
    ['MAAS_PORT', false],
    ['MAAS_SCHEME', false],
    ['MAAS_MODEL', false],
    ['MAAS_EMBEDDING_MODEL', false],
    ['NAMESPACE', false],
    ['RELEASE', false],
  ])('%s: %s', (name, leads) => {
    expect(leadsToService(name)).toBe(leads);
  });
});

describe('the facts of a service', () => {
  it.each([
    ['https://maas.example.com/v1', 'https://maas.example.com', 'maas.example.com', '443', 'https'],
    ['http://172.17.0.1:8080/v1', 'http://172.17.0.1:8080', '172.17.0.1', '8080', 'http'],
    ['http://h/llm/v1', 'http://h/llm', 'h', '80', 'http'],
    ['https://h/v1beta/openai', 'https://h/v1beta/openai', 'h', '443', 'https'],
    ['http://[fd00::1]:8000/v1', 'http://[fd00::1]:8000', '[fd00::1]', '8000', 'http'],
  ])('%s', (baseUrl, root, host, port, scheme) => {
    expect(factsOf({ ...SERVICE, baseUrl })).toMatchObject({
      BASE_URL: baseUrl,
      ROOT_URL: root,
      HOST: host,
      PORT: port,
      SCHEME: scheme,
      MODEL: 'acme/chat',
      EMBEDDING_MODEL: '',
      EMBEDDING_DIMENSION: '',
    });
  });

  it('name the embedding model and its dimension where there is one', () => {
    expect(factsOf({ ...SERVICE, embedding: { model: 'e', dimension: 768 } })).toMatchObject({
      EMBEDDING_MODEL: 'e',
      EMBEDDING_DIMENSION: '768',
    });
  });
});
