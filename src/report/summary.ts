import type { CheckResult, Verdict } from '../assert/check.js';
import { seconds, type StageTime } from '../progress.js';
import { resultOf, tally, totalTokens, type Result, type RunRecord } from './record.js';

const MARKS = { passed: '✅', warned: '⚠️', failed: '❌', blocked: '⛔', skipped: '⏭️' } as const satisfies Record<
  Result | Verdict,
  string
>;

/** Characters kept of one line of diagnostics, and lines of one section: the summary stays far below GitHub's 1 MiB. */
const LINE = 300;
const LINES = 60;

/** The job summary: the verdict first; cause and fix when red; then what is worth knowing. Pure. */
export function renderSummary(record: RunRecord, stages: StageTime[]): string {
  return (
    [
      verdict(record),
      failureOf(record),
      checksTable(record.checks),
      notes(record),
      serviceFacts(record),
      versions(record),
      timeline(stages),
      diagnostics(record),
    ]
      .filter(Boolean)
      .join('\n\n') + '\n'
  );
}

function verdict(record: RunRecord): string {
  const result = resultOf(record);
  if (result === 'skipped') return `## ${MARKS.skipped} MaaS E2E: skipped\n\n${cell(record.skipped ?? '')}`;
  const what =
    result === 'passed'
      ? `${tally(record.checks)} with ${code(record.model)}`
      : `broken hop: ${record.failure?.hop ?? ''}`;
  return `## ${MARKS[result]} MaaS E2E: ${result} (${what})`;
}

function failureOf({ failure }: RunRecord): string {
  if (!failure) return '';
  const evidence = failure.evidence.length ? `\n\n${block(failure.evidence.slice(-20))}` : '';
  return `**Hop:** ${failure.hop}  \n**Cause:** ${cell(failure.cause)}  \n**Fix:** ${cell(failure.fix)}${evidence}`;
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

function notes({ securityNotes }: RunRecord): string {
  return securityNotes.length
    ? ['### ⚠️ Security notes', '', ...securityNotes.map((note) => `- ${cell(note)}`)].join('\n')
    : '';
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

function diagnostics(record: RunRecord): string {
  const shown = record.diagnostics.filter(({ title }) => !title.startsWith('describe'));
  return shown
    .map(({ title, lines }) => `<details><summary>${title}</summary>\n\n${block(lines.slice(-LINES))}\n\n</details>`)
    .join('\n\n');
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
