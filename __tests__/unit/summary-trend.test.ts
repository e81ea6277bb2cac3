import { describe, expect, it } from 'vitest';
import type { Origin } from '../../src/report/origin.js';
import { again } from '../../src/report/summary/again.js';
import { trendOf } from '../../src/report/summary/trend.js';
import type { Trend } from '../../src/report/trend.js';
import { codeBlocks, elementsOf, htmlOf, textOf } from '../helpers/gfm.js';
import { ORIGIN } from '../helpers/record.js';

const trend = (over: Partial<Trend> = {}): Trend => ({
  baseline: 'passed',
  newFailures: [],
  fixed: [],
  changes: [],
  notCompared: '',
  ...over,
});
const told = (over: Partial<Trend>) => trendOf(trend(over)).split('\n').slice(2);

describe('since the baseline', () => {
  it('nothing is told of where there is none', () => {
    expect(trendOf(undefined)).toBe('');
  });

  it('nothing changed is told, too, with what the baseline came to', () => {
    expect(trendOf(trend({ baseline: 'failed E_UI' }))).toBe(
      '### Since the baseline (failed E\\_UI)\n\n- Nothing changed beyond noise.',
    );
  });

  it('what fails and did not, and what is mended, by name', () => {
    expect(told({ newFailures: ['rag', 'ui'], fixed: ['chat'] })).toEqual([
      '- ❌ fails now and did not: `rag`, `ui`',
      '- ✅ mended: `chat`',
    ]);
  });

  it('what takes or costs more or less, now and before', () => {
    const changes = [
      { check: 'rag', measure: 'ms', from: 1000, to: 4250 },
      { check: 'chat', measure: 'tokens', from: 1500.5, to: 20 },
    ] as const;
    expect(told({ changes: [...changes] })).toEqual([
      '- 🔺 `rag` took 4.3 s, and 1.0 s before (median)',
      '- 🔻 `chat` took 20 tokens, and 1,501 tokens before (median)',
    ]);
  });

  it('why times and tokens are not compared', () => {
    expect(told({ notCompared: 'the earlier runs were with <b>' })).toEqual([
      '- Times and tokens are not compared: the earlier runs were with &lt;b&gt;',
    ]);
  });

  it('names of a file that somebody else wrote are no Markdown', () => {
    const name = '`<b>`\n\n# a';
    const text = trendOf(trend({ baseline: name, newFailures: [name], notCompared: name }));
    expect(elementsOf(text)).toEqual({ h3: 1, ul: 1, li: 2, code: 1 });
  });
});

const rendered = (over: Partial<Origin> = {}) => again({ ...ORIGIN, event: 'push', ...over });
const linksIn = (text: string) => [...htmlOf(text).matchAll(/href="([^"]*)"/g)].map(([, href]) => href);

describe('how to run it again', () => {
  it('is not told of checks alone', () => {
    expect(again(undefined)).toBe('');
  });

  it('is by hand on the page of the workflow, the same run again, and on a machine of one’s own', () => {
    const text = rendered({ given: { chart: 'deploy/rag' } });
    expect(linksIn(text)).toEqual(['https://github.com/acme/rag/actions/workflows/e2e.yml']);
    expect(codeBlocks(text, 'bash')[0]).toBe('gh run rerun 7 --repo acme/rag');
    expect(codeBlocks(text, 'bash')[1]).toContain("npx --yes 'github:org/maas-e2e-action#v1' chart=deploy/rag");
  });

  it('has the command that started it by hand, with its inputs', () => {
    const [commands] = codeBlocks(
      rendered({
        event: 'workflow_dispatch',
        dispatchInputs: { model: 'a b', say: "it's" },
        given: { model: 'a b', release: "it's" },
      }),
      'bash',
    );
    expect(commands?.split('\n')).toEqual([
      'gh run rerun 7 --repo acme/rag',
      "gh workflow run e2e.yml --repo acme/rag --ref main -f 'model=a b' -f 'say=it'\\''s'",
    ]);
  });

  it("where the action's repository is not known is no command for a machine of one's own", () => {
    expect(codeBlocks(rendered({ action: '' }), 'bash')).toEqual(['gh run rerun 7 --repo acme/rag']);
    expect(rendered({ action: '' })).not.toContain('npx');
  });

  it('is not told where nothing is known', () => {
    const unknown = { serverUrl: '', repository: '', workflow: '', ref: '', runId: '', event: '', action: '' };
    expect(rendered(unknown)).toBe('');
  });

  it.each(['a`', '```', '\n```\n# x', '</code>', '\r```\r', '~~~'])('can not be left by an input: %j', (value) => {
    const text = rendered({ given: { values: value } });
    expect(elementsOf(text)).toEqual(elementsOf(rendered()));
    expect(codeBlocks(text, 'bash')).toHaveLength(2);
    expect(textOf(text)).not.toContain('undefined');
  });
});
