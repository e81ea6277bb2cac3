import { describe, expect, it } from 'vitest';
import { operatorOf } from '../../src/deploy/operators.js';
import { KUBERNETES, planStubs, type MissingKind, type StubWish } from '../../src/deploy/stubs.js';
import type { RunError } from '../../src/errors.js';
import { kube } from '../helpers/kube.js';

const definition = (group: string, kind: string) =>
  kube('CustomResourceDefinition', `x.${group}`, { spec: { group, names: { kind } } }, 'apiextensions.k8s.io/v1');
const route = (name: string) => kube('Route', name, {}, 'route.openshift.io/v1');

describe('a kind that is nothing without its operator', () => {
  it.each([
    ['llamastack.io', 'LlamaStackDistribution', 'the Llama Stack operator'],
    ['postgresql.cnpg.io', 'Cluster', 'CloudNativePG'],
    ['elasticsearch.k8s.elastic.co', 'Elasticsearch', 'ECK'],
    ['kibana.k8s.elastic.co', 'Kibana', 'ECK'],
    ['k8s.keycloak.org', 'KeycloakRealmImport', 'the Keycloak operator'],
    ['apps.nvidia.com', 'NIMService', 'the NIM operator'],
    ['toolhive.stacklok.dev', 'MCPServer', 'ToolHive'],
    ['kagent.dev', 'Agent', 'the definitions of kagent (its chart kagent-crds)'],
    ['acid.zalan.do', 'postgresql', 'the Zalando Postgres operator'],
    ['kafka.strimzi.io', 'Kafka', 'Strimzi'],
    ['argoproj.io', 'Rollout', 'Argo Rollouts'],
    ['argoproj.io', 'Workflow', 'Argo Workflows'],
    ['apps.openshift.io', 'DeploymentConfig', 'OpenShift'],
  ])('is %s %s, of %s', (group, kind, name) => {
    const operator = operatorOf(group, kind);
    expect(operator?.name).toBe(name);
    expect(operator?.url).toMatch(/^https:\/\/\S+$/);
  });

  it.each([
    ['serving.kserve.io', 'InferenceService', 'the model service stands in for it'],
    ['serving.kserve.io', 'ServingRuntime', 'the same'],
    ['datasciencepipelinesapplications.opendatahub.io', 'DataSciencePipelinesApplication', 'pipelines, not the stack'],
    ['kubeflow.org', 'Notebook', 'for people'],
    ['route.openshift.io', 'Route', 'a way in'],
    ['gateway.networking.k8s.io', 'HTTPRoute', 'a way in'],
    ['networking.istio.io', 'VirtualService', 'a way in'],
    ['monitoring.coreos.com', 'ServiceMonitor', 'looks on'],
    ['external-secrets.io', 'ExternalSecret', 'the Secret may come from elsewhere'],
    ['cert-manager.io', 'Certificate', 'the same'],
    ['kafka.strimzi.io', 'KafkaTopic', 'no pods'],
    ['argoproj.io', 'WorkflowTemplate', 'no pods'],
    ['k8s.elastic.co', 'Elasticsearch', 'another group'],
    ['badk8s.elastic.co', 'Elasticsearch', 'another group'],
    ['postgresql.cnpg.io.example.com', 'Cluster', 'another group'],
  ])('is not %s %s: %s', (group, kind) => {
    expect(operatorOf(group, kind)).toBeUndefined();
  });
});

describe('the plan of stubs', () => {
  const monitor = kube('ServiceMonitor', 'm', {}, 'monitoring.coreos.com/v1');
  const kserve = kube('InferenceService', 'llm', {}, 'serving.kserve.io/v1beta1');
  const stack = kube('LlamaStackDistribution', 'rag-stack', {}, 'llamastack.io/v1alpha1');
  const plan = (wish: StubWish, ...objects: Parameters<typeof planStubs>[0]) => planStubs(objects, KUBERNETES, wish);
  const kinds = (planned: MissingKind[]) => planned.map(({ kind }) => kind);
  const refusal = (wish: StubWish, ...objects: Parameters<typeof planStubs>[0]) => {
    try {
      plan(wish, ...objects);
    } catch (error) {
      return error as RunError;
    }
    throw new Error('nothing was refused');
  };

  it('is all that is missing', () => {
    expect(kinds(plan('auto', monitor, kserve, kube('Service', 's')))).toEqual(['ServiceMonitor', 'InferenceService']);
  });

  it.each([['auto'], ['none'], [['routes.route.openshift.io']]] as [StubWish][])(
    'is empty where nothing is missing, with %s',
    (wish) => {
      expect(plan(wish, kube('Service', 's'))).toEqual([]);
    },
  );

  it.each([
    'Route',
    'route',
    'route.route.openshift.io',
    'routes.route.openshift.io',
    'Routes.Route.OpenShift.io',
    ' route ',
  ])('takes %s in a list for Route.route.openshift.io', (entry) => {
    expect(kinds(plan([entry], route('r')))).toEqual(['Route']);
  });

  it.each(['Routes', 'routes.openshift.io', 'route.route', 'xroute'])('does not take %s for it', (entry) => {
    expect(refusal([entry], route('r')).code).toBe('E_OPERATOR');
  });

  it('does not mind an entry of the list that nothing needs', () => {
    expect(kinds(plan(['Widget', 'Route'], route('r')))).toEqual(['Route']);
  });

  it('ends a run that wants no stubs and needs some, with the names of the objects', () => {
    const { code, hop, message, fix } = refusal('none', route('ui'), route('api'));
    expect([code, hop]).toEqual(['E_OPERATOR', 'chart']);
    expect(message).toContain('Route.route.openshift.io (ui, api), and stub-crds is none');
    expect(fix).toContain('set stub-crds to auto or name it there');
  });

  it('ends a run whose list leaves one out', () => {
    const { message, fix } = refusal(['Route'], route('r'), monitor);
    expect(message).toContain('ServiceMonitor.monitoring.coreos.com (m), which stub-crds does not name');
    expect(message).not.toContain('Route.route');
    expect(fix).toContain('name it in stub-crds');
  });

  it.each([['auto'], ['none'], [['LlamaStackDistribution']]] as [StubWish][])(
    'never has a kind that is nothing without its operator, with %s',
    (wish) => {
      const { code, message, fix } = refusal(wish, stack);
      expect(code).toBe('E_OPERATOR');
      expect(message).toContain(
        'LlamaStackDistribution.llamastack.io (rag-stack), which is nothing without the Llama Stack operator',
      );
      expect(fix).toBe(
        'Install the Llama Stack operator by pre-install-manifests (https://github.com/llamastack/llama-stack-k8s-operator), or switch LlamaStackDistribution off in the values.',
      );
    },
  );

  it('has nothing to say of an operator whose kinds are served, or brought', () => {
    expect(planStubs([stack], () => true, 'none')).toEqual([]);
    expect(plan('none', stack, definition('llamastack.io', 'LlamaStackDistribution'))).toEqual([]);
  });

  it('says what to do where an operator is no way', () => {
    const { fix } = refusal('auto', kube('DeploymentConfig', 'd', {}, 'apps.openshift.io/v1'));
    expect(fix).toBe('For DeploymentConfig, have the chart render a Deployment; or switch it off in the values.');
  });

  it('names all that is refused at once, and of many objects some', () => {
    const many = Array.from({ length: 7 }, (_, index) => route(`r${index}`));
    const { message } = refusal(['ServiceMonitor'], stack, monitor, ...many);
    expect(message).toContain('LlamaStackDistribution');
    expect(message).toContain('(r0, r1, r2, r3, r4, 2 more)');
  });
});
