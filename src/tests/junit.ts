/** What a JUnit report counts. */
export interface JunitCounts {
  tests: number;
  failed: number;
  skipped: number;
}

/**
 * The counts of a JUnit report: https://github.com/testmoapp/junitxml. Those of its test cases, as not every writer sums them
 * up in the suites; undefined where there is none.
 */
export function readJunit(xml: string): JunitCounts | undefined {
  const cases = [...xml.matchAll(/<testcase\b[^>]*?(?:\/>|>([^]*?)<\/testcase>)/g)].map(([, body = '']) => body);
  if (!cases.length && !/<testsuites?\b/.test(xml)) return undefined;
  const having = (pattern: RegExp) => cases.filter((body) => pattern.test(body)).length;
  return { tests: cases.length, failed: having(/<(failure|error)\b/), skipped: having(/<skipped\b/) };
}
