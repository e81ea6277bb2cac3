// One run of the action with a canary for a key, and what the ten channels of it hold.
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createJob, inputsFromEnvironment, root } from '../runner.mjs';
import * as channels from './channels.mjs';
import { clusterTexts } from './cluster.mjs';
import { startFileWatcher } from './files.mjs';
import { createScanner } from './forms.mjs';
import { judgeFlows, sentBy, startCapture } from './network.mjs';
import { startProcessSampler } from './processes.mjs';
import { assertScans } from './self-test.mjs';
import { hostAddress, startDecoy, startForwardProxy, startMirror, startOrigin, textsOf } from './servers.mjs';

const NAMESPACE = 'rag-e2e';
const RELEASE = 'rag';
const MODEL = 'llama-3-2-3b';
/** ms after SIGINT at which the runner sends the next signals. */
const CANCELLATION = { 0: 'SIGINT', 7500: 'SIGTERM', 10_000: 'SIGKILL' };

/**
 * @param world `dist` is the bundle, `toolCache` the folder that runs share; `keep` leaves the job's folders there
 * @returns { cells, wrong, seconds }: a cell for each channel, and what did not go as the run was meant to
 */
export async function audit(run, key, world) {
  const scanner = createScanner(key);
  assertScans(key, scanner);
  const folder = mkdtempSync(join(tmpdir(), 'leak-audit-run-'));
  const servers = await startServers(run, key);
  const capture = await startCapture(join(folder, 'capture'));
  const job = jobOf(run, { key, folder, servers, ...world });
  const stateOf = () => JSON.parse(job.state()['maas-e2e'] ?? '{}');
  try {
    return await observed(run, { key, scanner, folder, servers, capture, job, stateOf, world });
  } finally {
    job.steps.forEach(({ child }) => child.kill('SIGKILL')); // where the audit itself fails
    Object.values(servers).forEach((server) => server?.close());
    await capture.stop?.().catch(() => undefined);
    const { clusterName } = stateOf();
    if (clusterName)
      await promisify(execFile)('kind', ['delete', 'cluster', '--name', clusterName]).catch(() => undefined);
    if (!world.keep) {
      job.remove();
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

async function startServers({ service, proxied }, key) {
  const host = hostAddress();
  const decoy = await startDecoy(host);
  const { MAAS_ENDPOINT: endpoint, MAAS_API_KEY: labKey, TOOLS_MIRROR } = process.env;
  const origin = await startOrigin({ host, key, endpoint, labKey, decoy });
  origin.behave(service);
  return {
    origin,
    decoy,
    mirror: await startMirror(TOOLS_MIRROR),
    proxy: proxied ? await startForwardProxy() : undefined,
  };
}

/** A job with folders of its own, on a copy of the example chart. */
function jobOf(run, { key, folder, servers: { origin, mirror, proxy }, dist, toolCache }) {
  const [home, temporary, workspace] = ['home', 'tmp', 'workspace'].map((name) => join(folder, name));
  for (const path of [home, temporary, workspace]) mkdirSync(path);
  for (const name of ['chart', 'values.yaml'])
    cpSync(join(root, 'e2e', name), join(workspace, 'e2e', name), { recursive: true });
  const moves = [];
  const job = createJob({
    dist,
    toolCache,
    workspace,
    env: { HOME: home, TMPDIR: temporary, ...run.env, ...(proxy && { HTTP_PROXY: proxy.url, NO_PROXY: '127.0.0.1' }) },
    inputs: {
      ...inputsFromEnvironment(),
      'maas-endpoint': origin.endpoint,
      'api-key': key,
      model: MODEL,
      'tools-mirror': mirror.url,
      chart: 'e2e/chart',
      'values-file': 'e2e/values.yaml',
    },
    onLine: (line) => moves.forEach((move) => move(line)),
  });
  return { ...job, moves, steps: [] };
}

async function observed(run, { key, scanner, folder, servers, capture, job, stateOf, world }) {
  const began = performance.now();
  const places = {
    job: job.home,
    home: join(folder, 'home'),
    TMPDIR: join(folder, 'tmp'),
    workspace: join(folder, 'workspace'),
    'tool cache': world.toolCache,
  };
  const commandFiles = ['output', 'env', 'state', 'path'].map((name) => join(job.home, name));
  const summary = join(job.home, 'step_summary');
  const processes = await startProcessSampler(key);
  const files = await startFileWatcher({ key, places, temp: job.temp, except: [...commandFiles, summary] });
  await files.watch();

  const main = await mainOf(run, { job, servers, processes });
  await files.atRest('after main');
  const { run: name, clusterName } = stateOf();
  const kubeconfig = join(job.temp, `maas-e2e-${name}`, 'kubeconfig');
  const cluster = run.lacks.includes('cluster')
    ? undefined
    : await clusterTexts({
        kubeconfig,
        cluster: clusterName,
        namespace: NAMESPACE,
        release: RELEASE,
        cache: join(folder, 'audit-cache'),
      });
  const stackLog = run.podLogs ? await logOfStack(cluster) : '';
  const post = await stepOf(job.post(), { job, processes });
  await files.atRest('after post');
  const seenFiles = await files.stop();
  const sampled = await processes.stop();
  const captured = capture.refused ? undefined : await capture.stop();

  const report = join(job.temp, readdirSync(job.temp).find((name) => name.startsWith('maas-e2e-report-')) ?? 'none');
  const megabytes = Math.round(seenFiles.bytes / 2 ** 20);
  const cells = {
    log: channels.scanLog({ main: main.log, post: post.log }, key, scanner),
    argv: { ...sampled.commandLines, note: [`${sampled.processes} processes`, ...sampled.notes].join('; ') },
    environment: sampled.environments,
    commands: channels.scanCommandFiles(commandFiles, scanner),
    summary: channels.scanSummary(summary, [main.log, post.log], scanner),
    files: { ...seenFiles, note: `${megabytes} MB in ${seenFiles.looks} looks` },
    errors: channels.scanErrors(report, main.log, scanner),
    cluster: clusterCell(cluster, scanner),
    diagnostics: channels.scanDiagnostics(
      join(report, 'diagnostics'),
      { podLogs: run.podLogs, stackLog, key },
      scanner,
    ),
    network: await networkCell({ servers, captured, capture, path: join(folder, 'capture'), scanner }),
  };
  const wrong = wrongOf(run, main, job.outputs());
  for (const line of post.log.split('\n').filter((text) => text.startsWith('::warning')))
    wrong.push(scanner.holds(line) ? 'post warns, in a line that holds the key' : `post warns: ${line}`);
  for (const [name, cell] of Object.entries(cells)) {
    if (run.lacks.includes(name)) cell.absent = true;
    else if (cell.scanned === 0) wrong.push(`the channel "${channels.CHANNELS[name][0]}" looked at nothing`);
  }
  return { cells, wrong, seconds: (performance.now() - began) / 1000, log: main.log };
}

/** Main, with what the service and the runner do to it while it goes on. */
async function mainOf({ then, cancelAt }, { job, servers, processes }) {
  const step = job.main();
  const timers = [];
  const after = (ms, act) => timers.push(setTimeout(act, ms));
  const once = ({ line, afterMs }, act) => {
    let left = 1;
    job.moves.push((said) => line.test(said) && left-- > 0 && after(afterMs, act));
  };
  if (then) once(then.at, () => servers.origin.behave(then.service));
  if (cancelAt)
    once(cancelAt, () => {
      for (const [ms, signal] of Object.entries(CANCELLATION)) after(Number(ms), () => step.child.kill(signal));
    });
  const result = await stepOf(step, { job, processes });
  timers.forEach(clearTimeout);
  return result;
}

async function stepOf(step, { job, processes }) {
  job.steps.push(step);
  processes.follow(step.child.pid);
  return await step.done;
}

async function logOfStack(cluster) {
  const args = ['-n', NAMESPACE, 'logs', 'deploy/llamastack', '--all-containers', '--tail=-1'];
  return (await cluster?.output('kubectl', ...args)) ?? '';
}

/** The texts of the cluster, and in how many of those where the key belongs it is: in none, the scan would say nothing. */
function clusterCell(cluster, scanner) {
  if (!cluster) return { scanned: 0, findings: [] };
  const held = cluster.texts.filter(({ allowed, text }) => allowed && scanner.holds(text)).length;
  const note = `${cluster.objects} objects; the key in ${held} places where it belongs`;
  return { ...channels.scanTexts(cluster.texts, scanner), ...(held === 0 && { scanned: 0 }), note };
}

/** What was sent where, by the wire and by the records of the servers. */
async function networkCell({ servers, captured, capture, path, scanner }) {
  const { origin, decoy, mirror, proxy } = servers;
  const recorded = (name, requests) =>
    requests.flatMap((request) => textsOf(request).map((text) => ({ place: `a request to the ${name}`, text })));
  const others = channels.scanTexts(
    [...recorded('mirror', mirror.requests), ...recorded('proxy', proxy?.requests ?? [])],
    scanner,
  );
  // at the origin the key belongs into its header alone, and not into what the service logs
  const atOrigin = origin.requests.flatMap((request) => {
    const [line, , body] = textsOf(request);
    const head = request.head.split('\n').filter((text) => !text.startsWith('Bearer '));
    return [line, body, head.join('\n')].map((text) => ({ place: 'a request to the origin, beside its header', text }));
  });
  const findings = [
    ...others.findings,
    ...channels.scanTexts(atOrigin, scanner).findings,
    ...decoy.requests.map(({ method }) => ({ place: 'the decoy', form: `was sent a ${method}` })),
  ];
  const requests = `${origin.requests.length} requests to the origin, ${mirror.requests.length} to the mirror`;
  if (!captured)
    return { scanned: origin.requests.length, findings, note: `${requests}; no capture: ${capture.refused}` };
  const flows = await sentBy(path);
  const lab = new URL(process.env.MAAS_ENDPOINT);
  const places = [origin, ...(proxy ? [proxy] : [])].map(({ host, port }) => `${host}:${port}`);
  const judged = judgeFlows(flows, scanner, { origin: places, own: [lab.host] });
  findings.push(...judged.findings);
  if (judged.toOrigin === 0)
    findings.push({ place: 'the capture', form: 'did not see the key on its way to the origin' });
  const dropped = captured.dropped ? `, ${captured.dropped} packets dropped` : '';
  return { scanned: flows.length, findings, note: `${requests}; ${captured.packets} packets${dropped}` };
}

function wrongOf({ ends: [code, errorCode] }, main, outputs) {
  const wrong = [];
  if (main.code !== code) wrong.push(`main ended with ${main.code ?? main.signal}, not with ${code}`);
  if (errorCode && outputs['error-code'] !== errorCode)
    wrong.push(`the run failed with ${outputs['error-code'] ?? 'nothing'}, not with ${errorCode}`);
  return wrong;
}
