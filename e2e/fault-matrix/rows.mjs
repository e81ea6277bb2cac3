// The faults of a deployment. Each row says what is wrong with the chart or the cluster, which code and words the first line of
// the failure must have, and how the cluster shows it: from there on, the seconds count. One that is `early` is found before
// there is a cluster.
const STACK = /^llamastack/;

/** Edits one file of the chart: what is not found there fails the row. */
const inChart = (file, from, to) => ({ file, from, to });
const SERVER = 'charts/llama-stack/templates/server.yaml';
const PGVECTOR = 'charts/pgvector/templates/database.yaml';

const containersOf = (objects, name) =>
  objects
    .filter(({ kind, metadata }) => kind === 'Pod' && name.test(metadata.name))
    .flatMap(({ status }) => [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]);
const waits = (name, reasons) => (objects) =>
  containersOf(objects, name).some(({ state }) => reasons.test(state.waiting?.reason ?? ''));
const ended = (name, reason) => (objects) =>
  containersOf(objects, name).some(({ state, lastState }) =>
    [state.terminated, lastState.terminated].some((end) => end?.reason === reason),
  );
const event = (reason, message) => (objects) =>
  objects.some((object) => object.kind === 'Event' && object.reason === reason && message.test(object.message));
const unschedulable = (objects) =>
  objects.some(
    ({ kind, status }) => kind === 'Pod' && status.conditions?.some(({ reason }) => reason === 'Unschedulable'),
  );

/** What nobody can look into: then a reference that leads nowhere is no error before there is a cluster. */
const MIGHT_MAKE = { 'post-install-command': 'true' };
/**
 * Seconds in which such a row must be red: when the command has ended, its fault is held back for 30 s, in which the kubelet
 * looks again (LOOKS_AGAIN_MS of src/deploy/rollout/held.ts), and then it is seen at the next look of a busy machine.
 */
const HELD = 35;
/** Else `auto` takes another wiring where this one does not get its key through. */
const BY_MODELS = { wiring: 'llama-stack' };

export const ROWS = [
  {
    name: 'image that does not exist',
    values: 'llama-stack: {image: {tag: no-such-tag}}',
    shows: waits(STACK, /ErrImagePull|ImagePullBackOff/),
    says: [/E_IMAGE_PULL/, /stack: pod llamastack-.*ImagePullBackOff: .*no-such-tag.*Fix: Check the image name/],
  },
  {
    name: 'image name that is none',
    values: 'llama-stack: {image: {tag: "no tag"}}',
    early: true,
    says: [/E_IMAGE_NAME/, /chart: images of the chart can not be pulled on Kind: Deployment llamastack.*no tag/],
  },
  {
    name: 'Secret that nothing makes',
    values: 'llama-stack: {extraSecretRefs: [{name: no-such-secret}]}',
    early: true,
    says: [/E_REFERENCE/, /chart: .*Deployment llamastack, .* needs Secret no-such-secret, which nothing makes/],
  },
  {
    name: 'Secret that is not there, although somebody might make it',
    values: 'llama-stack: {extraSecretRefs: [{name: no-such-secret}]}',
    inputs: MIGHT_MAKE,
    within: HELD,
    shows: waits(STACK, /CreateContainerConfigError/),
    says: [/E_CONTAINER_CONFIG/, /stack: pod llamastack-.*secret "no-such-secret" not found/],
  },
  {
    name: 'volume of a ConfigMap that is not there, although somebody might make it',
    inputs: MIGHT_MAKE,
    within: HELD,
    chart: inChart(SERVER, 'name: run-config', 'name: no-such-config'),
    shows: event('FailedMount', /no-such-config/),
    says: [/E_CONTAINER_CONFIG/, /stack: llamastack-.*FailedMount: .*configmap "no-such-config" not found/],
  },
  {
    name: 'crash loop',
    chart: inChart(SERVER, 'value: /app-config/config.yaml', 'value: /no/such/config.yaml'),
    shows: waits(STACK, /CrashLoopBackOff/),
    says: [
      /E_CRASH_LOOP/,
      /stack: pod llamastack-.*CrashLoopBackOff: restarted 2 times, exit code \d; its log says: .*no\/such/,
    ],
  },
  {
    name: 'out of memory',
    values: 'llama-stack: {resources: {limits: {memory: 64Mi}}}',
    shows: ended(STACK, 'OOMKilled'),
    says: [/E_OOM_KILLED/, /stack: pod llamastack-.*OOMKilled: restarted .*Fix: Raise the memory limit/],
  },
  {
    name: 'volume claim that nobody provides',
    chart: inChart(PGVECTOR, 'accessModes:', 'storageClassName: no-such-class\n        accessModes:'),
    shows: event('ProvisioningFailed', /no-such-class/),
    says: [
      /E_PVC_PENDING/,
      /vector store: persistentvolumeclaim\/pg-data-pgvector-0: Pending: .*"no-such-class" not found/,
    ],
  },
  {
    name: 'pod that no node takes',
    values: 'llama-stack: {resources: {requests: {memory: 900Gi}}}',
    shows: unschedulable,
    says: [
      /E_UNSCHEDULABLE/,
      /stack: llamastack-.*Unschedulable: .*Insufficient memory.*Fix: Lower the resource requests/,
    ],
  },
  {
    name: 'probe that asks at the wrong path',
    chart: inChart(
      SERVER,
      'path: /v1/health\n              port: 8321\n            initialDelaySeconds: 15',
      'path: /no/such/health\n              port: 8321\n            initialDelaySeconds: 15',
    ),
    shows: event('Unhealthy', /Readiness.*statuscode: 4/),
    says: [/E_NEVER_READY/, /stack: pod llamastack-.*Readiness probe failed: HTTP probe failed with statuscode: 404/],
  },
  {
    name: 'quota that is too small',
    chart: inChart(
      PGVECTOR,
      'apiVersion: v1\nkind: Secret',
      'apiVersion: v1\nkind: ResourceQuota\nmetadata:\n  name: few\nspec:\n  hard:\n    pods: "1"\n---\napiVersion: v1\nkind: Secret',
    ),
    shows: event('FailedCreate', /exceeded quota/),
    says: [/E_QUOTA/, /: .*QuotaExceeded: .*exceeded quota: few.*Fix: Lower/],
  },
  {
    name: 'admission that refuses the pods',
    chart: inChart(
      SERVER,
      '    spec:\n      # waits',
      '    spec:\n      priorityClassName: no-such-class\n      # waits',
    ),
    shows: event('FailedCreate', /no PriorityClass/),
    says: [
      /E_ADMISSION/,
      /stack: replicaset\/llamastack-\w+: AdmissionDenied: .*no PriorityClass with name no-such-class/,
    ],
  },
  {
    name: 'Job that fails',
    chart: inChart(
      PGVECTOR,
      'apiVersion: v1\nkind: Secret',
      'apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: migrate\nspec:\n  backoffLimit: 0\n  template:\n    spec:\n      restartPolicy: Never\n      containers:\n        - name: migrate\n          image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"\n          command: [sh, -c, "echo schema 7 is not known; exit 3"]\n---\napiVersion: v1\nkind: Secret',
    ),
    shows: (objects) => objects.some(({ kind, status }) => kind === 'Job' && status.failed > 0),
    says: [/E_JOB_FAILED/, /job\/migrate: JobFailed: .*; its log says: schema 7 is not known/],
  },
  {
    name: 'another key in the values',
    values: 'llama-stack: {secrets: {MAAS_API_KEY: wrong-key-0123456789}}',
    inputs: BY_MODELS,
    early: true,
    says: [
      /E_WIRING/,
      /chart: with wiring llama-stack .*set-values has another value than the key at llama-stack\.secrets\.MAAS_API_KEY.*Fix: Take/,
    ],
  },
  {
    name: 'wrong key in the pod',
    inputs: BY_MODELS,
    // over the variable of the Secret, where only the container's own environment shows it
    chart: inChart(
      SERVER,
      '            - name: MODELS\n',
      '            - {name: MAAS_API_KEY, value: wrong-key-0123456789}\n            - name: MODELS\n',
    ),
    shows: (objects) =>
      containersOf(objects, STACK).some(({ name, state }) => name === 'wait-for-models' && state.running),
    says: [/E_STACK_KEY/, /stack: pod llamastack-.*HTTP Error 401: Unauthorized.*Fix: The chart does not hand the key/],
  },
  {
    name: 'node killed in the rollout',
    kills: /rollout: waiting for .*ContainerCreating/,
    says: [/E_NODE_LOST/, /cluster: the cluster's node container .*has exited \(exit code 137\)/],
  },
  {
    name: 'node killed in the checks',
    kills: /passed embeddings/,
    says: [/E_NODE_LOST/, /cluster: the cluster's node container .*has exited \(exit code 137\)/],
  },
];
