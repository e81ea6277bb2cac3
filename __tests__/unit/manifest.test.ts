import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { withoutSecrets } from '../../src/deploy/without-secrets.js';

const MANIFEST = `---
# Source: rag/templates/secret.yaml
apiVersion: v1
kind: Secret
metadata:
  name: db
  labels: {app: rag}
type: Opaque
data:
  password: aHVudGVyMjI=
  user: cmFn
stringData:
  url: "postgres://rag:hunter22@db/rag"
---
apiVersion: v1
kind: ConfigMap
metadata: {name: config}
data:
  password-file: /run/secrets/db
---
# nothing
---
apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: Secret
    metadata: {name: tls}
    data: {tls.key: S0VZ}
  - apiVersion: v1
    kind: Secret
    metadata: {name: empty}
    data: null
`;

describe('the manifest of a release', () => {
  const documents = (text: string) => parseAllDocuments(text).map((document) => document.toJS() as unknown);

  it('has nothing of the values of its Secrets, and all of their names; other objects are as they were', () => {
    const shown = withoutSecrets(MANIFEST);
    expect(documents(shown)).toEqual([
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'db', labels: { app: 'rag' } },
        type: 'Opaque',
        data: { password: '***', user: '***' },
        stringData: { url: '***' },
      },
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'config' },
        data: { 'password-file': '/run/secrets/db' },
      },
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'tls' }, data: { 'tls.key': '***' } },
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'empty' }, data: null },
    ]);
    for (const secret of ['hunter22', 'aHVudGVyMjI', 'cmFn', 'S0VZ']) expect(shown).not.toContain(secret);
  });

  it('is not shown at all where it is no YAML', () => {
    expect(() => withoutSecrets('kind: Secret\ndata: {password: hunter22')).toThrow(/invalid YAML/);
  });
});
