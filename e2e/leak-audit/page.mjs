// docs/leak-audit.md: one part of the runs, one of the sabotages; each is recorded by itself.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../runner.mjs';
import { cell } from '../table.mjs';
import { kindInWords } from './canary.mjs';
import { CHANNELS } from './channels.mjs';
import { STORIES } from './runs.mjs';

const PAGE = join(root, 'docs', 'leak-audit.md');
const SABOTAGES = '## Without a protection';

const HEAD = `# Leak audit

What \`npm run leak-audit -- --record\` and \`npm run leak-audit -- --without all --record\` printed.

Whole runs of the bundle in the lab, with a fresh random key. The audit's own model service wants that key and does what it
can to get it out; mirror, decoy and proxy record what they are sent. Each run is then searched in ten channels: raw, as a
reader could get at it before anything masks it. Looked for is every run of eight characters, in any case of letters, of the
key as it is and in base64 (at three alignments), base64url, double base64, base32 (at five), hex, URL, form, JSON, Go-JSON, shell,
HTML, YAML and Markdown form, and of its SHA-256; what is compressed is unpacked. Texts of up to 4 MB are also read with their
escapes undone (of URLs, of backslashes, of HTML, of quoted-printable; up to three in each other), with their lines joined, and with
their numbers taken for bytes (hex, decimal, octal, hexdump, xxd). Chance is left out: eight digits of a longer digest, eight
characters that are an escape and little else, and a form that a line break cuts after one or two characters. A command that finds something, looks at nothing or sees a
run end otherwise than meant is red.

`;

export function recordRuns(results, seed) {
  const [, sabotages = ''] = read().split(SABOTAGES);
  write(`${HEAD}${runsInMarkdown(results, seed)}\n${sabotages && `\n${SABOTAGES}${sabotages}`}`);
}

export function recordSabotages(results) {
  const [runs = HEAD] = read().split(SABOTAGES);
  write(`${runs.trimEnd()}\n\n${SABOTAGES}\n\n${sabotagesInMarkdown(results)}\n`);
}

const read = () => (existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : HEAD);

const write = (text) => writeFileSync(PAGE, text);

const table = (...rows) =>
  [rows[0], rows[0].map(() => '---'), ...rows.slice(1)].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

function runsInMarkdown(results, seed) {
  const rows = Object.entries(CHANNELS).map(([channel, [title, unit]]) => [
    title === unit ? title : `${title} (${unit})`,
    ...results.map(({ cells }) => countsOf(cells[channel])),
  ]);
  const noted = ['log', 'argv', 'cluster', 'diagnostics', 'network'];
  const notes = results.map(({ run, cells }) => [
    run.name,
    ...noted.map((channel) => (cells[channel].absent ? '–' : cell(cells[channel].note ?? ''))),
  ]);
  const stories = Object.entries(STORIES)
    .map(([name, story]) => `- **${name}**: ${story}`)
    .join('\n');
  return `## The runs

Findings / what was looked at (seed ${seed}):

${table(['', ...results.map(({ run }) => run.name)], ['key', ...results.map(({ run }) => kindInWords(run.key))], ...rows)}

What is done to get the key out:

${stories}

A \`–\`: such a run does not have it. Of command lines and environments those count that differ; of connections those to servers, of
anybody on this machine. The key may be on the wire to the model service's own address, in the chart's Secret, in Helm's record
of its values (and what \`helm get values\` shows of it), and in the one line that masks it. What else the audit saw:

${table(['run', ...noted.map((channel) => CHANNELS[channel][0])], ...notes)}`;
}

function countsOf({ scanned, findings, absent }) {
  if (absent) return '–';
  return `${findings.length ? `**${findings.length}**` : 0} / ${scanned.toLocaleString('en')}`;
}

function sabotagesInMarkdown(results) {
  const rows = results.map(({ sabotage, found, noticed }) => [
    sabotage.what,
    sabotage.runs.join('; '),
    Object.entries(found)
      .map(([channel, count]) => `${CHANNELS[channel][0]} ${count}`)
      .join(', '),
    noticed ? 'yes' : '**no**',
  ]);
  return `Each protection taken out of a copy of the sources in turn, and what the audit of that bundle found:

${table(['what was switched off', 'runs', 'findings by channel', 'noticed'], ...rows)}`;
}
