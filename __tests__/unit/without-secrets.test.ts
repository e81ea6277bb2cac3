import { describe, expect, it } from 'vitest';
import { withoutSecrets } from '../../src/deploy/without-secrets.js';

const HIDDEN = 'hunter22';
const head = 'apiVersion: v1\nkind: Secret\nmetadata: {name: s, labels: {app: rag}}\n';

describe('a manifest in the diagnostics', () => {
  it.each([
    ['data', `${head}data: {password: ${HIDDEN}}\n`],
    ['stringData', `${head}stringData: {password: ${HIDDEN}}\n`],
    ['stringData as a list', `${head}stringData:\n  - ${HIDDEN}\n  - [${HIDDEN}]\n`],
    ['data as a text', `${head}data: ${HIDDEN}\n`],
    ['binaryData', `${head}binaryData: {password: ${HIDDEN}}\n`],
    ['a member of its own invention', `${head}spec: {a: {b: [${HIDDEN}]}}\n`],
    ['members that are nested', `${head}stringData: {a: {b: ${HIDDEN}}}\n`],
    ['annotations', `${head.replace('name: s', `name: s, annotations: {last: ${HIDDEN}}`)}data: {}\n`],
    ['a list', `apiVersion: v1\nkind: List\nitems:\n  - kind: Secret\n    apiVersion: v1\n    data: {a: ${HIDDEN}}\n`],
    ['a list of Secrets', `apiVersion: v1\nkind: SecretList\nitems:\n  - data: {a: ${HIDDEN}}\n`],
    [
      'a list in a list',
      `apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Secret, data: {a: ${HIDDEN}}}]}]\n`,
    ],
    [
      'the template of another object',
      `apiVersion: x/v1\nkind: Sealed\nspec: {template: {kind: Secret, apiVersion: v1, data: {a: ${HIDDEN}}}}\n`,
    ],
    [
      'what kubectl last applied to another object',
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, annotations: {kubectl.kubernetes.io/last-applied-configuration: ${HIDDEN}}}\n`,
    ],
    ['a release of Helm', `${head}type: helm.sh/release.v1\ndata: {release: ${HIDDEN}}\n`],
  ])('shows nothing that a Secret holds: %s', (_, manifest) => {
    expect(withoutSecrets(manifest)).not.toContain(HIDDEN);
  });

  it('says which Secret it is, and the names of its members', () => {
    const shown = withoutSecrets(`${head}type: Opaque\ndata: {password: ${HIDDEN}}\n`);
    expect(shown).toContain('name: s');
    expect(shown).toContain('app: rag');
    expect(shown).toContain('type: Opaque');
    expect(shown).toContain('password: "***"');
  });

  it('shows all of what is no Secret', () => {
    const manifest = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\ndata:\n  secret: shown\n';
    expect(withoutSecrets(`${manifest}---\n${head}`)).toMatch(new RegExp(`^${manifest}---\n`));
  });
});
