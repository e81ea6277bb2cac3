import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES, type ErrorCode } from '../../src/error-codes.js';
import type { Failure } from '../../src/errors.js';
import { junitOf } from '../../src/report/junit.js';
import { resultOf, VERDICTS } from '../../src/report/record.js';
import { readJunit } from '../../src/tests/junit.js';
import { readReport } from '../helpers/junit-schema.js';
import { checkResult, record, RED } from '../helpers/record.js';

const MIB = 1024 * 1024;
/** Bytes of a report of 5 checks and 5 stages, whatever they say: 6 bytes for a character at most. */
const LARGEST = 6 * 10 * 2 * 9000;

const PIECES = [
  ...['<b>', '</testcase>', '<![CDATA[', ']]>', '-->', '<?xml?>', '&', '&amp;', '&#0;', '&#xD800;', '"', "'"],
  ...['```', '| a |', '[x](y)', '::error::x', '\n::set-output name=a::b', ' at a.B.c(D.java:7)', '\n\tat /(/('],
  ...['\u001b[31m', '\u001b[', '\u001b]0;', '\u001b', '\u0007', '\u009b', '\0', '\b', '\u000b', '\u007f', '\u0085'],
  ...['\ud800', '\udc00', '💥', '\ufffe', '\uffff', '\ufeff', '\u2028', '\u{1ffff}', '\r', '\n', '\r\n', '\t', ' ', ''],
];
/** Of them, what makes an expression look far ahead, or a text grow. */
const LONG = [
  'x',
  '<',
  '"',
  ' ',
  '\n',
  '\r',
  '\0',
  '\ud800',
  '💥',
  '\u001b',
  '\u001b[',
  '\u001b[31m',
  '\u001b]0;',
  ' at /(/(',
];
const hostile = fc
  .oneof(
    { weight: 6, arbitrary: fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary' }))) },
    {
      weight: 3,
      arbitrary: fc
        .tuple(fc.constantFrom(...PIECES, 'x'), fc.nat(900))
        .map(([piece, n]) => Array<string>(n).fill(piece)),
    },
  )
  .map((parts) => parts.join(''));
const few = fc.array(hostile, { maxLength: 3 });

const code = fc.constantFrom(...(Object.keys(ERROR_CODES) as ErrorCode[]));
const hop = fc.constantFrom('inputs', 'stack', 'model service', 'run');
const ms = fc.nat(10_000_000);
const evidence = fc.record(
  { expected: hostile, got: hostile, warning: hostile },
  { requiredKeys: ['expected', 'got'] },
);
const verdict = fc.constantFrom(...VERDICTS);
const told = { cause: hostile, fix: hostile, chain: few };
const check = fc
  .record({
    name: hostile,
    hop,
    verdict,
    ms,
    code: fc.option(code, { nil: undefined }),
    ...told,
    evidence: fc.option(evidence, { nil: undefined }),
  })
  .map(checkResult);
const failure = fc
  .record({ code, hop, ...told, evidence: fc.array(hostile, { maxLength: 30 }) })
  .map((over): Failure => ({ ...RED, ...over }));
const stage = fc
  .record({ name: fc.oneof(hostile, fc.constant('checks')), startMs: ms, takes: ms, ok: fc.boolean() })
  .map(({ startMs, takes, ...rest }) => ({ ...rest, startMs, endMs: startMs + takes }));

const run = fc
  .record({
    skipped: fc.option(hostile, { nil: undefined }),
    untested: fc.option(hostile, { nil: undefined }),
    standIn: fc.option(hostile, { nil: undefined }),
    failure: fc.option(failure, { nil: undefined }),
    ofCheck: fc.option(fc.nat(4), { nil: undefined }),
    model: hostile,
    checks: fc.array(check, { maxLength: 5 }),
  })
  .map(({ ofCheck, ...over }) => {
    const found = ofCheck === undefined ? undefined : over.checks[ofCheck];
    if (found?.verdict !== 'failed' || !over.failure) return record(over);
    const { code: its = 'E_UNEXPECTED', hop: at, cause } = found;
    return record({
      ...over,
      failure: { ...over.failure, code: its, hop: at, cause: `check ${found.name}: ${cause}` },
    });
  });
const stages = fc.array(stage, { maxLength: 5 });

describe('the JUnit report of any run', () => {
  it(
    'keeps to the rules, with right counts, and tells what is red and what was not judged',
    { timeout: 240_000 },
    () => {
      fc.assert(
        fc.property(run, stages, (found, times) => {
          const xml = junitOf(found, times);
          expect(Buffer.byteLength(xml)).toBeLessThan(LARGEST);
          const { cases } = readReport(xml);
          const ofChecks = cases.filter(({ suite }) => suite === 'checks');
          const ofRun = cases.filter(({ suite }) => suite === 'run');
          expect(ofChecks.map(({ result }) => result)).toEqual(found.checks.map((one) => RESULTS[one.verdict]));

          const isRed = cases.some(({ result }) => result === 'failure' || result === 'error');
          if (resultOf(found) === 'failed') expect(isRed).toBe(true);
          else expect(ofRun.filter(({ result }) => result === 'error')).toEqual([]);
          if (resultOf(found) === 'skipped') expect(ofRun.at(-1)).toMatchObject({ name: /^run/, result: 'skipped' });
          expect(ofRun.filter(({ result }) => result === 'error').length).toBeLessThanOrEqual(1);
          expect(ofRun.filter(({ result }) => result === 'passed')).toHaveLength(times.filter(({ ok }) => ok).length);

          const count = (...names: string[]) => cases.filter(({ result }) => names.includes(result)).length;
          const counts = { tests: cases.length, failed: count('failure', 'error'), skipped: count('skipped') };
          expect(readJunit(xml, '')).toMatchObject(counts);
        }),
        { numRuns: 1500, seed: 20_260_801 },
      );
    },
  );

  it.each(LONG)('does not grow with lines of 1 MiB of %j, and takes no time for them', (piece) => {
    const line = piece.repeat(Math.ceil(MIB / piece.length));
    const texts = { name: line, cause: line, fix: line, chain: [line, line] };
    const evidenceOf = { expected: line, got: line, warning: line };
    const checks = VERDICTS.map((one) => checkResult({ ...texts, verdict: one, evidence: evidenceOf }));
    const red: Failure = { ...RED, ...texts, evidence: [line, line] };
    const begun = performance.now();
    const xml = junitOf(record({ checks, failure: red, model: line }), [
      { name: line, startMs: 0, endMs: 1, ok: false },
    ]);
    expect(performance.now() - begun).toBeLessThan(10_000);
    expect(Buffer.byteLength(xml)).toBeLessThan(LARGEST);
    readReport(xml);
  });
});

const RESULTS = { passed: 'passed', warned: 'passed', failed: 'failure', blocked: 'skipped', skipped: 'skipped' };
