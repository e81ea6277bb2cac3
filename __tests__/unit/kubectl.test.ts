import { describe, expect, it } from 'vitest';
import { createKubectl } from '../../src/deploy/kubectl.js';
import type { Command, CommandResult } from '../../src/ports.js';
import { failureOf } from '../helpers/failures.js';
import { fakeCommands } from '../helpers/memory.js';

const OBJECT = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's', namespace: 'rag' } };
const REFUSED = 'The connection to the server 127.0.0.1:41 was refused - did you specify the right host or port?';

/** kubectl of which the calls end one after the other as given; then each is a silent success. */
function bench(...results: Partial<CommandResult>[]) {
  const commands = fakeCommands(() => results.shift() ?? {});
  return { ran: commands.ran, kubectl: createKubectl('/c/kubectl', '/t/kubeconfig', 'rag', commands) };
}
const failing = (stderr: string): Partial<CommandResult> => ({ code: 1, stderr: `${stderr}\n` });

describe('applying objects', () => {
  const command: Command = {
    program: '/c/kubectl',
    args: ['--kubeconfig', '/t/kubeconfig', 'apply', '--server-side', '--field-manager=maas-e2e-action', '-f', '-'],
    env: { KUBECACHEDIR: '/t/kubeconfig-cache' },
    input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [OBJECT] }),
    timeoutMs: 60_000,
  };

  it('hands them over on standard input, at once; none are not handed over', async () => {
    const { kubectl, ran } = bench();
    await kubectl.apply([OBJECT]);
    await kubectl.apply([]);
    expect(ran).toEqual([command]);
  });

  it.each([
    REFUSED,
    'error: read tcp 127.0.0.1:4->127.0.0.1:41: read: connection reset by peer',
    'error: Post "https://127.0.0.1:41/api": EOF',
    'error: net/http: TLS handshake timeout',
    'Error from server: etcdserver: leader changed',
    'error: dial tcp 127.0.0.1:41: i/o timed out',
  ])('is tried once more where the API server was away: %s', async (stderr) => {
    const { kubectl, ran } = bench(failing(stderr));
    await kubectl.apply([OBJECT]);
    expect(ran).toEqual([command, command]);
  });

  it('is not tried a third time', async () => {
    const { kubectl, ran } = bench(failing('error: EOF'), failing(REFUSED));
    expect(await failureOf(() => kubectl.apply([OBJECT]))).toMatchObject({
      code: 'E_CLUSTER',
      hop: 'cluster',
      message: `kubectl apply failed: ${REFUSED}`,
    });
    expect(ran).toHaveLength(2);
  });

  it.each(['Error from server (Forbidden): services is forbidden', 'error: the server could not find the resource'])(
    'is not tried again where the API server says no: %s',
    async (stderr) => {
      const { kubectl, ran } = bench(failing(stderr));
      expect((await failureOf(() => kubectl.apply([OBJECT]))).message).toBe(`kubectl apply failed: ${stderr}`);
      expect(ran).toHaveLength(1);
    },
  );
});

describe('asking the cluster', () => {
  it('reads the objects of a list, in our namespace', async () => {
    const { kubectl, ran } = bench({ stdout: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [OBJECT] }) });
    expect(await kubectl.get('services')).toEqual([{ apiVersion: 'v1', kind: 'Service', name: 's', body: OBJECT }]);
    expect(ran[0]?.args.slice(2)).toEqual(['get', 'services', '--namespace', 'rag', '-o', 'json']);
  });

  it('is made once, and fails with the last line that kubectl says', async () => {
    const { kubectl, ran } = bench(failing(`E0101 memcache.go: x\n${REFUSED}`));
    expect((await failureOf(() => kubectl.get('pods'))).message).toBe(`kubectl get failed: ${REFUSED}`);
    expect(ran).toHaveLength(1);
  });

  it('is about our namespace, or about none', async () => {
    const { kubectl, ran } = bench({ stdout: 'one' }, { stdout: 'two' });
    expect([await kubectl.text('wait', 'crd'), await kubectl.clusterText('config', 'view')]).toEqual(['one', 'two']);
    expect(ran.map(({ args }) => args.slice(2).join(' '))).toEqual(['wait crd --namespace rag', 'config view']);
  });

  it('fails after 60 s', async () => {
    const { kubectl } = bench({ code: 128, timedOut: true });
    expect((await failureOf(() => kubectl.text('logs', 'web-0'))).message).toBe(
      'kubectl logs failed: no answer in 60 s',
    );
  });
});
