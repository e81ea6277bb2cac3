// The runs whose summaries are shown: each is the committed bundle on a real cluster, broken in one way. What is broken while
// it runs is broken by post-install-command, when the chart is there and before the checks begin.
const AVAILABLE = [
  'kubectl -n rag-e2e rollout status statefulset/pgvector --timeout=120s',
  'kubectl -n rag-e2e rollout status deployment/llamastack --timeout=120s',
].join(' && ');
const whenUp = (command) => ({ 'post-install-command': `${AVAILABLE} && ${command}` });

/** Where the stack keeps files there is none to be kept. */
const BREAK_FILES =
  "kubectl -n rag-e2e exec deployment/llamastack -c llama-stack -- sh -c 'rm -rf /.llama/files && touch /.llama/files'";

/** A stack whose only embedding model is the model service's, so that its faults are the embedder's. */
const EMBEDS_AT_SERVICE = [
  [/^ *- provider_id: sentence-transformers\n *provider_type: .*\n/m, ''],
  [/^ *default_embedding_model: .*\n/m, ''],
  [
    'models: {{ toJson $enabled }}',
    'models: {{ toJson (append $enabled (dict "model_id" "lab-embed" "provider_id" "maas" "model_type" "embedding" "metadata" (dict "embedding_dimension" 384))) }}',
  ],
];

/** A pod that ends may answer until it is killed. */
const NO_UI = [
  'kubectl -n rag-e2e scale deployment/rag --replicas=0',
  'kubectl -n rag-e2e wait --for=delete pod -l app.kubernetes.io/name=rag --timeout=120s',
].join(' && ');

const SPEND = { price: 'llama-3-2-3b=0.15/0.60\nlab-embed=0.02/0' };

/** A pull request of a fork, as the runner tells of it. */
export const FORK_EVENT = {
  pull_request: { head: { repo: { full_name: 'fork/rag' } }, base: { repo: { full_name: 'acme/rag' } } },
};

export const RUNS = [
  { name: 'green', code: 0, inputs: { ...SPEND, 'token-budget': '20000', 'cost-budget': '0.01' } },
  { name: 'skipped', code: 0, inputs: { 'api-key': '' }, event: FORK_EVENT },
  { name: 'basic', code: 0, inputs: { inference: 'off' } },
  {
    name: 'budget-stopped',
    code: 0,
    inputs: { ...SPEND, 'request-budget': '9', 'on-budget': 'stop' },
    says: /9 of 9 spent/,
  },
  { name: 'red-inputs', hop: 'inputs', inputs: { 'values-file': 'e2e/broken.yaml' } },
  { name: 'red-docker', hop: 'docker', env: { DOCKER_HOST: 'unix:///var/run/no-such-docker.sock' } },
  { name: 'red-tools', hop: 'tools', inputs: { 'helm-version': '9.9.9' } },
  { name: 'red-cluster', hop: 'cluster', inputs: { 'node-image': 'kindest/node:v0.0.0' } },
  {
    name: 'red-chart',
    hop: 'chart',
    inputs: { 'set-values': 'llama-stack: {extraSecretRefs: [{name: no-such-secret}]}' },
  },
  { name: 'red-model-service', hop: 'model service', fault: { mode: 'constant' } },
  {
    name: 'red-stack',
    hop: 'stack',
    inputs: { 'set-values': 'llama-stack: {image: {tag: no-such-tag}}' },
  },
  { name: 'red-embedder', hop: 'embedder', fault: { mode: 'embeddings-constant' }, chart: EMBEDS_AT_SERVICE },
  { name: 'red-file-processing', hop: 'file processing', inputs: whenUp(BREAK_FILES) },
  {
    name: 'red-vector-store',
    hop: 'vector store',
    inputs: whenUp('kubectl -n rag-e2e scale statefulset/pgvector --replicas=0'),
  },
  {
    name: 'red-ui',
    hop: 'UI',
    inputs: { 'post-install-command': NO_UI },
  },
  {
    name: 'red-tests',
    hop: 'tests',
    inputs: {
      chart: 'e2e/openai-app/chart',
      'values-file': 'e2e/openai-app/values.yaml',
      'secret-keys': 'api-key=key',
      'api-service': 'rag',
      'health-path': '/health',
      'set-values': 'llm: {model: nobody}',
      'test-command': 'node e2e/openai-app/test.mjs results.xml',
      'test-report': 'results.xml',
    },
  },
];
