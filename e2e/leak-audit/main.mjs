// The leak audit: whole runs of the bundle in the lab, with a random key and servers that do what they can to get it out;
// ten channels of each run are searched for every form of the key. Red on any finding, on a channel that looked at nothing,
// and on a run that did not end as it was meant to.
// Usage: npm run leak-audit [-- [--record] [--seed N] [--keep] [RUN…]]   (needs `lab env`; about 10 minutes)
//        npm run leak-audit -- --without NAME [--record]   (all: each protection taken out in turn; about 4 minutes)
//   --record writes the table into docs/leak-audit.md; --seed gives the same keys again; --keep leaves the folders of the
//   jobs; RUN: only these, by their whole names; NAME: redactor, escapes, mask, mode, redirect, environment (sabotages.mjs), a
//   bundle without that protection, which must end red
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../runner.mjs';
import { audit } from './audit.mjs';
import { canary, kindInWords, randomOf } from './canary.mjs';
import { CHANNELS } from './channels.mjs';
import { recordRuns, recordSabotages } from './page.mjs';
import { RUNS } from './runs.mjs';
import { assertFits, buildWithout, SABOTAGES } from './sabotages.mjs';

/** Findings that the console shows of one channel of one run. */
const SHOWN = 5;

const words = process.argv.slice(2);
const valueOf = (name) => (words.includes(name) ? words.splice(words.indexOf(name), 2)[1] : undefined);
const seed = Number(valueOf('--seed') ?? Date.now() % 2 ** 31);
const without = valueOf('--without');
const [record, keep] = ['--record', '--keep'].map((name) => words.includes(name));
const names = words.filter((word) => !word.startsWith('--'));

/** The run that goes on ends as a cancelled one, and cleans up. */
let interrupted = false;
process.once('SIGINT', () => (interrupted = true));

const scratch = mkdtempSync(join(tmpdir(), 'leak-audit-'));

if (!process.env.MAAS_ENDPOINT || !process.env.TOOLS_MIRROR)
  throw new Error('the lab is not there: eval "$(../shared/lab/lab env)"');

async function auditAll() {
  const unknown = names.filter((name) => !RUNS.some((run) => run.name === name));
  if (unknown.length) throw new Error(`there is no run "${unknown[0]}": ${RUNS.map(({ name }) => name).join('; ')}`);
  const dist = join(scratch, 'dist'); // a build meanwhile does not change what is audited
  cpSync(join(root, 'dist'), dist, { recursive: true });
  const results = await auditRuns(names.length ? names : RUNS.map(({ name }) => name), dist);
  const findings = results.reduce((sum, { cells }) => sum + countOf(cells), 0);
  const wrong = results.filter((result) => result.wrong.length).length;
  console.log(
    `${results.length} runs, ${findings} findings, ${wrong} runs not as they were meant to be (seed ${seed})`,
  );
  if (record && results.length < RUNS.length) console.log('not recorded: the page is of all runs');
  else if (record) recordRuns(results, seed);
  return findings || wrong || interrupted ? 1 : 0;
}

/** Runs with the same keys as in the whole audit of the seed. */
async function auditRuns(wanted, dist) {
  const random = randomOf(seed);
  const results = [];
  for (const run of RUNS) {
    const key = canary(run.key, random);
    if (!wanted.includes(run.name) || interrupted) continue;
    const result = await audit(run, key, { dist, toolCache: join(scratch, 'tools'), keep });
    results.push({ run, ...result });
    show(run, result);
  }
  return results;
}

function show({ name, key }, { cells, wrong, seconds }) {
  console.log(
    `${countOf(cells) || wrong.length ? 'WRONG' : 'ok   '} ${name} (key: ${kindInWords(key)}), ${seconds.toFixed(0)} s`,
  );
  for (const [channel, { scanned, findings, note, absent }] of Object.entries(cells)) {
    const [title, unit] = CHANNELS[channel];
    const told = absent
      ? 'there is none'
      : `${findings.length} findings / ${scanned.toLocaleString('en')} ${unit}${note ? `; ${note}` : ''}`;
    console.log(`        ${title.padEnd(22)} ${told}`);
    for (const finding of findings.slice(0, SHOWN))
      console.log(`        FINDING ${name}: ${title}: ${inWords(finding)}`);
    if (findings.length > SHOWN) console.log(`        … and ${findings.length - SHOWN} more`);
  }
  for (const what of wrong) console.log(`        WRONG ${name}: ${what}`);
}

/** Where, and in which form; never the text. */
function inWords({ place, form, at }) {
  return `${place}: ${form}${at === undefined ? '' : ` at ${at}`}`;
}

function countOf(cells) {
  return Object.values(cells).reduce((sum, { findings }) => sum + findings.length, 0);
}

/** One sabotage ends as an audit of its bundle does. All of them: 0 where each was noticed, in the channels that it opens. */
async function auditWithout(name) {
  const chosen = SABOTAGES.filter((sabotage) => name === 'all' || sabotage.name === name);
  if (!chosen.length) throw new Error(`there is no "${name}": all, ${SABOTAGES.map((one) => one.name).join(', ')}`);
  assertFits(SABOTAGES);
  const results = [];
  for (const sabotage of chosen) {
    console.log(`without ${sabotage.name}: ${sabotage.what}`);
    const runs = await auditRuns(sabotage.runs, buildWithout(sabotage, scratch));
    const counts = Object.keys(CHANNELS).map((channel) => [
      channel,
      runs.reduce((sum, { cells }) => sum + cells[channel].findings.length, 0),
    ]);
    const found = Object.fromEntries(counts.filter(([, count]) => count > 0));
    const noticed = sabotage.channels.every((channel) => found[channel]);
    results.push({ sabotage, found, noticed });
  }
  for (const { sabotage, found, noticed } of results) {
    const by = Object.entries(found).map(([channel, count]) => `${CHANNELS[channel][0]} ${count}`);
    console.log(
      `${noticed ? 'noticed    ' : 'NOT NOTICED'} without ${sabotage.name}: ${by.join(', ') || 'no findings'}`,
    );
  }
  if (name !== 'all') return results.some(({ found }) => Object.keys(found).length) ? 1 : 0;
  if (record) recordSabotages(results);
  return results.every(({ noticed }) => noticed) ? 0 : 1;
}

try {
  process.exitCode = without === undefined ? await auditAll() : await auditWithout(without);
} finally {
  if (!keep) rmSync(scratch, { recursive: true, force: true });
}
