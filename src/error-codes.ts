/**
 * Every way in which a run can fail, by its stable code: what it means, and what the user does about it. A code keeps its
 * meaning between versions; docs/errors.md is made of this list.
 */
export const ERROR_CODES = {
  // inputs
  E_INPUT: ['An input has no usable value.', 'Correct the input that the message names.'],
  E_ENDPOINT: [
    '`maas-endpoint` is no URL that pods can reach.',
    'Write the base URL of the service, without credentials.',
  ],
  E_KEY_MISSING: ['`api-key` is empty.', 'Pass the secret; check that it exists where the workflow runs.'],
  E_KEY_FORM: [
    'The key can not be sent, masked, or kept as it is by the stack.',
    'Copy it again into the secret, on one line; use one with letters in it.',
  ],
  E_APPLICATION: [
    'The application does not answer.',
    'Read its log; check `api-service`, `api-port` and `health-path`.',
  ],
  E_TESTS: ["The consumer's own tests failed.", 'Read their output.'],
  E_WIRING: ['No wiring of the model service fits the chart.', 'Write placeholders into the values, or set `wiring`.'],
  E_LITERAL_KEY: [
    'The chart would write the key into an object that is no Secret.',
    'Let it refer to a Secret, by another `wiring`; or set `allow-literal-key`.',
  ],
  E_VALUES: ['A values file or `set-values` is no YAML mapping.', 'Correct it at the line that the message names.'],
  E_WORKSPACE: [
    'A file of the workspace is missing or can not be read or written.',
    'Check the path, and that actions/checkout has run.',
  ],
  E_BUDGET: [
    'A budget of the run is spent, and `on-budget` is fail; or no check could be run before it was.',
    'Raise `token-budget`, `request-budget` or `cost-budget`, or choose fewer `checks`.',
  ],
  E_NOTHING_JUDGED: ['None of the chosen checks could be judged.', 'Choose others by `checks`.'],
  // tools and the machine
  E_DOWNLOAD: [
    'A tool can not be downloaded.',
    'Check its version; behind a firewall set `tools-mirror`, or HTTPS_PROXY.',
  ],
  E_CHECKSUM: [
    'The bytes of a tool are not those of its release, twice; or a manifest does not have the digest behind its URL.',
    'Look at proxies and at the mirror: they change what they hand on. Of a manifest, look at what was changed.',
  ],
  E_DISK_FULL: ['There is no disk space left.', 'Free space on the runner, or use a larger one.'],
  E_DOCKER: [
    'There is no docker engine that this runner may use.',
    'Use a runner with docker; start it, and let the runner user use it.',
  ],
  // cluster
  E_CLUSTER_EXISTS: [
    'A Kind cluster of that name exists and is not a leftover of this action.',
    'Delete it, or leave `cluster-name` empty.',
  ],
  E_CLUSTER_CREATE: [
    'kind could not create the cluster.',
    'Read the lines of kind, and its exported logs in the diagnostics.',
  ],
  E_NODE_IMAGE: [
    'The image of the Kind node can not be pulled.',
    'Check `node-image`, and that the runner reaches its registry.',
  ],
  E_REGISTRY_LIMIT: ['An image registry limits pulls.', 'Log in to it before this step, or use a mirror.'],
  E_NODE_LOST: [
    "The container of the cluster's node has ended.",
    'Look for what ended it: memory of the runner, another job.',
  ],
  E_PORT_LOST: [
    'A port of the runner no longer leads to the cluster; what is behind it answers.',
    'Run again; on your own runner look for what ended docker-proxy or changed the firewall.',
  ],
  E_CLUSTER: ['The cluster does not answer.', 'Look at the events; a runner with few cores may be too busy.'],
  // chart
  E_CHART_FETCH: [
    'The chart can not be fetched.',
    'Check `chart`, `chart-repository` and `chart-version`, and the login for a private registry.',
  ],
  E_CHART_DEPENDENCY: [
    "The chart's dependencies can not be fetched.",
    'Check the repositories in Chart.yaml, and logins for private ones.',
  ],
  E_CHART_RENDER: [
    'The chart does not render.',
    'Run `helm template` with the same values, and correct what it names.',
  ],
  E_NO_STACK: ['The chart renders no Service of a stack.', 'Check that the values enable the stack.'],
  E_OPERATOR: [
    'The chart renders kinds that the cluster does not serve, and that no stub stands in for; or of which only the definition is there.',
    'Install their operator by `pre-install-manifests`, switch them off in the values, or name them in `stub-crds`.',
  ],
  E_REFERENCE: [
    'A workload needs a Secret or ConfigMap that nothing makes, or a key that it lacks.',
    'Set `secret-name` and `secret-keys`, correct the values, or make it by `pre-install-manifests`.',
  ],
  E_PRE_INSTALL: [
    'What `pre-install-manifests` names is no manifest, can not be applied, or does not get available.',
    'Correct the manifest.',
  ],
  E_POST_INSTALL: ['The command of `post-install-command` failed.', 'Read its output.'],
  E_CHART_INSTALL: ['Helm could not install the chart.', 'Correct what Helm names.'],
  E_ADMISSION: [
    'The cluster refuses an object of the chart.',
    'Change what the policy names, or leave the policy out of the end-to-end values.',
  ],
  E_QUOTA: ['A quota or limit of the namespace is exceeded.', 'Lower the requests, or raise the quota in the values.'],
  // rollout
  E_IMAGE_PULL: ['An image can not be pulled.', 'Check its name and tag; a private image needs an imagePullSecret.'],
  E_IMAGE_NAME: ['An image name is no name.', 'Correct the image in the values.'],
  E_CONTAINER_CONFIG: [
    'A container can not be made: a Secret, ConfigMap, command or mount is wrong.',
    'Correct what the message names.',
  ],
  E_CRASH_LOOP: ['A container keeps ending.', 'Read its last log lines.'],
  E_OOM_KILLED: ['A container needs more memory than its limit.', 'Raise the limit in the values.'],
  E_INIT_STUCK: ['An init container does not end.', 'It waits for something: read its last log lines.'],
  E_NEVER_READY: ['A container runs and its probe keeps failing.', 'Read which probe gets which answer.'],
  E_UNSCHEDULABLE: ['No node takes a pod.', 'Lower its requests; check node selectors.'],
  E_PVC_PENDING: ['A volume claim is not bound.', 'Use the default StorageClass of the cluster, or none.'],
  E_JOB_FAILED: ['A Job of the chart has failed.', 'Read its last log lines.'],
  // model service
  E_AUTH: ['The model service refuses the key.', 'Renew the secret; check that the key may use this model.'],
  E_NO_QUOTA: ['The key has no quota or no subscription left.', 'Subscribe the key, or pay for more.'],
  E_RATE_LIMITED: [
    'The model service limits the rate.',
    'Set `requests-per-minute`, ask for a higher limit, or run fewer jobs at a time.',
  ],
  E_SERVICE_UNREACHABLE: [
    'Nobody answers at the model service.',
    'Check host, port and scheme, and that the runner reaches it.',
  ],
  E_SERVICE_TIMEOUT: ['The model service does not answer in time.', 'Check that it is up and not overloaded.'],
  E_SERVICE_DOWN: [
    'The model service is failing.',
    'Look at the service; run again when it is up, or set `inference: auto`.',
  ],
  E_SERVICE_FORM: ['What answers is no OpenAI-compatible API.', 'Check the path in `maas-endpoint`.'],
  E_STREAM_CUT: ['A streamed answer stalls or breaks off.', 'Look at proxies that end or hold back long answers.'],
  E_MODEL_NOT_SERVED: ['The service does not serve the model.', 'Set `model` to one that it lists.'],
  E_MODEL_AMBIGUOUS: ['The wanted model fits none or several.', 'Set `model` to one of them in full.'],
  E_REQUEST_REFUSED: ['The service refuses a plain request.', 'Check that the model is one for chat.'],
  E_WRONG_ANSWER: ['The model, asked directly too, answers wrongly.', 'Check the model and its server.'],
  // stack
  E_STACK_UNREACHABLE: ['The stack does not answer.', 'Read its log: it has ended or is overloaded.'],
  E_STACK_TIMEOUT: ['The stack does not answer in time.', 'Read its log: what it waits for hangs.'],
  E_STACK_FORM: ['What answers is no Llama Stack.', 'Check what listens on port 8321.'],
  E_STACK_AUTH: ['The stack itself asks for authentication.', 'Switch it off in the end-to-end values.'],
  E_STACK_KEY: [
    'The service refuses the key that the stack sends; the key itself is good.',
    'Check that the chart hands `llama-stack.secrets` to the stack.',
  ],
  E_STACK_MODEL: ['The stack does not list the wanted model.', 'Check `global.models` in the values.'],
  E_STACK_TO_SERVICE: [
    'The stack can not use the model service from inside the cluster.',
    'Check DNS and egress of pods.',
  ],
  E_STACK_CHANGES: [
    'The service does it right when asked directly, and through the stack it is wrong.',
    "Check the stack's provider.",
  ],
  E_STACK_STATE_LOST: [
    'The stack was restarted and has lost its state.',
    'Keep its state on a volume; read why it was restarted.',
  ],
  E_STACK_ERROR: ['The stack reports an error.', 'Read its log.'],
  // embedder, files, vector store, user interface
  E_EMBEDDING: ["The stack's embedding model does not work, or is none.", 'Check its provider and its weights.'],
  E_FILE_PROCESSING: ['A file is not processed as it was written.', "Check the stack's file processor."],
  E_VECTOR_STORE: ['The vector store can not be used.', 'Check that the database runs and the stack reaches it.'],
  E_RETRIEVAL: [
    'A search brings the wrong thing, or nothing.',
    'Check the embedding model, and what writes into the store.',
  ],
  E_FILE_SEARCH: ["The stack's file_search does not do what a search does.", 'Check the tool and its store.'],
  E_UI: ['The user interface does not work.', 'Read its log; check its LLAMA_STACK_ENDPOINT.'],
  // the run
  E_CANCELLED: ['The job was cancelled.', 'Nothing; the post step cleans up.'],
  E_TIMEOUT: [
    'A stage or the run passed its deadline.',
    'Look at what it waited for; raise `timeout` if it only needs longer.',
  ],
  E_UNEXPECTED: ['Something that nobody classified.', 'Run again with debug logging and open an issue.'],
} as const satisfies Record<string, readonly [means: string, todo: string]>;

export type ErrorCode = keyof typeof ERROR_CODES;
