import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { StageTime } from '../../src/progress.js';
import { junitOf } from '../../src/report/junit.js';
import { newDryRun, type RunRecord } from '../../src/report/record.js';
import { xmlOf } from '../../src/report/xml.js';
import { readJunit } from '../../src/tests/junit.js';
import { parseXml, propertiesOf, readReport } from '../helpers/junit-schema.js';
import { checkResult, record, RED } from '../helpers/record.js';

const stage = (name: string, startMs: number, endMs: number, ok = true): StageTime => ({ name, startMs, endMs, ok });
const read = (over: Partial<RunRecord> = {}, stages: StageTime[] = []) => readReport(junitOf(record(over), stages));
const results = (report: ReturnType<typeof read>, of: string) =>
  report.cases.filter(({ suite }) => suite === of).map(({ name, result }) => [name, result]);

const failed = (over: Parameters<typeof checkResult>[0] = {}) =>
  checkResult({
    name: 'rag',
    hop: 'vector store',
    verdict: 'failed',
    evidence: undefined,
    code: 'E_VECTOR_STORE',
    cause: 'the database is away',
    fix: 'Start it.',
    chain: ['connection refused'],
    ...over,
  });
const OF_CHECK = { ...RED, cause: 'check rag: the database is away' };

describe('the checks', () => {
  it('are testcases of one class, with their times', () => {
    const { cases, suites } = read({ checks: [checkResult(), checkResult({ name: 'rag', ms: 65_043 })] });
    expect(cases.map(({ classname, name, time }) => [classname, name, time])).toEqual([
      ['maas-e2e.checks', 'chat', '1.200'],
      ['maas-e2e.checks', 'rag', '65.043'],
    ]);
    expect(suites[0]?.attributes).toEqual({
      name: 'checks',
      tests: '2',
      failures: '0',
      errors: '0',
      skipped: '0',
      time: '66.243',
    });
  });

  it('keep their class and name when another hop is to blame', () => {
    const identity = (report: ReturnType<typeof read>) => report.cases.map(({ classname, name }) => [classname, name]);
    const green = read({ checks: [checkResult({ name: 'rag', hop: 'stack' })] });
    expect(identity(read({ checks: [failed({ hop: 'embedder' })], failure: OF_CHECK }))).toEqual(
      expect.arrayContaining(identity(green)),
    );
  });

  it('passed: with what was expected and seen', () => {
    expect(read().cases[0]).toMatchObject({
      result: 'passed',
      output: 'hop: model service\nexpected: an answer\ngot: a word',
    });
  });

  it('warned: passed, with the warning first', () => {
    const evidence = { expected: 'a', got: 'b', warning: 'only just' };
    const { cases } = read({ checks: [checkResult({ verdict: 'warned', evidence, cause: 'only just' })] });
    expect(cases[0]?.result).toBe('passed');
    expect(cases[0]?.output).toBe('warning: only just\nhop: model service\nexpected: a\ngot: b');
  });

  it('failed: a failure with code and cause; and fix, hop and what lies below in its text', () => {
    expect(read({ checks: [failed()], failure: OF_CHECK }).cases[0]).toMatchObject({
      result: 'failure',
      type: 'E_VECTOR_STORE',
      message: 'the database is away',
      body: 'cause: the database is away\nfix: Start it.\nhop: vector store\ncaused by: connection refused\n| last line',
    });
  });

  it('failed beside the one that the run is red for: without its evidence, and with a code where nobody gave one', () => {
    const other = failed({ name: 'ui', hop: 'UI', code: undefined, cause: 'other', chain: [] });
    const [, ui] = read({ checks: [failed(), other], failure: OF_CHECK }).cases;
    expect(ui).toMatchObject({ type: 'E_UNEXPECTED', body: 'cause: other\nfix: Start it.\nhop: UI' });
  });

  it.each(['blocked', 'skipped'] as const)('%s: skipped with the reason, and never passed or failed', (verdict) => {
    const { cases, suites } = read({ checks: [checkResult({ verdict, cause: 'because', evidence: undefined })] });
    expect(cases[0]).toMatchObject({ result: 'skipped', message: 'because', body: '' });
    expect(suites[0]?.attributes).toMatchObject({ tests: '1', skipped: '1', failures: '0', errors: '0' });
  });

  it('that come twice have names of their own', () => {
    const { cases } = read({ checks: [checkResult(), checkResult(), checkResult()] });
    expect(cases.map(({ name }) => name)).toEqual(['chat', 'chat (2)', 'chat (3)']);
  });
});

describe('the run', () => {
  it('green: its stages in their order, with their times; the time of all is that of the clock', () => {
    const { cases, root, suites } = read({}, [stage('docker', 2000, 2500), stage('probe', 0, 3001)]);
    expect(cases.slice(1).map(({ classname, name, time }) => [classname, name, time])).toEqual([
      ['maas-e2e.run', 'probe', '3.001'],
      ['maas-e2e.run', 'docker', '0.500'],
    ]);
    expect(suites[1]?.attributes).toMatchObject({ name: 'run', tests: '2', time: '3.001' });
    expect(root.attributes).toEqual({ name: 'maas-e2e', tests: '3', failures: '0', errors: '0', time: '3.001' });
  });

  it('green with a stage that did not end: that is no pass', () => {
    const report = read({}, [stage('images', 0, 9, false)]);
    expect(results(report, 'run')).toEqual([['images', 'skipped']]);
    expect(report.cases[1]?.message).toBe('not done: the run went on without it');
  });

  it.each([
    ['planned', undefined, 'skipped'],
    ['red', RED, 'error'],
  ])('dry, and %s: no stage passed, as nothing was proven', (_, failure, chart) => {
    const stages = [stage('probe', 0, 1), stage('chart', 1, 2, failure === undefined)];
    const report = read({ checks: [], dryRun: newDryRun(), failure }, stages);
    expect(results(report, 'run')).toEqual([
      ['probe', 'skipped'],
      ['chart', chart],
    ]);
    expect(report.cases[0]?.message).toBe('a dry run: nothing was deployed');
  });

  it('red: an error at the first stage that ended in one; those that ended with it are no passes', () => {
    const stages = [stage('docker', 0, 1), stage('rollout', 2, 8, false), stage('release', 1, 9, false)];
    const report = read({ checks: [], failure: RED }, stages);
    expect(results(report, 'run')).toEqual([
      ['docker', 'passed'],
      ['release', 'skipped'],
      ['rollout', 'error'],
    ]);
    expect(report.cases[1]?.message).toBe('not done: the run failed at vector store (E_VECTOR_STORE)');
    expect(report.cases[2]).toMatchObject({
      type: 'E_VECTOR_STORE',
      message: 'the database is away',
      body: 'cause: the database is away\nfix: Start it.\nhop: vector store\ncaused by: connection refused\n| last line',
    });
    expect(report.suites.map(({ attributes: { name } }) => name)).toEqual(['run']);
  });

  it('red for a deadline: at the stage that passed it', () => {
    const cause = 'stage rollout passed its deadline of 600 s: rollout waits for pods';
    const stages = [stage('images', 0, 7, false), stage('rollout', 1, 8, false)];
    const report = read({ failure: { ...RED, code: 'E_TIMEOUT', cause } }, stages);
    expect(results(report, 'run')).toEqual([
      ['images', 'skipped'],
      ['rollout', 'error'],
    ]);
  });

  it('red outside of all stages: an error of its own', () => {
    const report = read({ checks: [], failure: { ...RED, code: 'E_INPUT', hop: 'inputs' } });
    expect(report.cases).toMatchObject([{ suite: 'run', name: 'run', result: 'error', type: 'E_INPUT' }]);
    expect(report.root.attributes).toMatchObject({ tests: '1', errors: '1' });
  });

  it.each([
    ['with its name before the cause', OF_CHECK],
    ['as it is', RED],
  ])('red for a check, told %s: that is counted once', (_, failure) => {
    const report = read({ checks: [failed()], failure }, [stage('tests', 0, 5, false), stage('probe', 0, 1)]);
    expect(report.root.attributes).toMatchObject({ tests: '3', failures: '1', errors: '0' });
    expect(results(report, 'run')).toEqual([
      ['tests', 'skipped'],
      ['probe', 'passed'],
    ]);
  });

  it.each([
    ['code', { code: 'E_CLUSTER' as const }],
    ['hop', { hop: 'cluster' as const }],
    ['cause', { cause: 'the node is gone' }],
  ])('red for another %s than that of a failed check: both are told', (_, other) => {
    const report = read({ checks: [failed()], failure: { ...RED, ...other } }, [stage('checks', 0, 5)]);
    expect(report.root.attributes).toMatchObject({ failures: '1', errors: '1' });
    expect(results(report, 'run')).toEqual([
      ['checks', 'passed'],
      ['run', 'error'],
    ]);
  });

  it('red for what nobody foresaw, at the hop of a check that passed: an error of its own', () => {
    const report = read({ failure: { ...RED, code: 'E_UNEXPECTED', hop: 'model service' } });
    expect(results(report, 'run')).toEqual([['run', 'error']]);
  });

  it('skipped: one skipped testcase with the reason, and no empty green file', () => {
    const { cases, root } = read({ skipped: 'no key in a fork', checks: [], model: '' });
    expect(cases).toMatchObject([{ suite: 'run', name: 'run', result: 'skipped', message: 'no key in a fork' }]);
    expect(root.attributes).toMatchObject({ tests: '1', failures: '0', errors: '0' });
  });
});

describe('the properties', () => {
  const of = (over: Partial<RunRecord>) => read(over).suites.map(propertiesOf);

  it('say of each suite how the run ended, in which mode, with which model', () => {
    const green = { result: 'passed', mode: 'full', model: 'maas/acme/chat' };
    expect(of({})).toEqual([green, green]);
    const red = { result: 'failed', mode: 'basic', model: 'maas/acme/chat', 'error-code': 'E_VECTOR_STORE' };
    expect(of({ failure: RED, untested: 'away' })).toEqual([red, red]);
  });

  it('leave out what is not there', () => {
    expect(of({ skipped: 'no key', checks: [], model: '' })).toEqual([{ result: 'skipped' }]);
  });
});

describe('texts', () => {
  const caseWith = (cause: string) => read({ checks: [failed({ cause, chain: [] })] }).cases[0]!;

  it.each([
    ['markup', `<b a="1">&amp;'`, `<b a="1">&amp;'`],
    ['the end of a CDATA section', 'a]]>b', 'a]]>b'],
    ['line breaks and tabs', 'a\r\nb\rc\n\td', 'a\nb\nc\n\td'],
    ['colours and titles of a terminal', '\u001b[1;31mred\u001b[0m\u001b]0;title\u0007 \u001b(Btext', 'red text'],
    ['a link of a terminal', '\u001b]8;;https://a.example\u001b\\link\u001b]8;;\u001b\\', 'link'],
    ['what a terminal never gets the end of', '\u001b]0;a\nb\u001b[', '0;a\nb'],
    ['control characters', 'a\0b\bc\u000bd\u001b', 'abcd'],
    ['halves of characters', '\ud800a\udc00 💥', '\ufffda\ufffd 💥'],
    ['characters that are none', '\ufffe\uffff', '\ufffd\ufffd'],
  ])('of %s are read as they were, but for what XML can not write', (_, cause, expected) => {
    const { message, body } = caseWith(cause);
    expect(message).toBe(expected);
    expect(body).toContain(`cause: ${expected.replace(/\s+/g, ' ')}\n`);
  });

  it('are cut: a message at 300 characters, and at no half of one', () => {
    expect(caseWith('x'.repeat(301)).message).toBe(`${'x'.repeat(299)}…`);
    expect(caseWith('x'.repeat(300)).message).toBe('x'.repeat(300));
    expect(caseWith(`${'x'.repeat(298)}💥💥`).message).toBe(`${'x'.repeat(298)}…`);
  });

  it('are cut: of the evidence the end is kept, with cause, fix and hop before it', () => {
    const evidence = Array.from({ length: 5000 }, (_, line) => `line ${line}`);
    const body = read({ checks: [], failure: { ...RED, evidence } }).cases[0]?.body.split('\n') ?? [];
    expect(body.slice(0, 3)).toEqual(['cause: the database is away', 'fix: Start it.', 'hop: vector store']);
    expect(body.at(-1)).toBe('| line 4999');
    expect(body.join('\n').length).toBeGreaterThan(7900);
  });

  it('are cut: a long cause leaves room for the fix', () => {
    const { body = '' } = read({ checks: [], failure: { ...RED, cause: 'x'.repeat(9000) } }).cases[0] ?? {};
    expect(body).toMatch(/^cause: x{992}…\nfix: Start it\.\nhop: vector store\n/);
  });

  it("never begin a line of the body: it would be taken for one of Java's stack traces", () => {
    const line = ` at a.B.c(D.java:7)`;
    const texts = { cause: `a\n${line}`, fix: `b\n${line}`, chain: [`c\n${line}`], evidence: [line, `d\n${line}`] };
    const { body = '' } = read({ checks: [], failure: { ...RED, ...texts } }).cases[0] ?? {};
    expect(body).toContain('D.java');
    expect(body).not.toMatch(/^\s*at /m);
  });
});

const hasXmllint = spawnSync('xmllint', ['--version']).status === 0;

describe('other readers', () => {
  const stages = [stage('a', 0, 1, false), stage('b', 0, 1)];
  const checks = [checkResult(), failed(), checkResult({ verdict: 'blocked' }), checkResult({ verdict: 'skipped' })];
  const xml = junitOf(record({ checks, failure: { ...RED, cause: '<![CDATA[ ]]> </testcase> &x; \0' } }), stages);

  it('of this action count the same', () => {
    expect(readJunit(xml, '')).toMatchObject({ tests: 6, failed: 2, skipped: 2 });
  });

  it.skipIf(!hasXmllint)('that are strict read it', () => {
    expect(spawnSync('xmllint', ['--noout', '-'], { input: xml })).toMatchObject({ status: 0 });
  });
});

describe('XML', () => {
  it('has elements without content, with a text, with others', () => {
    const content = [{ name: 'b' }, { name: 'c', attributes: { x: 1, y: undefined }, content: 'text' }];
    expect(xmlOf({ name: 'a', content })).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<a>\n  <b/>\n  <c x="1">text</c>\n</a>\n',
    );
  });

  it.each([
    '<a>',
    '<a></b>',
    '<a/><a/>',
    '<a>]]></a>',
    '<a>&x;</a>',
    '<a>\0</a>',
    '<a b="<"/>',
    '<a b="1" b="2"/>',
    '&',
  ])('is refused by the reader of these tests where it is none: %j', (text) => {
    expect(() => parseXml(`<?xml version="1.0" encoding="UTF-8"?>\n${text}`)).toThrow();
  });
});
