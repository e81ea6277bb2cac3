import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { retryAfterMs } from '../../src/retry/retry-after.js';

const NOW = Date.UTC(2026, 2, 4, 5, 6, 7);
const YEAR_S = 365 * 86_400;
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const after = (value: string) => retryAfterMs({ 'retry-after': value }, NOW);
const two = (number: number) => String(number).padStart(2, '0');

/** The three forms of a date that RFC 9110, 5.6.7 wants to be read. */
const FORMS: Record<string, (date: Date) => string> = {
  'IMF-fixdate': (date) =>
    `${dayName(date).slice(0, 3)}, ${two(date.getUTCDate())} ${monthName(date)} ${date.getUTCFullYear()} ${clock(date)} GMT`,
  'RFC 850': (date) =>
    `${dayName(date)}, ${two(date.getUTCDate())}-${monthName(date)}-${two(date.getUTCFullYear() % 100)} ${clock(date)} GMT`,
  asctime: (date) =>
    `${dayName(date).slice(0, 3)} ${monthName(date)} ${String(date.getUTCDate()).padStart(2)} ${clock(date)} ${date.getUTCFullYear()}`,
};
const forms = Object.entries(FORMS);

function dayName(date: Date): string {
  return DAYS[date.getUTCDay()]!;
}
function monthName(date: Date): string {
  return MONTHS[date.getUTCMonth()]!;
}
function clock(date: Date): string {
  return [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':');
}

describe('seconds', () => {
  it('are read as whole numbers and as decimals', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 0, max: 999 }), (whole, thousandths) => {
        expect(after(String(whole))).toBe(whole * 1000);
        expect(after(`${whole}.${String(thousandths).padStart(3, '0')}`)).toBeCloseTo(whole * 1000 + thousandths, 3);
      }),
    );
  });

  it('before now are no wait', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1 }), (seconds) => {
        expect(after(`-${seconds}`)).toBe(0);
        expect(retryAfterMs({ 'retry-after-ms': `-${seconds}.5` }, NOW)).toBe(0);
      }),
    );
  });

  it('may have blanks around them', () => {
    expect(after(' 7 ')).toBe(7000);
  });
});

describe('retry-after-ms', () => {
  it('wins over any Retry-After', () => {
    fc.assert(
      fc.property(fc.nat(), fc.oneof(fc.nat().map(String), fc.string()), (ms, other) => {
        expect(retryAfterMs({ 'retry-after-ms': String(ms), 'retry-after': other }, NOW)).toBe(ms);
      }),
    );
  });

  it('that can not be read leaves it to Retry-After', () => {
    expect(retryAfterMs({ 'retry-after-ms': 'soon', 'retry-after': '3' }, NOW)).toBe(3000);
  });
});

describe('an HTTP date', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('of RFC 9110 in its own examples', () => {
    const date = Date.UTC(1994, 10, 6, 8, 49, 37);
    for (const text of ['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994'])
      expect(retryAfterMs({ 'retry-after': text }, date - 90_000), text).toBe(90_000);
  });

  it.each(forms)('as %s is the time until then, and none where it has passed', (_, write) => {
    fc.assert(
      fc.property(fc.integer({ min: -20 * YEAR_S, max: 20 * YEAR_S }), (seconds) => {
        expect(after(write(new Date(NOW + seconds * 1000)))).toBe(Math.max(0, seconds * 1000));
      }),
    );
  });

  it.each(forms)('as %s is in GMT wherever the runner stands', (_, write) => {
    const text = write(new Date(NOW + 30_000));
    for (const zone of ['America/New_York', 'Asia/Tokyo', 'UTC']) {
      vi.stubEnv('TZ', zone);
      expect(after(text), zone).toBe(30_000);
    }
  });
});

describe('what says nothing', () => {
  it.each([
    ...['soon', '1e9', '0x10', '', ' ', '120, 5', 'Infinity', 'NaN', '2030-01-01', '2030-01-01T00:00:00Z', '+5'],
    ...['1.2.3', '5s', '1,5', '٣', 'Wed', 'Wed, 99 Foo 2030 00:00:00 GMT'],
  ])('is not read: "%s"', (value) => {
    expect(after(value)).toBeUndefined();
    expect(retryAfterMs({ 'retry-after-ms': value }, NOW)).toBeUndefined();
  });

  it.each(['Soon 2030', 'Later 2030-01-01', 'Wait 5', 'Maybe, 5'])('is no date for a number in it: "%s"', (value) => {
    expect(after(value)).toBeUndefined();
  });

  it('is undefined where there is no header', () => {
    expect(retryAfterMs({}, NOW)).toBeUndefined();
  });
});

describe('any headers', () => {
  const parts = fc.constantFrom(
    ...DAYS,
    ...MONTHS,
    'Sun',
    'GMT',
    '12:00:00',
    '2030',
    '06',
    '94',
    ',',
    ' ',
    '-',
    '.',
    'e',
  );
  const value = fc.oneof(
    fc.string(),
    fc.double().map(String),
    fc.bigInt().map(String),
    fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
    fc.array(parts, { maxLength: 12 }).map((list) => list.join('')),
  );

  it('give no wait, or a finite one that is not negative', () => {
    const headers = fc.record({ 'retry-after': value, 'retry-after-ms': value }, { requiredKeys: [] });
    fc.assert(
      fc.property(headers, fc.date({ noInvalidDate: true }), (given, now) => {
        const ms = retryAfterMs(given, now.getTime());
        if (ms !== undefined) expect(Number.isFinite(ms) && ms >= 0).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
