import { describe, expect, it, vi } from 'vitest';
import { awaitService, nodePortService } from '../../src/deploy/access.js';
import { useClock } from '../helpers/clock.js';
import { service } from '../helpers/kube.js';
import { fakeKubectl } from '../helpers/memory.js';

vi.mock('node:timers/promises', async () => (await import('../helpers/clock.js')).instantPauses);
useClock();

const PORT = { service: 'rag', namespace: '', selector: { app: 'ui' }, port: 8501, targetPort: 'http' };

function nameFor(service: string, role: 'api' | 'ui' = 'ui'): string {
  return (nodePortService({ ...PORT, service }, role, 30083, 'ns') as { metadata: { name: string } }).metadata.name;
}

describe('our own Service beside that of the chart', () => {
  it('leads from the node port to the same pods, ready or not', () => {
    expect(nodePortService(PORT, 'ui', 30083, 'rag-e2e')).toEqual({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        namespace: 'rag-e2e',
        name: 'rag-ui-maas-e2e',
        labels: { 'app.kubernetes.io/managed-by': 'maas-e2e-action' },
      },
      spec: {
        type: 'NodePort',
        publishNotReadyAddresses: true,
        selector: { app: 'ui' },
        ports: [{ name: 'maas-e2e', port: 8501, targetPort: 'http', nodePort: 30083 }],
      },
    });
  });

  it.each(['s', 'a-b', 'x'.repeat(63), `${'x'.repeat(8)}-${'y'.repeat(54)}`, `aaaaaaaaa-----${'y'.repeat(49)}`])(
    'has a name that Kubernetes takes, and never that of the chart: %s',
    (service) => {
      const name = nameFor(service);
      expect(name).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
      expect(name).toMatch(/-maas-e2e$/);
      expect(name).not.toBe(service);
    },
  );

  it('has another name for the API than for the user interface: both may be of one Service', () => {
    expect(nameFor('rag', 'api')).not.toBe(nameFor('rag', 'ui'));
    expect(nameFor('x'.repeat(63), 'api')).not.toBe(nameFor('x'.repeat(63), 'ui'));
  });
});

describe('a Service that others make', () => {
  const { signal } = new AbortController();
  const wanted = { service: 'made', namespace: '', selector: undefined, port: 80, targetPort: 80 };

  it('is waited for, and is as it was made', async () => {
    const other = service('other', 80, { app: 'x' });
    const kubectl = fakeKubectl([
      [],
      [other],
      [service('made', 81, { app: 'x' })],
      [service('made', 80, { app: 'y' }, 'http')],
    ]);
    expect(await awaitService(wanted, kubectl, signal)).toEqual({
      service: 'made',
      namespace: '',
      selector: { app: 'y' },
      port: 80,
      targetPort: 'http',
    });
    expect(Date.now()).toBe(3000); // a second between two looks
  });

  it('is not asked for where the chart makes it', async () => {
    const known = { ...wanted, selector: { app: 'x' } };
    expect(await awaitService(known, fakeKubectl([]), signal)).toBe(known);
  });
});
