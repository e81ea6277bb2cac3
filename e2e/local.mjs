#!/usr/bin/env node
// The action on a machine of one's own, as a runner runs it, in a checkout of the consumer's repository:
//
//   MAAS_API_KEY=… npx github:org/maas-e2e-action#v1 maas-endpoint=https://maas.example.com/v1 values-file=tests/values.yaml
//
// Inputs are name=value, as in the workflow; the key comes from the environment alone, so that no shell history has it.
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createJob, inputDefaults } from './runner.mjs';
import { toolFolder } from './tool-folder.mjs';

/** What ends it: main is cancelled, as GitHub does it, and post still deletes the cluster. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
/** Where the reports of a run stay. */
const REPORTS = 'maas-e2e-report';

const inputs = readInputs(process.argv.slice(2));
const folder = typeof inputs === 'string' ? undefined : readToolFolder();
const wrong = typeof inputs === 'string' ? inputs : folder.wrong;
if (wrong !== undefined) console.error(wrong);
process.exitCode = wrong === undefined ? await run(inputs, folder.path) : 2;

/** The folder that keeps tools, or what is wrong with it. */
function readToolFolder() {
  try {
    return { path: toolFolder() };
  } catch ({ message }) {
    return { wrong: message };
  }
}

/** The inputs of the command line; a text says what is wrong with them. */
function readInputs(words) {
  const known = Object.keys(inputDefaults());
  const pairs = words.map((word) => [word.slice(0, Math.max(0, word.indexOf('='))), word.slice(word.indexOf('=') + 1)]);
  const wrong = pairs.findIndex(([name]) => !known.includes(name));
  if (wrong >= 0)
    return `${pairs[wrong][0] || words[wrong]} is no input; write name=value, with one of ${known.join(', ')}`;
  if (pairs.some(([name]) => name === 'api-key'))
    return 'The key is read from MAAS_API_KEY, not from the command line.';
  return { ...Object.fromEntries(pairs), 'api-key': process.env.MAAS_API_KEY ?? '' };
}

/** @returns the exit code of the run */
async function run(given, toolCache) {
  const job = createJob({
    inputs: given,
    workspace: process.cwd(),
    toolCache,
    // of a terminal as of GitHub's log, colours are shown
    env: { ...ownEnvironment(), GITHUB_ACTIONS: String(Boolean(process.stdout.isTTY)) },
    onLine: (line) => {
      if (!/^::(debug|add-mask|endgroup)::/.test(line)) console.log(line.replace(/^::group::/, '── '));
    },
  });
  const step = job.main();
  const cancel = () => step.child.kill('SIGINT');
  for (const signal of SIGNALS) process.on(signal, cancel);
  try {
    const { code } = await step.done;
    keepReports(job);
    return code ?? 1;
  } finally {
    await job.post().done;
    if (given['keep-cluster'] === 'true') console.log(`The kubeconfig of the cluster is below ${job.temp}`);
    else job.remove();
  }
}

/** The environment of this machine, without the key and without what a runner around this one may have set. */
function ownEnvironment() {
  const isForeign = (name) => /^(GITHUB|RUNNER|INPUT|STATE|ACTIONS)_|^MAAS_API_KEY$/.test(name);
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isForeign(name)));
}

/** Copies what a reader wants to keep into the workspace. */
function keepReports(job) {
  const folder = resolve(REPORTS);
  const { 'report-json': report, 'report-junit': junit, diagnostics } = job.outputs();
  mkdirSync(folder, { recursive: true });
  for (const path of [report, junit, diagnostics])
    if (path) cpSync(path, join(folder, path.split('/').at(-1)), { recursive: true });
  console.log(readFileSync(join(job.home, 'step_summary'), 'utf8'));
  console.log(`Reports: ${folder}`);
}
