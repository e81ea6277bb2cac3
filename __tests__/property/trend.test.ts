import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VERDICTS, type RunRecord } from '../../src/report/record.js';
import { reportOf } from '../../src/report/json.js';
import { compare, isBeyondNoise, medianOf, readBaseline, samplesOf } from '../../src/report/trend.js';
import { checkResult, record } from '../helpers/record.js';

const value = fc.oneof(fc.nat(20_000), fc.nat(20), fc.constant(1000));
const noise = fc.constantFrom({ least: 1000, leastOfFew: 2000 }, { least: 50, leastOfFew: 100 });
const many = fc.array(value, { minLength: 3, maxLength: 9 });
const any = fc.array(value, { minLength: 1, maxLength: 9 });
const deviations = (values: number[]) => values.map((one) => Math.abs(one - medianOf(values))).sort((a, b) => a - b);

describe('a value that is compared with earlier ones', () => {
  it('is no change where it is the median, or as near to it as half of the earlier ones', () => {
    fc.assert(
      fc.property(many, noise, fc.boolean(), (values, limits, isAbove) => {
        const near = deviations(values)[Math.floor((values.length - 1) / 2)] ?? 0;
        const median = medianOf(values);
        expect(isBeyondNoise(median, values, limits)).toBe(false);
        expect(isBeyondNoise(isAbove ? median + near : median - near, values, limits)).toBe(false);
      }),
    );
  });

  it('is no change between the earlier ones, where these are no farther apart than noise', () => {
    fc.assert(
      fc.property(any, noise, fc.nat(1000), (values, limits, share) => {
        const [low, high] = [Math.min(...values), Math.max(...values)];
        const within = low + ((high - low) * share) / 1000;
        const deviation = medianOf(deviations(values));
        if (values.length > 2 && high - low > 3 * deviation) return; // one that is far away is noise, too
        if (values.length <= 2 && high - low >= limits.leastOfFew) return;
        expect(isBeyondNoise(within, values, limits)).toBe(false);
      }),
    );
  });

  it('is no change below the least difference', () => {
    fc.assert(
      fc.property(any, noise, fc.nat(999), fc.boolean(), (values, limits, share, isAbove) => {
        const least = values.length < 3 ? limits.leastOfFew : limits.least;
        const by = (least * share) / 1000;
        expect(isBeyondNoise(medianOf(values) + (isAbove ? by : -by), values, limits)).toBe(false);
      }),
    );
  });

  it('stays a change the farther it is away, on its side', () => {
    fc.assert(
      fc.property(any, noise, value, value, (values, limits, one, further) => {
        if (!isBeyondNoise(one, values, limits)) return;
        const away = one > medianOf(values) ? one + further : one - further;
        expect(isBeyondNoise(away, values, limits)).toBe(true);
      }),
    );
  });

  it('is one sooner or later, upwards', () => {
    fc.assert(fc.property(any, noise, (values, limits) => isBeyondNoise(1e9, values, limits)));
  });

  it('is judged the same in whichever order the earlier ones stand', () => {
    const shuffled = any.chain((values) =>
      fc.tuple(fc.constant(values), fc.shuffledSubarray(values, { minLength: values.length })),
    );
    fc.assert(
      fc.property(shuffled, noise, value, ([values, others], limits, one) => {
        expect(isBeyondNoise(one, others, limits)).toBe(isBeyondNoise(one, values, limits));
      }),
    );
  });
});

const names = fc.constantFrom('chat', 'rag', '__proto__', 'constructor', 'toString', 'length', '', '\u0000', '💥');
const json = fc.jsonValue({ maxDepth: 4 });
const number = fc.oneof(fc.nat(), fc.double(), fc.constantFrom(-1, 1e308, '5', 'NaN', null, true, [5], {}));
const samples = fc.record({
  model: fc.oneof(fc.constant('maas/acme/chat'), json),
  checks: fc.oneof(
    fc
      .array(fc.tuple(names, fc.oneof(json, fc.array(fc.record({ ms: number, tokens: number }), { maxLength: 12 }))))
      .map((entries) => Object.fromEntries(entries)),
    json,
  ),
});
const reports = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.oneof(
      fc.string(),
      json.map((any) => JSON.stringify(any)),
    ),
  },
  {
    weight: 5,
    arbitrary: fc
      .record({
        version: fc.oneof({ weight: 9, arbitrary: fc.constant(1) }, json),
        result: fc.oneof(fc.constant('failed'), json),
        failure: fc.oneof(fc.record({ code: fc.string() }), json),
        checks: fc.oneof(
          {
            weight: 9,
            arbitrary: fc.array(fc.oneof(fc.record({ name: names, verdict: fc.constantFrom(...VERDICTS) }), json)),
          },
          json,
        ),
        samples: fc.oneof({ weight: 9, arbitrary: samples }, json),
      })
      .map((report) => JSON.stringify(report).replace(/1e\+308/g, '1e999')),
  },
);
const runs = fc
  .record({
    checks: fc.array(fc.record({ name: names, verdict: fc.constantFrom(...VERDICTS), ms: fc.nat() })),
    model: fc.constantFrom('', 'maas/acme/chat'),
  })
  .map(({ checks, model }) => record({ checks: checks.map(checkResult), model }));

describe('a baseline that anybody wrote', () => {
  it('is an Error, or one that a run can be compared with: finite numbers, names that are the run’s', () => {
    fc.assert(
      fc.property(reports, runs, (text, found) => {
        const baseline = readOrNot(text);
        if (!baseline) return;
        const before = structuredClone({ checks: found.checks, failure: found.failure });
        const trend = compare(found, baseline);
        expect({ checks: found.checks, failure: found.failure }).toEqual(before);
        const own = new Set(found.checks.map(({ name }) => name));
        for (const name of [...trend.newFailures, ...trend.fixed, ...trend.changes.map(({ check }) => check)])
          expect(own.has(name)).toBe(true);
        for (const { from, to } of trend.changes) expect([from, to].every(Number.isFinite)).toBe(true);
        isKept(found, text);
      }),
      { numRuns: 2000, seed: 20_261_125 },
    );
  });

  it('of many megabytes is read, or an Error', () => {
    const deep = `{"version":1,"checks":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    const wide = JSON.stringify({
      ...{ version: 1, checks: [] },
      samples: { model: '', checks: { chat: Array.from({ length: 200_000 }, () => ({ ms: 1, tokens: 1 })) } },
    });
    expect(readOrNot(deep)?.samples).toEqual({ model: '', checks: {} });
    expect(readOrNot(wide)?.samples.checks['chat']).toHaveLength(9);
    expect(readOrNot('['.repeat(1_000_000))).toBeUndefined();
  });
});

/** undefined where it is an Error. */
function readOrNot(text: string): ReturnType<typeof readBaseline> | undefined {
  try {
    return readBaseline(text);
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    return undefined;
  }
}

/** What is handed on is read by the next run as it was written, and never more than nine samples. */
function isKept(found: RunRecord, text: string): void {
  const kept = samplesOf(found, readOrNot(text));
  for (const list of Object.values(kept.checks)) expect(list.length).toBeLessThanOrEqual(9);
  expect(readBaseline(JSON.stringify(reportOf(found, [], kept))).samples).toEqual(kept);
}
