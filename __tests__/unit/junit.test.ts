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
    expect(readJunit(xml)).toEqual({ tests, failed, skipped });
  });

  it.each(['no such file', '<html><br></html>', '<html><error>'])('is not seen in "%s"', (text) => {
    expect(readJunit(text)).toBeUndefined();
  });

  it('is cut off wherever it ends too soon', () => {
    const whole = `<?xml version="1.0"?><!-- c --><testsuites>${suite(
      `<testcase name="a > 'b'"><system-out><![CDATA[<x>]]></system-out></testcase><testcase/>`,
    )}</testsuites>`;
    expect(readJunit(whole)).toEqual({ tests: 2, failed: 0, skipped: 0 });
    for (let end = 0; end < whole.length; end += 1)
      expect([end, readJunit(whole.slice(0, end))]).toEqual([end, 'cut off']);
  });

  it('is cut off where a whole one follows one that is', () => {
    expect(readJunit(`<testsuites><testsuite><testcase/>${suite('<testcase/>')}`)).toBe('cut off');
  });

  it('of 20 MB is read in well under 2 s', () => {
    const one = '<testcase classname="a.b" name="c > d" time="0.1"><failure>x</failure></testcase>\n';
    const xml = suite(one.repeat(250_000));
    const began = performance.now();
    expect(readJunit(xml)).toEqual({ tests: 250_000, failed: 250_000, skipped: 0 });
    expect(performance.now() - began).toBeLessThan(2000);
  });

  it.each<[string, string]>([
    ['a quote without end', suite(`<testcase name="${'a > <b '.repeat(300_000)}`)],
    ['a name without end', `<${'testcase'.repeat(250_000)}`],
    ['elements in elements, ended by another name', '<a>'.repeat(300_000) + '</b>'.repeat(300_000)],
    ['what only looks like tags', suite('<'.repeat(2_000_000))],
    ['comments that do not begin', suite('<!-'.repeat(700_000))],
    ['spaces', suite(`<testcase ${' '.repeat(2_000_000)}/>`)],
    ['attributes', suite(`<testcase ${`a='"' b="'" `.repeat(160_000)}/>`)],
  ])('of 2 MB is read as fast whatever is in it: %s', (_, xml) => {
    const began = performance.now();
    readJunit(xml);
    expect(performance.now() - began).toBeLessThan(1000);
  });
});
