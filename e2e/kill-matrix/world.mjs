// The deployed stack of the matrix, and what its rows do to it.
import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { parse, stringify } from 'yaml';
import { root } from '../runner.mjs';

const run = promisify(execFile);
/** Deadline of one command, and of a stack that comes back, in ms. */
const COMMAND_MS = 180_000;
const BACK_MS = 120_000;
/** Deadline of one look: a connection to a pod that is gone hangs. */
const LOOK_MS = 2000;
const NAMESPACE = 'rag-e2e';
/** The lab's command. */
const LAB = process.env.LAB || join(dirname(root), 'shared', 'lab', 'lab');

export function createWorld({ stackUrl, uiUrl, kubeconfig, proxy }) {
  const env = { ...process.env, KUBECONFIG: kubeconfig };
  const command = async (program, args, input = '') => {
    const running = run(program, args, { env, timeout: COMMAND_MS });
    running.child.stdin.end(input);
    return (await running).stdout;
  };
  const kubectl = (...args) => command('kubectl', ['-n', NAMESPACE, ...args]);
  const psql = 'psql -U "$POSTGRES_USER" -d "$POSTGRES_DB" -v ON_ERROR_STOP=1';

  const world = {
    kubectl,
    proxy,
    docker: (...args) => command('docker', args),
    /** A model service with other settings. */
    serviceWith: async (...options) => {
      await command(LAB, ['model-service', ...options]);
      await world.serviceAnswers();
    },
    serviceAnswers: () => until(`${process.env.MODEL_SERVICE_ADMIN}/faults`),
    /** A fault of the model service, until the next one. */
    fault: (fault) => ask(`${process.env.MODEL_SERVICE_ADMIN}/faults`, { method: 'PUT', body: JSON.stringify(fault) }),

    /** Runs a statement for each table of chunks; it stands for TABLE. */
    forEachStore: (statement) => {
      const execute = `EXECUTE replace($sql$${statement}$sql$, 'TABLE', quote_ident(t))`;
      const loop = `FOR t IN SELECT tablename FROM pg_tables WHERE tablename LIKE 'vs\\_%' LOOP ${execute}; END LOOP`;
      const input = `DO $do$ DECLARE t text; BEGIN ${loop}; END $do$;\n`;
      return command('kubectl', ['-n', NAMESPACE, 'exec', '-i', 'pgvector-0', '--', 'bash', '-c', psql], input);
    },

    scale: async (kind, name, replicas) => {
      await kubectl('scale', `${kind}/${name}`, `--replicas=${replicas}`);
      if (replicas) await kubectl('rollout', 'status', `${kind}/${name}`, '--timeout=120s');
      else await kubectl('wait', '--for=delete', 'pod', '-l', `app.kubernetes.io/name=${name}`, '--timeout=120s');
    },
    setEnv: async (deployment, container, ...variables) => {
      await kubectl('set', 'env', `deployment/${deployment}`, '-c', container, ...variables);
      await kubectl('rollout', 'status', `deployment/${deployment}`, '--timeout=120s');
    },
    restartDatabase: async () => {
      await kubectl('delete', 'pod', 'pgvector-0', '--grace-period=1');
      await kubectl('rollout', 'status', 'statefulset/pgvector', '--timeout=120s');
    },
    /** A new pod of the stack, as far as it answers. */
    restartStack: async () => {
      await kubectl('delete', 'pod', '-l', 'app.kubernetes.io/name=llamastack', '--grace-period=1');
      await world.stackAnswers();
    },
    stackAnswers: () => until(`${stackUrl}/v1/models`),
    uiAnswers: () => until(`${uiUrl}/_stcore/health`),

    /** A new pod of the stack that knows nothing of before. */
    restartStackAnew: async () => {
      await kubectl('exec', 'deploy/llamastack', '-c', 'llama-stack', '--', 'sh', '-c', 'rm -rf /.llama/*');
      await world.restartStack();
    },
    /**
     * Has `change` edit the stack's configuration, parsed: how the chart writes it (block or flow, quoted or plain) is no
     * matter here. Gives the text as it was, for `configure`.
     */
    reconfigure: async (change) => {
      const text = JSON.parse(await kubectl('get', 'configmap', 'run-config', '-o', 'json')).data['config.yaml'];
      const configuration = parse(text);
      change(configuration);
      await world.configure(stringify(configuration));
      return text;
    },
    /** A stack with this configuration; what it had registered is forgotten. */
    configure: async (text) => {
      const patch = JSON.stringify({ data: { 'config.yaml': text } });
      await kubectl('patch', 'configmap', 'run-config', '--type=merge', '-p', patch);
      await world.restartStackAnew();
    },
    /** Ids of the embedding models that the stack lists. */
    embeddingModels: async () => {
      const { data } = await ask(`${stackUrl}/v1/models`);
      return data.filter(({ custom_metadata: facts }) => facts?.model_type === 'embedding').map(({ id }) => id);
    },
    /** Changes the configuration of the cluster's DNS; gives it as it was. */
    reconfigureDns: async (change) => {
      const dns = (...args) => command('kubectl', ['-n', 'kube-system', ...args]);
      const corefile = JSON.parse(await dns('get', 'configmap', 'coredns', '-o', 'json')).data.Corefile;
      const changed = change(corefile);
      if (changed === corefile) throw new Error('the configuration of the DNS is as it was');
      await dns('patch', 'configmap', 'coredns', '--type=merge', '-p', JSON.stringify({ data: { Corefile: changed } }));
      await dns('rollout', 'restart', 'deployment/coredns');
      await dns('rollout', 'status', 'deployment/coredns', '--timeout=60s');
      return corefile;
    },
  };
  return world;
}

async function ask(url, init) {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return await response.json();
}

/** Waits until a URL answers well. */
async function until(url) {
  const deadline = Date.now() + BACK_MS;
  const look = () => fetch(url, { signal: AbortSignal.timeout(LOOK_MS) }).then(({ ok }) => ok);
  while (!(await look().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`${url} is not back within ${BACK_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}
