import type { CheckResult, Verdict } from '../assert/check.js';
import { seconds, type StageTime } from '../progress.js';
import { linesThatMatter } from './diagnostics.js';
import { resultOf, tally, totalTokens, type Result, type RunRecord } from './record.js';

const MARKS = { passed: '✅', warned: '⚠️', failed: '❌', blocked: '⛔', skipped: '⏭️' } as const satisfies Record<
  Result | Verdict,
  string
>;

/** Characters kept of one line: the summary stays far below GitHub's limit. */
const LINE = 300;
/** Bytes. GitHub takes no summary of more than 1 MiB, and then shows nothing of it. */
const LARGEST = 900 * 1024;

/** The job summary: the verdict first; cause and fix when red; then what is worth knowing. Pure. */
export function renderSummary(record: RunRecord, stages: StageTime[]): string {
  const parts = [
    verdict(record),
    untestedWarning(record),
    standInWarning(record),
    failureOf(record),
    checksTable(record.checks),
    notes(record),
    wiringOf(record),
    serviceFacts(record),
    versions(record),
    timeline(stages),
  ];
  return `${fitting(parts.filter(Boolean)).join('\n\n')}\n`;
}

/** The parts that fit, and a note where one does not. */
function fitting(parts: string[]): string[] {
  let room = LARGEST;
  const whole = parts.filter((part) => {
    const bytes = Buffer.byteLength(part) + 2;
    if (bytes > room) return false;
    room -= bytes;
    return true;
  });
  if (whole.length === parts.length) return parts;
  return [
    ...whole,
    '> The summary was cut: it is larger than GitHub takes. The report (output `report-json`) is whole.',
  ];
}

function verdict(record: RunRecord): string {
  const result = resultOf(record);
  if (result === 'skipped') return `## ${MARKS.skipped} MaaS E2E: skipped\n\n${cell(record.skipped ?? '')}`;
  if (result === 'failed') return `## ${MARKS.failed} MaaS E2E: failed (broken hop: ${record.failure?.hop ?? ''})`;
  if (record.dryRun) return `## ${MARKS.passed} MaaS E2E: dry run passed (wiring ${record.wiring?.name ?? 'none'})`;
  if (record.untested !== undefined)
    return `## ${MARKS.warned} MaaS E2E: passed (basic: model not tested; ${tally(record.checks)})`;
  if (record.standIn !== undefined)
    return `## ${MARKS.warned} MaaS E2E: passed with a stand-in for the model (${tally(record.checks)})`;
  return `## ${MARKS.passed} MaaS E2E: passed (${tally(record.checks)} with ${code(record.model)})`;
}

/** https://docs.github.com/get-started/writing-on-github/getting-started-with-writing-and-formatting-on-github/basic-writing-and-formatting-syntax#alerts */
function untestedWarning({ untested }: RunRecord): string {
  return untested === undefined ? '' : `> [!WARNING]\n> The model was not tested: ${cell(untested)}`;
}

function standInWarning({ standIn }: RunRecord): string {
  const what = 'The embedded model service stood in for the real one: all but the model is tested.';
  return standIn === undefined ? '' : `> [!WARNING]\n> ${what} ${cell(standIn)}`;
}

function failureOf({ failure, plan, diagnostics }: RunRecord): string {
  if (!failure) return '';
  const { code: errorCode, hop, cause, fix } = failure;
  const lines = linesThatMatter({ failure, diagnostics });
  return [
    `**Hop:** ${hop} (${code(errorCode)})  \n**Cause:** ${cell(cause)}  \n**Fix:** ${cell(fix)}`,
    lines.length ? block(lines) : '',
    plan
      ? `Everything that was collected is in the folder of the output \`diagnostics\`: ${code(plan.diagnosticsPath)}`
      : '',
  ]
    .filter(Boolean)
    .join('\n\n');
}

function checksTable(checks: CheckResult[]): string {
  if (!checks.length) return '';
  const rows = checks.map(({ name, hop, verdict, ms, evidence, cause }) => {
    const warning = evidence?.warning ? `${cell(`warning: ${evidence.warning}`)}; ` : '';
    const found = evidence ? `expected ${evidence.expected}; got ${evidence.got}` : cause;
    return `| ${MARKS[verdict]} ${name} | ${hop} | ${seconds(ms)} | ${warning}${cell(found)} |`;
  });
  return ['### Checks', '', '| check | hop | time | evidence |', '|---|---|---|---|', ...rows].join('\n');
}

function notes({ securityNotes, notes: chartNotes }: RunRecord): string {
  const listed = (title: string, lines: string[]) =>
    lines.length ? [`### ${title}`, '', ...lines.map((line) => `- ${cell(line)}`)].join('\n') : '';
  return [listed('⚠️ Security notes', securityNotes), listed('Notes on the chart', chartNotes)]
    .filter(Boolean)
    .join('\n\n');
}

function wiringOf({ wiring, dryRun }: RunRecord): string {
  const stubs = dryRun && `; ${dryRun.objects} objects, stub definitions for ${dryRun.stubs.join(', ') || 'none'}`;
  return wiring ? `**Wiring:** ${code(wiring.name)}, because ${cell(wiring.because)}${cell(stubs ?? '')}` : '';
}

function serviceFacts({ service }: RunRecord): string {
  if (!service) return '';
  const limits = Object.entries(service.rateLimits).map(([name, value]) => `${name}: ${value}`);
  const embeddings = service.embeddings.offered
    ? `yes, ${service.embeddings.model} with ${service.embeddings.dimension} dimensions`
    : `no (${service.embeddings.why})`;
  const rows = [
    ['endpoint', service.baseUrl],
    ['model in use', service.model],
    ['models served', service.models.slice(0, 20).join(', ')],
    ['rate-limit headers', limits.join(', ') || 'none seen'],
    ['headers needed beyond Authorization', service.headersNeeded.join(', ') || 'none'],
    ['embeddings', embeddings],
  ];
  return [
    '### The model service',
    '',
    '| | |',
    '|---|---|',
    ...rows.map(([name = '', value = '']) => `| ${name} | ${cell(value)} |`),
  ].join('\n');
}

function versions(record: RunRecord): string {
  const tools = Object.entries(record.tools).map(
    ([name, tool]) => `${name} ${tool.version} (${tool.verified}${tool.fromCache ? ', cached' : ''})`,
  );
  if (!tools.length) return '';
  return `### Versions\n\n${[...tools, `docker ${cell(record.docker)}`].join(' · ')} · tokens reported: ${totalTokens(record)}`;
}

function timeline(stages: StageTime[]): string {
  if (!stages.length) return '';
  const ordered = [...stages].sort((a, b) => a.startMs - b.startMs);
  const rows = ordered.map(
    ({ name, startMs, endMs, ok }) =>
      `| ${name}${ok ? '' : ' ❌'} | ${seconds(startMs)} | ${seconds(endMs - startMs)} |`,
  );
  return ['### Timeline', '', '| stage | begins | takes |', '|---|---|---|', ...rows].join('\n');
}

/** Text of unknown origin inside a table or a sentence: one line, no Markdown, no HTML. */
function cell(text: string): string {
  return shorten(text.replace(/\s+/g, ' '))
    .replace(/[\\`*_[\]|~#]/g, '\\$&')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;');
}

function code(text: string): string {
  return `\`${text.replace(/[`|\s]/g, ' ')}\``;
}

/** Text of unknown origin as a block: the fence is longer than any run of backticks inside. */
function block(lines: string[]): string {
  const body = lines.map(shorten).join('\n');
  const longest = Math.max(2, ...(body.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${body}\n${fence}`;
}

function shorten(line: string): string {
  return line.length > LINE ? `${line.slice(0, LINE)}…` : line;
}
