import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newRecord, type RunRecord } from '../../src/report/record.js';
import { plain } from '../../src/report/summary/markdown.js';
import { renderSummary } from '../../src/report/summary/summary.js';
import { inOrder, textOf } from '../helpers/gfm.js';
import { checkResult, dryRunOf, ORIGIN, planOf, record, RED } from '../helpers/record.js';

const render = (over: Partial<RunRecord> = {}, stages: Parameters<typeof renderSummary>[1] = []) =>
  renderSummary(record(over), stages);
const headline = (over: Partial<RunRecord>) => render(over).split('\n')[0];
const lineOf = (text: string, begin: string) => text.split('\n').find((line) => line.startsWith(begin)) ?? '';
describe('the verdict comes first', () => {
  it('green: how many checks passed, with which model', () => {
    const checks = [checkResult(), checkResult({ name: 'ui', verdict: 'skipped' }), checkResult({ name: 'rag' })];
    expect(headline({ checks })).toBe('## ✅ MaaS E2E: passed (2 checks passed, 1 skipped with `maas/acme/chat`)');
  });

  it('green with warnings: how many', () => {
    const checks = [checkResult(), checkResult({ name: 'rag-responses', verdict: 'warned' })];
    expect(headline({ checks })).toContain('passed (1 check passed, 1 warned with');
  });

  it.each(['inputs', 'model service', 'tools', 'docker', 'cluster', 'chart', 'stack', 'embedder', 'run'] as const)(
    'red: the broken hop: %s',
    (hop) => {
      expect(headline({ failure: { ...RED, hop } })).toBe(`## ❌ MaaS E2E: failed (broken hop: ${hop})`);
    },
  );

  it('green without a model: that, and why as a warning before anything else', () => {
    const text = render({ untested: 'HTTP 503 | <b>', model: '' });
    expect(text).toMatch(
      /^## ⚠️ MaaS E2E: passed \(basic: model not tested; 1 check passed\)\n\n> \[!WARNING\]\n> The model was not tested: HTTP 503 \\\| &lt;b&gt;\n\n/,
    );
    expect(render()).not.toContain('not tested');
  });

  it('green with a stand-in: that, and why as a warning before anything else', () => {
    const text = render({ standIn: 'no key | <b>' });
    expect(text).toMatch(
      /^## ⚠️ MaaS E2E: passed with a stand-in for the model \(1 check passed\)\n\n> \[!WARNING\]\n> The embedded model service stood in for the real one: all but the model is tested\. no key \\\| &lt;b&gt;\n\n/,
    );
    expect(render()).not.toContain('stood in');
  });

  it('green as far as a budget went: that, and why as a warning before anything else', () => {
    const text = render({ spend: { ...record().spend, stopped: 'a budget is spent' } });
    expect(text).toMatch(
      /^## ⚠️ MaaS E2E: passed as far as the budget went \(1 check passed\)\n\n> \[!WARNING\]\n> Not all checks were run: a budget is spent\n\n/,
    );
    expect(render()).not.toContain('Not all checks');
  });

  it.each<[string, Partial<RunRecord>, string]>([
    ['without a model', { untested: 'away' }, 'The model was not tested: away'],
    ['with a stand-in', { standIn: 'no key' }, 'stood in for the real one'],
    [
      'with a budget that is spent',
      { spend: { ...record().spend, stopped: 'spent' } },
      'Not all checks were run: spent',
    ],
  ])('red %s: both', (_, over, warning) => {
    const text = render({ ...over, failure: RED });
    expect(text.split('\n')[0]).toBe('## ❌ MaaS E2E: failed (broken hop: vector store)');
    inOrder(text, warning, '**Hop:**');
  });

  it('of a dry run: how the service is wired in, and what would be made', () => {
    const dryRun = dryRunOf({
      objects: 12,
      stubs: ['Route.route.openshift.io'],
      rendered: [{ kind: 'Deployment', names: ['rag', 'ui'] }],
      missing: ['tests/run.sh (test-command)'],
    });
    const wiring = { name: 'gateway', because: 'the input wiring says so' };
    const text = render({ dryRun, wiring, checks: [] });
    expect(text.split('\n')[0]).toBe('## 📝 MaaS E2E: planned (wiring `gateway`; nothing was deployed)');
    expect(lineOf(text, '**Wiring:**')).toBe('**Wiring:** `gateway`, because the input wiring says so');
    expect(text).toContain('### What a real run would do');
    expect(lineOf(text, '| objects')).toBe('| objects | 12 |');
    expect(lineOf(text, '| stub definitions')).toBe('| stub definitions | Route.route.openshift.io |');
    expect(lineOf(text, '| Deployment')).toBe('| Deployment | rag, ui |');
    expect(lineOf(text, '| not there')).toBe('| not there | tests/run.sh (test\\-command) |');
    expect(headline({ dryRun: dryRunOf({ objects: 1, stubs: [] }), wiring: undefined })).toMatch(
      /\(wiring `none`; nothing was deployed\)$/,
    );
  });

  it('of a dry run that failed: the broken hop, and no word of a pass', () => {
    const text = render({ failure: { ...RED, hop: 'chart' }, dryRun: dryRunOf({ objects: 0, stubs: [] }), checks: [] });
    expect(text.split('\n')[0]).toBe('## ❌ MaaS E2E: failed (broken hop: chart)');
    expect(text.replace(/```mermaid[^]*?```/g, '')).not.toMatch(/passed|\*\*Wiring/);
  });

  it('skipped: why, and nothing else', () => {
    const text = renderSummary({ ...newRecord(), skipped: 'a fork gets no secrets' }, []);
    expect(text).toBe('## ⏭️ MaaS E2E: skipped\n\n> [!NOTE]\n> Nothing was run: a fork gets no secrets\n');
  });
});

describe('the run at a glance', () => {
  const plan = planOf();
  const stages = [
    { name: 'probe', startMs: 0, endMs: 61_000, ok: true },
    { name: 'docker', startMs: 0, endMs: 500, ok: true },
  ];

  it('is the second line: the chart, the service, how long it took, what was spent', () => {
    expect(render({ plan }, stages).split('\n')[2]).toBe(
      'Chart `deploy/helm/rag` against `https://maas.example.com/v1` in 61.0 s · 2 requests, 36 tokens',
    );
  });

  it('names no service and nothing spent where there is none', () => {
    const spend = newRecord().spend;
    expect(render({ plan: planOf({ endpoint: '' }), spend }, stages).split('\n')[2]).toBe(
      'Chart `deploy/helm/rag` in 61.0 s',
    );
  });

  it('is not there where nothing was planned', () => {
    expect(render()).not.toContain('Chart `');
  });
});

describe('what is worth knowing', () => {
  it('of security where there is something', () => {
    expect(render({ securityNotes: ['a note'] })).toContain('### ⚠️ Security notes\n\n- a note');
    expect(render()).not.toContain('Security');
  });

  it('of the chart after that', () => {
    const text = render({ notes: ['one', 'a | <b>'], securityNotes: ['a note'] });
    expect(text).toContain('- a note\n\n### Notes on the chart\n\n- one\n- a \\| &lt;b&gt;\n\n');
    expect(render({ notes: ['one'] })).not.toContain('Security');
    expect(render()).not.toContain('Notes on the chart');
  });

  it('of the wiring, and why, where one was chosen; and no objects of a real run', () => {
    const text = render({ wiring: { name: 'values', because: 'a | <b>' } });
    expect(lineOf(text, '**Wiring:**')).toBe('**Wiring:** `values`, because a \\| &lt;b&gt;');
    expect(render()).not.toContain('Wiring');
  });

  it('of versions, and how they were proven, folded', () => {
    const helm = { path: '/h', version: '4.2.4', verified: 'mirror-verified', fromCache: false } as const;
    const text = render({ tools: { ...record().tools, helm }, plan: planOf() });
    const [, folded = ''] =
      /<details><summary>Versions and digests<\/summary>\n\n([^]*?)\n\n<\/details>/.exec(text) ?? [];
    expect(textOf(folded).split('\n').filter(Boolean)).toEqual([
      'kind 0.32.0: pinned digest, from the tool cache',
      'helm 4.2.4: mirror-verified',
      'docker 28.1.1',
      'node image kindest/node:v1.36.1',
    ]);
    expect(render({ tools: {} })).not.toContain('Versions');
    const bare = render({ docker: '', plan: planOf({ nodeImage: '' }) });
    expect(bare).not.toMatch(/docker|node image/);
  });

  it('in this order, the most important first', () => {
    const ownTests = { tests: 1, failed: 1, skipped: 0, failures: [{ name: 't', message: 'm', place: undefined }] };
    const trend = { baseline: 'passed', newFailures: [], fixed: [], changes: [], notCompared: '' };
    const wiring = { name: 'values', because: 'x' };
    const stages = [{ name: 'probe', startMs: 0, endMs: 1, ok: true }];
    const parts = ['## ❌', '[!CAUTION]', 'flowchart LR', '```text', '### Checks', '### Failed tests of your own'];
    const less = ['### Since the baseline', '### Notes on the chart', '**Wiring:**', '### The model service'];
    const last = ['### Tokens and cost', '### Timeline', 'Versions and digests', '### Run it again'];
    const found = { failure: RED, ownTests, trend, wiring, notes: ['n'], origin: ORIGIN };
    inOrder(render(found, stages), ...parts, ...less, ...last);
  });
});

describe('a text that somebody else wrote', () => {
  it.each([
    [
      '> a quote',
      '1. a list',
      '2) another',
      '- a third',
      '# a heading',
      '    code',
      '~~~',
      '| a |',
      '=== ',
      '[ ] a task',
    ],
    [
      'www.evil.example',
      'https://evil.example',
      'WWW.evil.example',
      'a@b.example',
      '<b>',
      '&lt;',
      '![x](y)',
      '[^1]',
      '`a`',
    ],
    ['__a__', '~a~', '*a*', '\\', '\\\\', 'a\\', ':boom:', '$a$', '<!-- a', '</details>', 'javascript:a', '<a@b.c>'],
  ])('is read as it stands, alone and in a list: %j …', (...texts) => {
    for (const text of texts) {
      expect(textOf(plain(text)).trim()).toBe(text.trim());
      expect(textOf(`- ${plain(text)}`).trim()).toBe(text.trim());
    }
  });

  it('can not leave its block, whatever fences it has', () => {
    const line = fc.string({ unit: fc.constantFrom('`', '~', 'a', ' ', '<', '\n', '#'), maxLength: 12 });
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 4 }), (lines) => {
        const text = render({ failure: { ...RED, evidence: lines }, checks: [] });
        const fences = [...text.matchAll(/^(`{3,})text\n([^]*?)\n\1$/gm)];
        expect(fences).toHaveLength(1);
        for (const [, fence = '', body = ''] of fences) {
          expect(body).toBe(lines.join('\n'));
          expect(body).not.toContain(fence);
        }
      }),
    );
  });

  it('as the name of the model stays inside its backticks, also where there is none', () => {
    expect(headline({ model: 'a`b\n# c|d' })).toBe('## ✅ MaaS E2E: passed (1 check passed with `a b # c d`)');
    expect(headline({ model: '' })).toBe('## ✅ MaaS E2E: passed (1 check passed with ` `)');
  });
});
