import { describe, expect, it } from 'vitest';
import { readJunit, type FailedCase } from '../../src/tests/junit.js';

function failuresOf(xml: string, workspace = '/work'): FailedCase[] {
  const read = readJunit(xml, workspace);
  return read === undefined || read === 'cut off' ? [] : read.failures;
}

/** The only failure of a suite. */
const failureIn = (inner: string, suite = '') => failuresOf(`<testsuite ${suite}>${inner}</testsuite>`)[0];
const placeOf = (attributes: string, text = '', suite = '') =>
  failureIn(`<testcase name="a" ${attributes}><failure><![CDATA[${text}]]></failure></testcase>`, suite)?.place;
const messageOf = (failure: string) => failureIn(`<testcase name="a">${failure}</testcase>`)?.message;

describe('the failed cases of a JUnit report', () => {
  it('are those that failed, each once, in their order', () => {
    const xml = `<testsuites><testsuite name="s" failures="4">
      <testcase name="a"/><testcase name="b"><skipped message="no"/></testcase>
      <testcase name="c"><failure message="first"/><error message="second"/></testcase>
      <testcase name="d"><system-out><failure message="printed"/></system-out></testcase>
      <error message="of the suite"/>
      </testsuite><testsuite><testcase name="e"><group><error message="last"/></group></testcase></testsuite></testsuites>`;
    expect(failuresOf(xml)).toEqual([
      { name: 'c', message: 'first', place: undefined },
      { name: 's', message: 'of the suite', place: undefined },
      { name: 's', message: 'its suite tells of 1 failed, and has no case of them', place: undefined },
      { name: 'e', message: 'last', place: undefined },
    ]);
  });

  it('are none where none failed', () => {
    expect(failuresOf('<testsuite><testcase name="a"><rerunFailure message="x"/></testcase></testsuite>')).toEqual([]);
  });

  it('of a suite that only tells a number have its name and its place', () => {
    const xml = '<testsuite name="unit" file="tests/a.js" failures="2" errors="1"/>';
    const message = 'its suite tells of 3 failed, and has no case of them';
    expect(failuresOf(xml)).toEqual([{ name: 'unit', message, place: { file: 'tests/a.js' } }]);
  });

  it('are kept up to 50, and all of them counted', () => {
    const xml = `<testsuite failures="70">${'<testcase name="a"><failure/></testcase>'.repeat(60)}</testsuite>`;
    expect(readJunit(xml, '')).toMatchObject({ failed: 70, failures: Array(50).fill({ name: 'a' }) });
    expect(failuresOf(xml)).toHaveLength(50);
  });

  it.each([
    ['class and name', 'classname="tests.a" name="b"', 'tests.a.b'],
    ['the name where there is no class', 'classname="" name="tests.b"', 'tests.b'],
    ['the class where there is no name', 'classname="c"', 'c'],
    ['the name where it has the class in it', 'classname="adds" name="math adds"', 'math adds'],
    ['both where the name only begins so', 'classname="a" name="adds"', 'a.adds'],
    ['the suite where the case has neither', '', 'the suite'],
    [
      'entities, each decoded once',
      'name="&lt;&amp;lt;&#62;&#x1F4A5;&quot;&apos;&#xFFFFFF;&nbsp;"',
      '<&lt;>💥"\'&#xFFFFFF;&nbsp;',
    ],
    ['one line without colours', 'name=" a&#10;\tb &#27;[31mred&#27;[0m "', 'a b red'],
    ['other quotes, and the first of two', `name='a "b"' name="c"`, 'a "b"'],
  ])('are named by %s', (_, attributes, name) => {
    expect(failureIn(`<testcase ${attributes}><failure/></testcase>`, 'name="the suite"')?.name).toBe(name);
  });

  it('have a name where nothing has one', () => {
    expect(failureIn('<failure/>')?.name).toBe('(no name)');
  });

  it.each([
    ['its attribute', '<failure message="assert 1 == 2">text</failure>', 'assert 1 == 2'],
    ['its attribute in one line', '<error message="a&#10;  b&#9;c"/>', 'a b c'],
    ['the first line of its text', '<failure>\n\n  Error: a &lt; b \n  at x</failure>', 'Error: a < b'],
    ['the first line of CDATA', '<failure message=""><![CDATA[<b> &lt;\nx]]></failure>', '<b> &lt;'],
    ['a text in parts', '<failure>a <![CDATA[&]]> b<!-- c --> &amp; d\nx</failure>', 'a & b & d'],
    ['a text in an element', '<failure><stackTrace>boom</stackTrace></failure>', 'boom'],
    [
      "Go's text, as its message says nothing",
      '<failure message="Failed">=== RUN   TestX\n    x_test.go:5: boom\n</failure>',
      'x_test.go:5: boom',
    ],
    [
      "pytest's text where a file could not be collected",
      '<error message="collection failure">ImportError while x\ny</error>',
      'ImportError while x',
    ],
    [
      'the message that says nothing where the text does not, either',
      '<failure message="Failed"> </failure>',
      'Failed',
    ],
    ['its type where it says no more', '<failure type="TypeError"/>', 'TypeError'],
    ['words where it says nothing at all', '<failure/>', 'it failed without a message'],
    ['no output in it', '<failure><system-out>x</system-out>boom</failure>', 'boom'],
    ['no output beside it', '<failure> </failure><system-out>x</system-out>', 'it failed without a message'],
  ])('are told by %s', (_, failure, message) => {
    expect(messageOf(failure)).toBe(message);
  });

  it('have names and messages of at most 300 characters, and no half of one', () => {
    const failed = failureIn(
      `<testcase name="${'n'.repeat(500)}"><failure message="${'m'.repeat(298)}💥💥"/></testcase>`,
    );
    expect(failed?.name).toBe(`${'n'.repeat(299)}…`);
    expect(failed?.message).toBe(`${'m'.repeat(298)}…`);
  });
});

describe('the place of a failed case', () => {
  it.each<[string, string, object | undefined]>([
    ['jest-junit', 'file="tests/a.test.js" line="7"', { file: 'tests/a.test.js', line: 7 }],
    ['RSpec', 'file="./spec/a_spec.rb"', { file: 'spec/a_spec.rb' }],
    ['PHPUnit', 'file="/work/tests/ATest.php" line="12"', { file: 'tests/ATest.php', line: 12 }],
    ['minitest', 'file="test/a.rb" lineno="3"', { file: 'test/a.rb', line: 3 }],
    ['node', 'file="file:///work/a%20.mjs"', { file: 'a%20.mjs' }],
    ['pytest, which counts from 0', 'file="tests/test_a.py" line="0"', { file: 'tests/test_a.py', line: 1 }],
    [
      'unittest-xml-reporting, which does not',
      'file="u.py" line="3" timestamp="2026-01-01"',
      { file: 'u.py', line: 3 },
    ],
    ['a line that is none', 'file="a.js" line="0"', { file: 'a.js' }],
    ['a line that is no number', 'file="a.js" line="-5"', { file: 'a.js' }],
    ['a file outside', 'file="/usr/lib/a.js" line="5"', undefined],
    ['a file in a folder that begins as the workspace does', 'file="/workshop/a.js" line="5"', undefined],
    ['a way out', 'file="tests/../../a.js" line="5"', undefined],
    ['what others wrote', 'file="node_modules/a/b.js" line="5"', undefined],
    ['a path of Windows', 'file="C:\\a.js" line="5"', undefined],
    ['a line break in it', 'file="a&#10;b.js" line="5"', undefined],
    ['the folder itself', 'file="/work/" line="5"', undefined],
  ])('is that of its attributes: %s', (_, attributes, place) => {
    expect(placeOf(attributes)).toEqual(place);
  });

  it.each<[string, string, string, object | undefined]>([
    ['where the case has none', '', 'file="tests/a.js" line="2"', { file: 'tests/a.js', line: 2 }],
    ['and not where the case has one', 'file="b.js"', 'file="a.js" line="2"', { file: 'b.js' }],
  ])('is that of its suite %s', (_, attributes, suite, place) => {
    expect(placeOf(attributes, '', suite)).toEqual(place);
  });

  it('is that of the nearest suite that has one of the workspace', () => {
    const inner = '<testsuite file="/usr/b.js"><testcase name="a"><failure/></testcase></testsuite>';
    expect(failureIn(inner, 'file="a.js"')?.place).toEqual({ file: 'a.js' });
  });

  const PYTEST = `def test():
>       check(1)

tests/test_a.py:11:
_ _ _ _
    def check(x):
>       assert x == 2

tests/helper.py:2:
_ _ _ _
/usr/lib/python3.11/json/decoder.py:353: JSONDecodeError
venv/lib/python3.11/site-packages/x.py:9: Error
../lib/y.py:3: Error`;
  const JEST = `Error: expect(received)
    at ok (/work/node_modules/a/b.js:1:1)
    at Object.toBe (/work/t/helper.js:2:13)
    at Object.<anonymous> (/work/t/a.test.js:5:3)
    at run (/work/node_modules/jest-circus/build/run.js:71:3)`;

  it.each<[string, string, object | undefined]>([
    ['the innermost of pytest, its last', PYTEST, { file: 'tests/helper.py', line: 2 }],
    ['the innermost of jest, its first', JEST, { file: 't/helper.js', line: 2 }],
    ['vitest', ' ❯ \u001b[2msrc/a.test.ts\u001b[22m:3:13', { file: 'src/a.test.ts', line: 3 }],
    ['node', '  at <anonymous> (file:///work/n.test.mjs:3:10)', { file: 'n.test.mjs', line: 3 }],
    ['RSpec', '# ./spec/a_spec.rb:4:in `block', { file: 'spec/a_spec.rb', line: 4 }],
    ['a traceback of Python', 'File "/work/u.py", line 4, in test_x', { file: 'u.py', line: 4 }],
    ['bats', '(in test file test/a.bats, line 2)', { file: 'test/a.bats', line: 2 }],
    ['.NET', 'at T.X() in /work/T.cs:line 12', { file: 'T.cs', line: 12 }],
    ['Go, which names no folder', '    x_test.go:5: boom', undefined],
    ['Go with the folder', '    Error Trace: /work/pkg/x_test.go:5', { file: 'pkg/x_test.go', line: 5 }],
    ['Java, which names no folder', 'at com.foo.BarTest.x(BarTest.java:12)', undefined],
    ['an endpoint', 'no answer of maas.example.com:443, api.svc.cluster.local:8321', undefined],
    [
      'an address',
      'at http://localhost:3000/src/a.js:4:1, https://x.js:1, //host/a.js:3, webpack:///src/a.js:1',
      undefined,
    ],
    ['the rest of a name in brackets', 'at app/[id].test.ts:4:1', undefined],
    ['no line', 'a.py:0: x, b.py:12345678: y', undefined],
  ])('is in its text where the attributes have none: %s', (_, text, place) => {
    expect(placeOf('', text)).toEqual(place);
  });

  it.each<[string, string, object]>([
    ['the line is found in the text', 'file="t/a.test.js"', { file: 't/a.test.js', line: 5 }],
    ['no other file is', 'file="t/other.js"', { file: 't/other.js' }],
    ['a line of the attributes stays', 'file="t/a.test.js" line="3"', { file: 't/a.test.js', line: 3 }],
    ['a file outside leaves it to the text', 'file="/usr/a.js" line="3"', { file: 't/helper.js', line: 2 }],
  ])('of a file that the attributes name: %s', (_, attributes, place) => {
    expect(placeOf(attributes, JEST)).toEqual(place);
  });

  const FILLER = 'x = 1\n'.repeat(5000);

  it('is found at both ends of a long text, and not in a line that is cut in two', () => {
    expect(placeOf('', 'x = 1\ntests/a.py:11: Error')).toEqual({ file: 'tests/a.py', line: 11 });
    expect(placeOf('', `${FILLER}tests/a.py:11: Error`)).toEqual({ file: 'tests/a.py', line: 11 });
    expect(placeOf('', `at x (tests/a.js:11:1)\n${FILLER}`)).toEqual({ file: 'tests/a.js', line: 11 });
    expect(placeOf('', `${FILLER}tests/a.js:11:1\n${FILLER}`)).toBeUndefined();
    for (let cut = 0; cut < 20; cut += 1) {
      const end = `${'x'.repeat(3980 + cut)}\n`;
      expect([cut, placeOf('', `${FILLER}deep/in/a.js:11:1\n${end}`)?.file ?? 'deep/in/a.js']).toEqual([
        cut,
        'deep/in/a.js',
      ]);
      expect([cut, placeOf('', `${end}deep/in/a.js:1111:1\n${FILLER}`)?.line ?? 1111]).toEqual([cut, 1111]);
    }
  });
});
