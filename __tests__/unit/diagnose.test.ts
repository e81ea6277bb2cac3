import { describe, expect, it } from 'vitest';
import { diagnose } from '../../src/diagnose.js';
import type { ErrorCode } from '../../src/error-codes.js';
import type { Failure, Hop } from '../../src/errors.js';
import type { Job } from '../../src/job.js';
import type { PlanFacts } from '../../src/plan.js';
import type { Command, CommandResult, Commands, Files } from '../../src/ports.js';
import { exportKindLogs } from '../../src/provision/kind-logs.js';
import { newRecord, type RunRecord } from '../../src/report/record.js';

const FOLDER = '/temp/kind-logs';

interface Disk extends Files {
  removed: string[];
}

/** Files that are read. An Error is thrown at a read. */
function disk(content: Record<string, string | Error> = {}): Disk {
  const removed: string[] = [];
  return {
    removed,
    read: (path) => {
      const found = content[path];
      return found instanceof Error ? Promise.reject(found) : Promise.resolve(found);
    },
    write: () => Promise.resolve(),
    makeDir: () => Promise.resolve(),
    removeFile: () => Promise.resolve(),
    remove: (path) => Promise.resolve(void removed.push(path)),
    list: (folder) => Promise.resolve(Object.keys(content).filter((path) => path.startsWith(`${folder}/`))),
    sha256: () => Promise.resolve(undefined),
  };
}

/** Commands that are answered by a function; what it throws, they reject with. */
function fake(answer: (command: Command) => Partial<CommandResult> = () => ({})): Commands & { ran: Command[] } {
  const ran: Command[] = [];
  const run = async (command: Command) => {
    ran.push(command);
    return await Promise.resolve({ code: 0, stdout: '', stderr: '', timedOut: false, ...answer(command) });
  };
  return { ran, run };
}
const broken = (message: string) =>
  fake(() => {
    throw new Error(message);
  });

describe('the logs that kind exports', () => {
  it('are a section a file, by its place in the folder, which is removed then', async () => {
    const files = disk({
      [`${FOLDER}/kind-version.txt`]: 'kind v0.32.0\n',
      [`${FOLDER}/e2e-control-plane/kubelet.log`]: 'one\ntwo\n',
      '/temp/kubeconfig': 'not of kind',
    });
    const commands = fake();
    expect(await exportKindLogs('/c/kind', 'e2e', FOLDER, { commands, files })).toEqual([
      {
        title: 'kind: e2e-control-plane/kubelet.log',
        file: 'kind/e2e-control-plane/kubelet.log',
        lines: ['one', 'two'],
      },
      { title: 'kind: kind-version.txt', file: 'kind/kind-version.txt', lines: ['kind v0.32.0'] },
    ]);
    const args = ['export', 'logs', FOLDER, '--name', 'e2e'];
    expect(commands.ran).toEqual([{ program: '/c/kind', args, timeoutMs: 40_000 }]);
    expect(files.removed).toEqual([FOLDER]);
  });

  it.each([
    ['fails', { code: 1, stderr: 'ERROR: unknown cluster "e2e"\n' }],
    ['takes too long', { code: 128, timedOut: true, stderr: 'ERROR: unknown cluster "e2e"\n' }],
  ])('begin with what kind says where it %s; what it wrote is taken all the same', async (_, result) => {
    const files = disk({ [`${FOLDER}/docker-info.txt`]: 'Server Version: 28' });
    const sections = await exportKindLogs('kind', 'e2e', FOLDER, { commands: fake(() => result), files });
    expect(sections.map(({ file, lines }) => [file, ...lines])).toEqual([
      ['kind/export.txt', 'ERROR: unknown cluster "e2e"'],
      ['kind/docker-info.txt', 'Server Version: 28'],
    ]);
    expect(files.removed).toEqual([FOLDER]);
  });

  it('are sixty files at the most, and the last lines of each', async () => {
    const lines = Array.from({ length: 3000 }, (_, at) => `line ${at}`);
    const names = Array.from({ length: 70 }, (_, at) => `${FOLDER}/${String(at).padStart(2, '0')}.log`);
    const files = disk(Object.fromEntries(names.map((name) => [name, lines.join('\n')])));
    const sections = await exportKindLogs('kind', 'e2e', FOLDER, { commands: fake(), files });
    expect(sections.map(({ file }) => file)).toEqual(names.slice(0, 60).map((name) => `kind/${name.slice(-6)}`));
    expect(sections[0]?.lines).toEqual(lines.slice(-2000));
  });
});

describe('what a red run finds out', () => {
  const plan = { cluster: 'e2e', namespace: 'rag', release: 'r', workDir: '/temp' } as PlanFacts;
  const tool = (path: string) => ({ path, version: '1', verified: 'pinned digest' as const, fromCache: true });
  const tools = { kind: tool('/c/kind'), kubectl: tool('/c/kubectl'), helm: tool('/c/helm') };
  const failed = (hop: Hop, code: ErrorCode): Failure => {
    return { code, hop, cause: '', fix: '', evidence: [], place: undefined, chain: [] };
  };
  const find = (record: Partial<RunRecord>, commands: Commands, files: Files = disk()) =>
    diagnose({ record: { ...newRecord(), ...record }, ports: { files } } as unknown as Job, commands);

  it('is what the cluster and helm say, where there is a cluster', async () => {
    const commands = fake(({ program, args }) => ({ stdout: `${program} ${args.join(' ')}` }));
    const sections = await find({ plan, tools, kubeconfig: '/temp/kubeconfig' }, commands);
    const said = (file: string) => sections.find((section) => section.file === file)?.lines.join('\n');
    expect(said('pods.txt')).toMatch(/^\/c\/kubectl --kubeconfig \/temp\/kubeconfig get pods .*--namespace rag$/);
    expect(said('helm-status.txt')).toBe('/c/helm status r --kubeconfig /temp/kubeconfig --namespace rag');
    expect(commands.ran.some(({ program }) => program === '/c/kind')).toBe(false);
  });

  it.each(['helm-status.txt', 'helm-manifest.yaml'])('is what helm says of its failure: %s', async (name) => {
    const stderr = 'Error: release: not found';
    const sections = await find(
      { plan, tools, kubeconfig: '/k' },
      fake(() => ({ code: 1, stderr })),
    );
    expect(sections.find(({ file }) => file === name)?.lines).toEqual([stderr]);
    expect(sections.find(({ file }) => file === 'pods.txt')?.lines.join()).toContain(stderr);
  });

  it('is the manifest without the values of its Secrets', async () => {
    const manifest = 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\nstringData:\n  password: hunter22\n';
    const commands = fake(({ args }) => ({ stdout: args[0] === 'get' ? manifest : '' }));
    const sections = await find({ plan, tools, kubeconfig: '/k' }, commands);
    const shown = sections.find(({ file }) => file === 'helm-manifest.yaml')?.lines;
    expect(shown).toEqual(manifest.trim().replace('hunter22', '"***"').split('\n'));
  });

  it('is the logs of the node, where the cluster could not be made', async () => {
    const commands = fake();
    const files = disk({ [`${FOLDER}/kubelet.log`]: 'no cgroups' });
    const sections = await find({ plan, tools, failure: failed('cluster', 'E_CLUSTER_CREATE') }, commands, files);
    expect(sections).toMatchObject([{ file: 'kind/kubelet.log', lines: ['no cgroups'] }]);
    expect(commands.ran).toMatchObject([{ program: '/c/kind', args: ['export', 'logs', FOLDER, '--name', 'e2e'] }]);
  });

  it.each<[string, Partial<RunRecord>]>([
    ['nothing was planned', { tools, kubeconfig: '/k' }],
    ['there are no tools', { plan, kubeconfig: '/k', failure: failed('cluster', 'E_CLUSTER_CREATE') }],
    ['the cluster is not ours', { plan, tools, failure: failed('cluster', 'E_CLUSTER_EXISTS') }],
    ['it failed before there was one', { plan, tools, failure: failed('inputs', 'E_INPUT') }],
  ])('is nothing where %s, and nothing is asked', async (_, record) => {
    const commands = fake();
    expect(await find(record, commands)).toEqual([]);
    expect(commands.ran).toEqual([]);
  });

  it('never throws: what it can not find out adds to the failure', async () => {
    const red = { plan, tools, failure: failed('cluster', 'E_CLUSTER_CREATE') };
    const incomplete = (why: string) => [
      { title: 'diagnostics', file: 'diagnostics.txt', lines: [`not complete: ${why}`] },
    ];
    expect(await find(red, broken('cancelled'))).toEqual(incomplete('cancelled'));
    const unreadable = disk({ [`${FOLDER}/serial.log`]: new Error('EACCES: permission denied') });
    expect((await find(red, fake(), unreadable)).flatMap(({ lines }) => lines).join()).toContain('EACCES');
    const all = await find({ ...red, kubeconfig: '/k' }, broken('cancelled'));
    expect(all.length).toBeGreaterThan(5);
    for (const { lines } of all) expect(lines).toEqual(['cancelled']);
  });
});
