import { describe, expect, it } from 'vitest';
import { mergeValues, parseValues } from '../../src/deploy/values.js';
import { at } from '../../src/json.js';
import { compose, findPlaceholders } from '../../src/wiring/compose.js';
import { none } from '../../src/wiring/none.js';
import { secret } from '../../src/wiring/secret.js';
import { llamaStack } from '../../src/wiring/llama-stack.js';
import type { GivenChart } from '../../src/wiring/wiring.js';
import { values } from '../../src/wiring/values.js';
import { givenChart, SERVICE } from '../helpers/wiring.js';

const URL = 'https://maas.example.com/v1';

/** A chart whose placeholders are those of its values. */
function given(files: string[], setValues = '', over: Partial<GivenChart> = {}): GivenChart {
  const chart = givenChart({ files, setValues });
  return { ...chart, placeholders: findPlaceholders(chart.chart.files.overlays, chart.setValues), ...over };
}
const overlayOf = (files: string[], setValues = '') => compose(values, SERVICE, given(files, setValues)).overlay;

describe('a placeholder in a values file', () => {
  it('changes no other value: the overlay holds its path alone', () => {
    const file = [
      'flag: off',
      'mode: 0644',
      'version: 1.10',
      'time: 1:30',
      'list: [no, 0o17]',
      'on: yes',
      'base: &base {a: off, b: 0644}',
      'merged: {<<: *base, c: 1}',
      'same: *base',
      'llm: {url: "${MAAS_BASE_URL}", tls: on, ports: [0644]}',
      'other: ${env.X} {{ .Values.x }}',
    ].join('\n');
    expect(overlayOf([file])).toEqual({ llm: { url: URL } });
  });

  it('takes a list with it as a whole, each value of it as Helm reads it', () => {
    const file = 'args: [--url, "${MAAS_BASE_URL}", off, 0644, {a: no}]\nothers: [off]\nenv: {list: [1], b: off}';
    expect(overlayOf([file])).toEqual({ args: ['--url', URL, false, 420, { a: false }] });
  });

  it('is replaced in what is anchored, and wherever an alias or a merge repeats it', () => {
    const file = 'base: &base {url: "${MAAS_BASE_URL}", a: off}\nmerged: {<<: *base, b: 0644}\nsame: *base\nlast: off';
    expect(overlayOf([file])).toEqual({ base: { url: URL }, merged: { url: URL }, same: { url: URL } });
  });

  it('is not replaced where a member of its own stands in place of the merged one', () => {
    const file = 'base: &base {url: "${MAAS_BASE_URL}"}\nmerged: {<<: *base, url: x}';
    expect(overlayOf([file])).toEqual({ base: { url: URL } });
  });

  it('is replaced where a merge goes over a member before it', () => {
    const file = 'base: &base {url: "${MAAS_BASE_URL}"}\nmerged: {url: x, <<: *base}';
    expect(overlayOf([file])).toEqual({ base: { url: URL }, merged: { url: URL } });
  });

  it.each([
    ['a literal', 'llm: {url: http://mine/v1}'],
    ['null, which deletes it', 'llm: {url: null}'],
    ['nothing at all', 'llm:'],
    ['a list over its mapping', 'llm: [off]'],
  ])('yields to a later file with %s', (_, later) => {
    expect(overlayOf(['llm: {url: "${MAAS_BASE_URL}"}', later])).toEqual({});
  });

  it('stays where a later file sets something beside it', () => {
    expect(overlayOf(['llm: {url: "${MAAS_BASE_URL}", tls: on}', 'llm: {tls: off}'])).toEqual({ llm: { url: URL } });
  });

  it('goes over an earlier file', () => {
    expect(overlayOf(['llm: {url: x}', 'llm: {url: "${MAAS_BASE_URL}"}'])).toEqual({ llm: { url: URL } });
  });

  it('yields to the wiring, and that to set-values', () => {
    const file = 'global: {models: {maas: {id: "${MAAS_MODEL}", url: "${MAAS_HOST}", apiToken: "${MAAS_HOST}"}}}';
    const setValues = 'global: {models: {maas: {url: "${MAAS_ROOT_URL}/x"}}}\nreplicas: 0x2';
    const { overlay } = compose(llamaStack, SERVICE, given([file], setValues));
    expect(at(overlay, 'global', 'models', 'maas')).toEqual({
      id: 'acme/chat',
      url: 'https://maas.example.com/x',
      apiToken: "'${env.MAAS_API_KEY}'",
      enabled: true,
    });
    expect(overlay['replicas']).toBe(2);
  });

  it('is text with a second dollar sign, and loses that sign', () => {
    expect(overlayOf(['a: $${MAAS_X}\nb: "$${MAAS_MODEL} ${MAAS_MODEL}"\nc: $${OTHER}'])).toEqual({
      a: '${MAAS_X}',
      b: '${MAAS_MODEL} acme/chat',
    });
  });

  it('is text where its type says so, and a number without quotes', () => {
    const file = 'a: !!str ${MAAS_PORT}\nb: ${MAAS_PORT}\nc: "${MAAS_PORT}"\nd: !!str "${MAAS_PORT}"';
    expect(overlayOf([file])).toEqual({ a: '443', b: 443, c: '443', d: '443' });
  });

  it('stands for what the wiring has the chart know, for names, and for the Secret', () => {
    const file = 'a: ${MAAS_SECRET_NAME}/${NAMESPACE}/${RELEASE}\nb: ${MAAS_API_KEY}';
    const named = given([file], '', { secret: { name: 'llm', entries: [], asked: false } });
    expect(compose(values, SERVICE, named).overlay).toEqual({ a: 'llm/rag-e2e/rag', b: SERVICE.apiKey });
  });

  it('makes the same of the values, whatever is written beside it', () => {
    const rest = 'a: off\nb: [0644, &l {c: no}]\nd: {e: *l, f: 1.0}\n';
    const file = `${rest}d2: {url: "\${MAAS_BASE_URL}"}\n`;
    const merged = mergeValues(parseValues(file, 'w'), overlayOf([file]));
    expect(merged).toEqual({ ...parseValues(rest, 'w'), d2: { url: URL } });
  });

  it('leaves set-values whole: Helm has them from nowhere else', () => {
    expect(overlayOf([], 'a: off\nb: [0644]\nc: ${MAAS_HOST}')).toEqual({
      a: false,
      b: [420],
      c: 'maas.example.com',
    });
  });
});

describe('the Secret of a chart', () => {
  const wish = (over: Partial<GivenChart['secret']>) => ({
    secret: { name: 'llm', entries: [], asked: false, ...over },
  });
  const secretsOf = (wiring: typeof values, chart: GivenChart) =>
    compose(wiring, SERVICE, chart).objects.map((object) => [at(object, 'kind'), at(object, 'metadata', 'name')]);
  const MADE = [['Secret', 'llm']];

  it.each([
    ['the inputs ask for it', none, given([], '', wish({ asked: true }))],
    ['a values file names it', none, given(['a: "x-${MAAS_SECRET_NAME}"'], '', wish({}))],
    ['set-values name it', values, given([], 'a: {b: ["${MAAS_SECRET_NAME}"]}', wish({}))],
    ['the wiring needs it', secret, given([], '', wish({}))],
    ['all of these', secret, given(['a: ${MAAS_SECRET_NAME}'], 'b: ${MAAS_SECRET_NAME}', wish({ asked: true }))],
  ])('is made where %s, once', (_, wiring, chart) => {
    expect(secretsOf(wiring, chart)).toEqual(MADE);
  });

  it.each([
    ['values, by placeholders', values, given(['a: ${MAAS_BASE_URL} ${MAAS_API_KEY}'], '', wish({}))],
    ['values that mean the name as text', values, given(['a: $${MAAS_SECRET_NAME}'], '', wish({}))],
    ['llama-stack', llamaStack, given([], '', wish({}))],
    ['none', none, given([], '', wish({ entries: [{ name: 'a', fact: 'HOST' }] }))],
  ])('is not made for %s', (_, wiring, chart) => {
    expect(secretsOf(wiring, chart)).toEqual([]);
  });

  it('has the members that the user names', () => {
    const entries: GivenChart['secret']['entries'] = [{ name: 'token', fact: 'API_KEY' }];
    const [made] = compose(secret, SERVICE, given([], '', wish({ entries }))).objects;
    expect(made).toMatchObject({ stringData: { token: SERVICE.apiKey }, metadata: { namespace: 'rag-e2e' } });
    expect(Object.keys(at(made, 'stringData') as object)).toEqual(['token']);
  });
});

describe('a placeholder that later values replace', () => {
  const placeholders = (files: string[], setValues = '') =>
    findPlaceholders(
      files.map((text, at) => ({ where: `file ${at}`, text })),
      { where: 'input set-values', text: setValues },
    );

  it('is none, and others stay as often as they are there', () => {
    const file = 'a: {url: "${MAAS_BASE_URL}", ns: "${NAMESPACE}"}\nb: ["${MAAS_MODEL}", "${MAAS_MODEL}"]';
    expect(placeholders([file])).toEqual(['MAAS_BASE_URL', 'NAMESPACE', 'MAAS_MODEL', 'MAAS_MODEL']);
    expect(placeholders([file, 'a: {url: http://mine}'], 'b: []')).toEqual(['NAMESPACE']);
    expect(placeholders([file], 'a: null')).toEqual(['MAAS_MODEL', 'MAAS_MODEL']);
  });

  it('must be one that there is', () => {
    expect(() => placeholders(['a: "${MAAS_NOBODY}"', 'a: x'])).toThrow(/MAAS_NOBODY/);
  });
});

describe('the key itself in the values', () => {
  const KEY = 'sk-real-0123456789abcdef';
  const files = [`llm: {key: ${KEY}, other: 1}\nargs: [x, "Bearer ${KEY}"]`];

  it('stands for its placeholder: a render never has it', () => {
    const composed = compose(none, SERVICE, givenChart({ files, setValues: `k: ${KEY}` }, { literalKey: KEY }));
    const key = SERVICE.apiKey;
    expect(composed.overlay).toEqual({ llm: { key }, args: ['x', `Bearer ${key}`], k: key });
  });

  it('counts as one', () => {
    const [text = ''] = files;
    const found = findPlaceholders([{ where: 'f', text }], { where: 's', text: '' }, KEY);
    expect(found).toEqual(['MAAS_API_KEY', 'MAAS_API_KEY']);
  });
});
