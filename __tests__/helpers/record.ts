import type { Failure } from '../../src/errors.js';
import type { CheckResult } from '../../src/assert/check.js';
import type { ServiceFacts } from '../../src/maas/probe.js';
import type { PlanFacts } from '../../src/plan.js';
import type { Origin } from '../../src/report/origin.js';
import { newDryRun, newRecord, type DryRun, type RunRecord } from '../../src/report/record.js';
import type { Section } from '../../src/section.js';
import { newSpend } from '../../src/spend/spend.js';
import { usageRow } from './meter.js';

export function checkResult(over: Partial<CheckResult> = {}): CheckResult {
  return {
    name: 'chat',
    hop: 'model service',
    verdict: 'passed',
    ms: 1200,
    evidence: { expected: 'an answer', got: 'a word' },
    code: undefined,
    cause: '',
    fix: '',
    chain: [],
    ...over,
  };
}

export function serviceFacts(over: Partial<ServiceFacts> = {}): ServiceFacts {
  return {
    baseUrl: 'https://maas.example.com/v1',
    models: ['acme/chat', 'nomic-embed'],
    model: 'acme/chat',
    rateLimits: {},
    headersNeeded: [],
    embeddings: { offered: true, model: 'nomic-embed', dimension: 768 },
    ...over,
  };
}

export function planOf(over: Partial<PlanFacts> = {}): PlanFacts {
  return {
    endpoint: 'https://maas.example.com/v1',
    chart: 'deploy/helm/rag',
    release: 'rag',
    namespace: 'rag-e2e',
    valuesFiles: [],
    cluster: 'c-1',
    nodeImage: 'kindest/node:v1.36.1',
    checks: ['chat'],
    inference: 'required',
    timeoutMs: 1_800_000,
    workDir: '/work',
    ...over,
  };
}

/** Where the reports of a run go. */
export const PLACES = {
  json: '/out/report.json',
  junit: '/out/junit.xml',
  diagnostics: '/out/diagnostics',
  baseline: '',
};

/** A run that somebody started by hand on GitHub. */
export const ORIGIN: Origin = {
  serverUrl: 'https://github.com',
  repository: 'acme/rag',
  workflow: 'e2e.yml',
  ref: 'main',
  runId: '7',
  event: 'workflow_dispatch',
  dispatchInputs: {},
  action: 'org/maas-e2e-action@v1',
  given: {},
};

/** A section of the diagnostics. */
export function section(title: string, lines: string[], file = `${title}.txt`): Section {
  return { title, file, lines };
}

/** What a dry run saw of a chart. */
export function dryRunOf(over: Partial<DryRun> = {}): DryRun {
  return { ...newDryRun(), objects: 1, ...over };
}

/** What a red run says. */
export const RED: Failure = {
  code: 'E_VECTOR_STORE',
  hop: 'vector store',
  cause: 'the database is away',
  fix: 'Start it.',
  evidence: ['last line'],
  place: undefined,
  chain: ['connection refused'],
};

/** What a green run found out. */
export function record(over: Partial<RunRecord> = {}): RunRecord {
  return {
    ...newRecord(),
    places: PLACES,
    model: 'maas/acme/chat',
    service: serviceFacts(),
    tools: { kind: { path: '/c/kind', version: '0.32.0', verified: 'pinned digest', fromCache: true } },
    docker: '28.1.1',
    stackUrl: 'http://127.0.0.1:32768',
    checks: [checkResult()],
    spend: {
      ...newSpend(),
      rows: [
        usageRow({ check: 'probe', hop: 'model service', model: 'acme/chat', promptTokens: 10, completionTokens: 2 }),
        usageRow({ promptTokens: 20, completionTokens: 4 }),
      ],
    },
    ...over,
  };
}
