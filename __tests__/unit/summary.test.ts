import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newRecord, type RunRecord } from '../../src/report/record.js';
import { renderSummary } from '../../src/report/summary.js';
import { checkResult, planOf, record, RED, section, serviceFacts } from '../helpers/record.js';

const render = (over: Partial<RunRecord> = {}, stages: Parameters<typeof renderSummary>[1] = []) =>
  renderSummary(record(over), stages);
const firstLine = (text: string) => text.split('\n')[0];
const rowOf = (text: string, begin: string) => text.split('\n').find((line) => line.startsWith(begin)) ?? '';

describe('the verdict comes first', () => {
  it('green: how many checks passed, with which model', () => {
    const checks = [checkResult(), checkResult({ name: 'ui', verdict: 'skipped' }), checkResult({ name: 'rag' })];
    expect(firstLine(render({ checks }))).toBe(
      '## ✅ MaaS E2E: passed (2 checks passed, 1 skipped with `maas/acme/chat`)',
    );
  });

  it('green with warnings: how many', () => {
    const checks = [checkResult(), checkResult({ name: 'rag-responses', verdict: 'warned' })];
    expect(firstLine(render({ checks }))).toContain('passed (1 check passed, 1 warned with');
  });

  it('red: the broken hop, then cause, fix and evidence before anything else', () => {
    const text = render({ failure: RED });
    expect(firstLine(text)).toBe('## ❌ MaaS E2E: failed (broken hop: vector store)');
    const [, second] = text.split('\n\n');
    expect(second).toBe(
      '**Hop:** vector store (`E_VECTOR_STORE`)  \n**Cause:** the database is away  \n**Fix:** Start it.',
    );
    expect(text.indexOf('last line')).toBeLessThan(text.indexOf('### Checks'));
    expect(text).toContain('```text\nlast line\n```');
  });

  it('green without a model: that, and why as a warning before anything else', () => {
    const text = render({ untested: 'HTTP 503 | <b>', model: '' });
    expect(text).toMatch(
      /^## ⚠️ MaaS E2E: passed \(basic: model not tested; 1 check passed\)\n\n> \[!WARNING\]\n> The model was not tested: HTTP 503 \\\| &lt;b>\n\n### Checks/,
    );
    expect(render()).not.toContain('not tested');
  });

  it('red without a model: both', () => {
    const text = render({ failure: RED, untested: 'away' });
    expect(firstLine(text)).toBe('## ❌ MaaS E2E: failed (broken hop: vector store)');
    expect(text.indexOf('The model was not tested: away')).toBeLessThan(text.indexOf('**Hop:**'));
  });

  it('green with a stand-in: that, and why as a warning before anything else', () => {
    const text = render({ standIn: 'no key | <b>' });
    expect(text).toMatch(
      /^## ⚠️ MaaS E2E: passed with a stand-in for the model \(1 check passed\)\n\n> \[!WARNING\]\n> The embedded model service stood in for the real one: all but the model is tested\. no key \\\| &lt;b>\n\n### Checks/,
    );
    expect(render()).not.toContain('stood in');
  });

  it('red with a stand-in: both', () => {
    const text = render({ failure: RED, standIn: 'no key' });
    expect(firstLine(text)).toBe('## ❌ MaaS E2E: failed (broken hop: vector store)');
    expect(text.indexOf('stood in for the real one')).toBeGreaterThan(0);
    expect(text.indexOf('stood in for the real one')).toBeLessThan(text.indexOf('**Hop:**'));
  });

  it('of a dry run: how the service is wired in, and what would be made', () => {
    const dryRun = { objects: 12, stubs: ['Route.route.openshift.io'] };
    const wiring = { name: 'gateway', because: 'the input wiring says so' };
    const text = render({ dryRun, wiring, checks: [] });
    expect(firstLine(text)).toBe('## ✅ MaaS E2E: dry run passed (wiring gateway)');
    expect(rowOf(text, '**Wiring:**')).toBe(
      '**Wiring:** `gateway`, because the input wiring says so; 12 objects, stub definitions for Route.route.openshift.io',
    );
    expect(rowOf(render({ dryRun: { objects: 1, stubs: [] }, wiring }), '**Wiring:**')).toMatch(
      /definitions for none$/,
    );
  });

  it('of a dry run that failed: the broken hop, and no word of a pass', () => {
    const text = render({ failure: { ...RED, hop: 'chart' }, dryRun: { objects: 0, stubs: [] }, checks: [] });
    expect(firstLine(text)).toBe('## ❌ MaaS E2E: failed (broken hop: chart)');
    expect(text).not.toMatch(/passed|\*\*Wiring/);
  });

  it('red: where all that was collected lies', () => {
    const text = render({ failure: RED, plan: planOf() });
    expect(text).toContain(
      '```\n\nEverything that was collected is in the folder of the output `diagnostics`: `/out/diagnostics`\n\n### Checks',
    );
    expect(render({ plan: planOf() })).not.toContain('collected');
  });

  it('skipped: why, and no table of nothing', () => {
    const text = renderSummary({ ...newRecord(), skipped: 'a fork gets no secrets' }, []);
    expect(text).toBe('## ⏭️ MaaS E2E: skipped\n\na fork gets no secrets\n');
  });

  it('red from the first moment: nothing that is not known is shown', () => {
    const text = renderSummary({ ...newRecord(), failure: { ...RED, evidence: [] } }, []);
    expect(text).not.toMatch(/###|\||```|undefined/);
  });
});

describe('what is worth knowing', () => {
  it('checks: a row each, with evidence or cause', () => {
    const text = render({
      failure: RED,
      checks: [
        checkResult(),
        checkResult({
          name: 'retrieval',
          hop: 'vector store',
          verdict: 'failed',
          ms: 50,
          evidence: undefined,
          cause: 'zero hits',
        }),
        checkResult({ name: 'chat-json', verdict: 'skipped', ms: 0, evidence: undefined, cause: 'not offered' }),
        checkResult({ name: 'rag-chat', verdict: 'blocked', ms: 0, evidence: undefined, cause: 'by retrieval' }),
        checkResult({
          name: 'ui-session',
          verdict: 'warned',
          evidence: { expected: 'a page', got: 'one', warning: 'it is | odd' },
          cause: 'it is | odd',
        }),
      ],
    });
    expect(text).toContain('| ✅ chat | model service | 1.2 s | expected an answer; got a word |');
    expect(text).toContain('| ❌ retrieval | vector store | 0.1 s | zero hits |');
    expect(text).toContain('| ⏭️ chat-json | model service | 0.0 s | not offered |');
    expect(text).toContain('| ⛔ rag-chat | model service | 0.0 s | by retrieval |');
    expect(text).toContain(
      '| ⚠️ ui-session | model service | 1.2 s | warning: it is \\| odd; expected a page; got one |',
    );
  });

  it('a warning is not cut off by evidence of any length', () => {
    const evidence = { expected: 'x', got: 'y'.repeat(1000), warning: 'it is odd' };
    const row = rowOf(render({ checks: [checkResult({ verdict: 'warned', evidence, cause: 'it is odd' })] }), '| ⚠️');
    expect(row).toContain('warning: it is odd; ');
  });

  it('the service: limits, headers, embeddings', () => {
    const service = serviceFacts({ rateLimits: { 'x-ratelimit-limit': '60' }, headersNeeded: ['x-user'] });
    const text = render({ service });
    expect(rowOf(text, '| endpoint')).toBe('| endpoint | https://maas.example.com/v1 |');
    expect(rowOf(text, '| models served')).toBe('| models served | acme/chat, nomic-embed |');
    expect(rowOf(text, '| rate-limit')).toContain('x-ratelimit-limit: 60');
    expect(rowOf(text, '| headers needed')).toMatch(/\| x-user \|$/);
    expect(rowOf(text, '| embeddings')).toBe('| embeddings | yes, nomic-embed with 768 dimensions |');
  });

  it('the service without any of it', () => {
    const text = render({ service: serviceFacts({ embeddings: { offered: false, why: 'HTTP 404' } }) });
    expect(rowOf(text, '| rate-limit')).toMatch(/\| none seen \|$/);
    expect(rowOf(text, '| headers needed')).toMatch(/\| none \|$/);
    expect(rowOf(text, '| embeddings')).toBe('| embeddings | no (HTTP 404) |');
  });

  it('of many models the first 20', () => {
    const models = Array.from({ length: 25 }, (_, index) => `m${index}`);
    expect(rowOf(render({ service: serviceFacts({ models }) }), '| models served')).toMatch(/m19 \|$/);
  });

  it('versions and tokens, and how the tools were proven', () => {
    const helm = { path: '/h', version: '4.2.4', verified: 'mirror-verified', fromCache: false } as const;
    expect(render({ tools: { ...record().tools, helm } })).toContain(
      'kind 0.32.0 (pinned digest, cached) · helm 4.2.4 (mirror-verified) · docker 28.1.1 · tokens reported: 36',
    );
  });

  it('the stages in the order in which they began, with their times', () => {
    const text = render({}, [
      { name: 'helm', startMs: 5000, endMs: 9000, ok: false },
      { name: 'probe', startMs: 0, endMs: 1500, ok: true },
    ]);
    expect(text).toMatch(/\| probe \| 0\.0 s \| 1\.5 s \|\n\| helm ❌ \| 5\.0 s \| 4\.0 s \|\n/);
  });

  it('security notes where there are some', () => {
    expect(render({ securityNotes: ['a note'] })).toContain('### ⚠️ Security notes\n\n- a note');
    expect(render()).not.toContain('Security');
  });

  it('the wiring and why, where one was chosen, and no objects of a real run', () => {
    const text = render({ wiring: { name: 'values', because: 'a | <b>' } });
    expect(rowOf(text, '**Wiring:**')).toBe('**Wiring:** `values`, because a \\| &lt;b>');
    expect(render()).not.toContain('Wiring');
  });

  it('notes on the chart after those on security, where there are some', () => {
    const text = render({ notes: ['one', 'a | <b>'], securityNotes: ['a note'] });
    expect(text).toContain('- a note\n\n### Notes on the chart\n\n- one\n- a \\| &lt;b>\n\n');
    expect(render({ notes: ['one'] })).not.toContain('Security');
    expect(render()).not.toContain('Notes on the chart');
  });

  const EVENTS = [
    'TYPE      REASON     OBJECT   TIMES   MESSAGE',
    'Normal    Pulled     rag-0    1       pulled',
    ...Array.from({ length: 30 }, (_, index) => `Warning   BackOff    rag-${index};  2       restarting`),
    'Warning   BackOff    rag-29;  2       restarting',
  ];
  const blockOf = (text: string) => /^```text\n([^]*?)\n```$/m.exec(text)?.[1]?.split('\n') ?? [];

  it('of a red run the twenty lines that matter: the last of its evidence, then what the cluster warned of', () => {
    const evidence = Array.from({ length: 15 }, (_, index) => `line ${index}`);
    const diagnostics = [section('pods', ['rag-0 Running']), section('events', EVENTS)];
    const lines = blockOf(render({ failure: { ...RED, evidence }, diagnostics }));
    expect(lines).toEqual([
      ...evidence.slice(3),
      ...Array.from({ length: 8 }, (_, index) => `Warning BackOff rag-${index + 22}; 2 restarting`),
    ]);
  });

  it('of a red run without evidence the warnings alone, and no block where there are none either', () => {
    const failure = { ...RED, evidence: [] };
    expect(blockOf(render({ failure, diagnostics: [section('events', EVENTS)] }))).toHaveLength(20);
    expect(render({ failure, diagnostics: [section('events', EVENTS.slice(0, 2))] })).not.toContain('```');
  });

  it('of the diagnostics nothing else: they are in their folder', () => {
    const diagnostics = [section('logs of pod/a', ['a log line']), section('describe pods', ['a description'])];
    expect(render({ failure: RED, diagnostics })).not.toMatch(/<details>|a log line|a description/);
  });

  it('of a line of evidence 300 characters', () => {
    const text = render({ failure: { ...RED, evidence: ['x'.repeat(1000)] } });
    expect(text).toContain(`${'x'.repeat(300)}…`);
    expect(text).not.toContain('x'.repeat(301));
  });

  it('in less bytes than GitHub takes: a part that does not fit is left out, and that is said', () => {
    const checks = Array.from({ length: 1000 }, () =>
      checkResult({ evidence: { expected: 'ключ '.repeat(99), got: '' } }),
    );
    const stages = [{ name: 'probe', startMs: 0, endMs: 1500, ok: true }];
    const whole = render({ checks }, stages);
    expect(whole).toContain('### Checks');
    expect(whole).not.toContain('The summary was cut');
    const cut = render({ checks: [...checks, ...checks] }, stages);
    expect(Buffer.byteLength(cut)).toBeLessThan(900 * 1024);
    expect(cut).toMatch(/^## ✅ MaaS E2E: passed/);
    expect(cut).not.toContain('### Checks');
    expect(cut).toContain('### Timeline');
    expect(cut).toMatch(/\n\n> The summary was cut: .*`report-json`.*\n$/);
  });
});

const HOSTILE =
  'a | b\n| c | <script>alert(1)</script> `code` **bold** [x](http://e) ~~s~~ # h &lt; \\| <img src=x>\r\n```\n# H';

/** Cells of a table row, as GitHub splits it: at pipes that are not escaped. */
function cells(row: string): string[] {
  return row
    .replace(/\\\\/g, '')
    .split(/(?<!\\)\|/)
    .slice(1, -1);
}

describe('text that somebody else wrote', () => {
  it.each<[string, Partial<RunRecord>, string]>([
    ['evidence of a check', { checks: [checkResult({ evidence: { expected: HOSTILE, got: HOSTILE } })] }, '| ✅ chat'],
    [
      'warning of a check',
      { checks: [checkResult({ evidence: { expected: 'e', got: 'g', warning: HOSTILE } })] },
      '| ✅ chat',
    ],
    ['cause of a check', { checks: [checkResult({ evidence: undefined, cause: HOSTILE })] }, '| ✅ chat'],
    ['a model', { service: serviceFacts({ models: [HOSTILE] }) }, '| models served'],
    ['a header', { service: serviceFacts({ rateLimits: { retry: HOSTILE } }) }, '| rate-limit'],
    ['an error', { service: serviceFacts({ embeddings: { offered: false, why: HOSTILE } }) }, '| embeddings'],
  ])('in a table breaks neither rows nor cells: %s', (_, over, begin) => {
    const text = render(over);
    const row = rowOf(text, begin);
    expect(cells(row)).toHaveLength(over.checks ? 4 : 2);
    expect(text).not.toMatch(/<script|<img/);
    expect(row).not.toMatch(/(?<!\\)[`*[\]~#_]/);
    expect(text.match(/^# H/m)).toBeNull();
  });

  it('in a sentence is neither Markdown nor HTML', () => {
    const text = render({ failure: { ...RED, cause: HOSTILE, fix: HOSTILE, evidence: [] }, securityNotes: [HOSTILE] });
    expect(text).not.toMatch(/<script|<img|^# H|^```/m);
    expect(rowOf(text, '**Cause:**')).toContain('&lt;script>alert(1)');
    expect(rowOf(text, '**Cause:**')).toContain('&amp;lt;');
    expect(rowOf(text, '- ')).not.toMatch(/(?<!\\)[`*[\]~#_|]/);
  });

  it('in the reason to skip as well', () => {
    expect(renderSummary({ ...newRecord(), skipped: HOSTILE }, [])).not.toMatch(/<script|^# H|^```/m);
  });

  it('as the name of the model stays inside its backticks', () => {
    expect(firstLine(render({ model: 'a`b\n# c|d' }))).toBe('## ✅ MaaS E2E: passed (1 check passed with `a b # c d`)');
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
});
