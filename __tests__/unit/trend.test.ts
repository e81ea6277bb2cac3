import { describe, expect, it } from 'vitest';
import type { CheckResult } from '../../src/assert/check.js';
import type { RunRecord } from '../../src/report/record.js';
import { compare, isBeyondNoise, medianOf, readBaseline, samplesOf, type Baseline } from '../../src/report/trend.js';
import { newSpend } from '../../src/spend/spend.js';
import { usageRow } from '../helpers/meter.js';
import { checkResult, record } from '../helpers/record.js';

const sample = (ms: number, tokens = 0) => ({ ms, tokens });
const baseline = (over: Partial<Baseline> = {}): Baseline => ({
  result: 'passed',
  code: '',
  verdicts: new Map(),
  samples: { model: 'm', checks: {} },
  ...over,
});
const earlier = (name: string, ...list: { ms: number; tokens: number }[]) =>
  baseline({ samples: { model: 'm', checks: { [name]: list } } });
const run = (checks: Partial<CheckResult>[], tokens: Record<string, number> = {}): RunRecordPart => ({
  model: 'm',
  checks: checks.map(checkResult),
  spend: {
    ...newSpend(),
    rows: Object.entries(tokens).map(([check, count]) => usageRow({ check, promptTokens: count })),
  },
});
type RunRecordPart = Pick<RunRecord, 'model' | 'checks' | 'spend'>;

describe('checks that fail now and did not, or the other way round', () => {
  const VERDICTS = ['passed', 'warned', 'failed', 'blocked', 'skipped'] as const;
  const told = (before: string | undefined, now: (typeof VERDICTS)[number]) => {
    const verdicts = new Map(before === undefined ? [] : [['chat', before]]);
    const { newFailures, fixed } = compare(run([{ verdict: now }]), baseline({ verdicts }));
    return [...newFailures.map(() => 'new'), ...fixed.map(() => 'fixed')].join();
  };

  it('are new where they passed before, if only with a warning', () => {
    expect([...VERDICTS, undefined].map((before) => told(before, 'failed'))).toEqual(['new', 'new', '', '', '', '']);
  });

  it.each(['passed', 'warned'] as const)('are fixed where they failed before or were blocked: now %s', (now) => {
    expect([...VERDICTS, undefined].map((before) => told(before, now))).toEqual(['', '', 'fixed', 'fixed', '', '']);
  });

  it('are neither where they were not judged now, or before by words that nobody knows', () => {
    for (const now of ['blocked', 'skipped'] as const)
      expect(VERDICTS.map((before) => told(before, now)).join('')).toBe('');
    expect(told('FAILED', 'passed') + told('toString', 'failed')).toBe('');
  });

  it('are told with what the baseline came to', () => {
    expect(compare(run([]), baseline({ result: 'failed', code: 'E_UI' })).baseline).toBe('failed E_UI');
    expect(compare(run([]), baseline()).baseline).toBe('passed');
  });
});

describe('a change of what a check takes', () => {
  const changes = (
    before: ReturnType<typeof sample>[],
    ms: number,
    tokens = 0,
    verdict: CheckResult['verdict'] = 'passed',
  ) => compare(run([{ ms, verdict }], { chat: tokens }), earlier('chat', ...before)).changes;

  it('is told with the median of the earlier runs', () => {
    expect(changes([sample(1000, 200), sample(1200, 210), sample(1100, 190)], 4000, 700)).toEqual([
      { check: 'chat', measure: 'ms', from: 1100, to: 4000 },
      { check: 'chat', measure: 'tokens', from: 200, to: 700 },
    ]);
  });

  it('counts the tokens of all that a check asks, and of no other', () => {
    const found = run([{ ms: 0 }], { chat: 30, other: 1000 });
    found.spend.rows.push(usageRow({ check: 'chat', model: 'b', promptTokens: 20, completionTokens: 60 }));
    expect(compare(found, earlier('chat', sample(0, 0))).changes).toEqual([
      { check: 'chat', measure: 'tokens', from: 0, to: 110 },
    ]);
  });

  it.each(['failed', 'blocked', 'skipped'] as const)('is none of a check that %s: it ends early', (verdict) => {
    expect(changes([sample(1), sample(1), sample(1)], 90_000, 0, verdict)).toEqual([]);
    expect(changes([sample(1), sample(1), sample(1)], 90_000, 0, 'warned')).toHaveLength(1);
  });

  it('is none without an earlier run of that check', () => {
    expect(changes([], 90_000)).toEqual([]);
    for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty'])
      expect(compare(run([{ name, ms: 90_000 }]), baseline()).changes).toEqual([]);
  });

  it('is none with another model, or with one where there was none: and that is told', () => {
    const before = earlier('chat', sample(1), sample(1), sample(1));
    const found = { ...run([{ ms: 90_000 }]), model: 'n' };
    expect(compare(found, before)).toMatchObject({ changes: [], notCompared: 'the earlier runs were with m' });
    before.samples.model = '';
    expect(compare(found, before).notCompared).toBe('the earlier runs were with no model');
    expect(compare({ ...found, model: '' }, before)).toMatchObject({ changes: [{ measure: 'ms' }], notCompared: '' });
  });
});

const MS = { least: 1000, leastOfFew: 2000 };

describe('noise', () => {
  it.each([
    ['a second more or less', [1000, 1000, 1000], 1999, false],
    ['half of the median', [4000, 4000, 4000], 6000, false],
    ['more than half', [4000, 4000, 4000], 6001, true],
    ['less than half of it', [4000, 4000, 4000], 1999, true],
    ['three deviations', [4000, 5000, 6000], 8000, false],
    ['more than three', [4000, 5000, 6000], 8001, true],
    ['one slow run among the earlier', [1000, 1000, 90_000], 1500, false],
    ['one slow run now', [1000, 1100, 1200, 1000], 3000, true],
  ] as const)('of three earlier runs or more: %s', (_, before, value, isChange) => {
    expect(isBeyondNoise(value, [...before], MS)).toBe(isChange);
  });

  it.each([
    ['twice as much, but less than two seconds', [1999], 3998, false],
    ['twice as much', [2000], 4000, true],
    ['almost twice as much', [10_000], 19_999, false],
    ['half', [4000, 4000], 2000, true],
    ['a little more than half', [4000, 4000], 2001, false],
    ['something where there was nothing', [0], 2000, true],
    ['the mean of two is what counts', [2000, 6000], 8000, true],
  ] as const)('of fewer: %s', (_, before, value, isChange) => {
    expect(isBeyondNoise(value, [...before], MS)).toBe(isChange);
  });

  it.each([
    [[3], 3],
    [[5, 1], 3],
    [[9, 1, 2], 2],
    [[4, 1, 2, 3], 2.5],
  ])('the median of %j is %d', (values, median) => {
    expect(medianOf(values)).toBe(median);
  });
});

describe('samples that the next run gets', () => {
  it('are those of earlier runs and this one, the newest last, nine at the most', () => {
    const before = earlier('chat', ...Array.from({ length: 9 }, (_, at) => sample(at, at)));
    before.samples.checks['gone'] = [sample(7)];
    expect(samplesOf(run([{ ms: 100 }], { chat: 5 }), before)).toEqual({
      model: 'm',
      checks: {
        chat: [...Array.from({ length: 8 }, (_, at) => sample(at + 1, at + 1)), sample(100, 5)],
        gone: [sample(7)],
      },
    });
  });

  it('are of checks that passed', () => {
    const names = ['passed', 'warned', 'failed', 'blocked', 'skipped'] as const;
    const found = run(names.map((verdict) => ({ name: verdict, verdict, ms: 1 })));
    expect(Object.keys(samplesOf(found).checks)).toEqual(['passed', 'warned']);
  });

  it('begin anew with another model', () => {
    const found = { ...run([{ ms: 1 }]), model: 'n' };
    expect(samplesOf(found, earlier('chat', sample(5), sample(6)))).toEqual({
      model: 'n',
      checks: { chat: [sample(1)] },
    });
  });

  it('of a run without a model are the earlier ones as they are', () => {
    const before = earlier('chat', sample(5));
    expect(samplesOf({ ...run([{ ms: 1 }]), model: '' }, before)).toEqual(before.samples);
  });

  it('go on where no run ever has a model', () => {
    const before = baseline({ samples: { model: '', checks: { chat: [sample(5)] } } });
    expect(samplesOf({ ...run([{ ms: 1 }]), model: '' }, before)).toEqual({
      model: '',
      checks: { chat: [sample(5), sample(1)] },
    });
    expect(samplesOf({ ...run([{ ms: 1 }]), model: '' }).checks).toEqual({ chat: [sample(1)] });
  });

  it('may have any name', () => {
    const found = run([
      { name: '__proto__', ms: 1 },
      { name: 'constructor', ms: 2 },
    ]);
    const once = samplesOf(found);
    const twice = samplesOf(found, baseline({ samples: once }));
    expect(Object.entries(twice.checks)).toEqual([
      ['__proto__', [sample(1), sample(1)]],
      ['constructor', [sample(2), sample(2)]],
    ]);
    expect(Object.getPrototypeOf(twice.checks)).toBe(Object.prototype);
  });
});

describe('a baseline', () => {
  const report = (over: object = {}) =>
    JSON.stringify({ version: 1, result: 'failed', failure: { code: 'E_UI' }, checks: [], ...over });

  it('is read of a report', () => {
    const checks = [{ name: 'chat', verdict: 'passed' }];
    const samples = { model: 'm', checks: { chat: [sample(1, 2)] } };
    expect(readBaseline(report({ checks, samples }))).toEqual({
      result: 'failed',
      code: 'E_UI',
      verdicts: new Map([['chat', 'passed']]),
      samples,
    });
  });

  it('keeps nine samples of a check, and none that is not two amounts', () => {
    const odd = [
      null,
      5,
      '1',
      [],
      {},
      { ms: '1', tokens: 1 },
      { ms: -1, tokens: 0 },
      { ms: 1 },
      { ms: null, tokens: 1 },
    ];
    const good = Array.from({ length: 12 }, (_, at) => sample(at));
    const samples = { model: 'm', checks: { a: [...good, ...odd], b: odd, c: 'x', d: { 0: sample(1) } } };
    expect(readBaseline(report({ samples })).samples.checks).toEqual({ a: good.slice(3), b: [], c: [], d: [] });
    const huge = '{"version":1,"checks":[],"samples":{"model":"m","checks":{"a":[{"ms":1e999,"tokens":0}]}}}';
    expect(readBaseline(huge).samples.checks).toEqual({ a: [] });
  });

  it.each([
    ['', 'JSON'],
    ['{"version":1', 'JSON'],
    ['[]', 'no report.json of this action, of version 1'],
    ['null', 'no report.json'],
    ['"x"', 'no report.json'],
    [report({ version: 2 }), 'no report.json'],
    [report({ version: '1' }), 'no report.json'],
    [report({ checks: {} }), 'no report.json'],
  ])('is an Error where it is none: %s', (text, message) => {
    expect(() => readBaseline(text)).toThrow(message);
  });

  it.each([undefined, null, [], 'x', 5, { checks: [] }, { model: 5, checks: null }])(
    'may lack samples: %j',
    (samples) => {
      expect(readBaseline(report({ samples })).samples).toEqual({ model: '', checks: {} });
    },
  );
});

it('a run with a stand-in is compared by its verdicts alone, and hands the samples on as they are', () => {
  const before = record({ checks: [checkResult({ ms: 9000 })] });
  const samples = samplesOf(before);
  const baseline = { result: 'passed', code: '', verdicts: new Map([['chat', 'failed']]), samples };
  const now = record({ standIn: 'a fork', checks: [checkResult({ ms: 100 })] });
  expect(compare(now, baseline)).toMatchObject({ fixed: ['chat'], changes: [] });
  expect(samplesOf(now, baseline)).toEqual(samples);
});
