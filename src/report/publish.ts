import { dirname } from 'node:path';
import { baselineOf } from './baseline.js';
import { messageOf } from '../errors.js';
import type { Ports, Runner } from '../ports.js';
import { seconds, type Progress } from '../progress.js';
import type { Redact } from '../secrets/redact.js';
import { writeDiagnostics } from './diagnostics.js';
import { reportOf } from './json.js';
import { junitOf } from './junit.js';
import { costOf, totalsOf } from '../spend/spend.js';
import { amount } from '../spend/price.js';
import { modeOf, redactRecord, resultOf, tally, VERDICTS, type RunRecord } from './record.js';
import { linesOfDryRun } from './planned.js';
import { renderSummary } from './summary/summary.js';
import { compare, samplesOf } from './trend.js';

/** The verdict in the log: first thing after the run, so that a red one does not drown in its diagnostics. */
export function announce(record: RunRecord, progress: Progress, { log }: Ports): void {
  const { failure, skipped, untested, checks, model, dryRun, standIn, spend } = record;
  if (failure) {
    announceFailure(record, { log });
  } else if (skipped !== undefined) {
    log.notice(`MaaS E2E skipped: ${skipped}`);
  } else if (dryRun) {
    for (const line of linesOfDryRun(record)) log.info(line);
  } else {
    const tested = standIn === undefined ? `with ${model}` : 'with a stand-in for the model';
    const how = untested === undefined ? tested : '(basic: model not tested)';
    log.info(`MaaS E2E passed: ${tally(checks)} ${how} in ${seconds(progress.elapsed())}`, 'good');
  }
  if (spend.stopped !== undefined && !failure) log.warning(`Not all checks were run: ${spend.stopped}`);
  if (untested !== undefined) log.warning(`The model was not tested: ${untested}`);
  for (const { name, evidence } of checks)
    if (evidence?.warning) log.warning(`check ${name} passed with a warning: ${evidence.warning}`);
}

/** What broke the run, with what shows it. */
export function announceFailure({ failure, ownTests }: RunRecord, { log }: Pick<Ports, 'log'>): void {
  if (!failure) return;
  const { hop, code, cause, fix, place, evidence, chain } = failure;
  log.error(`MaaS E2E failed at: ${hop} (${code})`, `${hop}: ${cause}. Fix: ${fix}`, place);
  for (const { name, message, place } of ownTests?.failures ?? []) log.error(`Failed test: ${name}`, message, place);
  for (const line of evidence) log.info(`  | ${line}`);
  for (const line of chain) log.info(`  caused by: ${line}`);
}

/**
 * Publishes what a run found out: outputs, report files, summary. A place that cannot be written to is a warning: it does
 * not change the verdict. All texts are made before the first is written.
 *
 * @throws whatever a renderer throws; nothing is written then
 */
export async function publish(found: RunRecord, progress: Progress, ports: Ports, redact: Redact): Promise<void> {
  const { log, runner, files } = ports;
  const baseline = await baselineOf(found.places?.baseline ?? '', files, log);
  if (baseline && found.checks.length) found.trend = compare(found, baseline);
  const record = redactRecord(found, redact); // before the renderers cut and escape
  const { failure } = record;
  const report = `${JSON.stringify(reportOf(record, progress.stages, samplesOf(record, baseline)), null, 2)}\n`;
  const junit = junitOf(record, progress.stages);
  const summary = renderSummary(record, progress.stages);
  const attempt = async (what: string, write: () => Promise<void>) => {
    try {
      await write();
    } catch (error) {
      log.warning(`The ${what} cannot be written: ${messageOf(error)}`);
    }
  };
  const write = async (output: string, path: string, text: string) => {
    await files.makeDir(dirname(path));
    await files.write(path, text);
    runner.output(output, path);
  };
  await attempt('outputs', async () => {
    publishCounts(record, runner);
    publishAccess(found, runner);
    await Promise.resolve();
  });
  if (found.places) {
    const { json, junit: junitPlace, diagnostics } = found.places;
    await attempt('report', () => write('report-json', json, report));
    await attempt('JUnit report', () => write('report-junit', junitPlace, junit));
    if (failure)
      await attempt('diagnostics', async () => {
        await writeDiagnostics(record, diagnostics, files, redact);
        runner.output('diagnostics', diagnostics);
      });
  }
  await attempt('summary', () => runner.summary(summary));
}

function publishCounts(record: RunRecord, runner: Runner): void {
  const count = (verdict: string) => String(record.checks.filter((check) => check.verdict === verdict).length);
  runner.output('result', resultOf(record));
  if (resultOf(record) !== 'skipped') runner.output('mode', modeOf(record));
  if (record.failure) runner.output('error-code', record.failure.code);
  for (const verdict of VERDICTS) runner.output(`checks-${verdict}`, count(verdict));
  const { requests, promptTokens, completionTokens, totalTokens } = totalsOf(record.spend.rows);
  const counts = { requests, 'prompt-tokens': promptTokens, 'completion-tokens': completionTokens };
  for (const [name, count] of Object.entries(counts)) runner.output(name, String(count));
  runner.output('total-tokens', String(totalTokens));
  const cost = costOf(record.spend);
  if (cost) runner.output('estimated-cost', amount(cost.amount));
}

/** For later steps: outputs, and the environment that the consumer's own tests read. What is not there is not set. */
function publishAccess(
  { apiUrl, stackUrl, uiUrl, kubeconfig, model, skipped, untested, standIn, spend, dryRun }: RunRecord,
  runner: Runner,
): void {
  const outputs = { 'api-url': apiUrl, 'llama-stack-url': stackUrl, 'ui-url': uiUrl, kubeconfig, model };
  const variables = {
    API_ENDPOINT: apiUrl,
    LLAMA_STACK_ENDPOINT: stackUrl,
    RAG_UI_ENDPOINT: uiUrl,
    INFERENCE_MODEL: model,
  };
  for (const [name, value] of Object.entries(outputs)) if (value) runner.output(name, value);
  for (const [name, value] of Object.entries(variables)) if (value) runner.variable(name, value);
  // a stand-in ends with this step, and a dry run deploys nothing
  const without = [skipped, untested, standIn, spend.stopped, dryRun];
  const hasModel = without.every((why) => why === undefined);
  runner.variable('SKIP_MODEL_TESTS', String(!hasModel));
}

/** Lines of one section that the log shows; the folder holds more. */
const SHOWN = 100;

/** Shows the diagnostics of a red run in the log, folded. */
export function showDiagnostics(record: RunRecord, { log }: Ports): void {
  for (const { title, lines } of record.diagnostics) {
    log.openGroup(`diagnostics: ${title}`);
    lines.slice(-SHOWN).forEach((line) => log.info(line));
    log.closeGroup();
  }
}
