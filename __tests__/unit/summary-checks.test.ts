import { describe, expect, it } from 'vitest';
import type { CheckResult } from '../../src/assert/check.js';
import type { RunRecord } from '../../src/report/record.js';
import { renderSummary } from '../../src/report/summary/summary.js';
import { elementsOf, rowsOf } from '../helpers/gfm.js';
import { checkResult, record, RED, serviceFacts } from '../helpers/record.js';

const render = (over: Partial<RunRecord> = {}) =>
  renderSummary(record({ service: undefined, spend: NONE, ...over }), []);
const NONE = { ...record().spend, rows: [] };
const tableOf = (checks: CheckResult[]) => rowsOf(render({ checks }));

describe('checks', () => {
  it('have a row each: mark and name, hop, time, what was expected and what came', () => {
    expect(tableOf([checkResult(), checkResult({ name: 'rag', hop: 'vector store', ms: 50 })])).toEqual([
      ['check', 'hop', 'time', 'evidence'],
      ['✅ chat', 'model service', '1.2 s', 'expected an answer; got a word'],
      ['✅ rag', 'vector store', '0.1 s', 'expected an answer; got a word'],
    ]);
  });

  it('that failed say why, what to do and the code', () => {
    const failed = checkResult({
      name: 'retrieval',
      hop: 'vector store',
      verdict: 'failed',
      evidence: undefined,
      cause: 'zero hits',
      fix: 'Check the embedder.',
      code: 'E_RETRIEVAL',
    });
    expect(tableOf([failed])[1]).toEqual([
      '❌ retrieval',
      'vector store',
      '1.2 s',
      'zero hits Fix: Check the embedder. (E_RETRIEVAL)',
    ]);
    expect(tableOf([{ ...failed, code: undefined }])[1]?.[3]).toBe('zero hits Fix: Check the embedder.');
  });

  it.each([
    ['skipped', '⏭️'],
    ['blocked', '⛔'],
  ] as const)('that were %s say why, and of no fix', (verdict, mark) => {
    const over = { verdict, ms: 0, evidence: undefined, cause: 'not | offered', fix: '' };
    expect(tableOf([checkResult(over)])[1]).toEqual([`${mark} chat`, 'model service', '0.0 s', 'not | offered']);
  });

  it('that were not judged for the same reason are told once, and those of another reason apart', () => {
    const unjudged = (name: string, verdict: 'blocked' | 'skipped', cause: string, hop: CheckResult['hop'] = 'stack') =>
      checkResult({ name, verdict, cause, hop, evidence: undefined, ms: 0 });
    const checks = [
      unjudged('a', 'blocked', 'by x'),
      checkResult({ name: 'b' }),
      unjudged('c', 'skipped', 'by x'),
      unjudged('d', 'blocked', 'by y'),
      unjudged('e', 'blocked', 'by x', 'UI'),
      unjudged('f', 'blocked', 'by x'),
      checkResult({ name: 'g' }),
    ];
    expect(tableOf(checks).map(([name, hop, , evidence]) => [name, hop, evidence].join(' | '))).toEqual([
      'check | hop | evidence',
      '⛔ a, e, f | stack, UI | by x',
      '✅ b | model service | expected an answer; got a word',
      '⏭️ c | stack | by x',
      '⛔ d | stack | by y',
      '✅ g | model service | expected an answer; got a word',
    ]);
  });

  it('that failed are never told as one', () => {
    const failed = { verdict: 'failed', evidence: undefined, cause: 'x' } as const;
    expect(tableOf([checkResult(failed), checkResult(failed)])).toHaveLength(3);
  });

  it('that passed with a warning say it first', () => {
    const evidence = { expected: 'a page', got: 'one', warning: 'it is | odd' };
    expect(tableOf([checkResult({ verdict: 'warned', evidence, cause: 'it is | odd' })])[1]).toEqual([
      '⚠️ chat',
      'model service',
      '1.2 s',
      'warning: it is | odd; expected a page; got one',
    ]);
  });

  it('of which evidence of any length cuts neither the warning off nor what came', () => {
    const evidence = { expected: 'x'.repeat(1000), got: 'y', warning: 'it is odd' };
    const [, row] = tableOf([checkResult({ verdict: 'warned', evidence })]);
    expect(row?.[3]).toMatch(/^warning: it is odd; expected x{291}…; got y$/);
  });

  it('have no table where there are none', () => {
    expect(render({ checks: [] })).not.toMatch(/###|\|/);
  });
});

describe("the consumer's own tests", () => {
  const ownTests = (failures: NonNullable<RunRecord['ownTests']>['failures']) => ({
    ...{ tests: 3, failed: failures.length, skipped: 0 },
    failures,
  });

  it('that failed are named with place and message', () => {
    const failures = [
      { name: 'suite.answers', message: 'expected | <b>', place: { file: 'tests/a.py', line: 7 } },
      { name: 'cites', message: 'none', place: { file: 'tests/b.py' } },
      { name: 'ends', message: '', place: undefined },
    ];
    const text = render({ failure: RED, checks: [], ownTests: ownTests(failures) });
    expect(text).toContain('### Failed tests of your own');
    expect(rowsOf(text)).toEqual([
      ['test', 'place', 'message'],
      ['suite.answers', 'tests/a.py:7', 'expected | <b>'],
      ['cites', 'tests/b.py', 'none'],
      ['ends', '', ''],
    ]);
  });

  it('that all passed, or of which no report tells, need no table', () => {
    for (const found of [ownTests([]), undefined]) expect(render({ ownTests: found })).not.toContain('of your own');
  });
});

/** Bytes. */
const MOST = 1000 * 1024;
const sized = (over: Partial<RunRecord>, largest = MOST) => {
  const text = renderSummary(record(over), [{ name: 'probe', startMs: 0, endMs: 1, ok: true }], largest);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(largest);
  return text;
};
const many = (count: number, over: Partial<CheckResult> = {}) =>
  Array.from({ length: count }, (_, at) => checkResult({ name: `c${at}`, ...over }));
const WORDY = { evidence: { expected: 'ключ '.repeat(99), got: 'ключ '.repeat(99) } };
const CUT = '> The summary was cut: it is larger than GitHub takes. The report (output `report-json`) is whole.\n';

describe('a summary that is larger than GitHub takes', () => {
  it('loses the checks that passed first, says so, and keeps all else', () => {
    const failed = many(3, { verdict: 'failed', evidence: undefined, cause: 'zero hits', name: 'retrieval' });
    const text = sized({ failure: RED, checks: [...many(2000, WORDY), ...failed] });
    expect(text).toContain('_2000 checks that passed are left out, so that the rest has room; the report has them._');
    expect(text.match(/^\| ❌.*retrieval/gm)).toHaveLength(3);
    expect(text).not.toMatch(/^\| ✅/m);
    for (const part of ['### The model service', '### Timeline', 'Versions and digests']) expect(text).toContain(part);
    expect(text).not.toContain('The summary was cut');
  });

  it('is whole as long as it fits', () => {
    const whole = sized({ checks: many(500, WORDY) });
    expect(whole.match(/^\| ✅/gm)).toHaveLength(500);
    expect(sized({ checks: many(500, WORDY) }, Buffer.byteLength(whole))).toBe(whole);
    expect(sized({ checks: many(500, WORDY) }, Buffer.byteLength(whole) - 1)).toContain('500 checks that passed');
    expect(whole).not.toMatch(/left out|The summary was cut/);
  });

  it('then loses the parts that do not fit, and says so at its end', () => {
    const notes = Array.from({ length: 5000 }, () => 'ключ '.repeat(99));
    const text = sized({ failure: RED, checks: many(1), notes });
    expect(text).not.toContain('Notes on the chart');
    for (const part of ['### The model service', '### Timeline', 'Versions and digests']) expect(text).toContain(part);
    expect(text.endsWith(`\n\n${CUT}`)).toBe(true);
  });

  it.each([
    ['checks that failed', { checks: many(5000, { ...WORDY, verdict: 'failed' }) }],
    [
      'checks that were blocked',
      { checks: many(5000, { verdict: 'blocked', evidence: undefined, cause: 'x'.repeat(400) }) },
    ],
    ['notes', { notes: Array.from({ length: 5000 }, () => '|'.repeat(500)), checks: many(5000, WORDY) }],
    ['models', { service: serviceFacts({ models: Array.from({ length: 5000 }, () => '@'.repeat(500)) }) }],
  ] satisfies [string, Partial<RunRecord>][])('never loses verdict and cause: %s', (_, over) => {
    for (const largest of [MOST, 100_000, 20_000]) {
      const text = sized({ failure: RED, ...over }, largest);
      expect(text).toMatch(/^## ❌ MaaS E2E: failed \(broken hop: vector store\)\n\n> \[!CAUTION\]\n> \*\*Hop/);
      expect(text).toContain('**Cause:** the database is away');
    }
  });

  it('keeps verdict, cause and fix of texts of 100,000 characters, each cut', () => {
    const long = '💥@<|'.repeat(25_000);
    const failure = { ...RED, cause: `begin ${long}`, fix: `mend ${long}`, evidence: [long, long], chain: [long] };
    const over = { failure, checks: many(100, { ...WORDY, cause: long }), model: long, untested: long, standIn: long };
    const text = sized({ ...over, notes: [long], securityNotes: [long], wiring: { name: long, because: long } });
    expect(text).toMatch(/\n> \*\*Cause:\*\* begin .*… {2}\n> \*\*Fix:\*\* mend .*… {2}\n/);
    expect(Buffer.byteLength(text)).toBeLessThan(150_000);
    expect(elementsOf(text)['table']).toBe(3);
  });

  it('cuts no part in two: what is there is whole', () => {
    const whole = sized({ failure: RED, checks: many(40, WORDY) });
    const parts = new Set(whole.trimEnd().split('\n\n'));
    for (let largest = 1500; largest < Buffer.byteLength(whole); largest += 997) {
      const text = sized({ failure: RED, checks: many(40, WORDY) }, largest);
      const news = text
        .trimEnd()
        .split('\n\n')
        .filter((part) => !parts.has(part) && part !== CUT.trim());
      const isOfChecks = (part: string) => /^\| check \| hop|^_40 checks that passed/.test(part);
      expect(news.filter((part) => !isOfChecks(part))).toEqual([]);
    }
  });
});
