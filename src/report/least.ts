import { dirname } from 'node:path';
import { REPORT_VERSION } from './json.js';
import { modeOf, newRecord, type RunRecord } from './record.js';
import { alert, code, plain } from './summary/markdown.js';
import { MARKS } from './summary/marks.js';
import { xmlOf } from './xml.js';
import { toFailure, type Failure } from '../errors.js';
import type { Files, Ports } from '../ports.js';
import { redactAll, type Redact } from '../secrets/redact.js';

/**
 * The least that every run leaves, for when the whole report fails or nothing is set up yet: outputs, a short summary, and the
 * two reports if their places are known. It shares no renderer with the whole report, and a part that fails takes no other
 * part with it. Never rejects.
 */
export async function publishLeast(
  found: RunRecord,
  { runner, files }: Pick<Ports, 'runner'> & { files: Pick<Files, 'makeDir' | 'write'> },
  redact: Redact,
): Promise<void> {
  const failure = shownFailure(found, redact);
  const mode = modeOf({ ...newRecord(), dryRun: found.dryRun, untested: found.untested, standIn: found.standIn });
  const { places } = found;
  const write = async (name: 'report-json' | 'report-junit', path: string, text: () => string) => {
    await files.makeDir(dirname(path));
    await files.write(path, text());
    runner.output(name, path);
  };
  await quietly(() => runner.output('result', 'failed'));
  await quietly(() => runner.output('error-code', failure.code));
  await quietly(() => runner.output('mode', mode));
  if (places) {
    await quietly(() => write('report-json', places.json, () => leastJson(failure, mode)));
    await quietly(() => write('report-junit', places.junit, () => leastJunit(failure, mode)));
  }
  await quietly(() => runner.summary(leastSummary(failure)));
}

/** What can be done without is not waited for, and not told: the failure itself is in the log. */
async function quietly(work: () => void | Promise<void>): Promise<void> {
  try {
    await work();
  } catch {
    // the other parts are still to be written
  }
}

function shownFailure({ failure }: RunRecord, redact: Redact): Failure {
  const { code: errorCode, hop, cause, fix } = failure ?? toFailure(undefined);
  const texts = { cause: '', fix: '' };
  try {
    Object.assign(texts, redactAll({ cause, fix }, redact));
  } catch {
    texts.cause = 'unexpected error, whose text cannot be shown';
  }
  return { code: errorCode, hop, ...texts, evidence: [], place: undefined, chain: [] };
}

/** By docs/report.schema.json. */
function leastJson(failure: Failure, mode: string): string {
  const tokens = { requests: 0, unreported: 0, promptTokens: 0, completionTokens: 0, totalTokens: 0 };
  const traffic = { retries: 0, rateLimited: 0, waitedMs: 0, limitHeaders: {} };
  const report = {
    version: REPORT_VERSION,
    result: 'failed',
    failure,
    mode,
    model: '',
    totalTokens: 0,
    usage: { ...tokens, rows: [], ...traffic, prices: [], budgets: [], onBudget: 'warn' },
    checks: [],
    samples: { model: '', checks: {} },
    access: { apiUrl: '', stackUrl: '', uiUrl: '' },
    tools: {},
    docker: '',
    notes: [],
    securityNotes: [],
    stages: [],
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

function leastJunit({ code: type, cause, fix }: Failure, mode: string): string {
  const counts = { tests: 1, failures: 0, errors: 1, time: '0.000' };
  const properties = Object.entries({ result: 'failed', mode, 'error-code': type }).map(([name, value]) => ({
    name: 'property',
    attributes: { name, value },
  }));
  const error = { name: 'error', attributes: { type, message: cause.slice(0, 300) }, content: `fix: ${fix}` };
  const testcase = { name: 'testcase', attributes: { name: 'run', classname: 'maas-e2e.run', time: '0.000' } };
  const suite = {
    name: 'testsuite',
    attributes: { name: 'run', ...counts, skipped: 0 },
    content: [
      { name: 'properties', content: properties },
      { ...testcase, content: [error] },
    ],
  };
  return xmlOf({ name: 'testsuites', attributes: { name: 'maas-e2e', ...counts }, content: [suite] });
}

function leastSummary({ code: errorCode, hop, cause, fix }: Failure): string {
  const told = [`**Hop:** ${hop} (${code(errorCode)})  `, `**Cause:** ${plain(cause)}  `, `**Fix:** ${plain(fix)}  `];
  return `## ${MARKS.failed} MaaS E2E: failed (broken hop: ${hop})\n\n${alert('CAUTION', told)}\n`;
}
