import type { StageTime } from '../../progress.js';
import { factsOfDryRun } from '../planned.js';
import type { RunRecord } from '../record.js';
import { again } from './again.js';
import { checksTable, failedTests } from './checks.js';
import { code, folded, plain, table } from './markdown.js';
import { pipelineDiagram, pipelineOf } from './pipeline.js';
import { serviceFacts } from './service.js';
import { timeline } from './timeline.js';
import { trendOf } from './trend.js';
import { usage } from './usage.js';
import { evidence, failureOf, verdict, warnings } from './verdict.js';

/** Bytes. GitHub takes no summary of more than 1 MiB (1,024 KiB) a step, and then shows nothing of it. */
const LARGEST = 1000 * 1024;

/**
 * The job summary, pure: the verdict first; cause and fix when red; then what is worth knowing, the most important first. One
 * that is too large loses the checks that passed, then its last parts, and says so.
 *
 * @param largest bytes
 */
export function renderSummary(record: RunRecord, stages: StageTime[], largest = LARGEST): string {
  const whole = joined(partsOf(record, stages, checksTable(record.checks, true)));
  if (Buffer.byteLength(whole) <= largest) return whole;
  return joined(fitting(partsOf(record, stages, checksTable(record.checks, false)), largest));
}

function partsOf(record: RunRecord, stages: StageTime[], checks: string): string[] {
  const parts = [
    verdict(record, stages),
    warnings(record),
    failureOf(record),
    record.skipped === undefined ? pipelineDiagram(pipelineOf(record, stages)) : '',
    evidence(record),
    checks,
    failedTests(record.ownTests),
    trendOf(record.trend),
    notes(record),
    wiringOf(record),
    planOf(record),
    serviceFacts(record),
    usage(record.spend),
    timeline(stages),
    versions(record),
    again(record.origin),
  ];
  return parts.filter(Boolean);
}

function joined(parts: string[]): string {
  return `${parts.join('\n\n')}\n`;
}

const CUT = '> The summary was cut: it is larger than GitHub takes. The report (output `report-json`) is whole.';

/** The first parts, as many as fit beside the note that some are missing. */
function fitting(parts: string[], largest: number): string[] {
  let room = largest - Buffer.byteLength(joined([CUT]));
  const isFitting = (part: string) => {
    const bytes = Buffer.byteLength(part) + 2;
    if (bytes > room) return false;
    room -= bytes;
    return true;
  };
  const whole = parts.filter(isFitting);
  return whole.length === parts.length ? parts : [...whole, CUT];
}

function notes({ securityNotes, notes: chartNotes }: RunRecord): string {
  const listed = (title: string, lines: string[]) =>
    lines.length ? [`### ${title}`, '', ...lines.map((line) => `- ${plain(line)}`)].join('\n') : '';
  return [listed('⚠️ Security notes', securityNotes), listed('Notes on the chart', chartNotes)]
    .filter(Boolean)
    .join('\n\n');
}

function wiringOf({ wiring }: RunRecord): string {
  return wiring ? `**Wiring:** ${code(wiring.name)}, because ${plain(wiring.because)}` : '';
}

/** What a real run would do. */
function planOf({ dryRun, failure }: RunRecord): string {
  const facts = dryRun ? factsOfDryRun(dryRun) : [];
  if (!facts.length) return '';
  const title = failure ? '### What was planned' : '### What a real run would do';
  const rows = facts.map(({ name, told }) => [plain(name), plain(told, LONGEST_FACT)]);
  return [title, '', table(['what', 'which'], rows)].join('\n');
}

/** Characters of one fact of a dry run; the report has all. */
const LONGEST_FACT = 2000;

function versions({ tools, docker, plan }: RunRecord): string {
  const lines = Object.entries(tools).map(
    ([name, { version, verified, fromCache }]) =>
      `- ${name} ${plain(version)}: ${plain(verified)}${fromCache ? ', from the tool cache' : ''}`,
  );
  if (!lines.length) return '';
  const machine = [
    ...(docker ? [`- docker ${plain(docker)}`] : []),
    ...(plan?.nodeImage ? [`- node image ${code(plan.nodeImage)}`] : []),
  ];
  return folded('Versions and digests', [...lines, ...machine].join('\n'));
}
