import type { KubeObject } from '../../src/deploy/objects.js';

type Body = Record<string, unknown>;

/** An object with the members that the code under test asks for. */
export function kube(kind: string, name: string, body: Body = {}, apiVersion = 'v1'): KubeObject {
  const metadata = { name, ...(body['metadata'] as Body | undefined) };
  return { apiVersion, kind, name, body: { apiVersion, kind, ...body, metadata } };
}

/** A workload whose pods have the given labels and containers. */
export function workload(
  kind: string,
  name: string,
  { labels = {}, pod = {}, spec = {}, metadata = {} }: { labels?: Body; pod?: Body; spec?: Body; metadata?: Body } = {},
): KubeObject {
  const template = { metadata: { labels }, spec: pod };
  return kube(kind, name, { metadata, spec: { ...spec, template } }, 'apps/v1');
}

export function container(name: string, image: string, more: Body = {}): Body {
  return { name, image, ...more };
}

export function service(name: string, port: number, selector: Body, targetPort?: unknown): KubeObject {
  return kube('Service', name, {
    spec: { selector, ports: [{ port, ...(targetPort !== undefined && { targetPort }) }] },
  });
}

/** A pod as the API server reports it. */
export function pod(name: string, status: Body, metadata: Body = {}): KubeObject {
  return kube('Pod', name, { status, metadata });
}

/** A running pod with one container in the given state. */
export function podWith(containerStatus: Body, labels: Body = {}): KubeObject {
  const status = { phase: 'Running', containerStatuses: [{ name: 'main', restartCount: 0, ...containerStatus }] };
  return pod('app-0', status, { labels });
}

/** A warning about an object, and about one container of it where that is meant. */
export function event(
  { kind, name }: Pick<KubeObject, 'kind' | 'name'>,
  reason: string,
  message: string,
  container?: string,
): KubeObject {
  const fieldPath = container === undefined ? {} : { fieldPath: `spec.containers{${container}}` };
  return kube('Event', `${name}.${reason}`, { involvedObject: { kind, name, ...fieldPath }, reason, message });
}

export function waitingFor(reason: string, message = ''): Body {
  return { waiting: { reason, message } };
}

/** A Deployment that is, or is not yet, available. */
export function deployment(name: string, available: boolean): KubeObject {
  const replicas = available ? 1 : 0;
  return kube(
    'Deployment',
    name,
    {
      metadata: { generation: 1 },
      spec: { replicas: 1 },
      status: { observedGeneration: 1, updatedReplicas: replicas, availableReplicas: replicas },
    },
    'apps/v1',
  );
}
