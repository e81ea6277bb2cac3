import { describe, expect, it } from 'vitest';
import { newRecord, type RunRecord } from '../../src/report/record.js';
import { renderSummary } from '../../src/report/summary/summary.js';
import { codeBlocks, inOrder } from '../helpers/gfm.js';
import { record, RED, section } from '../helpers/record.js';

const render = (over: Partial<RunRecord> = {}) => renderSummary(record(over), []);

describe('a red run', () => {
  it('is told by an alert right after the verdict: hop, code, cause, fix', () => {
    const [, second] = render({ failure: RED }).split('\n\n');
    expect(second?.split('\n')).toEqual([
      '> [!CAUTION]',
      '> **Hop:** vector store (`E_VECTOR_STORE`)  ',
      '> **Cause:** the database is away  ',
      '> **Fix:** Start it.  ',
    ]);
  });

  it.each([
    [{ file: 'deploy/values.yaml', line: 12 }, '> **Place:** `deploy/values.yaml:12`  '],
    [{ file: 'Chart.yaml' }, '> **Place:** `Chart.yaml`  '],
  ])('names the place where it is known: %j', (place, line) => {
    const [, alert] = render({ failure: { ...RED, place } }).split('\n\n');
    expect(alert?.split('\n').at(-1)).toBe(line);
    expect(render({ failure: RED })).not.toContain('Place');
  });

  it('has the pipeline, then the evidence, then where all that was collected lies, before the checks', () => {
    const text = render({ failure: RED });
    inOrder(text, '[!CAUTION]', '```mermaid', '```text\nlast line\n```', 'Everything that was collected', '### Checks');
    expect(text).toContain('in the folder of the output `diagnostics`: `/out/diagnostics`\n');
    expect(render()).not.toContain('collected');
    expect(render({ failure: RED, places: undefined })).not.toContain('collected');
  });

  it('from the first moment on shows nothing that is not known', () => {
    const text = renderSummary({ ...newRecord(), failure: { ...RED, evidence: [] } }, []);
    expect(text.replace(/```mermaid[^]*?```/, '')).not.toMatch(/###|\||```|undefined|NaN/);
  });

  const EVENTS = [
    'TYPE      REASON     OBJECT   TIMES   MESSAGE',
    'Normal    Pulled     rag-0    1       pulled',
    ...Array.from({ length: 30 }, (_, index) => `Warning   BackOff    rag-${index};  2       restarting`),
    'Warning   BackOff    rag-29;  2       restarting',
  ];
  const evidenceIn = (text: string) => codeBlocks(text, 'text').flatMap((body) => body.split('\n'));

  it('shows the twenty lines that matter: the last of its evidence, then what the cluster warned of', () => {
    const lines = Array.from({ length: 15 }, (_, index) => `line ${index}`);
    const diagnostics = [section('pods', ['rag-0 Running']), section('events', EVENTS)];
    expect(evidenceIn(render({ failure: { ...RED, evidence: lines }, diagnostics }))).toEqual([
      ...lines.slice(3),
      ...Array.from({ length: 8 }, (_, index) => `Warning BackOff rag-${index + 22}; 2 restarting`),
    ]);
  });

  it('without evidence shows the warnings alone, and no block where there are none either', () => {
    const failure = { ...RED, evidence: [] };
    expect(evidenceIn(render({ failure, diagnostics: [section('events', EVENTS)] }))).toHaveLength(20);
    expect(codeBlocks(render({ failure, diagnostics: [section('events', EVENTS.slice(0, 2))] }), 'text')).toEqual([]);
  });

  it.each([
    ['stack', true],
    ['chart', true],
    ['run', true],
    ['model service', false],
    ['inputs', false],
    ['tests', false],
  ] as const)('shows what the cluster warned of where it may tell of it: %s', (hop, isShown) => {
    const text = render({ failure: { ...RED, hop }, diagnostics: [section('events', EVENTS)] });
    expect(text.includes('Warning BackOff')).toBe(isShown);
    expect(text).toContain('last line');
  });

  it('shows nothing else of the diagnostics: they are in their folder', () => {
    const diagnostics = [section('logs of pod/a', ['a log line']), section('describe pods', ['a description'])];
    expect(render({ failure: RED, diagnostics })).not.toMatch(/a log line|a description/);
  });

  it('shows 300 characters of a line, and no half of one', () => {
    const text = render({ failure: { ...RED, evidence: ['x'.repeat(1000), `${'y'.repeat(299)}💥z`] } });
    expect(evidenceIn(text)).toEqual([`${'x'.repeat(300)}…`, `${'y'.repeat(299)}…`]);
  });

  it('shows lines without what is meant for a terminal, or turns the direction of the text', () => {
    const evidence = [
      '\u001b[31mred\u001b[0m',
      '\u001b]0;title\u0007a',
      'b\u001b]c',
      '\u202ed\u2066e\u061cf\u0000g\ufeff',
    ];
    expect(evidenceIn(render({ failure: { ...RED, evidence } }))).toEqual(['red', 'a', 'bc', 'defg']);
  });
});
