import { join } from 'node:path';
import type { Evidence } from '../assert/check.js';
import { judge } from '../assert/judge.js';
import { without } from '../assert/runner.js';
import { messageOf, RunError } from '../errors.js';
import type { Inputs } from '../inputs.js';
import type { Job } from '../job.js';
import type { ServiceFacts } from '../maas/probe.js';
import type { RunRecord } from '../report/record.js';
import { readJunit, type JunitCounts } from './junit.js';
import { runShell } from '../shell.js';
import { Unreadable } from '../unreadable.js';

/** What the user says of tests of their own. */
export interface TestInputs {
  /** A command for sh; empty: there are none. */
  testCommand: string;
  /** Whether its environment has the key. */
  testNeedsKey: boolean;
  /** A JUnit report that it writes, relative to the workspace; empty: none. */
  testReport: string;
}

/** Name of their result among the checks. */
const NAME = 'test-command';

/**
 * Runs the consumer's own tests, last, against what was deployed: their exit code and their report are a part of the verdict.
 * @throws RunError where they fail
 */
export async function runConsumerTests(
  job: Job,
  inputs: Inputs,
  service: ServiceFacts | undefined,
  modelKey: string,
): Promise<void> {
  if (!inputs.testCommand) return;
  const { record, progress, signal, meter } = job;
  const spent = meter.refusal();
  if (spent) {
    record.checks.push(without({ name: NAME, hop: 'tests' }, 'skipped', spent.message));
    return;
  }
  const run = () => progress.stage('tests', () => runTests(job, inputs, testVariables(job, inputs, service, modelKey)));
  await judge({ name: NAME, hop: 'tests' }, run, (result) => record.checks.push(result), signal);
}

async function runTests(job: Job, { testCommand, testReport }: Inputs, env: Record<string, string>): Promise<Evidence> {
  const { files } = job.ports;
  const path = testReport && join(job.host.workspace, testReport);
  // one of an earlier run would be taken for theirs
  if (path) await onReport(path, 'removed', () => files.removeFile(path));
  const { code, lines } = await runShell(job, testCommand, env);
  const read = path ? onReport(path, 'read', () => countsIn(path, job)) : Promise.resolve(undefined);
  const counts = await (code === 0 ? read : read.catch(() => undefined)); // a failed command is told before its report
  if (counts !== 'cut off') job.record.ownTests = counts;
  const got = [`exit code ${code}`, ...(counts ? [inWords(counts)] : [])].join('; ');
  if (code !== 0 || counts === 'cut off' || (counts?.failed ?? 0) > 0)
    throw new RunError(
      'E_TESTS',
      'tests',
      `the consumer's own tests failed: ${got}`,
      'Read their output; what this action checks by itself has passed.',
      { evidence: lines },
    );
  return { expected: 'exit code 0', got, ...warningOf(testReport, counts) };
}

async function countsIn(path: string, { ports, host }: Job): Promise<ReturnType<typeof readJunit>> {
  const xml = await ports.files.read(path);
  return xml === undefined ? undefined : readJunit(xml, host.workspace);
}

/** @throws RunError where the place of the report is not one of a file */
async function onReport<T>(path: string, done: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RunError) throw error; // of the run's end
    const what = error instanceof Unreadable ? error.message : `can not be ${done}: ${messageOf(error)}`;
    throw new RunError(
      'E_WORKSPACE',
      'inputs',
      `input test-report: ${path} ${what}`,
      'Name the file that the tests write, such as results/junit.xml, and no folder; check its permissions.',
      { cause: error },
    );
  }
}

function inWords(counts: JunitCounts | 'cut off'): string {
  if (counts === 'cut off') return 'the report is cut off';
  const [first] = counts.failures;
  const told = first ? `; first: ${shortened(first.name)}: ${shortened(first.message)}` : '';
  return `${counts.tests} tests, ${counts.failed} failed, ${counts.skipped} skipped${told}`;
}

/** Its annotation has all of it. */
function shortened(text: string): string {
  return text.length > 120 ? `${text.slice(0, 119).replace(/[\ud800-\udbff]$/, '')}…` : text;
}

/** A suite that ran nothing is green, and proves nothing. */
function warningOf(testReport: string, counts: JunitCounts | undefined): Pick<Evidence, 'warning'> {
  if (!testReport) return {};
  if (!counts) return { warning: `the tests wrote no JUnit report to ${testReport}` };
  return counts.tests > counts.skipped ? {} : { warning: 'the report has no test that ran' };
}

/** What the tests of rh-ai-quickstart's repositories read; empty where this run has none. */
function testVariables(
  { record }: { record: RunRecord },
  { service, testNeedsKey, namespace, release }: Inputs,
  facts: ServiceFacts | undefined,
  modelKey: string,
): Record<string, string> {
  const apiKey = service?.apiKey ?? '';
  return {
    KUBECONFIG: record.kubeconfig,
    NAMESPACE: namespace,
    RELEASE: release,
    API_ENDPOINT: record.apiUrl,
    LLAMA_STACK_ENDPOINT: record.stackUrl,
    RAG_UI_ENDPOINT: record.uiUrl,
    INFERENCE_MODEL: record.model,
    SKIP_MODEL_TESTS: String(record.untested !== undefined),
    MAAS_ENDPOINT: facts?.baseUrl ?? '',
    LLM: modelKey || (facts?.model ?? ''),
    LLM_ID: facts?.model ?? '',
    LLM_URL: facts?.baseUrl ?? '',
    MAAS_API_KEY: '',
    LLM_API_TOKEN: '',
    ...(testNeedsKey && { MAAS_API_KEY: apiKey, LLM_API_TOKEN: apiKey }),
  };
}
