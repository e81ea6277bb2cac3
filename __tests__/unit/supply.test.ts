import { describe, expect, it } from 'vitest';
import { judgeSupply, notesOfDependencies } from '../../src/provision/supply.js';
import type { RawInputs } from '../../src/inputs.js';
import { failureOf } from '../helpers/failures.js';
import { host, inputs } from '../helpers/inputs.js';

const judge = (over: Partial<RawInputs>) => judgeSupply(inputs(over), host().platform);

describe('where tools and charts come from', () => {
  it('is no note where it is by https, or within this machine', () => {
    expect(judge({ 'tools-mirror': 'https://m.example' })).toEqual([]);
    expect(judge({ chart: 'rag', 'chart-repository': 'https://c.example' })).toEqual([]);
    expect(judge({ chart: 'oci://c.example/rag' })).toEqual([]);
    expect(judge({ chart: 'rag', 'chart-repository': 'http://localhost:8080' })).toEqual([]);
  });

  it.each<[string, Partial<RawInputs>]>([
    ['input tools-mirror is http (http://m.example/t)', { 'tools-mirror': 'http://m.example/t?sig=s3cr3t' }],
    [
      'input chart-repository is http (http://c.example/r)',
      { chart: 'rag', 'chart-repository': 'http://c.example/r?sig=s3cr3t' },
    ],
    ['input chart is http (http://c.example/rag.tgz)', { chart: 'http://c.example/rag.tgz?sig=s3cr3t' }],
  ])('%s is noted', (said, over) => {
    const [note = '', ...more] = judge(over);
    expect([note.slice(0, said.length), more]).toEqual([said, []]);
    expect(note).toMatch(/Fix: use its https address\.$/);
    expect(note).not.toContain('s3cr3t');
  });

  it('is refused where whoever is on the way could hand over another program: http, and no digest is known', async () => {
    const over = { 'tools-mirror': 'http://m.example/t?sig=s3cr3t', 'helm-version': '9.9.9', 'kind-version': '9.9.8' };
    const failure = await failureOf(() => judge(over));
    expect([failure.code, failure.hop]).toEqual(['E_INPUT', 'inputs']);
    expect(failure.message).toContain('input tools-mirror is http (http://m.example/t)');
    expect(failure.message).toContain('no digest of kind 9.9.8, helm 9.9.9:');
    expect(failure.fix).toMatch(/https mirror/);
  });

  it.each([
    'http://127.0.0.1:8090',
    'http://127.1.2.3',
    'http://localhost:1',
    'http://[::1]:8090',
    'https://m.example',
  ])('may be %s without a digest', (mirror) => {
    expect(judge({ 'tools-mirror': mirror, 'helm-version': '9.9.9' })).toEqual([]);
  });

  it.each(['http://127.evil.example', 'http://localhost.example', 'http://10.0.0.7', 'http://[::2]'])(
    'is not taken for this machine: %s',
    async (mirror) => {
      expect((await failureOf(() => judge({ 'tools-mirror': mirror, 'helm-version': '9.9.9' }))).code).toBe('E_INPUT');
    },
  );

  it('has a note for each repository of a dependency that is by http', () => {
    const of = [
      'http://d.example',
      'https://e.example',
      'http://d.example',
      'file://../x',
      '@alias',
      'oci://o.example',
    ];
    expect(notesOfDependencies(of)).toEqual([
      expect.stringMatching(/^Chart\.yaml, repository of a dependency is http \(http:\/\/d\.example\)/),
    ]);
  });
});
