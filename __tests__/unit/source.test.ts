import { describe, expect, it } from 'vitest';
import { nameOfSource, parseChartSource } from '../../src/deploy/source.js';
import { failureOf } from '../helpers/failures.js';

const REPOSITORY = 'https://charts.example';

describe('where a chart comes from', () => {
  it.each([
    ['deploy/helm/rag', '', '', { folder: 'deploy/helm/rag' }, 'deploy/helm/rag'],
    ['rag', REPOSITORY, '1.2', { name: 'rag', repository: REPOSITORY, version: '1.2' }, `rag 1.2 of ${REPOSITORY}`],
    [
      'rag',
      'http://r.example',
      '',
      { name: 'rag', repository: 'http://r.example', version: '' },
      'rag of http://r.example',
    ],
    ['oci://r.example/rag', '', '1.2', { name: 'oci://r.example/rag', repository: '', version: '1.2' }, undefined],
    [
      'https://r.example/rag.tgz',
      '',
      '',
      { name: 'https://r.example/rag.tgz', repository: '', version: '' },
      undefined,
    ],
  ])('%s %s %s', (chart, repository, version, source, shown) => {
    expect(parseChartSource(chart, repository, version)).toEqual(source);
    expect(nameOfSource(parseChartSource(chart, repository, version))).toBe(
      shown ?? [chart, version].filter(Boolean).join(' '),
    );
  });

  it.each([
    ['oci://r.example/rag', REPOSITORY, '', /chart-repository is set, and chart is a URL/],
    ['deploy/rag', '', '1.2', /chart-version is set, and chart is a folder/],
    ['deploy/rag/Chart.yaml', '', '', /chart names a file, deploy\/rag\/Chart\.yaml/],
    ['Chart.yaml', '', '', /chart names a file/],
    ['build/rag-1.0.0.tgz', '', '', /chart names a file/],
    ['rag', 'charts.example', '', /chart-repository is no URL/],
    ['rag', 'oci://charts.example', '', /chart-repository is no URL/],
    ['rag', 'https://me:s3cr3t@charts.example', '', /chart-repository holds credentials/],
    ['oci://me:s3cr3t@r.example/rag', '', '', /chart holds credentials/],
    ['oci://s3cr3t@r.example/rag', '', '', /chart holds credentials/],
    ['oci://:s3cr3t@r.example/rag', '', '', /chart holds credentials/],
    ['http://me:s3cr3t@r.example/rag.tgz', '', '', /chart holds credentials/],
    ['rag', 'https://s3cr3t@charts.example', '1', /chart-repository holds credentials/],
    ['oci://', '', '', /chart is no URL of a chart/],
    ['s3://charts.example/rag?sig=s3cr3t', '', '', /chart is no URL of a chart/],
    ['--help', '', '', /chart begins with a hyphen/],
    ['-h', REPOSITORY, '', /chart begins with a hyphen/],
    ['rag', REPOSITORY, '--devel', /chart-version begins with a hyphen/],
  ])('%s %s %s is refused', async (chart, repository, version, message) => {
    const failure = await failureOf(() => parseChartSource(chart, repository, version));
    expect(failure).toMatchObject({ code: 'E_INPUT', hop: 'inputs' });
    expect(failure.message).toMatch(message);
    expect(failure.message + failure.fix).not.toContain('s3cr3t');
  });

  it.each([
    ['https://r.example/rag.tgz?sig=s3cr3t#f', '', 'https://r.example/rag.tgz'],
    ['HTTPS://r.example/rag.tgz?sig=s3cr3t', '', 'HTTPS://r.example/rag.tgz'],
    ['rag', 'https://r.example/charts?sig=s3cr3t', 'rag of https://r.example/charts'],
  ])('%s %s is named without its query, which may be a signature', (chart, repository, name) => {
    expect(nameOfSource(parseChartSource(chart, repository, ''))).toBe(name);
  });
});
