// The ten channels of shared/reference/faults.md, "Where a key can leak", and what the audit finds in the texts of each.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** In the order of that list; what a cell of the channel counts. */
export const CHANNELS = {
  log: ['log', 'lines'],
  argv: ['command lines', 'command lines'],
  environment: ['environments', 'environments'],
  commands: ['command files', 'files'],
  summary: ['summary, annotations', 'texts'],
  files: ['files and modes', 'files'],
  errors: ['errors and causes', 'texts'],
  cluster: ['Helm and Kubernetes', 'texts'],
  diagnostics: ['diagnostics', 'files'],
  network: ['network', 'connections'],
};

/** Findings in texts by place: [{ place, text, allowed }]. */
export function scanTexts(texts, scanner) {
  const findings = texts
    .filter(({ allowed }) => !allowed)
    .flatMap(({ place, text }) => scanner.scan(text).map(({ form, at }) => ({ place, form, at })));
  return { scanned: texts.length, findings };
}

/** The log before a runner masks it. The line that masks the key must be there, and the first one. */
export function scanLog({ main, post }, key, scanner) {
  const lines = [...numbered('main', main), ...numbered('post', post)];
  const shown = lines.filter(({ text }) => !text.startsWith('::add-mask::'));
  const mask = decoded(/^::add-mask::(.*)$/.exec(main.split(/\r?\n/)[0])?.[1] ?? '');
  const unmasked = mask === key ? [] : [{ place: 'the first line of main', form: 'is not the one that masks the key' }];
  const whole = ['main', 'post'].map((step) => ({ place: step, text: linesOf(step, shown) })); // a form may go over lines
  const result = { ...scanTexts([...shown, ...whole], scanner), scanned: shown.length };
  const redacted = shown.filter(({ text }) => text.includes('***')).length;
  return { ...result, findings: [...unmasked, ...result.findings], note: `${redacted} lines redacted` };
}

const linesOf = (step, lines) => lines.flatMap(({ place, text }) => (place.startsWith(step) ? [text] : [])).join('\n');

const numbered = (step, log) =>
  log.split(/\r?\n/).map((text, index) => ({ place: `${step}, line ${index + 1}`, text }));

/** https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts: how messages and properties are escaped. */
function decoded(text) {
  const chars = { '%25': '%', '%0D': '\r', '%0A': '\n', '%3A': ':', '%2C': ',' };
  return text.replace(/%(25|0D|0A|3A|2C)/gi, (code) => chars[code.toUpperCase()]);
}

/** Output, env, state and path files, as they lie there. */
export function scanCommandFiles(paths, scanner) {
  return scanTexts(
    paths.map((path) => ({ place: basename(path), text: readFileSync(path) })),
    scanner,
  );
}

/** The file as it is, before the runner masks a copy of it; annotations as a reader sees them. */
export function scanSummary(path, logs, scanner) {
  const annotations = logs.flatMap((log) =>
    log.split('\n').filter((line) => /^::(error|warning|notice)[ :]/.test(line)),
  );
  const texts = annotations.flatMap((line, index) => [
    { place: `annotation ${index + 1}`, text: line },
    { place: `annotation ${index + 1}, decoded`, text: decoded(line) },
  ]);
  return scanTexts([{ place: 'summary', text: readFileSync(path) }, ...texts], scanner);
}

/** Reports and failures as whoever parses them gets them, with their chains of causes; the same of the log. */
export function scanErrors(folder, log, scanner) {
  const texts = filesBelow(folder)
    .filter((path) => path.endsWith('.json'))
    .flatMap((path) => stringsOf(JSON.parse(readFileSync(path, 'utf8')), basename(path)));
  const told = log
    .split('\n')
    .filter((line) => /caused by|^\s+at |Error\b|^\s+\| /.test(line))
    .map((text, index) => ({ place: `error in the log, ${index + 1}`, text }));
  return scanTexts([...texts, ...told], scanner);
}

function stringsOf(value, place) {
  if (typeof value === 'string') return [{ place, text: value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => [
    { place: `a name in ${place}`, text: name },
    ...stringsOf(item, Array.isArray(value) ? `${place}[${name}]` : `${place}.${name}`),
  ]);
}

/**
 * The folder that users attach to an issue. In a run that was red in the checks it must hold the stack's log, and that log
 * must hold the key in the cluster: else its scan would say nothing.
 */
export function scanDiagnostics(folder, { podLogs, stackLog, key }, scanner) {
  const paths = filesBelow(folder);
  const texts = paths.map((path) => ({ place: path.slice(folder.length + 1), text: readFileSync(path) }));
  const result = scanTexts(texts, scanner);
  if (!podLogs) return result;
  const hasLogs = paths.some((path) => /logs\/llamastack-\S+\.log$/.test(path));
  if (!hasLogs) result.findings.push({ place: 'logs', form: 'the log of the stack is not there' });
  const tempting = stackLog.includes(key) ? 'raw' : scanner.holds(stackLog) ? 'in another form' : undefined;
  return { ...result, note: tempting ? `the stack's log holds the key ${tempting}` : 'no temptation' };
}

function filesBelow(folder) {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  } catch {
    return [];
  }
}
