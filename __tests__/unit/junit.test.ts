import { describe, expect, it } from 'vitest';
import { readJunit, type JunitCounts } from '../../src/tests/junit.js';
import { Unreadable } from '../../src/unreadable.js';

/** What is read, without the failed cases. */
/** Both are an answer. */
function orRefused(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(Unreadable);
  }
}

function counted(xml: string): Omit<JunitCounts, 'failures'> | 'cut off' | undefined {
  const read = readJunit(xml, '/work');
  if (read === undefined || read === 'cut off') return read;
  const { tests, failed, skipped } = read;
  return { tests, failed, skipped };
}

const suiteOf = (failures: number, errors: number, inner: string) =>
  `<testsuite failures="${failures}" errors="${errors}">${inner}</testsuite>`;

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
    expect(counted(xml)).toEqual(counts);
  });

  const suite = (inner: string) => `<testsuite name="s">${inner}</testsuite>`;

  it.each<[string, string, number[]]>([
    [
      'CDATA',
      suite('<testcase name="a"><system-out><![CDATA[<testcase><failure/></testcase>]]></system-out></testcase>'),
      [1, 0, 0],
    ],
    ['a comment', suite('<!-- <testcase><error/> --><testcase name="a"><!-- <failure> --></testcase>'), [1, 0, 0]],
    ['a > in an attribute', suite('<testcase name="a > b"/><testcase name="c"><failure/></testcase>'), [2, 1, 0]],
    ['markup in an attribute', suite(`<testcase name='<failure/> "'/><testcase name="it's"/>`), [2, 0, 0]],
    ['a slash at the end of an attribute', suite('<testcase name="a/"><skipped/></testcase>'), [1, 0, 1]],
    [
      'apostrophes',
      suite("<testcase name='a > b'/><testcase name='\"'><failure message='a > b'/></testcase>"),
      [2, 1, 0],
    ],
    [
      'instructions',
      `<?xml version="1.0"?><?x <testcase> ?>${suite('<testcase><?x <failure/> ?></testcase>')}`,
      [1, 0, 0],
    ],
    ['a document type', `<!DOCTYPE t [<!ENTITY e "<error>">]>${suite('<testcase name="a"/>')}`, [1, 0, 0]],
    ['suites in suites', suite(suite('<testcase/>') + suite(suite('<testcase/><testcase/>'))), [3, 0, 0]],
    ['a byte order mark', `\uFEFF<?xml version="1.0"?>\r\n${suite('<testcase\r\n name="a"\r\n/>')}`, [1, 0, 0]],
    ['a closing tag with a space', suite('<testcase name="a"><failure></failure ></testcase >'), [1, 1, 0]],
    [
      'a self-closed case before one that fails',
      suite('<testcase name="a" file="x/y" /><testcase name="b"><failure/></testcase>'),
      [2, 1, 0],
    ],
    [
      'a prefix',
      '<j:testsuite xmlns:j="urn:j"><j:testcase><j:failure/></j:testcase><j:testcase/></j:testsuite>',
      [2, 1, 0],
    ],
    [
      'what Maven says of other attempts',
      suite(
        '<testcase><flakyFailure><stackTrace/></flakyFailure><flakyError/></testcase>' +
          '<testcase><failure/><rerunFailure/><rerunError/></testcase>',
      ),
      [2, 1, 0],
    ],
    ['two failures of a case', suite('<testcase><failure/><error/></testcase>'), [1, 1, 0]],
    [
      'elements with such names',
      suite('<testcase><failures/><errors/><skippedNot/></testcase><testcases/>'),
      [1, 0, 0],
    ],
    ['a failure below something else', suite('<testcase><group><failure/></group></testcase>'), [1, 1, 0]],
    ['an error of a suite', '<testsuite errors="1" failures="0" tests="0"><error>x</error></testsuite>', [0, 1, 0]],
    ['an error of a suite beside a case', suite('<testcase/><failure/><skipped/>'), [1, 1, 0]],
    [
      'output that nobody escaped',
      suite('<testcase><system-out>a < b, 1 <2, </ <b> <error> <testcase></system-out></testcase><testcase/>'),
      [2, 0, 0],
    ],
    ['two reports in one', suite('<testcase/>') + suite('<testcase/>'), [2, 0, 0]],
  ])('%s is read as XML is', (_, xml, [tests, failed, skipped]) => {
    expect(counted(xml)).toEqual({ tests, failed, skipped });
  });

  it.each(['no such file', '<html><br></html>', '<html><error>'])('is not seen in "%s"', (text) => {
    expect(counted(text)).toBeUndefined();
  });

  it.each<[string, string, number]>([
    ['without a case of them', '<testsuite tests="3" failures="1" errors="1"/>', 2],
    ['beside cases that failed', '<testsuite failures="2"><testcase><failure/></testcase></testsuite>', 2],
    ['that are fewer than its cases', '<testsuite failures="0"><testcase><failure/></testcase></testsuite>', 1],
    ['of each of two suites', '<testsuite failures="1"/><testsuite errors="2"/>', 3],
    [
      'that the suites around it sum up',
      '<testsuites failures="1"><testsuite failures="1"><testsuite failures="1"/></testsuite></testsuites>',
      1,
    ],
    ['that the suite around it does not sum up', '<testsuite failures="0"><testsuite failures="1"/></testsuite>', 1],
    [
      'some with a case, in suites that sum them up',
      `<testsuite failures="3"><testsuite failures="2"><testcase><failure/></testcase></testsuite></testsuite>`,
      3,
    ],
    ['of a failure and an error of one case', suiteOf(1, 1, '<testcase><failure/><error/></testcase>'), 1],
    ['of attempts of a case that passed', suiteOf(1, 1, '<testcase><flakyFailure/><flakyError/></testcase>'), 0],
    [
      'of attempts of a case that failed',
      suiteOf(3, 0, '<testcase><failure/><rerunFailure/><rerunError/></testcase>'),
      1,
    ],
    [
      'of testsuites: what a compiler printed, at gotestsum',
      `<testsuites errors="7">${suiteOf(0, 0, '')}</testsuites>`,
      0,
    ],
    ['that are none', '<testsuite failures="-1" errors="many"/><testsuite failures="1.5" errors=""/>', 0],
    ['in what a test printed', suiteOf(0, 0, `<testcase><system-out>${suiteOf(1, 0, '')}</system-out></testcase>`), 0],
    ['in a case', suiteOf(0, 0, `<testcase>${suiteOf(1, 0, '')}</testcase>`), 0],
    ['in a failure', suiteOf(0, 1, `<error>${suiteOf(1, 0, '')}</error>`), 1],
    ['in the 51st failure', suiteOf(0, 51, `<error>${suiteOf(1, 0, '')}</error>`.repeat(51)), 51],
  ])('counts the failures that a suite only tells as a number: %s', (_, xml, failed) => {
    expect(counted(xml)).toMatchObject({ failed });
  });

  it('is cut off wherever it ends too soon', () => {
    const whole = `<?xml version="1.0"?><!-- c --><testsuites>${suite(
      `<testcase name="a > 'b'"><system-out><![CDATA[<x>]]></system-out></testcase><testcase/>`,
    )}</testsuites>`;
    expect(counted(whole)).toEqual({ tests: 2, failed: 0, skipped: 0 });
    for (let end = 0; end < whole.length; end += 1)
      expect([end, counted(whole.slice(0, end))]).toEqual([end, 'cut off']);
  });

  it('is cut off where a whole one follows one that is', () => {
    expect(counted(`<testsuites><testsuite><testcase/>${suite('<testcase/>')}`)).toBe('cut off');
  });

  it('of 20 MB is read in time that grows with its length alone', { timeout: 60_000 }, () => {
    const one = '<testcase classname="a.b" name="c > d" time="0.1"><failure>x</failure></testcase>\n';
    const xml = suite(one.repeat(250_000));
    const began = performance.now();
    expect(counted(xml)).toEqual({ tests: 250_000, failed: 250_000, skipped: 0 });
    expect(performance.now() - began).toBeLessThan(20_000); // by a square of its length it would be hours
  });

  it.each<[string, string]>([
    ['a quote without end', suite(`<testcase name="${'a > <b '.repeat(300_000)}`)],
    ['a name without end', `<${'testcase'.repeat(250_000)}`],
    ['elements in elements, ended by another name', '<a>'.repeat(300_000) + '</b>'.repeat(300_000)],
    ['what only looks like tags', suite('<'.repeat(2_000_000))],
    ['comments that do not begin', suite('<!-'.repeat(700_000))],
    ['spaces', suite(`<testcase ${' '.repeat(2_000_000)}/>`)],
    ['attributes', suite(`<testcase ${`a='"' b="'" `.repeat(160_000)}/>`)],
    ['attributes of a failed case', suite(`<testcase ${`a='"' b="'" `.repeat(160_000)}><failure/></testcase>`)],
    ['spaces in a suite', `<testsuite ${' '.repeat(2_000_000)}/>`],
    ['an attribute without a value', `<testsuite ${'a'.repeat(1_000_000)}${' '.repeat(1_000_000)}/>`],
    ['entities', suite(`<testcase name="${'&amp;'.repeat(150_000)}"><failure/></testcase>`)],
    ['what only looks like entities', suite(`<testcase name="${'&#'.repeat(1_000_000)}"><failure/></testcase>`)],
    ['the text of a failure', suite(`<failure>${'a/b.py:1\n'.repeat(220_000)}</failure>`)],
    ['a text without a break', suite(`<failure>${'.py:1.py'.repeat(250_000)}</failure>`.repeat(2))],
    ['long texts', suite(`<failure>${'a/b.js:1 .ts'.repeat(3000)}</failure>`.repeat(60))],
    ['a text in small pieces', suite(`<failure>${'x<!---->'.repeat(250_000)}</failure>`)],
    ['suites in suites', '<testsuite>'.repeat(60_000) + '<failure/>'.repeat(50) + '</testsuite>'.repeat(3)],
    ['failures in failures', suite('<failure>'.repeat(100_000))],
  ])('of 2 MB is read as fast whatever is in it: %s', { timeout: 60_000 }, (_, xml) => {
    const began = performance.now();
    orRefused(() => counted(xml));
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it.each<[string, string, RegExp]>([
    ['levels', suite('<a>'.repeat(10_001)), /^has elements nested more than 10000 deep$/],
    ['elements', suite('<a/>'.repeat(1_000_001)), /^has more than 1000000 elements$/],
  ])('with too many %s is refused', { timeout: 60_000 }, (_, xml, said) => {
    expect(() => counted(xml)).toThrow(said);
    expect(() => counted(xml)).toThrow(Unreadable);
  });

  it.each<[string, string]>([
    ['levels', '<a>'.repeat(4_000_000)],
    ['names', suite(Array.from({ length: 900_000 }, (_, n) => `<n${n}/>`).join(''))],
    ['attributes', suite(`<testsuite ${Array.from({ length: 900_000 }, (_, n) => `a${n}=""`).join(' ')}/>`)],
  ])('of 12 MB of %s needs little memory beside its text', { timeout: 60_000 }, (_, xml) => {
    const before = process.memoryUsage().heapUsed;
    orRefused(() => counted(xml));
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(150 * 1024 * 1024);
  });

  it('with what a test printed, and 5,000 elements in it that nobody ends, is read', () => {
    const printed = `<system-out>${'<br>'.repeat(5000)}</system-out>`;
    expect(counted(suite(`<testcase>${printed}</testcase><testcase/>`))).toEqual({ tests: 2, failed: 0, skipped: 0 });
  });
});
