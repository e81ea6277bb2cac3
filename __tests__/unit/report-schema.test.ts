import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../../src/error-codes.js';
import { REPORT_VERSION, reportOf } from '../../src/report/json.js';
import { modeOf, newRecord, resultOf, VERDICTS, type RunRecord } from '../../src/report/record.js';
import { compare, readBaseline, samplesOf } from '../../src/report/trend.js';
import { checkResult, dryRunOf, planOf, record, RED, serviceFacts } from '../helpers/record.js';
import { stagesOf, wholeRecord } from '../helpers/whole-record.js';

type Json = Record<string, unknown>;
const schema = JSON.parse(readFileSync('docs/report.schema.json', 'utf8')) as Json;
const validate = new Ajv2020({ strict: true, strictRequired: true, allErrors: true }).compile(schema);
const stages = [{ name: 'probe', startMs: 0, endMs: 1200, ok: true }];

/** The report of a run, as its reader gets it. */
function report(found: RunRecord): Json {
  return JSON.parse(JSON.stringify(reportOf(found, stages, samplesOf(found)))) as Json;
}
const problemsOf = (value: unknown) =>
  (validate(value) ? [] : (validate.errors ?? [])).map(
    ({ instancePath, message }) => `${instancePath} ${message ?? ''}`,
  );

function withBaseline(found: RunRecord): RunRecord {
  const before = record({ checks: [checkResult({ ms: 90_000 }), checkResult({ name: 'rag', verdict: 'failed' })] });
  const baseline = readBaseline(JSON.stringify(report(before)));
  return { ...found, trend: compare(found, baseline) };
}

let said = 0;
const whole = wholeRecord(() => `text ${(said += 1)}`);
const dryRun = dryRunOf({ objects: 2, stubs: ['Route.route.openshift.io'] });
const place = { file: 'values.yaml' };
const spend = { ...record().spend, stopped: 'a budget is spent', prices: [{ model: '', prompt: 1, completion: 2 }] };
const failed = checkResult({
  verdict: 'failed',
  code: 'E_UI',
  cause: 'x',
  fix: 'y',
  chain: ['z'],
  evidence: undefined,
});
const KINDS: [string, RunRecord, result: string, mode: string | undefined][] = [
  ['green', record({ plan: planOf() }), 'passed', 'full'],
  ['red', record({ failure: RED, checks: [failed] }), 'failed', 'full'],
  ['red, with a place', record({ failure: { ...RED, place } }), 'failed', 'full'],
  ['dry, and red', record({ dryRun, failure: RED }), 'failed', 'dry-run'],
  ['red after it was skipped', { ...newRecord(), skipped: 'no key', failure: RED }, 'failed', 'full'],
  ['red from the first moment', { ...newRecord(), failure: RED }, 'failed', 'full'],
  ['skipped', { ...newRecord(), skipped: 'no key' }, 'skipped', undefined],
  ['basic', record({ untested: 'away', model: '', service: undefined }), 'passed', 'basic'],
  ['with a stand-in', record({ standIn: 'no key' }), 'passed', 'stand-in'],
  ['partial', record({ spend }), 'passed', 'partial'],
  ['dry', record({ dryRun, wiring: { name: 'values', because: 'x' }, checks: [] }), 'planned', 'dry-run'],
  ['with a baseline', withBaseline(record()), 'passed', 'full'],
  [
    'without embeddings',
    record({ service: serviceFacts({ embeddings: { offered: false, why: 'x' } }) }),
    'passed',
    'full',
  ],
  ['of all that can be there', whole, 'failed', 'dry-run'],
];

describe('the schema of the report', () => {
  it.each(KINDS)('describes a run that is %s', (_, found, result, mode) => {
    const its = report(found);
    expect(problemsOf(its)).toEqual([]);
    expect([its['version'], its['result'], its['mode']]).toEqual([REPORT_VERSION, result, mode]);
    expect([resultOf(found), mode && modeOf(found)]).toEqual([result, mode]);
  });

  it('describes a run with a trend, and checks of every verdict', () => {
    expect(report(withBaseline(record()))['trend']).toMatchObject({
      changes: [{ check: 'chat', measure: 'ms', from: 90_000 }],
    });
    const checks = VERDICTS.map((verdict) => checkResult({ verdict }));
    expect(problemsOf(report(record({ checks })))).toEqual([]);
  });

  it('knows every field that a report can have: none is said to be there that never is', () => {
    const described = (at: unknown): string[] => Object.keys((at as { properties: Json }).properties).sort();
    const defs = schema['$defs'] as Record<string, unknown>;
    const its = JSON.parse(
      JSON.stringify(
        reportOf(
          whole,
          stagesOf(() => 'x'),
          samplesOf(whole),
        ),
      ),
    ) as {
      failure: Json;
      usage: Json & { rows: Json[]; budgets: Json[]; prices: Json[] };
      checks: Json[];
      service: Json;
      trend: Json;
      ownTests: Json;
      stages: Json[];
    };
    expect(described(schema)).toEqual(Object.keys({ ...its, skipped: '' }).sort());
    const parts = {
      failure: its.failure,
      usage: its.usage,
      service: its.service,
      trend: its.trend,
      ownTests: its.ownTests,
    };
    for (const [name, part] of Object.entries(parts)) expect(described(defs[name])).toEqual(Object.keys(part).sort());
    const rows = { usageRow: its.usage.rows, budget: its.usage.budgets, price: its.usage.prices, stage: its.stages };
    for (const [name, list] of Object.entries(rows))
      expect(described(defs[name])).toEqual(Object.keys(list[0] ?? {}).sort());
    const fields = its.checks.flatMap((check) => Object.keys(check));
    expect(described(defs['check'])).toEqual([...new Set([...fields, 'code'])].sort());
  });

  it('refuses a report that lacks a field', () => {
    const optional = [
      'skipped',
      'mode',
      'failure',
      'untested',
      'standIn',
      'ownTests',
      'trend',
      'service',
      'wiring',
      'dryRun',
    ];
    const its = report(whole);
    for (const name of Object.keys(its)) {
      const rest = Object.fromEntries(Object.entries(its).filter(([other]) => other !== name));
      expect([name, problemsOf(rest).length > 0]).toEqual([name, !optional.includes(name)]);
    }
  });

  const KEYS: [string, (its: Json) => void][] = [
    ['a field that is none', (its) => (its['more'] = 1)],
    ['another version', (its) => (its['version'] = 2)],
    ['another result', (its) => (its['result'] = 'ok')],
    ['another mode', (its) => (its['mode'] = 'half')],
    ['a number as a text', (its) => (its['totalTokens'] = '36')],
    ['a negative number', (its) => (its['totalTokens'] = -1)],
    ['a check of another verdict', (its) => (its['checks'] = [{ ...checkResult(), verdict: 'ok' }])],
    ['a check of another hop', (its) => (its['checks'] = [{ ...checkResult(), hop: 'moon' }])],
    ['a failure of another code', (its) => (its['failure'] = { ...RED, code: 'E_OTHER' })],
    ['a failure without a fix', (its) => (its['failure'] = { ...RED, fix: undefined })],
    ['samples of another form', (its) => (its['samples'] = { chat: [{ ms: 1, tokens: 1 }] })],
    [
      'samples that are too many',
      (its) => (its['samples'] = { model: '', checks: { a: Array(10).fill({ ms: 1, tokens: 1 }) } }),
    ],
    ['a stage without an end', (its) => (its['stages'] = [{ name: 'a', startMs: 1, ok: true }])],
    ['a tool that is none', (its) => (its['tools'] = { npm: {} })],
  ];
  it.each(KEYS)('refuses %s', (_, change) => {
    const its = report(record());
    change(its);
    expect(problemsOf(JSON.parse(JSON.stringify(its)))).not.toEqual([]);
  });
});

describe('its lists', () => {
  const enumOf = (value: unknown) => (value as { enum: string[] }).enum;
  const defs = schema['$defs'] as Record<string, unknown>;
  const properties = schema['properties'] as Json;
  /** The members of a union type, as its file has them: types are gone when this runs. */
  const union = (file: string, name: string) => {
    const [, body = ''] = new RegExp(`type ${name} =([^;]*);`).exec(readFileSync(file, 'utf8')) ?? [];
    return [...body.matchAll(/'([^']+)'/g)].map(([, member = '']) => member);
  };

  it('are those of the code', () => {
    expect(enumOf(defs['code'])).toEqual(Object.keys(ERROR_CODES));
    expect(enumOf(defs['verdict'])).toEqual(VERDICTS);
    expect(enumOf(defs['hop'])).toEqual(union('src/errors.ts', 'Hop'));
    expect(enumOf(properties['result'])).toEqual(union('src/report/record.ts', 'Result'));
    expect(enumOf(properties['mode'])).toEqual(union('src/report/record.ts', 'Mode'));
  });

  it('has every definition described, and the version in its name', () => {
    const undescribed = Object.entries(defs).filter(([, value]) => !(value as Json)['description']);
    expect(undescribed).toEqual([]);
    expect(schema['$id']).toContain(`version=${REPORT_VERSION}`);
  });
});
