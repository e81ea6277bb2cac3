import { pause } from '../pause.js';
import type { Kubectl } from './kubectl.js';
import { servicesOf, type ServicePort } from './objects.js';

/** ms between two looks for a Service that others make. */
const LOOK_MS = 1000;

/** A Service as the cluster has it, once somebody has made it. */
export async function awaitService(wanted: ServicePort, kubectl: Kubectl, signal: AbortSignal): Promise<ServicePort> {
  if (wanted.selector !== undefined) return wanted;
  for (;;) {
    const found = servicesOf(await kubectl.get('services')).find(
      ({ service, port }) => service === wanted.service && port === wanted.port,
    );
    if (found) return found;
    await pause(LOOK_MS, signal);
  }
}

/**
 * A NodePort Service of our own beside the chart's. The chart's is never patched: Helm's server-side apply would
 * conflict at the next upgrade. Pods are reached before they are ready, so that a stack that already answers need not
 * wait for its probe's next turn.
 */
export function nodePortService(
  { service, selector, port, targetPort }: ServicePort,
  role: 'api' | 'ui',
  nodePort: number,
  namespace: string,
): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      namespace,
      // both may be of one Service
      name: `${service}-${role}-maas-e2e`.slice(-63).replace(/^-+/, ''),
      labels: { 'app.kubernetes.io/managed-by': 'maas-e2e-action' },
    },
    spec: {
      type: 'NodePort',
      publishNotReadyAddresses: true,
      selector,
      ports: [{ name: 'maas-e2e', port, targetPort, nodePort }],
    },
  };
}
