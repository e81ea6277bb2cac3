import { describe, expect, it } from 'vitest';
import { toFailure } from '../../src/errors.js';
import { reportOf } from '../../src/report/json.js';
import type { StageTime } from '../../src/progress.js';
import { newRecord, type RunRecord } from '../../src/report/record.js';
import { totalsOf } from '../../src/spend/spend.js';
import { checkResult, record, section } from '../helpers/record.js';

const STAGES = [{ name: 'probe', startMs: 0, endMs: 1200, ok: true }];
const SAMPLES = { model: 'maas/acme/chat', checks: { chat: [{ ms: 1200, tokens: 24 }] } };
const report = (run: RunRecord, stages: StageTime[]) =>
  JSON.parse(JSON.stringify(reportOf(run, stages, SAMPLES))) as Record<string, unknown>;

describe('the machine-readable report', () => {
  it('of a green run has what was found out, and neither a failure nor a reason to skip', () => {
    const run = record({ uiUrl: 'http://127.0.0.1:32769', securityNotes: ['a note'] });
    expect(report(run, STAGES)).toEqual({
      version: 1,
      result: 'passed',
      mode: 'full',
      model: 'maas/acme/chat',
      totalTokens: 36,
      usage: {
        ...totalsOf(run.spend.rows),
        rows: run.spend.rows,
        ...run.spend.traffic,
        prices: [],
        budgets: [],
        onBudget: 'warn',
      },
      checks: [checkResult()],
      samples: SAMPLES,
      service: run.service,
      access: { apiUrl: '', stackUrl: 'http://127.0.0.1:32768', uiUrl: 'http://127.0.0.1:32769' },
      tools: run.tools,
      docker: '28.1.1',
      notes: [],
      securityNotes: ['a note'],
      stages: STAGES,
    });
  });

  it('of a red run names code, hop, cause, fix, evidence, and what led to it', () => {
    const failure = toFailure(new Error('x', { cause: new Error('y') }));
    expect(report(record({ failure }), [])).toMatchObject({
      result: 'failed',
      failure: { code: 'E_UNEXPECTED', hop: 'run', cause: failure.cause, fix: failure.fix, evidence: [], chain: ['y'] },
    });
  });

  it('of a run without a model says so, and why', () => {
    expect(report(record({ untested: 'the service is away' }), [])).toMatchObject({
      result: 'passed',
      mode: 'basic',
      untested: 'the service is away',
    });
    expect(report(record(), [])).not.toHaveProperty('untested');
  });

  it('of a skipped run says why', () => {
    const got = report({ ...newRecord(), skipped: 'no key' }, []);
    expect(got).toMatchObject({ result: 'skipped', skipped: 'no key', checks: [], totalTokens: 0 });
    expect(got).not.toHaveProperty('failure');
  });

  it('has neither the place of the kubeconfig nor the logs of the cluster', () => {
    const run = record({ kubeconfig: '/t/kubeconfig', diagnostics: [section('pods', ['a log line'])] });
    expect(JSON.stringify(report(run, []))).not.toMatch(/kubeconfig|a log line/);
  });

  it('has what was asked of models, its cost, and why it was kept from more', () => {
    const spend = record().spend;
    const prices = [{ model: '', prompt: 1, completion: 1 }];
    const limits = { tokens: 36, requests: undefined, cost: undefined };
    const got = report(record({ spend: { ...spend, prices, limits, stopped: 'spent' } }), []);
    expect(got).toMatchObject({
      mode: 'partial',
      usage: {
        cost: { amount: 0.000036, isLowerBound: false },
        budgets: [{ name: 'token-budget', spent: 36, limit: 36 }],
        stopped: 'spent',
      },
    });
  });
});
