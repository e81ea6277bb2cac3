/** What makes the pods behind a custom resource. */
export interface Operator {
  name: string;
  /** Where its installation is described. */
  url: string;
  /** What to do where it can not be installed on Kind. */
  instead?: string;
}

/** One row: the group, or `*.` and the end of several; the kinds, or undefined for all of the group; whose they are. */
type Row = [group: string, kinds: string[] | undefined, name: string, url: string, instead?: string];

/**
 * Kinds that are not to be stubbed: their controller makes pods which the application consists of, or needs. With a stub
 * they would be missing without a word, and the checks would be of something else. Not here: what only leads to an
 * application or watches it (Routes, Gateways, ServiceMonitors, collectors), and serving of models (KServe), whose place
 * the model service takes.
 */
const ROWS: Row[] = [
  // the stack, agents and what they call
  ['llamastack.io', undefined, 'the Llama Stack operator', 'https://github.com/llamastack/llama-stack-k8s-operator'],
  ['toolhive.stacklok.dev', undefined, 'ToolHive', 'https://docs.stacklok.com/toolhive/guides-k8s/deploy-operator'],
  [
    'kagent.dev',
    undefined,
    'the definitions of kagent (its chart kagent-crds)',
    'https://kagent.dev/docs/kagent/introduction/installation',
  ],
  ['agent.kagenti.dev', undefined, 'kagenti', 'https://github.com/kagenti/kagenti-operator'],
  ['apps.nvidia.com', undefined, 'the NIM operator', 'https://docs.nvidia.com/nim-operator/latest/install.html'],
  [
    'trustyai.opendatahub.io',
    ['GuardrailsOrchestrator', 'TrustyAIService', 'LMEvalJob'],
    'TrustyAI',
    'https://github.com/trustyai-explainability/trustyai-service-operator',
  ],
  [
    'feast.dev',
    ['FeatureStore'],
    'the Feast operator',
    'https://docs.feast.dev/how-to-guides/running-feast-in-production',
  ],
  // vector stores and search
  ['milvus.io', ['Milvus', 'MilvusCluster'], 'the Milvus operator', 'https://github.com/zilliztech/milvus-operator'],
  ['qdrant.io', ['QdrantCluster'], 'the Qdrant operator', 'https://qdrant.tech/documentation/private-cloud/'],
  ['qdrantoperator.io', ['QdrantCluster'], 'the Qdrant operator', 'https://github.com/qdrant-operator/qdrant-operator'],
  ['*.k8s.elastic.co', undefined, 'ECK', 'https://www.elastic.co/docs/deploy-manage/deploy/cloud-on-k8s'],
  [
    'opensearch.opster.io',
    ['OpenSearchCluster'],
    'the OpenSearch operator',
    'https://github.com/opensearch-project/opensearch-k8s-operator',
  ],
  [
    'opensearch.org',
    ['OpenSearchCluster'],
    'the OpenSearch operator',
    'https://github.com/opensearch-project/opensearch-k8s-operator',
  ],
  ['solr.apache.org', ['SolrCloud'], 'the Solr operator', 'https://solr.apache.org/operator/'],
  // databases
  [
    'postgresql.cnpg.io',
    ['Cluster', 'Pooler'],
    'CloudNativePG',
    'https://cloudnative-pg.io/documentation/current/installation_upgrade/',
  ],
  [
    'postgres-operator.crunchydata.com',
    ['PostgresCluster', 'PGAdmin'],
    'the Crunchy Postgres operator',
    'https://access.crunchydata.com/documentation/postgres-operator/latest/installation',
  ],
  ['acid.zalan.do', ['postgresql'], 'the Zalando Postgres operator', 'https://github.com/zalando/postgres-operator'],
  ['mongodbcommunity.mongodb.com', undefined, 'the MongoDB operator', 'https://github.com/mongodb/mongodb-kubernetes'],
  ['mongodb.com', undefined, 'the MongoDB operator', 'https://github.com/mongodb/mongodb-kubernetes'],
  ['*.percona.com', undefined, 'the Percona operator', 'https://docs.percona.com/percona-operators/'],
  [
    'mysql.oracle.com',
    ['InnoDBCluster'],
    'the MySQL operator',
    'https://dev.mysql.com/doc/mysql-operator/en/mysql-operator-installation.html',
  ],
  [
    'k8s.mariadb.com',
    ['MariaDB', 'MaxScale'],
    'the MariaDB operator',
    'https://github.com/mariadb-operator/mariadb-operator',
  ],
  ['clickhouse.altinity.com', undefined, 'the Altinity operator', 'https://github.com/Altinity/clickhouse-operator'],
  [
    'clickhouse-keeper.altinity.com',
    undefined,
    'the Altinity operator',
    'https://github.com/Altinity/clickhouse-operator',
  ],
  ['clickhouse.com', undefined, 'the ClickHouse operator', 'https://github.com/ClickHouse/clickhouse-operator'],
  ['cassandra.datastax.com', ['CassandraDatacenter'], 'cass-operator', 'https://docs.k8ssandra.io/install/'],
  ['k8ssandra.io', ['K8ssandraCluster'], 'K8ssandra', 'https://docs.k8ssandra.io/install/'],
  // caches, queues and objects
  [
    'redis.redis.opstreelabs.in',
    undefined,
    'the Redis operator',
    'https://redis-operator.opstree.dev/docs/installation/installation/',
  ],
  ['databases.spotahome.com', ['RedisFailover'], 'the Redis operator', 'https://github.com/spotahome/redis-operator'],
  ['app.redislabs.com', undefined, 'the Redis Enterprise operator', 'https://redis.io/docs/latest/operate/kubernetes/'],
  [
    'dragonflydb.io',
    ['Dragonfly'],
    'the Dragonfly operator',
    'https://www.dragonflydb.io/docs/getting-started/kubernetes',
  ],
  [
    'kafka.strimzi.io',
    ['Kafka', 'KafkaNodePool', 'KafkaConnect', 'KafkaBridge', 'KafkaMirrorMaker', 'KafkaMirrorMaker2'],
    'Strimzi',
    'https://strimzi.io/docs/operators/latest/deploying',
  ],
  [
    'rabbitmq.com',
    ['RabbitmqCluster'],
    'the RabbitMQ cluster operator',
    'https://www.rabbitmq.com/kubernetes/operator/install-operator',
  ],
  ['minio.min.io', ['Tenant'], 'the MinIO operator', 'https://github.com/minio/operator'],
  // logins and automation
  ['k8s.keycloak.org', undefined, 'the Keycloak operator', 'https://www.keycloak.org/operator/installation'],
  ['*.ansible.com', undefined, 'the Ansible platform operators', 'https://github.com/ansible/awx-operator'],
  // other ways to say Deployment or Job
  [
    'apps.openshift.io',
    ['DeploymentConfig'],
    'OpenShift',
    'https://docs.redhat.com/en/documentation/openshift_container_platform/4.19/html/building_applications/deployments',
    'have the chart render a Deployment',
  ],
  ['serving.knative.dev', undefined, 'Knative Serving', 'https://knative.dev/docs/install/'],
  ['argoproj.io', ['Rollout'], 'Argo Rollouts', 'https://argo-rollouts.readthedocs.io/en/stable/installation/'],
  ['argoproj.io', ['Workflow'], 'Argo Workflows', 'https://argo-workflows.readthedocs.io/en/latest/installation/'],
  [
    'argoproj.io',
    ['Application', 'ApplicationSet'],
    'Argo CD',
    'https://argo-cd.readthedocs.io/en/stable/operator-manual/installation/',
    'name the chart that the Application names as the input chart',
  ],
  ['helm.toolkit.fluxcd.io', ['HelmRelease'], 'Flux', 'https://fluxcd.io/flux/installation/'],
  ['kustomize.toolkit.fluxcd.io', ['Kustomization'], 'Flux', 'https://fluxcd.io/flux/installation/'],
  ['tekton.dev', ['PipelineRun', 'TaskRun'], 'Tekton Pipelines', 'https://tekton.dev/docs/installation/pipelines/'],
  [
    'ray.io',
    ['RayCluster', 'RayService', 'RayJob'],
    'KubeRay',
    'https://docs.ray.io/en/latest/cluster/kubernetes/getting-started.html',
  ],
  ['leaderworkerset.x-k8s.io', ['LeaderWorkerSet'], 'LeaderWorkerSet', 'https://lws.sigs.k8s.io/docs/installation/'],
  ['jobset.x-k8s.io', ['JobSet'], 'JobSet', 'https://jobset.sigs.k8s.io/docs/installation/'],
  ['apps.kruise.io', undefined, 'OpenKruise', 'https://openkruise.io/docs/installation'],
  ['sparkoperator.k8s.io', undefined, 'the Spark operator', 'https://www.kubeflow.org/docs/components/spark-operator/'],
  [
    'flink.apache.org',
    undefined,
    'the Flink operator',
    'https://nightlies.apache.org/flink/flink-kubernetes-operator-docs-stable/',
  ],
];

/** The operator without which an object of this kind is nothing; undefined where a stub will do. */
export function operatorOf(group: string, kind: string): Operator | undefined {
  const row = ROWS.find(([of, kinds]) => isOf(group, of) && (kinds === undefined || kinds.includes(kind)));
  if (!row) return undefined;
  const [, , name, url, instead] = row;
  return { name, url, ...(instead !== undefined && { instead }) };
}

function isOf(group: string, pattern: string): boolean {
  return pattern.startsWith('*.') ? group.endsWith(pattern.slice(1)) : group === pattern;
}
