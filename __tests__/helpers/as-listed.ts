import { toObjects, type KubeObject } from '../../src/deploy/objects.js';
import { EventLog } from '../../src/deploy/rollout/events.js';
import { findTroubles } from '../../src/deploy/rollout/rules.js';
import type { Trouble } from '../../src/deploy/rollout/trouble.js';

export type Body = Record<string, unknown>;

export const LABELS = { 'app.kubernetes.io/name': 'web', 'app.kubernetes.io/instance': 'rag' };
export const at = (second: number): string =>
  new Date(Date.UTC(2026, 2, 4, 10, 0, second)).toISOString().replace('.000', '');

/** What `kubectl get … -o json` gives, as the rules read it. */
export function read(...items: Body[]): KubeObject[] {
  return toObjects({ apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' }, items });
}
/** What the rules find among them. */
export function troubles(...items: Body[]): Trouble[] {
  const objects = read(...items);
  return findTroubles(objects, new EventLog(objects));
}

/** An event as the kubelet and the controllers write it. */
export function event(
  kind: string,
  name: string,
  reason: string,
  message: string,
  more: Body = {},
  fieldPath?: string,
): Body {
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name}.18a9b2c3d4e5f6a7`, namespace: 'rag', creationTimestamp: at(0) },
    involvedObject: { apiVersion: 'v1', kind, name, namespace: 'rag', uid: 'u', ...(fieldPath && { fieldPath }) },
    reason,
    message,
    type: 'Warning',
    count: 1,
    eventTime: null,
    firstTimestamp: at(0),
    lastTimestamp: at(0),
    reportingComponent: 'kubelet',
    reportingInstance: 'maas-e2e-control-plane',
    source: { component: 'kubelet', host: 'maas-e2e-control-plane' },
    ...more,
  };
}

export function pod(name: string, status: Body, spec: Body = {}): Body {
  const metadata = { name, namespace: 'rag', labels: LABELS, uid: 'u', creationTimestamp: at(0) };
  const containers = [{ name: 'web', image: 'web:1', readinessProbe: { httpGet: { path: '/health', port: 8321 } } }];
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers, ...spec }, status };
}

/** A pod with one container, in the given state. */
export function podIn(state: Body, more: Body = {}): Body {
  const status = { name: 'web', image: 'web:1', ready: false, started: false, restartCount: 0, lastState: {}, state };
  const phase = 'running' in state ? 'Running' : 'Pending';
  return pod('web-0', { phase, qosClass: 'BestEffort', containerStatuses: [{ ...status, ...more }] });
}
export const CREATING = { waiting: { reason: 'ContainerCreating' } };
export const RUNNING = { running: { startedAt: at(1) } };

export function workload(kind: string, name: string, status: Body): Body {
  const template = { metadata: { labels: LABELS }, spec: { containers: [{ name: 'web', image: 'web:1' }] } };
  const apiVersion = kind === 'Job' ? 'batch/v1' : 'apps/v1';
  return { apiVersion, kind, metadata: { name, namespace: 'rag', generation: 1 }, spec: { template }, status };
}
