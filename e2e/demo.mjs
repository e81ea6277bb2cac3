// The first thing to run: `node e2e/demo.mjs`, straight from a clone. With docker it is the real thing: the committed
// bundle, a Kind cluster, the example chart. Without, the same checks look at a small embedded stack. Its first line
// says which of the two, and why.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { CHECK_NAMES, checkStack, readAddress, startModelService } from '../dist/index.js';
import { startEmbeddedStack } from './embedded-stack.mjs';
import { createJob, inputDefaults, inputsFromEnvironment } from './runner.mjs';
import { toolFolder } from './tool-folder.mjs';

/** Deadline of one look at this machine, in ms. */
const LOOK_MS = 5000;
const MODEL = 'demo-extractive';
/** What ends the demo: main is cancelled, as GitHub does it, and post still deletes the cluster. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const inputs = { ...inputDefaults(), ...inputsFromEnvironment() };
const apiKey = `demo-${randomBytes(16).toString('hex')}`;

/** Something that the real thing needs and this machine lacks. */
class Missing extends Error {}

// a reader that goes away (| head) must not end this process before its cleanup
process.stdout.on('error', () => {});
process.exitCode = await demo();

/** @returns the exit code */
async function demo() {
  const found = await lookAround().catch((error) => {
    if (error instanceof Missing) return { missing: error.message };
    throw error;
  });
  if (found.missing) {
    const what = 'the same checks against a small embedded stack, which proves nothing about a cluster';
    console.log(`Demo: ${found.missing}: ${what}`);
    return await onEmbeddedStack();
  }
  console.log(`Demo: a real Kind cluster (docker ${found.docker}, tools from ${found.tools})`);
  try {
    return await onCluster(`http://${found.address}:${found.service.port}/v1`, found.toolCache);
  } finally {
    await found.service.close();
  }
}

/** What the real thing needs. @throws Missing */
async function lookAround() {
  const docker = await askDocker('version', '--format', '{{.Server.Version}}');
  const tools = await toolSite();
  const toolCache = ownFolder();
  const address = readAddress(await askDocker('network', 'inspect', 'bridge'));
  if (!address) throw new Missing('docker has no default bridge here');
  // at the bridge's address alone: pods and this machine reach it, the network around does not
  const service = await startModelService({ host: address, apiKey, model: MODEL }).catch((error) => {
    throw new Missing(`docker runs elsewhere (its bridge ${address} is no address of this machine: ${error.code})`);
  });
  return { docker, tools, toolCache, address, service };
}

/** Shared by demos and runs of the action on this machine. @throws Missing */
function ownFolder() {
  try {
    return toolFolder();
  } catch ({ message }) {
    throw new Missing(message);
  }
}

async function askDocker(...args) {
  const limits = { timeout: LOOK_MS, killSignal: 'SIGKILL' };
  const { stdout } = await promisify(execFile)('docker', args, limits).catch(({ code, killed, stderr, message }) => {
    const said = (stderr?.trim() || message).split('\n')[0];
    const why = code === 'ENOENT' ? 'there is no docker command' : killed ? `no answer in ${LOOK_MS / 1000} s` : said;
    throw new Missing(`no docker here (${why})`);
  });
  return stdout.trim();
}

/** Host that the tools come from, if it has all three. */
async function toolSite() {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const [kind, kubectl, helm] = ['kind', 'kubectl', 'helm'].map((tool) => inputs[`${tool}-version`].replace(/^v/, ''));
  const mirror = inputs['tools-mirror'].replace(/\/+$/, '');
  const sites = ['https://github.com', 'https://dl.k8s.io', 'https://get.helm.sh'].map((site) => mirror || site);
  await Promise.all([
    look(`${sites[0]}/kubernetes-sigs/kind/releases/download/v${kind}/kind-${process.platform}-${arch}`),
    look(`${sites[1]}/release/v${kubectl}/bin/${process.platform}/${arch}/kubectl`),
    look(`${sites[2]}/helm-v${helm}-${process.platform}-${arch}.tar.gz`),
  ]);
  return new URL(sites[0]).host;
}

/** @throws Missing where a URL is not to be had */
async function look(url) {
  const asked = fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(LOOK_MS) });
  const { ok, status } = await asked.catch(({ name, cause }) => ({ status: cause?.code ?? name }));
  const host = URL.canParse(url) ? new URL(url).host : 'TOOLS_MIRROR';
  if (!ok) throw new Missing(`no ${url.split('/').at(-1)} to be had from ${host} (${status})`);
}

async function onEmbeddedStack() {
  const [host, modelKey, model] = ['127.0.0.1', 'maas', MODEL];
  const service = await startModelService({ host, apiKey, model });
  const baseUrl = `http://${host}:${service.port}/v1`;
  const stack = await startEmbeddedStack({ service: { baseUrl, apiKey, model }, modelKey });
  const target = { stackUrl: stack.url, uiUrl: stack.url, modelKey, model, service: { baseUrl, apiKey } };
  // its page is no Streamlit: there is no session to open
  const selected = CHECK_NAMES.filter((name) => name !== 'ui-session');
  const { checks, failure } = await checkStack(target, { checks: selected });
  await Promise.all([stack.close(), service.close()]);
  if (failure) console.log(`Failed at ${failure.hop}: ${failure.cause}. Fix: ${failure.fix}`);
  console.log(`${checks.filter(({ verdict }) => verdict === 'passed').length} checks passed`);
  return failure ? 1 : 0;
}

async function onCluster(endpoint, toolCache) {
  const given = { 'maas-endpoint': endpoint, 'api-key': apiKey, chart: 'e2e/chart', 'values-file': 'e2e/values.yaml' };
  const said = [];
  const say = (text) => {
    said.push(text);
    console.log(text);
  };
  const onLine = (line) => [shown(line)].filter((text) => text !== undefined).forEach(say);
  const job = createJob({ inputs: { ...inputs, ...given }, env: environment(), toolCache, onLine });
  const main = job.main();
  const cancel = () => main.child.kill('SIGINT');
  for (const signal of SIGNALS) process.on(signal, cancel);
  process.stdout.on('error', cancel);
  try {
    const { code } = await main.done;
    say(`\n== Job summary ==\n${job.summary()}\n== Post step ==`);
    await job.post().done;
    if (!showsKey(said.join('\n'))) return code ?? 1;
    console.log('Failed: the log above shows the key.');
    return 1;
  } finally {
    for (const signal of SIGNALS) process.off(signal, cancel);
    job.remove();
  }
}

/** What docker and downloads need beyond the job's own environment. */
function environment() {
  const names = Object.keys(process.env).filter((name) => /^(DOCKER_\w+|(https?|no)_proxy)$/i.test(name));
  return Object.fromEntries(names.map((name) => [name, process.env[name]]));
}

/** A line of the log as GitHub's page shows it; undefined where it is for the runner alone. */
function shown(line) {
  const [, command, text] = /^::([a-z-]+)[^:]*::(.*)$/.exec(line) ?? [];
  if (!command) return line;
  if (['add-mask', 'debug', 'endgroup'].includes(command)) return undefined;
  const plain = text.replaceAll('%0A', '\n').replaceAll('%0D', '').replaceAll('%25', '%');
  return command === 'group' ? `\n== ${plain} ==` : `${command}: ${plain}`;
}

/** Whether a text holds the key: plain, in hex, or in base64, whose middle depends on how many bytes stand before it. */
function showsKey(text) {
  const bytes = Buffer.from(apiKey);
  const base64 = [0, 1, 2].map((before) =>
    Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .slice(4, -4),
  );
  return [apiKey, bytes.toString('hex'), ...base64].some((form) => text.includes(form));
}
