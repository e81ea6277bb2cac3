import { describe, expect, it } from 'vitest';
import { Progress } from '../../src/progress.js';
import { announce, publish, showDiagnostics } from '../../src/report/publish.js';
import { newRecord, type RunRecord } from '../../src/report/record.js';
import { recordedLog } from '../helpers/memory.js';
import { ports, published, reportIn } from '../helpers/publishing.js';
import { checkResult, dryRunOf, planOf, record, RED, section, serviceFacts } from '../helpers/record.js';

describe('the verdict in the log', () => {
  const announced = (over: Partial<RunRecord>): string[] => {
    const { means, log } = ports();
    announce(record(over), new Progress(recordedLog()), means);
    return log.lines;
  };

  it('green: how many checks by verdict, with which model, in what time', () => {
    const checks = [checkResult(), checkResult({ verdict: 'skipped', evidence: undefined, cause: 'not offered' })];
    expect(announced({ checks })).toEqual([
      expect.stringMatching(/^info: MaaS E2E passed: 1 check passed, 1 skipped with maas\/acme\/chat in 0\.\d s$/),
    ]);
  });

  it('green with warnings: each of them as one', () => {
    const evidence = { expected: 'e', got: 'g', warning: 'the answer cites no file' };
    const lines = announced({ checks: [checkResult({ name: 'rag-responses', verdict: 'warned', evidence })] });
    expect(lines[0]).toContain('0 checks passed, 1 warned');
    expect(lines[1]).toBe('warning: check rag-responses passed with a warning: the answer cites no file');
  });

  it('red with warnings: they are told too', () => {
    const evidence = { expected: 'e', got: 'g', warning: 'it is odd' };
    const lines = announced({ failure: RED, checks: [checkResult({ verdict: 'warned', evidence })] });
    expect(lines.at(-1)).toBe('warning: check chat passed with a warning: it is odd');
  });

  it('red: hop, code, cause, fix, evidence, and what led to it', () => {
    expect(announced({ failure: RED })).toEqual([
      'error: MaaS E2E failed at: vector store (E_VECTOR_STORE): vector store: the database is away. Fix: Start it.',
      'info:   | last line',
      'info:   caused by: connection refused',
    ]);
  });

  it('green without a model: that it was not tested', () => {
    expect(announced({ untested: 'the service is away' })).toEqual([
      expect.stringMatching(/^info: MaaS E2E passed: 1 check passed \(basic: model not tested\) in 0\.\d s$/),
      'warning: The model was not tested: the service is away',
    ]);
  });

  it('green with a stand-in: that, and no model', () => {
    expect(announced({ standIn: 'no key' })).toEqual([
      expect.stringMatching(/^info: MaaS E2E passed: 1 check passed with a stand-in for the model in 0\.\d s$/),
    ]);
  });

  it('of a dry run: the wiring and how much there is, and no checks', () => {
    const dryRun = dryRunOf({ objects: 12, stubs: [] });
    expect(announced({ dryRun, wiring: { name: 'values', because: 'x' }, checks: [] })).toEqual([
      'info: MaaS E2E planned: wiring values; nothing was deployed',
      'info:   objects: 12',
    ]);
  });

  it('of a dry run that failed: the failure alone', () => {
    const lines = announced({ failure: RED, dryRun: dryRunOf({ objects: 0, stubs: [] }), checks: [] });
    expect(lines[0]).toMatch(/^error: MaaS E2E failed at: vector store/);
    expect(lines.join()).not.toContain('passed');
  });

  it('skipped: why', () => {
    expect(announced({ skipped: 'no key' })).toEqual(['notice: MaaS E2E skipped: no key']);
  });
});

describe('what a run found out', () => {
  it('is counted by verdict in outputs, with the tokens', async () => {
    const verdicts = ['passed', 'passed', 'warned', 'failed', 'blocked', 'blocked', 'blocked', 'skipped'] as const;
    const { outputs } = await published(
      record({ failure: RED, checks: verdicts.map((verdict) => checkResult({ verdict })) }),
    );
    expect(Object.fromEntries(outputs)).toMatchObject({
      result: 'failed',
      mode: 'full',
      'error-code': 'E_VECTOR_STORE',
      'checks-passed': '2',
      'checks-warned': '1',
      'checks-failed': '1',
      'checks-blocked': '3',
      'checks-skipped': '1',
      'total-tokens': '36',
      requests: '2',
      'prompt-tokens': '30',
      'completion-tokens': '6',
    });
    expect((await published(newRecord())).outputs.get('requests')).toBe('0');
  });

  it('has what it cost in outputs where the user named a price, and not where none was', async () => {
    const { spend } = record();
    const prices = [{ model: '', prompt: 10_000, completion: 100_000 }];
    expect((await published(record({ spend: { ...spend, prices } }))).outputs.get('estimated-cost')).toBe('0.90');
    expect((await published(record())).outputs.has('estimated-cost')).toBe(false);
  });

  it('tells that a budget kept it from running every check', async () => {
    const spend = { ...record().spend, stopped: 'a budget of the run is spent' };
    const { outputs, variables, files } = await published(record({ spend, plan: planOf() }));
    expect([outputs.get('mode'), variables.get('SKIP_MODEL_TESTS')]).toEqual(['partial', 'true']);
    expect(reportIn(files)).toMatchObject({ result: 'passed', mode: 'partial' });
  });

  it('opens the stack to later steps; what is not there is not set', async () => {
    const { outputs, variables } = await published(record());
    expect(outputs.get('llama-stack-url')).toBe('http://127.0.0.1:32768');
    expect(Object.fromEntries(variables)).toEqual({
      LLAMA_STACK_ENDPOINT: 'http://127.0.0.1:32768',
      INFERENCE_MODEL: 'maas/acme/chat',
      SKIP_MODEL_TESTS: 'false',
    });
    expect(outputs.has('ui-url')).toBe(false);
    const skipped = await published({ ...newRecord(), skipped: 'no key' });
    expect(Object.fromEntries(skipped.variables)).toEqual({ SKIP_MODEL_TESTS: 'true' });
  });

  it('tells whether the model was tested: later steps skip theirs where it was not', async () => {
    const [full, basic] = [await published(record()), await published(record({ untested: 'away', model: '' }))];
    const skipped = await published({ ...newRecord(), skipped: 'no key' });
    expect([full, basic, skipped].map(({ outputs }) => outputs.get('mode'))).toEqual(['full', 'basic', undefined]);
    expect(Object.fromEntries(basic.variables)).toEqual({
      LLAMA_STACK_ENDPOINT: 'http://127.0.0.1:32768',
      SKIP_MODEL_TESTS: 'true',
    });
    expect(full.outputs.has('error-code')).toBe(false);
  });

  it('tells of a stand-in, by its mode and in the report: it ends with this step, so that later ones have no model', async () => {
    const { outputs, variables, files } = await published(record({ standIn: 'no key', plan: planOf() }));
    expect(outputs.get('mode')).toBe('stand-in');
    expect(variables.get('SKIP_MODEL_TESTS')).toBe('true');
    expect(reportIn(files)).toMatchObject({ result: 'passed', mode: 'stand-in', standIn: 'no key' });
    const real = reportIn((await published(record({ plan: planOf() }))).files);
    expect(real).not.toHaveProperty('standIn');
    expect(real).not.toHaveProperty('dryRun');
  });

  it('tells of a dry run that failed that it was one', async () => {
    const dryRun = dryRunOf({ objects: 0, stubs: [] });
    const { outputs, files } = await published(record({ failure: RED, dryRun, plan: planOf(), checks: [] }));
    expect([outputs.get('result'), outputs.get('mode')]).toEqual(['failed', 'dry-run']);
    expect(reportIn(files)).toMatchObject({ result: 'failed', mode: 'dry-run', dryRun });
  });

  it('has the notes on the chart and its wiring in the report, redacted', async () => {
    const found = record({
      plan: planOf(),
      notes: ['it says sk-secret'],
      wiring: { name: 'values', because: 'sk-secret' },
      dryRun: dryRunOf({ objects: 2, stubs: ['Sk-secret.x'] }),
    });
    const { files, summaries } = await published(found, [], (text) => text.replaceAll(/sk-secret/gi, '***'));
    expect(reportIn(files)).toMatchObject({
      notes: ['it says ***'],
      wiring: { name: 'values', because: '***' },
      dryRun: dryRunOf({ objects: 2, stubs: ['***.x'] }),
    });
    expect(summaries.join()).not.toMatch(/sk-secret/i);
  });

  it('is written as a folder of diagnostics where it is red, redacted', async () => {
    const found = record({
      failure: { ...RED, cause: 'it sent sk-secret' },
      plan: planOf(),
      diagnostics: [section('logs of pod/a', ['with sk-secret'], 'logs/a.log')],
    });
    const { files, outputs } = await published(found, [], (text) => text.replaceAll('sk-secret', '***'));
    expect(outputs.get('diagnostics')).toBe('/out/diagnostics');
    expect(files.entries.get('/out/diagnostics/logs/a.log')).toBe('with ***\n');
    expect(JSON.parse(files.entries.get('/out/diagnostics/failure.json') ?? '')).toMatchObject({
      failure: { code: 'E_VECTOR_STORE', cause: 'it sent ***' },
    });
    expect(JSON.parse(files.entries.get('/out/diagnostics/plan.json') ?? '')).toEqual(planOf());
    expect(files.entries.has('/out/report.json')).toBe(true);
  });

  it.each<[string, RunRecord]>([
    ['a green run', record({ plan: planOf() })],
    ['checks alone', record({ failure: RED, places: undefined })],
  ])('has no diagnostics of %s', async (_, found) => {
    const { files, outputs } = await published(found);
    expect(outputs.has('diagnostics')).toBe(false);
    expect([...files.entries.keys()].sort()).toEqual(found.places ? ['/out/junit.xml', '/out/report.json'] : []);
  });

  it('is a report without diagnostics where these alone cannot be written', async () => {
    const all = ports();
    const write = (path: string, text: string) =>
      path.includes('diagnostics') ? Promise.reject(new Error('no space')) : all.files.write(path, text);
    const means = { ...all.means, files: { ...all.files, write } };
    await publish(record({ failure: RED, plan: planOf() }), new Progress(all.log), means, (text) => text);
    expect(all.log.lines).toEqual(['warning: The diagnostics cannot be written: no space']);
    expect([all.outputs.get('report-json'), all.outputs.has('diagnostics')]).toEqual(['/out/report.json', false]);
    expect(all.summaries).toHaveLength(1);
  });

  it('is written as a report, and redacted wherever it goes', async () => {
    const checks = [
      checkResult({ cause: 'sk-secret' }),
      checkResult({ evidence: { expected: 'sk-secret', got: 'g' } }),
    ];
    const found = record({ plan: planOf(), checks });
    const all = await published(found, [], (text) => text.replaceAll('sk-secret', '***'));
    expect(all.outputs.get('report-json')).toBe('/out/report.json');
    expect(JSON.parse(all.files.entries.get('/out/report.json') ?? '')).toMatchObject({ result: 'passed' });
    expect(JSON.stringify([...all.files.entries, ...all.outputs, all.summaries])).not.toContain('sk-secret');
    expect(all.summaries[0]).toContain('expected \\*\\*\\*');
  });

  it('is made known, and as it is, whatever words of its own are in the key', async () => {
    const service = serviceFacts({ rateLimits: { 'x-limit-sk-secret': '60' } });
    const found = record({ plan: planOf(), checks: [checkResult()], service, untested: 'it is off' });
    const words = [...Object.keys(found), ...Object.keys(service), 'offered', 'evidence', 'verdict'];
    for (const word of words) {
      const redact = (text: string) => text.replaceAll(word, '***').replaceAll('sk-secret', '***');
      const { log, outputs, summaries, files } = await published(found, [], redact);
      expect([word, log.lines, outputs.get('mode'), summaries.length]).toEqual([word, [], 'basic', 1]);
      expect(JSON.stringify([summaries, ...files.entries])).not.toContain('sk-secret');
    }
  });

  it('is written as a whole or not at all: a renderer that fails leaves the least to whoever called', async () => {
    const broken = record({ plan: planOf(), tools: undefined as never });
    const { means, files, summaries, outputs, log } = ports();
    await expect(publish(broken, new Progress(log), means, (text) => text)).rejects.toThrow(TypeError);
    expect([files.entries.size, summaries, outputs.size]).toEqual([0, [], 0]);
  });

  it.each([
    ['output', 'outputs'],
    ['write', 'report'],
    ['summary', 'summary'],
  ] as const)('is made known elsewhere where one place cannot be written: %s', async (broken, what) => {
    const { log, files, summaries, outputs } = await published(record({ plan: planOf() }), [broken]);
    expect(log.lines).toContain(`warning: The ${what} cannot be written: no ${broken}`);
    expect(summaries).toHaveLength(broken === 'summary' ? 0 : 1);
    expect(files.entries.has('/out/report.json')).toBe(broken !== 'write');
    expect(outputs.has('result')).toBe(broken !== 'output');
  });
});

it('diagnostics are folded in the log, a group each, of which the last 100 lines', () => {
  const { means, log } = ports();
  const long = Array.from({ length: 101 }, (_, index) => `line ${index}`);
  showDiagnostics(record({ diagnostics: [section('pods', ['one', 'two']), section('events', long)] }), means);
  expect(log.lines.slice(0, 4)).toEqual(['openGroup: diagnostics: pods', 'info: one', 'info: two', 'closeGroup']);
  expect(log.lines.slice(4, 6)).toEqual(['openGroup: diagnostics: events', 'info: line 1']);
  expect(log.lines).toHaveLength(4 + 1 + 100 + 1);
});
