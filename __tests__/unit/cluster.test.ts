import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { CommandResult } from '../../src/ports.js';
import {
  checkDocker,
  checkNameIsFree,
  createCluster,
  hostPort,
  kindConfig,
  MARKER_MOUNT,
  NODE_PORTS,
  nodeName,
  type ClusterPlan,
} from '../../src/provision/cluster.js';
import { failureOf } from '../helpers/failures.js';
import { fakeCommands } from '../helpers/memory.js';

const PLAN: ClusterPlan = { name: 'c-1', nodeImage: undefined, kubeconfig: '/t/kubeconfig', marker: "/t/it's: mine" };

describe("kind's configuration", () => {
  const config = parse(kindConfig(PLAN)) as { kind: string; apiVersion: string; nodes: Record<string, unknown>[] };

  it('is one node that carries our marker, read-only', () => {
    expect(config).toMatchObject({ kind: 'Cluster', apiVersion: 'kind.x-k8s.io/v1alpha4' });
    expect(config.nodes).toHaveLength(1);
    expect(config.nodes[0]).toMatchObject({
      role: 'control-plane',
      extraMounts: [{ hostPath: "/t/it's: mine", containerPath: MARKER_MOUNT, readOnly: true }],
    });
  });

  it('publishes both node ports on the loopback alone, at ports that docker chooses', () => {
    const mapping = { hostPort: 0, listenAddress: '127.0.0.1', protocol: 'TCP' };
    expect(config.nodes[0]?.['extraPortMappings']).toEqual([
      { containerPort: NODE_PORTS.stack, ...mapping },
      { containerPort: NODE_PORTS.ui, ...mapping },
    ]);
    expect(NODE_PORTS.stack).not.toBe(NODE_PORTS.ui);
  });
});

describe('docker', () => {
  it('gives its version', async () => {
    const commands = fakeCommands(() => ({ stdout: '28.1.1\n' }));
    expect(await checkDocker(commands)).toBe('28.1.1');
    expect(commands.ran[0]).toMatchObject({ program: 'docker', timeoutMs: 8000 });
  });

  it.each<[string, Partial<CommandResult>, string]>([
    ['is not installed', { code: 127, stderr: 'spawn docker ENOENT' }, 'there is no docker command'],
    ['hangs', { code: 128, timedOut: true }, 'it did not answer in 8 s'],
    ['may not be used', { code: 1, stderr: 'permission denied\nSee docs' }, 'permission denied'],
    ['has no server behind it', { code: 0, stdout: ' \n' }, ''],
    ['gives a version and an error', { code: 1, stdout: '28.1.1', stderr: 'error during connect' }, 'error during'],
  ])('that %s is a failure that says so', async (_, result, said) => {
    const failure = await failureOf(() => checkDocker(fakeCommands(() => result)));
    expect(failure.hop).toBe('docker');
    expect(failure.message).toContain(`docker is not running or may not be used: ${said}`);
    expect(failure.message).not.toContain('See docs');
    expect(failure.fix).toContain('start the engine');
  });
});

describe('the name of the cluster', () => {
  it('is free where no container has its label', async () => {
    const commands = fakeCommands(() => ({ stdout: '\n' }));
    await checkNameIsFree('c-1', commands);
    expect(commands.ran[0]?.args).toContain('label=io.x-k8s.kind.cluster=c-1');
    expect(commands.ran[0]?.args).toContain('-a');
  });

  it('is refused where there is a cluster: it may be somebody else’s', async () => {
    const failure = await failureOf(() =>
      checkNameIsFree(
        'c-1',
        fakeCommands(() => ({ stdout: '0a1b2c\n' })),
      ),
    );
    expect(failure.hop).toBe('cluster');
    expect(failure.message).toBe('a Kind cluster named c-1 exists already');
    expect(failure.fix).toContain('kind delete cluster --name c-1');
  });
});

describe('creating the cluster', () => {
  const create = (stderr: string, code = 1) =>
    createCluster(
      '/bin/kind',
      PLAN,
      fakeCommands(() => ({ code, stderr })),
      () => undefined,
    );

  it.each([
    [undefined, []],
    ['kindest/node:v1.36.1', ['--image', 'kindest/node:v1.36.1']],
  ])('calls kind with configuration and kubeconfig of our own; node image %s', async (nodeImage, image) => {
    const commands = fakeCommands();
    const lines: string[] = [];
    await createCluster('/bin/kind', { ...PLAN, nodeImage }, commands, (line) => lines.push(line));
    const [{ program, args, input, onLine } = expect.fail('nothing ran')] = commands.ran;
    expect([program, input]).toEqual(['/bin/kind', kindConfig(PLAN)]);
    expect(args.join(' ')).toContain('create cluster --name c-1 --kubeconfig /t/kubeconfig --config -');
    expect(args.slice(-2)).toEqual(image.length ? image : ['-', '--retain']);
    onLine?.('Preparing nodes');
    expect(lines).toEqual(['Preparing nodes']);
  });

  it.each([
    ['a pull limit', 'ERROR: failed to pull: toomanyrequests: slow down', /registry limits pulls/],
    ['a full disk', 'ERROR: write: no space left on device', /Free disk space/],
    ['a missing image', 'ERROR: failed to pull image "x": manifest unknown', /Check node-image/],
    ['anything else', 'ERROR: failed to init node with kubeadm', /lines of kind below/],
  ])('names kind’s error and what to do about %s', async (_, stderr, fix) => {
    const failure = await failureOf(() => create(`Creating cluster\n${stderr}\nStack Trace: x\n`));
    expect(failure.hop).toBe('cluster');
    expect(failure.message).toBe(`kind could not create the cluster: ${stderr.replace('ERROR: ', '')}`);
    expect(failure.fix).toMatch(fix);
  });

  it('shows its last 15 lines, and takes the last one where none is marked', async () => {
    const lines = Array.from({ length: 20 }, (_, index) => `line ${index}`);
    const failure = await failureOf(() => create(lines.join('\n')));
    expect(failure.message).toMatch(/: line 19$/);
    expect(failure.evidence).toEqual(lines.slice(5));
  });
});

describe('the port on the runner', () => {
  it.each([
    ['127.0.0.1:32768\n', 32768],
    ['0.0.0.0:31000\n[::]:31001\n', 31000],
    ['[::1]:40000', 40000],
  ])('is read from %j', async (stdout, port) => {
    const commands = fakeCommands(() => ({ stdout }));
    expect(await hostPort('c-1', 30082, commands)).toBe(port);
    expect(commands.ran[0]?.args).toEqual(['port', nodeName('c-1'), '30082/tcp']);
  });

  it.each(['', 'Error: No public port', '127.0.0.1:0\n'])('is missing in %j', async (stdout) => {
    const failure = await failureOf(() =>
      hostPort(
        'c-1',
        30082,
        fakeCommands(() => ({ stdout, code: 1 })),
      ),
    );
    expect(failure.hop).toBe('cluster');
    expect(failure.message).toContain('does not publish node port 30082 of c-1-control-plane');
  });
});
