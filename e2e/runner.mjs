// Runs the committed bundle as GitHub's runner does: INPUT_*, GITHUB_* command files, RUNNER_*, then the post step with
// its state. No dependencies: the demo uses it straight from a clone.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toolFolder } from './tool-folder.mjs';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Defaults of the inputs, read from action.yml: the runner fills them in, the action does not know them. */
export function inputDefaults() {
  const inputs = readFileSync(join(root, 'action.yml'), 'utf8')
    .split(/^outputs:/m)[0]
    .split(/^inputs:/m)[1];
  const blocks = inputs.matchAll(/^ {2}([a-z-]+):\n((?: {4}.*\n)+)/gm);
  return Object.fromEntries(
    [...blocks].map(([, name, body]) => [name, /^ {4}default: '?(.*?)'?$/m.exec(body)?.[1] ?? '']),
  );
}

/** Names and values of a command file: NAME<<DELIMITER, lines, DELIMITER. */
export function readCommandFile(path) {
  const values = {};
  const lines = readFileSync(path, 'utf8').split('\n');
  for (let at = 0; at < lines.length; at += 1) {
    const [name, delimiter] = lines[at].split('<<');
    if (!delimiter) continue;
    const end = lines.indexOf(delimiter, at + 1);
    values[name] = lines.slice(at + 1, end).join('\n');
    at = end;
  }
  return values;
}

/**
 * A job with this action as its only step. `workspace` is the consumer's checkout.
 * `node` is the command that runs the bundle; `toolCache` may be shared between jobs.
 */
export function createJob({
  inputs,
  workspace = root,
  env = {},
  node = [process.execPath],
  toolCache,
  dist = join(root, 'dist'),
  onLine = () => {},
}) {
  const home = mkdtempSync(join(tmpdir(), 'job-'));
  const paths = Object.fromEntries(
    ['OUTPUT', 'ENV', 'STATE', 'STEP_SUMMARY', 'PATH'].map((name) => [name, join(home, name.toLowerCase())]),
  );
  const temp = join(home, 'temp');
  mkdirSync(temp);
  for (const path of Object.values(paths)) writeFileSync(path, '');
  const given = { ...inputDefaults(), ...inputs };
  const base = {
    PATH: process.env.PATH,
    HOME: process.env.HOME ?? home,
    RUNNER_TEMP: temp,
    RUNNER_TOOL_CACHE: toolCache ?? join(home, 'tools'),
    GITHUB_WORKSPACE: workspace,
    GITHUB_ACTIONS: 'true',
    ...Object.fromEntries(Object.entries(paths).map(([name, path]) => [`GITHUB_${name}`, path])),
    ...Object.fromEntries(Object.entries(given).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
    ...env,
  };

  function step(entry, extra = {}) {
    const [program, ...args] = node;
    const child = spawn(program, [...args, join(dist, entry)], { env: { ...base, ...extra }, cwd: workspace });
    let log = '';
    let rest = '';
    const take = (text) => {
      log += text;
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      lines.forEach(onLine);
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    const began = performance.now();
    const done = new Promise((resolve) =>
      child.on('close', (code, signal) => {
        if (rest) onLine(rest);
        resolve({ code, signal, log, seconds: (performance.now() - began) / 1000 });
      }),
    );
    return { child, done };
  }

  return {
    home,
    temp,
    main: () => step('main.js'),
    post: () =>
      step(
        'post.js',
        Object.fromEntries(
          Object.entries(readCommandFile(paths.STATE)).map(([name, value]) => [`STATE_${name}`, value]),
        ),
      ),
    outputs: () => readCommandFile(paths.OUTPUT),
    variables: () => readCommandFile(paths.ENV),
    state: () => readCommandFile(paths.STATE),
    summary: () => readFileSync(paths.STEP_SUMMARY, 'utf8'),
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}

/** The inputs that the variables of `lab env` stand for, where they are set. */
export function inputsFromEnvironment(env = process.env) {
  const names = {
    KIND_VERSION: 'kind-version',
    KUBECTL_VERSION: 'kubectl-version',
    HELM_VERSION: 'helm-version',
    NODE_IMAGE: 'node-image',
    TOOLS_MIRROR: 'tools-mirror',
  };
  return Object.fromEntries(
    Object.entries(names).flatMap(([variable, input]) => (env[variable] ? [[input, env[variable]]] : [])),
  );
}

/** A job on the example chart against the lab's model service, with tools that such jobs share. */
export function exampleLabJob({ inputs = {}, ...options } = {}) {
  return createJob({
    ...options,
    toolCache: toolFolder(),
    inputs: {
      'maas-endpoint': process.env.MAAS_ENDPOINT,
      'api-key': process.env.MAAS_API_KEY,
      chart: 'e2e/chart',
      'values-file': 'e2e/values.yaml',
      ...inputsFromEnvironment(),
      ...inputs,
    },
  });
}
