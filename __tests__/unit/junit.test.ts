import { describe, expect, it } from 'vitest';
import { readJunit } from '../../src/tests/junit.js';

describe('a JUnit report', () => {
  it.each<[string, string, object]>([
    [
      'of pytest',
      `<?xml version="1.0"?><testsuites><testsuite name="pytest" errors="1" failures="1" skipped="1" tests="4">
       <testcase classname="a" name="one" time="0.1" />
       <testcase classname="a" name="two"><failure message="assert 1 == 2">trace &lt;error</failure></testcase>
       <testcase classname="a" name="three"><error message="boom">x</error></testcase>
       <testcase classname="a" name="four"><skipped type="pytest.skip" message="no key">y</skipped></testcase>
       </testsuite></testsuites>`,
      { tests: 4, failed: 2, skipped: 1 },
    ],
    ['without suites', '<testsuite><testcase name="a"/></testsuite>', { tests: 1, failed: 0, skipped: 0 }],
    ['of nothing', '<testsuites tests="0"></testsuites>', { tests: 0, failed: 0, skipped: 0 }],
    [
      'with output in a case',
      '<testsuite><testcase name="a"><system-out>fine</system-out></testcase></testsuite>',
      { tests: 1, failed: 0, skipped: 0 },
    ],
  ])('%s is counted', (_, xml, counts) => {
    expect(readJunit(xml)).toEqual(counts);
  });

  it.each(['', 'no such file', '<html></html>'])('is not seen in "%s"', (text) => {
    expect(readJunit(text)).toBeUndefined();
  });
});
