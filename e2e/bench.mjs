// The whole run against the deployment alone by hand, both from no cluster, taken in turns: a ratio within one session says
// something where seconds of a shared machine do not. Before that the redactor, which needs no lab.
// Usage: npm run bench [-- ROUNDS]   (needs `lab env`; ROUNDS 0: the redactor alone)
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { benchRedaction } from './bench-redaction.mjs';
import { exampleLabJob, root } from './runner.mjs';

const rounds = Number(process.argv[2] ?? 3);

async function byAction() {
  const job = exampleLabJob();
  const { code, seconds, log } = await job.main().done;
  await job.post().done;
  job.remove();
  if (code !== 0) throw new Error(`the run was red:\n${log}`);
  return seconds;
}

const byHand = () =>
  Number(execFileSync(join(root, 'e2e', 'by-hand.sh'), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

if (!(await benchRedaction())) process.exitCode = 1;

const times = { hand: [], action: [] };
for (let round = 1; round <= rounds; round += 1) {
  times.hand.push(byHand());
  times.action.push(await byAction());
  console.log(
    `round ${round}: by hand ${times.hand.at(-1).toFixed(1)} s, whole run ${times.action.at(-1).toFixed(1)} s`,
  );
}
if (rounds > 0) {
  const [hand, action] = [median(times.hand), median(times.action)];
  console.log(
    `median of ${rounds}: deployment by hand ${hand.toFixed(1)} s, whole run with checks ${action.toFixed(1)} s, ratio ${(action / hand).toFixed(2)}`,
  );
}
