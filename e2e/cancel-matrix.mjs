// Whole runs, cancelled at random moments as the runner does it (SIGINT, 7.5 s later SIGTERM, 2.5 s later SIGKILL), and some
// killed at once, as when the machine's worker dies. Once post has run, nothing of the run may be left: no container, no
// volume, no process, no temporary file but the report.
// Usage: npm run cancel-matrix [-- [--record] [--seed N] [ROW…]]   (needs `lab env`; about 20 minutes)
//   --record writes the table into docs/cancel-matrix.md; ROW: only these, by their numbers, the others stay as recorded
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { watchDocker } from './docker-traces.mjs';
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

/** Processes of one run. Other runs may go on beside this one. */
function processesOf(run) {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`MAAS_E2E_RUN=${run}\0`);
    } catch {
      return false;
    }
  });
}

/** What is still there of a run's cluster and processes; of one that saved no state there was none yet. */
function leftOf({ run, clusterName }, log, traces) {
  if (!run) return [];
  const { nodes, volumes } = traces.tracesOf(clusterName);
  const isUnseen = /\d s {2}cluster: done in/.test(log) && !(nodes.length && volumes.length);
  return [
    ...(isUnseen ? ['unknown: docker told of no node with a volume, and there was a cluster'] : []),
    ...traces.leftOf(clusterName),
    ...processesOf(run).map((pid) => `process ${pid}`),
  ];
}

/** The step must end by itself, before the runner's SIGTERM, and say that it was cancelled. */
function notCancelled(code, errorCode, took) {
  return code === 1 && errorCode === 'E_CANCELLED' && took < 7.5
    ? []
    : [`ended with ${code}, ${errorCode}, after ${took} s`];
}

async function ended(manner, seconds) {
  const traces = watchDocker();
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
  const { code, signal, log } = await step.done;
  timers.forEach(clearTimeout);
  const took = (performance.now() - began) / 1000 - seconds;
  const stage = /^[\d.]+ s +(.*)$/.exec(last)?.[1] ?? 'before anything was said';
  const post = await job.post().done;
  const again = await job.post().done;
  traces.stop();
  const left = [
    ...leftOf(JSON.parse(job.state()['maas-e2e'] ?? '{}'), log, traces),
    ...readdirSync(job.temp).filter((name) => !name.startsWith('maas-e2e-report-')),
    ...[post, again].flatMap((end) => end.log.split('\n').filter((line) => line.startsWith('::warning'))),
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
