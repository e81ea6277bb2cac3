import { describe, expect, it } from 'vitest';
import { newRecord, resultOf, totalTokens } from '../../src/report/record.js';
import { toFailure } from '../../src/errors.js';
import { record, serviceFacts } from '../helpers/record.js';

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

it('two runs share nothing', () => {
  newRecord().checks.push(...record().checks);
  expect(newRecord().checks).toEqual([]);
});
