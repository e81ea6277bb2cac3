// The kill matrix: one deployed stack, sabotaged in one way after the other and mended again. Each sabotage must turn the
// checks red within 60 s, with the right hop, cause and fix; the unsabotaged stack must be green, 20 times.
// Usage: npm run kill-matrix [-- [--record] [--json FILE] [NAME…]]   (needs `lab env`; about 10 minutes)
//   --record writes the table into docs/kill-matrix.md; NAME: only rows whose name holds it, and no healthy runs: what is
//   recorded of the others stays; --json writes how many rows and healthy runs were as they must be, in the members of
//   vitest's JSON report that .ci/run counts: a matrix that breaks off is one failure more
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkStack } from '../../dist/index.js';
import { exampleLabJob, root } from '../runner.mjs';
import { amended, cell } from '../table.mjs';
import { startProxy } from './proxy.mjs';
import { ROWS } from './rows.mjs';
import { createWorld } from './world.mjs';

const PAGE = join(root, 'docs', 'kill-matrix.md');
const HEALTHY_RUNS = 20;
/** Seconds from a sabotage to the verdict. */
const MOST_SECONDS = 60;

const words = process.argv.slice(2);
const [, json] = words.includes('--json') ? words.splice(words.indexOf('--json'), 2) : [];
const wanted = words.filter((word) => !word.startsWith('--'));
const rows = ROWS.filter(({ name }) => wanted.length === 0 || wanted.some((word) => name.includes(word)));
const record = words.includes('--record');
/** Rows and healthy runs so far: one that is not as it must be, and one that is. */
const counts = { numPassedTests: 0, numFailedTests: 0 };
/** Why the matrix ends early. */
let ending;
const count = (isRight) => (counts[isRight ? 'numPassedTests' : 'numFailedTests'] += 1);

const job = exampleLabJob();

/** @returns the exit code */
async function matrix() {
  const deployed = await job.main().done;
  if (deployed.code !== 0)
    throw new Error(`the stack could not be deployed:\n${deployed.log.replace(/^::add-mask::.*$/gm, '')}`);
  const { 'llama-stack-url': stackUrl, 'ui-url': uiUrl, kubeconfig } = job.outputs();
  const proxy = await startProxy(stackUrl);
  const target = {
    stackUrl: proxy.url,
    uiUrl,
    modelKey: 'maas',
    model: 'llama-3-2-3b',
    service: { baseUrl: process.env.MAAS_ENDPOINT, apiKey: process.env.MAAS_API_KEY },
  };
  const world = createWorld({ stackUrl, uiUrl, kubeconfig, proxy });

  const table = [];
  for (const row of rows) {
    if (ending) throw ending; // what goes on beside the cleanup must sabotage nothing any more
    const result = await sabotaged(row, world, target);
    table.push(result);
    count(!result.wrong);
    console.log(lineOf(result));
    if (result.wrong) console.log(`      ${result.wrong}\n${result.log.map((line) => `      | ${line}`).join('\n')}`);
  }
  const healthy = wanted.length ? [] : await healthyRuns(target);
  proxy.close();
  if (record)
    writeFileSync(
      PAGE,
      wanted.length ? amended(readFileSync(PAGE, 'utf8'), table.map(rowOf)) : documentOf(table, healthy),
    );
  const wrong = table.filter((result) => result.wrong).length;
  const red = healthy.filter(({ failure }) => failure).length;
  console.log(
    `${table.length - wrong} of ${table.length} sabotages as they must be; ${healthy.length - red} of ${healthy.length} healthy runs green`,
  );
  return wrong || red ? 1 : 0;
}

async function sabotaged(row, world, target) {
  let unmade = '';
  const noted = (error) => (unmade ||= `the sabotage could not be made: ${error.message}`);
  await row.sabotage?.(world).catch(noted);
  let since = performance.now();
  world.proxy.spoil =
    row.at &&
    (async (request) => {
      const began = performance.now();
      const spoiled = await (async () => row.at(world, request))().catch(noted);
      if (performance.now() - began > 1000) since = performance.now(); // it was done now, and not before the checks
      return spoiled;
    });
  const { failure, log } = unmade ? { log: [] } : await judged(target);
  const seconds = (performance.now() - since) / 1000;
  world.proxy.spoil = undefined;
  await row.mend?.(world);
  const wrong = unmade || wrongOf(row, failure) || (await lateness(seconds, target));
  return { row, failure, log, seconds, wrong };
}

/** What is not as it must be. */
function wrongOf({ hop, says: [cause, fix] }, failure) {
  if (!failure) return 'it was green';
  if (failure.hop !== hop) return `it blames ${failure.hop}, and ${hop} is at fault: ${failure.cause}`;
  if (!cause.test(failure.cause)) return `its cause does not say ${cause}: ${failure.cause}`;
  if (!fix.test(failure.fix)) return `its fix does not say ${fix}: ${failure.fix}`;
  return '';
}

/** Whether a verdict came too late. A healthy run right after it says beside that how fast the machine is now. */
async function lateness(seconds, target) {
  if (seconds <= MOST_SECONDS) return '';
  const healthy = await healthyRun(target);
  if (healthy.failure) return `the mended stack is red at ${healthy.failure.hop}: ${healthy.failure.cause}`;
  return `it took ${seconds.toFixed(0)} s, and ${MOST_SECONDS} s is the most; a healthy run takes ${healthy.seconds.toFixed(0)} s now`;
}

async function healthyRun(target) {
  const began = performance.now();
  const { failure, log } = await judged(target);
  return { failure, log, seconds: (performance.now() - began) / 1000 };
}

async function healthyRuns(target) {
  const runs = [];
  for (let run = 1; run <= HEALTHY_RUNS; run += 1) {
    const { failure, log, seconds } = await healthyRun(target);
    runs.push({ failure, seconds });
    count(!failure);
    console.log(
      `healthy run ${run}: ${failure ? `RED ${failure.hop}: ${failure.cause}\n${log.join('\n')}` : 'green'} (${seconds.toFixed(1)} s)`,
    );
  }
  return runs;
}

/** A run of all checks, with its log kept for where it is not as it must be. */
async function judged(target) {
  const log = [];
  const note = (line) => void log.push(line);
  const nothing = () => undefined;
  const { failure } = await checkStack(
    target,
    {},
    {
      info: note,
      warning: note,
      notice: note,
      error: (_, line) => note(line),
      openGroup: nothing,
      closeGroup: nothing,
    },
  );
  return { failure, log };
}

const lineOf = ({ row, failure, seconds, wrong }) =>
  `${wrong ? 'WRONG' : 'ok   '} ${row.name}: ${failure ? `red, ${failure.hop}` : 'green'} in ${seconds.toFixed(1)} s${failure ? `: ${failure.cause}` : ''}`;

const rowOf = ({ row, failure, seconds, wrong }) => {
  const read = failure ? `${cell(failure.cause)} **Fix:** ${cell(failure.fix)}` : '';
  const hop = `${failure?.hop ?? ''}${wrong ? ' (wrong)' : ''}`;
  return `| ${[row.name, failure ? 'red' : 'green', hop, seconds.toFixed(0), read].join(' | ')} |`;
};

function documentOf(table, healthy) {
  const green = healthy.filter(({ failure }) => !failure).length;
  const times = healthy.map(({ seconds }) => seconds).sort((a, b) => a - b);
  return `# Kill matrix

One real stack on a real cluster, sabotaged in one way after the other: what \`npm run kill-matrix -- --record\` printed.
Seconds count from the sabotage to the verdict. Unsabotaged, the same stack was green ${green} of ${healthy.length} times
(median ${(times[Math.floor(times.length / 2)] ?? 0).toFixed(0)} s).

| sabotage | verdict | hop blamed | s | what the user reads |
| --- | --- | --- | --- | --- |
${table.map(rowOf).join('\n')}
`;
}

const endedBy = (signal) => new Error(`the matrix was ended by ${signal}`);
/** Ended from outside, the matrix still deletes its cluster. */
const ended = new Promise((_, reject) => {
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => reject((ending = endedBy(signal))));
});

try {
  process.exitCode = await Promise.race([matrix(), ended]);
} catch (error) {
  count(false);
  throw error;
} finally {
  if (json) writeFileSync(json, JSON.stringify({ ...counts, success: counts.numFailedTests === 0 }));
  await job.post().done;
  job.remove();
}
