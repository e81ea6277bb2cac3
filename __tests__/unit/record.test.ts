import { describe, expect, it } from 'vitest';
import { modeOf, newRecord, redactRecord, resultOf, tally, VERDICTS } from '../../src/report/record.js';
import { toFailure } from '../../src/errors.js';
import { newSpend } from '../../src/spend/spend.js';
import { usageRow } from '../helpers/meter.js';
import { checkResult, dryRunOf, record, serviceFacts } from '../helpers/record.js';

const FAILURE = toFailure('x');

describe('the result of a run', () => {
  it.each([
    ['passed', {}],
    ['skipped', { skipped: 'no key' }],
    ['skipped', { skipped: '' }],
    ['failed', { failure: FAILURE }],
    ['failed', { failure: FAILURE, skipped: 'no key' }],
  ])('is %s of %j', (result, over) => {
    expect(resultOf({ ...newRecord(), ...over })).toBe(result);
  });
});

describe('what a run was about', () => {
  const DRY = dryRunOf({ objects: 3, stubs: [] });
  const STOPPED = { ...newSpend(), stopped: 'a budget is spent' };
  it.each([
    ['full', {}],
    ['basic', { untested: 'away' }],
    ['basic', { untested: '' }],
    ['stand-in', { standIn: 'no key' }],
    ['stand-in', { standIn: '', untested: 'away' }],
    ['partial', { spend: STOPPED }],
    ['partial', { spend: STOPPED, standIn: 'no key', untested: 'away' }],
    ['full', { spend: { ...newSpend(), onBudget: 'stop' as const } }],
    ['dry-run', { dryRun: DRY }],
    ['dry-run', { dryRun: DRY, spend: STOPPED }],
    ['dry-run', { dryRun: DRY, failure: FAILURE }],
    ['dry-run', { dryRun: DRY, standIn: 'no key', untested: 'away' }],
  ])('is %s of %j', (mode, over) => {
    expect(modeOf({ ...newRecord(), ...over })).toBe(mode);
  });
});

describe('a redacted record', () => {
  it('has no secret in what the service named and said of its limits, nor in what was asked of models', () => {
    const limits = { 'x-sk-secret-limit': 'sk-secret' };
    const spend = {
      ...newSpend(),
      rows: [usageRow({ model: 'sk-secret/chat', requests: 3 })],
      traffic: { retries: 1, rateLimited: 2, waitedMs: 3, limitHeaders: limits },
      stopped: 'sk-secret is spent',
    };
    const found = record({ spend, service: serviceFacts({ rateLimits: limits }) });
    const redacted = redactRecord(found, (text) => text.replaceAll('sk-secret', '***'));
    expect(redacted.service?.rateLimits).toEqual({ 'x-***-limit': '***' });
    expect(redacted.spend).toEqual({
      ...newSpend(),
      rows: [usageRow({ model: '***/chat', requests: 3 })],
      traffic: { retries: 1, rateLimited: 2, waitedMs: 3, limitHeaders: { 'x-***-limit': '***' } },
      stopped: '*** is spent',
    });
    expect(found.spend).toBe(spend);
    expect(spend.traffic.limitHeaders).toBe(limits);
  });

  it('is one too where no service was asked', () => {
    expect(redactRecord(newRecord(), (text) => text)).toEqual(newRecord());
  });
});

describe('checks in words', () => {
  it.each([
    ['0 checks passed', []],
    ['2 checks passed', ['passed', 'passed']],
    ['1 check passed, 1 warned, 2 skipped', ['skipped', 'warned', 'skipped', 'passed']],
    ['0 checks passed, 1 failed, 2 blocked', ['blocked', 'failed', 'blocked']],
    ['1 check passed, 1 warned, 1 failed, 1 blocked, 1 skipped', [...VERDICTS].reverse()],
  ] as const)('%s', (words, verdicts) => {
    expect(tally(verdicts.map((verdict) => checkResult({ verdict })))).toBe(words);
  });
});

it('two runs share nothing', () => {
  const { checks, spend } = newRecord();
  checks.push(...record().checks);
  spend.rows.push(usageRow());
  spend.traffic.retries += 1;
  expect(newRecord().checks).toEqual([]);
  expect(newRecord().spend).toEqual(newSpend());
});
