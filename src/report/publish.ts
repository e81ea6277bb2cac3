import { dirname } from 'node:path';
import type { Ports, Runner } from '../ports.js';
import { seconds, type Progress } from '../progress.js';
import type { Redact } from '../secrets/redact.js';
import { reportOf } from './json.js';
import { resultOf, totalTokens, type RunRecord } from './record.js';
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
    const passed = checks.filter(({ verdict }) => verdict === 'passed').length;
    log.info(`MaaS E2E passed: ${passed} checks with ${model} in ${seconds(progress.elapsed())}`);
  }
}

/** Makes what a run found out known: outputs, report file, summary. */
export async function publish(
  record: RunRecord,
  progress: Progress,
  { runner, files }: Ports,
  redact: Redact,
): Promise<void> {
  const result = resultOf(record);
  const count = (verdict: string) => String(record.checks.filter((check) => check.verdict === verdict).length);
  runner.output('result', result);
  runner.output('checks-passed', count('passed'));
  runner.output('checks-failed', count('failed'));
  runner.output('checks-skipped', count('skipped'));
  runner.output('total-tokens', String(totalTokens(record)));
  if (record.stackUrl) publishAccess(record, runner);
  if (record.reportPath) {
    await files.makeDir(dirname(record.reportPath));
    await files.write(record.reportPath, redact(`${JSON.stringify(reportOf(record, progress.stages), null, 2)}\n`));
    runner.output('report-json', record.reportPath);
  }
  await runner.summary(renderSummary(record, progress.stages));
}

/** For later steps: outputs, and the environment that the consumer's own tests read. */
function publishAccess({ stackUrl, uiUrl, kubeconfig, model }: RunRecord, runner: Runner): void {
  runner.output('llama-stack-url', stackUrl);
  runner.output('ui-url', uiUrl);
  runner.output('kubeconfig', kubeconfig);
  runner.output('model', model);
  runner.variable('LLAMA_STACK_ENDPOINT', stackUrl);
  runner.variable('RAG_UI_ENDPOINT', uiUrl);
  runner.variable('INFERENCE_MODEL', model);
  runner.variable('SKIP_MODEL_TESTS', 'false');
}

/** Shows the diagnostics of a red run in the log, folded. */
export function showDiagnostics(record: RunRecord, { log }: Ports): void {
  for (const { title, lines } of record.diagnostics) {
    log.openGroup(`diagnostics: ${title}`);
    lines.forEach((line) => log.info(line));
    log.closeGroup();
  }
}
