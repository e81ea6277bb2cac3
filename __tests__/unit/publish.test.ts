import { describe, expect, it } from 'vitest';
import type { Failure } from '../../src/errors.js';
import type { Ports, Runner } from '../../src/ports.js';
import { Progress } from '../../src/progress.js';
import { announce, publish, showDiagnostics } from '../../src/report/publish.js';
import { newRecord, type RunRecord } from '../../src/report/record.js';
import { memoryFiles, recordedLog } from '../helpers/memory.js';
import { checkResult, record } from '../helpers/record.js';

const RED: Failure = { hop: 'vector store', cause: 'the database is away', fix: 'Start it.', evidence: ['last line'] };

/** A runner, a log and files that keep what they get; `broken` are methods that fail. */
function ports(broken: ('output' | 'summary' | 'write')[] = []) {
  const [log, files] = [recordedLog(), memoryFiles()];
  const [outputs, variables, summaries] = [new Map<string, string>(), new Map<string, string>(), [] as string[]];
  const unlessBroken = (method: (typeof broken)[number]) => {
    if (broken.includes(method)) throw new Error(`no ${method}`);
  };
  const runner: Runner = {
    mask: () => undefined,
    saveState: () => undefined,
    output: (name, value) => {
      unlessBroken('output');
      outputs.set(name, value);
    },
    variable: (name, value) => void variables.set(name, value),
    summary: async (text) => {
      unlessBroken('summary');
      await Promise.resolve(summaries.push(text));
    },
  };
  const guarded: typeof files = {
    ...files,
    write: async (path, text) => {
      unlessBroken('write');
      await files.write(path, text);
    },
  };
  const means = { log, runner, files: guarded } as unknown as Ports;
  return { means, log, files, outputs, variables, summaries };
}

async function published(found: RunRecord, broken: Parameters<typeof ports>[0] = [], redact = (text: string) => text) {
  const all = ports(broken);
  await publish(found, new Progress(all.log), all.means, redact);
  return all;
}

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

  it('red: hop, cause, fix and evidence', () => {
    expect(announced({ failure: RED })).toEqual([
      'error: MaaS E2E failed at: vector store: vector store: the database is away. Fix: Start it.',
      'info:   | last line',
    ]);
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
      'checks-passed': '2',
      'checks-warned': '1',
      'checks-failed': '1',
      'checks-blocked': '3',
      'checks-skipped': '1',
      'total-tokens': '36',
    });
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

  it('is written as a report, and redacted wherever it goes', async () => {
    const checks = [
      checkResult({ cause: 'sk-secret' }),
      checkResult({ evidence: { expected: 'sk-secret', got: 'g' } }),
    ];
    const found = record({ reportPath: '/out/report.json', checks });
    const all = await published(found, [], (text) => text.replaceAll('sk-secret', '***'));
    expect(all.outputs.get('report-json')).toBe('/out/report.json');
    expect(JSON.parse(all.files.entries.get('/out/report.json') ?? '')).toMatchObject({ result: 'passed' });
    expect(JSON.stringify([...all.files.entries, ...all.outputs, all.summaries])).not.toContain('sk-secret');
    expect(all.summaries[0]).toContain('expected \\*\\*\\*');
  });

  it.each([
    ['output', 'outputs'],
    ['write', 'report'],
    ['summary', 'summary'],
  ] as const)('is made known elsewhere where one place can not be written: %s', async (broken, what) => {
    const { log, files, summaries, outputs } = await published(record({ reportPath: '/out/report.json' }), [broken]);
    expect(log.lines).toContain(`warning: The ${what} can not be written: no ${broken}`);
    expect(summaries).toHaveLength(broken === 'summary' ? 0 : 1);
    expect(files.entries.has('/out/report.json')).toBe(broken !== 'write');
    expect(outputs.has('result')).toBe(broken !== 'output');
  });
});

it('diagnostics are folded in the log, a group each', () => {
  const { means, log } = ports();
  showDiagnostics(record({ diagnostics: [{ title: 'pods', lines: ['one', 'two'] }] }), means);
  expect(log.lines).toEqual(['openGroup: diagnostics: pods', 'info: one', 'info: two', 'closeGroup']);
});
