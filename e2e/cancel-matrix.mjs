// Whole runs, cancelled at random moments as the runner does it (SIGINT, 7.5 s later SIGTERM, 2.5 s later SIGKILL), and some
// killed at once, as when the machine's worker dies. Once post has run, nothing of the run may be left: no container, no
// volume, no process, no temporary file but the report.
// Usage: npm run cancel-matrix [-- [--record] [--seed N] [ROW…]]   (needs `lab env`; about 20 minutes)
//   --record writes the table into docs/cancel-matrix.md; ROW: only these, by their numbers, the others stay as recorded
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exampleLabJob, root } from './runner.mjs';
import { amended } from './table.mjs';

const PAGE = join(root, 'docs', 'cancel-matrix.md');
const CANCELLED = 20;
const KILLED = 6;
/** Seconds of a run in which the moments lie; a healthy run takes a little longer. */
const WITHIN_S = 50;

const seedAt = process.argv.indexOf('--seed');
const seed = seedAt > 0 ? Number(process.argv[seedAt + 1]) : 20261125;

/** mulberry32: the same moments for the same seed. */
function random(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const docker = (...args) => execFileSync('docker', args, { encoding: 'utf8' }).split('\n').filter(Boolean);

/** What there is of the engine's; the lab's own containers are there before and after. */
const inventory = () => [...docker('ps', '-aq'), ...docker('volume', 'ls', '-q')];

/** Processes of one run; of any where that is not known. Other runs may go on beside this one. */
function processesOf(run = '') {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`MAAS_E2E_RUN=${run}`);
    } catch {
      return false;
    }
  });
}

/** The step must end by itself, before the runner's SIGTERM, and say that it was cancelled. */
function notCancelled(code, errorCode, took) {
  return code === 1 && errorCode === 'E_CANCELLED' && took < 7.5
    ? []
    : [`ended with ${code}, ${errorCode}, after ${took} s`];
}

async function ended(manner, seconds) {
  const before = new Set([...inventory(), ...processesOf()]);
  let last = '';
  const job = exampleLabJob({
    onLine: (line) => {
      if (/^ +\d/.test(line)) last = line.trim();
    },
  });
  const step = job.main();
  const timers = [];
  const at = (ms, signal) => timers.push(setTimeout(() => step.child.kill(signal), ms));
  if (manner === 'killed') at(seconds * 1000, 'SIGKILL');
  else [0, 7500, 10_000].forEach((later, index) => at(seconds * 1000 + later, ['SIGINT', 'SIGTERM', 'SIGKILL'][index]));
  const began = performance.now();
  const { code, signal } = await step.done;
  timers.forEach(clearTimeout);
  const took = (performance.now() - began) / 1000 - seconds;
  const stage = /^[\d.]+ s +(.*)$/.exec(last)?.[1] ?? 'before anything was said';
  const post = await job.post().done;
  const again = await job.post().done;
  const { run } = JSON.parse(job.state()['maas-e2e'] ?? '{}');
  const left = [
    ...inventory().filter((id) => !before.has(id)),
    ...processesOf(run)
      .filter((pid) => !before.has(pid))
      .map((pid) => `process ${pid}`),
    ...readdirSync(job.temp).filter((name) => !name.startsWith('maas-e2e-report-')),
    ...[post, again].flatMap(({ log }) => log.split('\n').filter((line) => line.startsWith('::warning'))),
    ...(manner === 'cancelled' ? notCancelled(code, job.outputs()['error-code'], took) : []),
  ];
  job.remove();
  if (code === 0) return undefined; // it was faster: another moment
  return {
    manner,
    seconds,
    stage: stage.slice(0, 80),
    took,
    end: signal ?? `exit code ${code}`,
    post: post.seconds,
    left,
  };
}

const next = random(seed);
const wanted = process.argv
  .slice(2)
  .filter((word) => /^\d+$/.test(word) && word !== String(seed))
  .map(Number);
const results = [];
for (let row = 1; row <= CANCELLED + KILLED; row += 1) {
  let moment = next() * WITHIN_S;
  if (wanted.length && !wanted.includes(row)) continue;
  const manner = row <= CANCELLED ? 'cancelled' : 'killed';
  let result;
  // a run that was faster is cancelled sooner
  for (; !result; moment /= 2) result = await ended(manner, moment);
  results.push({ row, ...result });
  const { seconds, stage, took, end, post, left } = result;
  console.log(
    `${left.length ? 'WRONG' : 'ok   '} ${row}: ${manner} at ${seconds.toFixed(1)} s (${stage}): ${end} after ${took.toFixed(1)} s, post ${post.toFixed(1)} s${left.length ? `; left: ${left.join(', ')}` : ''}`,
  );
}

const clean = results.filter(({ left }) => !left.length).length;
console.log(`nothing left after post: ${clean} of ${results.length} runs (seed ${seed})`);
const rowOf = ({ row, manner, seconds, stage, took, end, post, left }) => {
  const going = stage.replaceAll('|', '\\|').replace(/-[0-9a-f]{8,10}\b/g, '-…');
  const cells = [
    row,
    manner,
    seconds.toFixed(1),
    going,
    end,
    took.toFixed(1),
    post.toFixed(1),
    left.join(', ') || 'nothing',
  ];
  return `| ${cells.join(' | ')} |`;
};
if (process.argv.includes('--record')) {
  const page = wanted.length ? amended(readFileSync(PAGE, 'utf8'), results.map(rowOf)) : documentOf(results);
  writeFileSync(PAGE, page);
}
process.exitCode = clean === results.length ? 0 : 1;

function documentOf(rows) {
  return `# Cancel matrix

Whole runs, ended at random moments (seed ${seed}): what \`npm run cancel-matrix -- --record\` printed. Cancelled as the runner does
it: SIGINT, 7.5 s later SIGTERM, 2.5 s later SIGKILL; killed: SIGKILL at once. What is looked for after post, which runs twice:
containers, volumes, processes of the run, temporary files but for the report, warnings of post.

| # | how | at s | what was going on | the step ended with | s later | post took s | left after post |
| --- | --- | --- | --- | --- | --- | --- | --- |
${rows.map(rowOf).join('\n')}
`;
}
