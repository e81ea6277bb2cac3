import { describe, expect, it } from 'vitest';
import { modeOf, newRecord, resultOf, tally, totalTokens, VERDICTS } from '../../src/report/record.js';
import { toFailure } from '../../src/errors.js';
import { checkResult, record, serviceFacts } from '../helpers/record.js';

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
  const DRY = { objects: 3, stubs: [] };
  it.each([
    ['full', {}],
    ['basic', { untested: 'away' }],
    ['basic', { untested: '' }],
    ['stand-in', { standIn: 'no key' }],
    ['stand-in', { standIn: '', untested: 'away' }],
    ['dry-run', { dryRun: DRY }],
    ['dry-run', { dryRun: DRY, failure: FAILURE }],
    ['dry-run', { dryRun: DRY, standIn: 'no key', untested: 'away' }],
  ])('is %s of %j', (mode, over) => {
    expect(modeOf({ ...newRecord(), ...over })).toBe(mode);
  });
});

describe('the tokens of a run', () => {
  it('are those of the service and those through the stack, both ways', () => {
    expect(totalTokens(record())).toBe(36);
  });

  it('are those that are known where the run ended early', () => {
    expect(totalTokens(newRecord())).toBe(0);
    expect(
      totalTokens({ ...newRecord(), service: serviceFacts({ usage: [{ promptTokens: 3, completionTokens: 0 }] }) }),
    ).toBe(3);
    expect(totalTokens({ ...newRecord(), usage: [{ promptTokens: 0, completionTokens: 4 }] })).toBe(4);
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
  newRecord().checks.push(...record().checks);
  expect(newRecord().checks).toEqual([]);
});
