import { describe, expect, it } from 'vitest';
import { readChart, readFetched, readValuesFiles } from '../../src/deploy/chart.js';
import type { ErrorCode } from '../../src/error-codes.js';
import { failureOf } from '../helpers/failures.js';
import { memoryFiles } from '../helpers/memory.js';

const MANIFEST = `apiVersion: v2
name: rag
dependencies:
  - {name: llama-stack, version: 0.6.7, repository: "https://charts.example/a"}
  - {name: pgvector, alias: database, version: 0.1.0, repository: "file://../pgvector"}
  - {name: odd}
`;
const AT = '/ws/deploy/rag';
const SHOWN = 'deploy/rag';

describe('a chart in the workspace', () => {
  it('is read with its name, its defaults and its dependencies', async () => {
    const files = memoryFiles({ [`${AT}/Chart.yaml`]: MANIFEST, [`${AT}/values.yaml`]: 'a: 1' });
    expect(await readChart(AT, SHOWN, files)).toEqual({
      path: AT,
      name: 'rag',
      dependencies: [
        { name: 'llama-stack', alias: 'llama-stack' },
        { name: 'pgvector', alias: 'database' },
        { name: 'odd', alias: 'odd' },
      ],
      defaults: { where: 'deploy/rag/values.yaml', text: 'a: 1' },
      needs: [{ path: AT, repositories: ['https://charts.example/a', 'file://../pgvector', ''] }],
    });
  });

  it('may have neither defaults nor dependencies', async () => {
    const files = memoryFiles({ [`${AT}/Chart.yaml`]: 'name: rag' });
    const read = await readChart(AT, SHOWN, files);
    expect(read).toMatchObject({ defaults: { text: '' }, dependencies: [], needs: [] });
  });

  it('of the first API version has its dependencies in a file of their own', async () => {
    const files = memoryFiles({
      [`${AT}/Chart.yaml`]: 'apiVersion: v1\nname: rag',
      [`${AT}/requirements.yaml`]: 'dependencies: [{name: a, repository: "https://charts.example"}]',
    });
    expect(await readChart(AT, SHOWN, files)).toMatchObject({
      dependencies: [{ name: 'a', alias: 'a' }],
      needs: [{ path: AT, repositories: ['https://charts.example'] }],
    });
  });

  it('needs those of local charts first, however deep, and ends where they need each other', async () => {
    const needing = (...urls: string[]) =>
      `name: x\ndependencies: ${JSON.stringify(urls.map((repository) => ({ name: 'y', repository })))}`;
    const files = memoryFiles({
      [`${AT}/Chart.yaml`]: needing('file://../app', 'https://one.example'),
      '/ws/deploy/app/Chart.yaml': needing('file://../lib', 'https://two.example'),
      '/ws/deploy/lib/Chart.yaml': needing('file://../lib'),
    });
    const { needs } = await readChart(AT, SHOWN, files);
    const paths = needs.map(({ path }) => path);
    expect(paths.slice(-2)).toEqual(['/ws/deploy/app', AT]);
    expect(paths[0]).toBe('/ws/deploy/lib');
    expect(paths.length).toBeLessThan(10);
  });

  it.each<[string, Record<string, string | Error>, RegExp, RegExp, ErrorCode?]>([
    ['without Chart.yaml', {}, /^input chart: there is no deploy\/rag\/Chart\.yaml/, /actions\/checkout/],
    [
      'with a manifest that is no YAML',
      { [`${AT}/Chart.yaml`]: 'a: [' },
      /rag\/Chart\.yaml is not valid/,
      /./,
      'E_VALUES',
    ],
    [
      'with defaults that are no mapping',
      { [`${AT}/Chart.yaml`]: MANIFEST, [`${AT}/values.yaml`]: '[]' },
      /deploy\/rag\/values\.yaml is not a mapping/,
      /./,
      'E_VALUES',
    ],
    [
      'with a manifest that can not be read',
      { [`${AT}/Chart.yaml`]: new Error('EISDIR: is a directory') },
      /Chart\.yaml can not be read: EISDIR/,
      /permissions/,
    ],
  ])('%s is refused by name', async (_, content, message, fix, code = 'E_WORKSPACE') => {
    const failure = await failureOf(() => readChart(AT, SHOWN, memoryFiles(content)));
    expect([failure.code, failure.hop]).toEqual([code, 'inputs']);
    expect(failure.message).toMatch(message);
    expect(failure.fix).toMatch(fix);
  });
});

describe('a chart that Helm has unpacked', () => {
  it('is the outermost one in the folder', async () => {
    const files = memoryFiles({
      '/t/chart/rag/charts/pgvector/Chart.yaml': 'name: pgvector',
      '/t/chart/rag/Chart.yaml': 'name: rag',
    });
    expect(await readFetched('/t/chart', 'oci://x/rag', files)).toMatchObject({ path: '/t/chart/rag', name: 'rag' });
  });
});

describe('values files', () => {
  it('are read in their order', async () => {
    const files = memoryFiles({ '/ws/ci/one.yaml': 'a: 2', '/ws/two.yaml': 'b: 3' });
    expect(await readValuesFiles(['ci/one.yaml', './two.yaml'], '/ws', files)).toEqual({
      paths: ['/ws/ci/one.yaml', '/ws/two.yaml'],
      overlays: [
        { where: 'values file ci/one.yaml', text: 'a: 2' },
        { where: 'values file ./two.yaml', text: 'b: 3' },
      ],
    });
  });

  it.each<[string, Record<string, string | Error>, RegExp, RegExp, ErrorCode?]>([
    ['that are not there', {}, /^input values-file: there is no ci\.yaml/, /path/],
    [
      'that are no YAML',
      { '/ws/ci.yaml': 'a:\n\t- b' },
      /^values file ci\.yaml is not valid YAML at line 2/,
      /Correct it/,
      'E_VALUES',
    ],
    [
      'that can not be read',
      { '/ws/ci.yaml': new Error('EISDIR: is a directory') },
      /^\/ws\/ci\.yaml can not be read: EISDIR/,
      /permissions/,
    ],
  ])('%s are refused by name', async (_, content, message, fix, code = 'E_WORKSPACE') => {
    const failure = await failureOf(() => readValuesFiles(['ci.yaml'], '/ws', memoryFiles(content)));
    expect([failure.code, failure.hop]).toEqual([code, 'inputs']);
    expect(failure.message).toMatch(message);
    expect(failure.fix).toMatch(fix);
  });
});
