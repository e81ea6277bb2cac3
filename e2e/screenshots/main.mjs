// Runs the action in the ways of runs.mjs, on real clusters of the lab, and shows each job summary as GitHub would.
// Usage: npm run screenshots [-- NAME…]   (needs `lab env`, a browser: render.mjs); pictures go to docs/screenshots.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exampleLabJob, root } from '../runner.mjs';
import { takeScreenshots } from './render.mjs';
import { FORK_EVENT, RUNS } from './runs.mjs';

const FOLDER = join(root, 'docs', 'screenshots');
const STACK_CONFIG = join('e2e', 'chart', 'charts', 'llama-stack', 'templates', 'config.yaml');
/** A job as GitHub describes it, so that links and commands are there. */
const JOB = {
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'acme/rag',
  GITHUB_WORKFLOW_REF: 'acme/rag/.github/workflows/e2e.yml@refs/heads/main',
  GITHUB_REF_NAME: 'main',
  GITHUB_RUN_ID: '17000000001',
  GITHUB_EVENT_NAME: 'push',
  GITHUB_ACTION_REPOSITORY: 'org/maas-e2e-action',
  GITHUB_ACTION_REF: 'v1',
};

const wanted = process.argv.slice(2);
process.exitCode = await main();

/** @returns the exit code */
async function main() {
  const runs = RUNS.filter(({ name }) => !wanted.length || wanted.includes(name));
  const kept = mkdtempSync(join(tmpdir(), 'summaries-'));
  const wrong = [];
  mkdirSync(FOLDER, { recursive: true });
  for (const run of runs) {
    const { markdown, what } = await summaryOf(run);
    writeFileSync(join(kept, `${run.name}.md`), markdown);
    const [picture] = await takeScreenshots([{ name: run.name, markdown, title: 'e2e summary' }], FOLDER);
    console.log(`${run.name}: ${what || 'as it must be'}; ${picture.height} px, ${picture.bytes} bytes`);
    if (what) wrong.push(run.name);
  }
  console.log(`${runs.length - wrong.length} of ${runs.length} runs as they must be; the Markdown is in ${kept}`);
  return wrong.length ? 1 : 0;
}

/** One run, and what is not as it must be. */
async function summaryOf(run) {
  const { inputs = {}, env = {}, event, fault } = run;
  const workspace = makeWorkspace(run);
  const eventPath = join(workspace, 'event.json');
  writeFileSync(eventPath, JSON.stringify(event ?? {}));
  await setFault(fault ?? { mode: 'none' });
  const names = event === FORK_EVENT ? { GITHUB_EVENT_NAME: 'pull_request' } : {};
  const job = exampleLabJob({
    workspace,
    inputs,
    env: { ...JOB, ...names, GITHUB_EVENT_PATH: eventPath, ...env },
  });
  try {
    const { code } = await job.main().done;
    return { markdown: elsewhere(job.summary(), job), what: wrongOf(run, code, job.summary()) };
  } finally {
    await job.post().done;
    job.remove();
    rmSync(workspace, { recursive: true });
    await setFault({ mode: 'none' });
  }
}

function makeWorkspace({ chart = [] }) {
  const workspace = mkdtempSync(join(tmpdir(), 'screenshots-'));
  for (const name of ['chart', 'values.yaml', 'openai-app'])
    cpSync(join(root, 'e2e', name), join(workspace, 'e2e', name), { recursive: true });
  writeFileSync(join(workspace, 'e2e', 'broken.yaml'), 'pgvector:\n  enabled: true\n   size: 5Gi\n');
  const config = join(workspace, STACK_CONFIG);
  const text = readFileSync(config, 'utf8');
  writeFileSync(
    config,
    chart.reduce((before, [from, to]) => before.replace(from, to), text),
  );
  return workspace;
}

function wrongOf({ code = 1, hop, says }, exitCode, summary) {
  if (exitCode !== code) return `exit code ${exitCode}, not ${code}`;
  if (hop && !summary.includes(`(broken hop: ${hop})`)) return `it blames ${/broken hop: [^)]*/.exec(summary)?.[0]}`;
  return says && !says.test(summary) ? `it does not say ${says}` : '';
}

/** A summary without what is of this machine alone: places and addresses, as a hosted runner and a public service have them. */
function elsewhere(summary, { temp }) {
  const service = new URL(process.env.MAAS_ENDPOINT);
  const mirror = new URL(process.env.TOOLS_MIRROR);
  const places = [
    [temp, '/home/runner/work/_temp'],
    [`http://${service.host}`, 'https://maas.example.com'],
    [service.host, 'maas.example.com'],
    [`http://${mirror.host}`, 'https://mirror.example.com'],
    [mirror.host, 'mirror.example.com'],
  ];
  // in tables a colon is written as a number
  const isWritten = (text) => [text, text.replaceAll(':', '&#58;')];
  return places
    .reduce((text, [from, to]) => isWritten(from).reduce((before, form) => before.replaceAll(form, to), text), summary)
    .replace(/\b(10|172)(\.\d+){2,3}(:\d+)?/g, '192.0.2.1')
    .replaceAll('-lab.1', '');
}

async function setFault(fault) {
  const response = await fetch(`${process.env.MODEL_SERVICE_ADMIN}/faults`, {
    method: 'PUT',
    body: JSON.stringify(fault),
  });
  if (!response.ok) throw new Error(`the model service took no fault: ${response.status}`);
}
