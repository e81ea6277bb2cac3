// The fault matrix: whole runs of the action on charts with one fault each. Each must be red within 30 s of the moment when the
// cluster shows the fault (two rows have a limit of their own), with its code and cause in the first line of the failure, and
// leave nothing after post.
// Usage: npm run fault-matrix [-- [--record] [NAME…]]   (needs `lab env`)
//   --record writes the table into docs/fault-matrix.md; NAME: only rows whose name holds it, the others stay as recorded
import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { exampleLabJob, root } from '../runner.mjs';
import { amended, cell } from '../table.mjs';
import { ROWS } from './rows.mjs';

const PAGE = join(root, 'docs', 'fault-matrix.md');
/** Seconds from where the cluster shows a fault to the verdict, where a row has no limit of its own. */
const MOST_SECONDS = 30;
/** ms between two looks at the cluster. */
const LOOK_MS = 500;

const wanted = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const rows = ROWS.filter(({ name }) => wanted.length === 0 || wanted.some((word) => name.includes(word)));

async function faulty({
  name,
  values = '',
  inputs = {},
  chart,
  shows,
  kills,
  early = false,
  within = MOST_SECONDS,
  says,
}) {
  const workspace = mkdtempSync(join(tmpdir(), 'fault-'));
  cpSync(join(root, 'e2e'), join(workspace, 'e2e'), { recursive: true });
  if (chart) edit(join(workspace, 'e2e', 'chart', chart.file), chart);
  let [shownAt, redAt, first] = [0, 0, ''];
  const job = exampleLabJob({
    workspace,
    inputs: { 'set-values': values, ...inputs },
    onLine: (line) => {
      if (kills?.test(line) && !shownAt) {
        execFileSync('docker', ['kill', `${stateOf(job).clusterName}-control-plane`], { stdio: 'ignore' });
        shownAt = Date.now();
      }
      if (!line.startsWith('::error') || redAt) return;
      redAt = Date.now();
      if (early) shownAt = redAt;
      first = line;
    },
  });
  const step = job.main();
  const look = shows ? watch(job, shows, () => (shownAt ||= Date.now())) : { stop: () => undefined };
  const { code, log } = await step.done;
  look.stop();
  const endedAt = Date.now();
  await job.post().done;
  const ofCluster = ['--filter', `label=io.x-k8s.kind.cluster=${stateOf(job).clusterName}`];
  const left = execFileSync('docker', ['ps', '-aq', ...ofCluster], { encoding: 'utf8' }).trim();
  const isLate = early && /\d s {2}cluster: started/.test(log);
  rmSync(workspace, { recursive: true });
  job.remove();
  const seconds = (redAt - shownAt) / 1000;
  const result = { name, first, seconds, untilEnd: (endedAt - redAt) / 1000, log };
  return { ...result, wrong: wrongOf({ code, first, shownAt, seconds, within, says, left, isLate }) };
}

function wrongOf({ code, first, shownAt, seconds, within, says, left, isLate }) {
  if (code !== 1) return `it ended with ${code}`;
  const unsaid = says.find((pattern) => !pattern.test(first));
  if (unsaid) return `its first line does not say ${unsaid}: ${first}`;
  if (isLate) return 'a cluster was made before it was found';
  if (!shownAt) return 'the cluster was not seen to show it';
  if (seconds < -2) return `it was red ${-seconds} s before the cluster showed the fault`;
  if (left) return 'its cluster is still there after post';
  return seconds > within ? `it took ${seconds.toFixed(0)} s` : '';
}

function edit(path, { from, to }) {
  const text = readFileSync(path, 'utf8');
  if (!text.includes(from)) throw new Error(`${path} does not hold ${from}`);
  writeFileSync(path, text.replace(from, to));
}

const stateOf = (job) => JSON.parse(job.state()['maas-e2e'] ?? '{}');

/** Looks at the job's cluster by itself until it shows something. */
function watch(job, shows, onShown) {
  let stopped = false;
  const run = promisify(execFile);
  const looking = (async () => {
    while (!stopped) {
      const args = [
        '--kubeconfig',
        join(job.temp, `maas-e2e-${stateOf(job).run}`, 'kubeconfig'),
        '-n',
        'rag-e2e',
        'get',
        'pods,events,jobs',
        '-o',
        'json',
      ];
      const objects = await run('kubectl', args, { timeout: 20_000, maxBuffer: 2 ** 26 })
        .then(({ stdout }) => JSON.parse(stdout).items)
        .catch(() => []);
      if (shows(objects)) return onShown();
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  })();
  return { stop: () => ((stopped = true), looking) };
}

const rowOf = ({ name, first, seconds, wrong }) => {
  const [, title = '', said = ''] = /^::error title=(.*?)::(.*)$/.exec(first) ?? [];
  const hop = decodeURIComponent(title).replace('MaaS E2E failed at: ', '');
  return `| ${[name, `${hop}${wrong ? ' (wrong)' : ''}`, seconds.toFixed(0), cell(said)].join(' | ')} |`;
};

const documentOf = (results) => `# Fault matrix

Whole runs of the action on the example chart with one fault each, on a real cluster: what \`npm run fault-matrix -- --record\`
printed. Seconds count from where the cluster shows the fault to the verdict; 0 where it is found before there is a cluster. 30 are
allowed; 35 where somebody might make what is missing: after the user's command the kubelet has 30 s to look again.

| fault | hop (code) | s | the first line of the failure |
| --- | --- | --- | --- |
${results.map(rowOf).join('\n')}
`;

const results = [];
for (const row of rows) {
  const result = await faulty(row);
  results.push(result);
  const { name, seconds, untilEnd, first, wrong, log } = result;
  console.log(`${wrong ? 'WRONG' : 'ok   '} ${name}: ${seconds.toFixed(1)} s, then ${untilEnd.toFixed(1)} s: ${first}`);
  if (wrong)
    console.log(
      `      ${wrong}\n${log
        .replace(/^::add-mask::.*$/gm, '')
        .split('\n')
        .slice(-150)
        .map((line) => `      | ${line}`)
        .join('\n')}`,
    );
}
if (process.argv.includes('--record')) {
  const page = wanted.length ? amended(readFileSync(PAGE, 'utf8'), results.map(rowOf)) : documentOf(results);
  writeFileSync(PAGE, page);
}
const wrong = results.filter((result) => result.wrong).length;
console.log(`${results.length - wrong} of ${results.length} faults as they must be`);
process.exitCode = wrong ? 1 : 0;
