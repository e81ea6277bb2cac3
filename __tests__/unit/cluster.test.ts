import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { ErrorCode } from '../../src/error-codes.js';
import type { CommandResult } from '../../src/ports.js';
import {
  checkDocker,
  createCluster,
  deleteCluster,
  findLeftover,
  hostPort,
  kindConfig,
  kubeVersionOf,
  MARKER_MOUNT,
  markerOf,
  NODE_PORTS,
  OWNER_FILE,
  nodeName,
  type ClusterPlan,
} from '../../src/provision/cluster.js';
import { failureOf } from '../helpers/failures.js';
import { fakeCommands, fakeProcesses } from '../helpers/memory.js';

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

describe('the version of Kubernetes', () => {
  it.each<[string | undefined, string | undefined]>([
    ['kindest/node:v1.34.4', '1.34.4'],
    ['kindest/node:v1.34.4@sha256:0123', '1.34.4'],
    ['mirror.example.com:5000/kindest/node:v1.9.0', '1.9.0'],
    ['kindest/node:latest', undefined],
    ['kindest/node@sha256:0123', undefined],
    ['kindest/node:v1.34', undefined],
    [undefined, undefined],
  ])('of %s is %s', (image, version) => {
    expect(kubeVersionOf(image)).toBe(version);
  });
});

describe('docker', () => {
  it('gives its version', async () => {
    const commands = fakeCommands(() => ({ stdout: '28.1.1\n' }));
    expect(await checkDocker(commands)).toBe('28.1.1');
    expect(commands.ran[0]).toMatchObject({ program: 'docker', timeoutMs: 7000 });
  });

  it.each<[string, Partial<CommandResult>, string]>([
    ['is not installed', { code: 127, stderr: 'spawn docker ENOENT' }, 'there is no docker command'],
    ['hangs', { code: 128, timedOut: true }, 'it did not answer in 7 s'],
    ['may not be used', { code: 1, stderr: 'permission denied\nSee docs' }, 'permission denied'],
    ['has no server behind it', { code: 0, stdout: ' \n' }, ''],
    ['gives a version and an error', { code: 1, stdout: '28.1.1', stderr: 'error during connect' }, 'error during'],
  ])('that %s is a failure that says so', async (_, result, said) => {
    const failure = await failureOf(() => checkDocker(fakeCommands(() => result)));
    expect([failure.code, failure.hop]).toEqual(['E_DOCKER', 'docker']);
    expect(failure.message).toContain(`docker is not running or may not be used: ${said}`);
    expect(failure.message).not.toContain('See docs');
    expect(failure.fix).toContain('start the engine');
  });
});

describe('the name of the cluster', () => {
  /** A machine with a cluster of that name, whose node has these mounts and tells `job`; those alive still run. */
  const machine = (binds: string[] | null, job: Partial<CommandResult> = {}, alive: string[] = []) => ({
    commands: fakeCommands(({ args: [command] }) => {
      if (command === 'exec') return job;
      return { stdout: command === 'ps' ? '0a1b2c\n' : `${JSON.stringify(binds)}\n` };
    }),
    processes: fakeProcesses(alive),
  });
  const job = (identity: string): Partial<CommandResult> => ({ stdout: `${identity}\n` });
  const OURS = ['/lib/modules:/lib/modules:ro', `/t/maas-e2e-1/owner:${MARKER_MOUNT}:ro`];

  it('is free where no container has its label', async () => {
    const commands = fakeCommands(() => ({ stdout: '\n' }));
    expect(await findLeftover('c-1', { ...machine([]), commands })).toBe(false);
    expect(commands.ran).toEqual([
      { program: 'docker', args: ['ps', '-a', '-q', '--filter', 'label=io.x-k8s.kind.cluster=c-1'] },
    ]);
  });

  it.each<[string, Partial<CommandResult>]>([
    ['has ended', job('host 17:4')],
    [
      'is not known: its folder was emptied',
      { code: 1, stderr: 'cat: /maas-e2e-owner/job: No such file or directory' },
    ],
    ['is not known: the node does not run', { code: 1, stderr: 'Error: container 0a1b2c is not running' }],
    ['is not known, whatever is said beside that', { ...job('host 17:5'), code: 1 }],
  ])('is that of a leftover where this action made it and its job %s', async (_, told) => {
    const found = machine(OURS, told, ['host 17:5']);
    expect(await findLeftover('c-1', found)).toBe(true);
    const [, inspect, cat, ...more] = found.commands.ran;
    expect(inspect?.args).toEqual([
      ...['inspect', '--type', 'container', '--format', '{{json .HostConfig.Binds}}', 'c-1-control-plane'],
    ]);
    expect(cat).toEqual({
      program: 'docker',
      args: ['exec', 'c-1-control-plane', 'cat', `${MARKER_MOUNT}/${OWNER_FILE}`],
    });
    expect([more, MARKER_MOUNT, OWNER_FILE]).toEqual([[], '/maas-e2e-owner', 'job']);
  });

  it.each<[string, Parameters<typeof machine>, string]>([
    ['somebody else made the cluster', [['/x:/var']], 'exists already, and this action did not make it'],
    ['its node has no mounts', [null], 'exists already, and this action did not make it'],
    [
      'its job still runs',
      [OURS, job('host 17:4'), ['host 17:4']],
      'exists already, and the job that made it still runs',
    ],
    [
      'nobody here can tell whether its job runs',
      [OURS, job('elsewhere 17:4'), ['host 17:4']],
      'exists already, and a job on another machine or in another container made it',
    ],
  ])('is refused where %s', async (_, given, what) => {
    const failure = await failureOf(() => findLeftover('c-1', machine(...given)));
    expect([failure.code, failure.hop]).toEqual(['E_CLUSTER_EXISTS', 'cluster']);
    expect(failure.message).toBe(`a Kind cluster named c-1 ${what}`);
    expect(failure.fix).toContain('kind delete cluster --name c-1');
  });

  it.each<[string, string[], string | undefined]>([
    ['the folder', OURS, '/t/maas-e2e-1/owner'],
    ['a folder without options', [`/t/own er:${MARKER_MOUNT}`], '/t/own er'],
    ['nothing of a longer mount', [`/t/x:${MARKER_MOUNT}-2:ro`], undefined],
    ['nothing of a folder of that name', [`${MARKER_MOUNT}:/x`], undefined],
  ])('marker of a cluster: %s', async (_, binds, marker) => {
    expect(await markerOf('c-1', machine(binds).commands)).toBe(marker);
  });
});

describe('deleting the cluster', () => {
  it('is done by kind with the kubeconfig of our own, within two minutes', async () => {
    const commands = fakeCommands();
    await deleteCluster('/bin/kind', PLAN, commands);
    const args = ['delete', 'cluster', '--name', 'c-1', '--kubeconfig', '/t/kubeconfig'];
    expect(commands.ran).toEqual([{ program: '/bin/kind', args, timeoutMs: 120_000 }]);
  });

  it('tells what kind says where it fails', async () => {
    const commands = fakeCommands(() => ({ code: 1, stderr: 'node is busy\n' }));
    const failure = await failureOf(() => deleteCluster('/bin/kind', PLAN, commands));
    expect(failure).toMatchObject({
      code: 'E_CLUSTER',
      hop: 'cluster',
      message: 'kind could not delete cluster c-1: node is busy',
      fix: 'Delete it by hand: kind delete cluster --name c-1.',
    });
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
    expect(args.slice(args.indexOf('-'))).toEqual(['-', '--retain', ...image]);
    onLine?.('Preparing nodes');
    expect(lines).toEqual(['Preparing nodes']);
  });

  it.each<[string, string, ErrorCode, RegExp]>([
    ['a pull limit', 'ERROR: failed to pull: toomanyrequests: slow down', 'E_REGISTRY_LIMIT', /registry limits pulls/],
    ['a missing image', 'ERROR: failed to pull image "x": manifest unknown', 'E_NODE_IMAGE', /Check node-image/],
    ['a private image', 'ERROR: docker run: pull access denied for x', 'E_NODE_IMAGE', /Check node-image/],
    ['anything else', 'ERROR: failed to init node: not found', 'E_CLUSTER_CREATE', /lines of kind below/],
  ])('names kind’s error and what to do about %s', async (_, stderr, code, fix) => {
    const failure = await failureOf(() => create(`Creating cluster\n${stderr}\nStack Trace: x\n`));
    expect([failure.code, failure.hop]).toEqual([code, 'cluster']);
    expect(failure.message).toBe(`kind could not create the cluster: ${stderr.replace('ERROR: ', '')}`);
    expect(failure.fix).toMatch(fix);
  });

  it('names what docker said below its error, too', async () => {
    const said = 'docker: Error response from daemon: mkdir /var/lib/docker: no space left on device.';
    const failure = await failureOf(() => create(`ERROR: failed to create cluster: exit status 125\n  ${said}\n`));
    expect(failure.code).toBe('E_DISK_FULL');
    expect(failure.message).toBe(
      'kind could not create the cluster: failed to create cluster: exit status 125: Error response from daemon: mkdir /var/lib/docker: no space left on device.',
    );
    expect(failure.fix).toContain('Free disk space');
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
    expect([failure.code, failure.hop]).toEqual(['E_CLUSTER', 'cluster']);
    expect(failure.message).toContain('does not publish node port 30082 of c-1-control-plane');
  });
});
