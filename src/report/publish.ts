import { dirname } from 'node:path';
import { messageOf } from '../errors.js';
import type { Ports, Runner } from '../ports.js';
import { seconds, type Progress } from '../progress.js';
import { redactAll, type Redact } from '../secrets/redact.js';
import { reportOf } from './json.js';
import { resultOf, tally, totalTokens, VERDICTS, type RunRecord } from './record.js';
import { renderSummary } from './summary.js';

/** The verdict in the log: first thing after the run, so that a red one does not drown in its diagnostics. */
export function announce(record: RunRecord, progress: Progress, { log }: Ports): void {
  const { failure, skipped, checks, model } = record;
  if (failure) {
    log.error(`MaaS E2E failed at: ${failure.hop}`, `${failure.hop}: ${failure.cause}. Fix: ${failure.fix}`);
    for (const line of failure.evidence) log.info(`  | ${line}`);
  } else if (skipped !== undefined) {
    log.notice(`MaaS E2E skipped: ${skipped}`);
  } else {
    log.info(`MaaS E2E passed: ${tally(checks)} with ${model} in ${seconds(progress.elapsed())}`);
  }
  for (const { name, evidence } of checks)
    if (evidence?.warning) log.warning(`check ${name} passed with a warning: ${evidence.warning}`);
}

/**
 * Makes what a run found out known: outputs, report file, summary. A place that can not be written is a warning: it does
 * not change the verdict.
 */
export async function publish(found: RunRecord, progress: Progress, ports: Ports, redact: Redact): Promise<void> {
  const record = redactAll(found, redact); // before the renderers cut and escape
  const { log, runner, files } = ports;
  const attempt = async (what: string, write: () => Promise<void>) => {
    await write().catch((error: unknown) => log.warning(`The ${what} can not be written: ${messageOf(error)}`));
  };
  await attempt('outputs', async () => {
    publishCounts(record, runner);
    publishAccess(record, runner);
    await Promise.resolve();
  });
  if (record.reportPath) {
    await attempt('report', async () => {
      await files.makeDir(dirname(record.reportPath));
      await files.write(record.reportPath, `${JSON.stringify(reportOf(record, progress.stages), null, 2)}\n`);
      runner.output('report-json', record.reportPath);
    });
  }
  await attempt('summary', () => runner.summary(renderSummary(record, progress.stages)));
}

function publishCounts(record: RunRecord, runner: Runner): void {
  const count = (verdict: string) => String(record.checks.filter((check) => check.verdict === verdict).length);
  runner.output('result', resultOf(record));
  for (const verdict of VERDICTS) runner.output(`checks-${verdict}`, count(verdict));
  runner.output('total-tokens', String(totalTokens(record)));
}

/** For later steps: outputs, and the environment that the consumer's own tests read. What is not there is not set. */
function publishAccess({ stackUrl, uiUrl, kubeconfig, model, skipped }: RunRecord, runner: Runner): void {
  const outputs = { 'llama-stack-url': stackUrl, 'ui-url': uiUrl, kubeconfig, model };
  const variables = { LLAMA_STACK_ENDPOINT: stackUrl, RAG_UI_ENDPOINT: uiUrl, INFERENCE_MODEL: model };
  for (const [name, value] of Object.entries(outputs)) if (value) runner.output(name, value);
  for (const [name, value] of Object.entries(variables)) if (value) runner.variable(name, value);
  runner.variable('SKIP_MODEL_TESTS', String(skipped !== undefined));
}

/** Shows the diagnostics of a red run in the log, folded. */
export function showDiagnostics(record: RunRecord, { log }: Ports): void {
  for (const { title, lines } of record.diagnostics) {
    log.openGroup(`diagnostics: ${title}`);
    lines.forEach((line) => log.info(line));
    log.closeGroup();
  }
}
