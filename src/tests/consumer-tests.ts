import { join } from 'node:path';
import type { Evidence } from '../assert/check.js';
import { judge } from '../assert/judge.js';
import { RunError } from '../errors.js';
import type { Inputs } from '../inputs.js';
import type { Job } from '../job.js';
import type { ServiceFacts } from '../maas/probe.js';
import type { RunRecord } from '../report/record.js';
import { readJunit, type JunitCounts } from './junit.js';

/** What the user says of tests of their own. */
export interface TestInputs {
  /** A command for sh; empty: there are none. */
  testCommand: string;
  /** Whether its environment has the key. */
  testNeedsKey: boolean;
  /** A JUnit report that it writes, relative to the workspace; empty: none. */
  testReport: string;
}

/** Lines of their output that a failure shows. */
const SHOWN = 30;
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
  const { record, progress, signal } = job;
  const run = () => progress.stage('tests', () => runTests(job, inputs, testVariables(job, inputs, service, modelKey)));
  await judge({ name: NAME, hop: 'tests' }, run, (result) => record.checks.push(result), signal);
}

async function runTests(
  { ports: { commands, files, log }, host }: Job,
  { testCommand, testReport }: Inputs,
  env: Record<string, string>,
): Promise<Evidence> {
  const path = testReport && join(host.workspace, testReport);
  if (path) await files.removeFile(path); // one of an earlier run would be taken for theirs
  const lines: string[] = [];
  const onLine = (line: string) => {
    log.info(line);
    lines.push(line);
    if (lines.length > SHOWN) lines.shift();
  };
  const { code } = await commands.run({ program: 'sh', args: ['-ec', testCommand], cwd: host.workspace, env, onLine });
  const counts = path ? readJunit((await files.read(path)) ?? '') : undefined;
  const counted = counts && `${counts.tests} tests, ${counts.failed} failed, ${counts.skipped} skipped`;
  const got = [`exit code ${code}`, ...(counted ? [counted] : [])].join('; ');
  if (code !== 0 || (counts?.failed ?? 0) > 0)
    throw new RunError(
      'E_TESTS',
      'tests',
      `the consumer's own tests failed: ${got}`,
      'Read their output; what this action checks by itself has passed.',
      { evidence: lines },
    );
  return { expected: 'exit code 0', got, ...warningOf(testReport, counts) };
}

/** A suite that ran nothing is green, and proves nothing. */
function warningOf(testReport: string, counts: JunitCounts | undefined): Pick<Evidence, 'warning'> {
  if (!testReport) return {};
  if (!counts) return { warning: `the tests wrote no JUnit report to ${testReport}` };
  return counts.tests > counts.skipped ? {} : { warning: 'the report has no test that ran' };
}

/** The environment of the job without the key, and what the tests of rh-ai-quickstart's repositories read. */
function testVariables(
  { host, record }: { host: Job['host']; record: RunRecord },
  { service, testNeedsKey }: Inputs,
  facts: ServiceFacts | undefined,
  modelKey: string,
): Record<string, string> {
  const apiKey = service?.apiKey ?? '';
  const given: Record<string, string> = {
    KUBECONFIG: record.kubeconfig,
    API_ENDPOINT: record.apiUrl,
    LLAMA_STACK_ENDPOINT: record.stackUrl,
    RAG_UI_ENDPOINT: record.uiUrl,
    INFERENCE_MODEL: record.model,
    SKIP_MODEL_TESTS: String(record.untested !== undefined),
    MAAS_ENDPOINT: facts?.baseUrl ?? '',
    LLM: modelKey || (facts?.model ?? ''),
    LLM_ID: facts?.model ?? '',
    LLM_URL: facts?.baseUrl ?? '',
    ...(testNeedsKey && { MAAS_API_KEY: apiKey, LLM_API_TOKEN: apiKey }),
  };
  return { ...host.environment, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value)) };
}
