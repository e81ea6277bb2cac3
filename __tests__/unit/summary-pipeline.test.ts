import { describe, expect, it } from 'vitest';
import type { Hop } from '../../src/errors.js';
import type { StageTime } from '../../src/progress.js';
import { VERDICTS, type RunRecord } from '../../src/report/record.js';
import { inDiagram } from '../../src/report/summary/markdown.js';
import { pipelineDiagram, pipelineOf, type HopOfRun } from '../../src/report/summary/pipeline.js';
import { renderSummary } from '../../src/report/summary/summary.js';
import { timeline } from '../../src/report/summary/timeline.js';
import { codeBlocks } from '../helpers/gfm.js';
import { checkResult, dryRunOf, planOf, record, RED } from '../helpers/record.js';

const stage = (name: string, ok = true): StageTime => ({ name, startMs: 0, endMs: 1, ok });
const states = (over: Partial<RunRecord>, stages: StageTime[] = []) =>
  Object.fromEntries(pipelineOf(record({ checks: [], ...over }), stages).map(({ hop, state }) => [hop, state]));
const failing = (hop: Hop) => ({ failure: { ...RED, hop } });

describe('the pipeline of a run', () => {
  it('of which nothing is known has the parts that every run has, in the order of the way', () => {
    expect(pipelineOf(record({ checks: [] }), [])).toEqual(
      ['inputs', 'model service', 'tools', 'cluster', 'chart'].map((hop) => ({ hop, state: 'unknown' })),
    );
  });

  it('of a green run has every part that was judged, and each has passed', () => {
    const hops = ['model service', 'stack', 'embedder', 'file processing', 'vector store', 'UI'] as const;
    const checks = hops.map((hop) => checkResult({ hop }));
    const stages = [
      'probe',
      'docker',
      'kind',
      'kubectl',
      'helm',
      'chart',
      'cluster',
      'stub CRDs',
      'release',
      'rollout',
    ];
    const more = ['access', 'readiness', 'checks', 'UI checks', 'tests'];
    const found = pipelineOf(
      record({ plan: planOf(), checks }),
      [...stages, ...more].map((name) => stage(name)),
    );
    expect(found.map(({ hop }) => hop)).toEqual(
      ['inputs', 'model service', 'docker', 'tools', 'cluster', 'chart', 'stack', 'embedder', 'file processing'].concat(
        ['vector store', 'UI', 'tests'],
      ),
    );
    expect(found.filter(({ state }) => state !== 'passed')).toEqual([]);
  });

  it.each<Hop>(['inputs', 'model service', 'docker', 'tools', 'cluster', 'chart', 'stack', 'embedder', 'UI', 'tests'])(
    'is broken where the run failed, and nowhere else: %s',
    (hop) => {
      const found = states(failing(hop));
      expect(Object.entries(found).filter(([, state]) => state === 'broken')).toEqual([[hop, 'broken']]);
    },
  );

  it('is broken where a check failed, too', () => {
    const checks = [checkResult({ hop: 'embedder', verdict: 'failed' }), checkResult({ hop: 'embedder' })];
    expect(states({ checks, ...failing('vector store') })).toMatchObject({
      embedder: 'broken',
      'vector store': 'broken',
    });
  });

  it('ends with what is broken and not on the way', () => {
    const found = pipelineOf(record({ checks: [], ...failing('run') }), []);
    expect(found.at(-1)).toEqual({ hop: 'run', state: 'broken' });
    expect(found).toHaveLength(6);
  });

  it('is not known to work where a stage did not end well, though nobody blames it', () => {
    expect(states(failing('chart'), [stage('cluster', false), stage('access')])).toMatchObject({
      cluster: 'unknown',
      chart: 'broken',
    });
  });

  it('is not known to work where no check of it was judged; one that was blocked takes nothing from those that passed', () => {
    const blocked = checkResult({ hop: 'stack', verdict: 'blocked' });
    expect(states({ checks: [checkResult({ hop: 'stack' }), blocked] })).toMatchObject({ stack: 'passed' });
    expect(states({ checks: [blocked] })).toMatchObject({ stack: 'unknown' });
    expect(states({ checks: [checkResult({ hop: 'UI', verdict: 'skipped' })] })).toMatchObject({ UI: 'unknown' });
  });

  it('works where a check passed, if only with a warning, beside ones that were skipped', () => {
    const checks = (['warned', 'skipped'] as const).map((verdict) => checkResult({ hop: 'UI', verdict }));
    expect(states({ checks })).toMatchObject({ UI: 'passed' });
  });

  it('has no part that this run has nothing of', () => {
    expect(Object.keys(states({ checks: [checkResult({ hop: 'UI' })] }))).not.toContain('embedder');
  });
});

const FLOW = [
  /^%%\{init: .*\}%%$/,
  /^flowchart LR$/,
  /^ {2}n\d+\["(✅|❌|▫️) (#\d+;|[\w .()-])+"\]$/,
  /^ {2}n\d+( --> n\d+)*$/,
  /^ {2}classDef (passed|broken|unknown) [\w:#,. -]+$/,
  /^ {2}class n\d+(,n\d+)* (passed|broken|unknown)$/,
];

describe('the diagram', () => {
  const linesOf = (hops: HopOfRun[]) => codeBlocks(pipelineDiagram(hops), 'mermaid').join().split('\n');

  it('has each part in its state, and an arrow to the next', () => {
    const lines = linesOf([
      { hop: 'inputs', state: 'passed' },
      { hop: 'model service', state: 'broken' },
      { hop: 'tools', state: 'unknown' },
    ]);
    expect(lines.slice(1, 6)).toEqual([
      'flowchart LR',
      '  n0["✅ #105;nputs"]',
      '  n1["❌ #109;odel service"]',
      '  n2["▫️ #116;ools"]',
      '  n0 --> n1 --> n2',
    ]);
    expect(lines.slice(-3)).toEqual(['  class n0 passed', '  class n1 broken', '  class n2 unknown']);
  });

  it('names no class that no part has: that is an error to Mermaid', () => {
    const lines = linesOf([
      { hop: 'inputs', state: 'passed' },
      { hop: 'tools', state: 'passed' },
    ]);
    expect(lines.filter((line) => line.includes('class'))).toEqual([
      expect.stringMatching(/^ {2}classDef passed /),
      '  class n0,n1 passed',
    ]);
  });

  it.each(VERDICTS)('of any run keeps to what Mermaid understands: %s', (verdict) => {
    for (const hop of ['inputs', 'stack', 'UI', 'run', 'tests'] as const) {
      const checks = [checkResult({ verdict, hop: 'stack' })];
      const [flow = ''] = codeBlocks(renderSummary(record({ checks, ...failing(hop) }), []), 'mermaid');
      expect(flow.split('\n').filter((line) => !FLOW.some((form) => form.test(line)))).toEqual([]);
    }
  });

  it('is not there where nothing was run', () => {
    expect(renderSummary(record({ skipped: 'no key' }), [])).not.toContain('flowchart');
    expect(renderSummary(record(), [])).toContain('flowchart');
  });
});

describe('a label of a diagram', () => {
  it.each([
    ['end', '#101;nd'],
    ['a;b:c"d', '#97;#59;b#58;c#34;d'],
    ['%%{init}', '#37;#37;#123;init#125;'],
    ['x --> y', '#120; --#62; y'],
    ['x\n  click a', '#120; click a'],
    ['a#quot;', '#97;#35;quot#59;'],
    ['<b>`', '#60;b#62;#96;'],
    ['é💥', '#233;#128165;'],
    ['UI checks (2.5)_', '#85;I checks (2.5)_'],
    [' \u001b[31m\u202e ', '#117;nnamed'],
  ])('%j is written as %s', (text, written) => {
    expect(inDiagram(text)).toBe(written);
  });

  it('is cut where it is long', () => {
    expect(inDiagram('x'.repeat(1_000_000)).length).toBeLessThan(400);
  });
});

describe('the timeline', () => {
  const gantt = (...stages: [name: string, startMs: number, endMs: number, ok?: boolean][]) =>
    codeBlocks(timeline(stages.map(([name, startMs, endMs, ok = true]) => ({ name, startMs, endMs, ok }))), 'mermaid')
      .join()
      .split('\n');

  it('has the stages in the order in which they began, with begin and length', () => {
    expect(gantt(['helm', 5000, 9250], ['probe', 0, 1500])).toEqual([
      '%%{init: {"gantt": {"leftPadding": 20}}}%%',
      'gantt',
      '  dateFormat YYYY-MM-DD HH:mm:ss.SSS',
      '  axisFormat %S.%L s',
      '  todayMarker off',
      '  #112;robe (1.5 s) :s0, 2000-01-01 00:00:00.000, 1500ms',
      '  #104;elm (4.3 s) :s1, 2000-01-01 00:00:05.000, 4250ms',
    ]);
  });

  it('marks what failed, and what took no time', () => {
    const bars = gantt(['a', 0, 10, false], ['b', 1, 1], ['c', 2, 2, false], ['d', 3, 3.4]).slice(5);
    expect(bars.map((bar) => bar.replace(/, 2000.*/, ''))).toEqual([
      '  #97; (0.0 s) :crit, s0',
      '  #98; (0.0 s) :milestone, s1',
      '  #99; (0.0 s) :crit, milestone, s2',
      '  #100; (0.0 s) :milestone, s3',
    ]);
  });

  it.each([
    [9999, '%S.%L s'],
    [10_000, '%M:%S'],
    [3_599_999, '%M:%S'],
    [3_600_000, '%H:%M:%S'],
  ])('has an axis for its length: of %i ms %s', (last, axis) => {
    expect(gantt(['a', 0, last], ['b', 0, 1])[3]).toBe(`  axisFormat ${axis}`);
  });

  it('goes on over an hour and over a day', () => {
    expect(gantt(['a', 3_661_001, 90_000_000])[5]).toContain('2000-01-01 01:01:01.001, 86338999ms');
    expect(gantt(['a', 86_400_000, 86_400_001])[5]).toContain('2000-01-02 00:00:00.000, 1ms');
  });

  it('is not there where nothing was begun, and leaves the stages as they are', () => {
    expect(timeline([])).toBe('');
    const stages = [stage('b'), { ...stage('a'), startMs: -1 }];
    timeline(stages);
    expect(stages.map(({ name }) => name)).toEqual(['b', 'a']);
  });
});

describe('what a stage does not prove', () => {
  const stage = (name: string) => ({ name, startMs: 0, endMs: 1, ok: true });
  const of = (over: Partial<RunRecord>, stages: string[]) =>
    Object.fromEntries(
      pipelineOf(record({ checks: [], ...over }), stages.map(stage)).map(({ hop, state }) => [hop, state]),
    );

  it('is a chart that only renders, unless that was all that was wanted', () => {
    expect(of({}, ['chart'])).toMatchObject({ chart: 'unknown' });
    expect(of({}, ['chart', 'release', 'rollout'])).toMatchObject({ chart: 'passed' });
    expect(of({ dryRun: dryRunOf({ objects: 1, stubs: [] }) }, ['chart'])).toMatchObject({ chart: 'passed' });
  });

  it('is a model service that a stand-in took the place of', () => {
    expect(of({}, ['probe'])).toMatchObject({ 'model service': 'passed' });
    expect(of({ standIn: 'a fork' }, ['probe'])).toMatchObject({ 'model service': 'unknown' });
  });
});
