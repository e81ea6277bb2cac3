/**
 * How long a server asks to wait, in ms: `retry-after-ms` (Azure, OpenAI), else `Retry-After` in seconds or as an HTTP
 * date (RFC 9110, 10.2.3). Never negative; undefined where it says nothing that can be read.
 */
export function retryAfterMs(headers: Record<string, string>, now: number = Date.now()): number | undefined {
  const ms = asNumber(headers['retry-after-ms']);
  if (ms !== undefined) return Math.max(0, ms);
  const written = headers['retry-after'];
  const seconds = asNumber(written);
  if (seconds !== undefined) return Math.max(0, seconds * 1000);
  const date = asDate(written);
  return date === undefined ? undefined : Math.max(0, date - now);
}

function asNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*-?\d{1,15}(\.\d{1,6})?\s*$/.test(text) ? Number(text) : undefined;
}

/** The three forms of RFC 9110, 5.6.7: IMF-fixdate, RFC 850, asctime. Date.parse alone takes much that is no date. */
const DATES = [
  /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/,
  /^(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, \d\d-[A-Z][a-z]{2}-\d\d \d\d:\d\d:\d\d GMT$/,
  /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/,
];

function asDate(text = ''): number | undefined {
  const written = text.trim();
  if (!DATES.some((form) => form.test(written))) return undefined;
  const date = Date.parse(written.endsWith('GMT') ? written : `${written} GMT`);
  return Number.isNaN(date) ? undefined : date;
}
