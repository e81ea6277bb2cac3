import { describe, expect, it, vi } from 'vitest';
import { cleanUp } from '../../src/cleanup.js';
import { MARKER_MOUNT } from '../../src/provision/cluster.js';
import { readState, writeState, type State } from '../../src/state.js';
import { useClock } from '../helpers/clock.js';
import {
  fakeCommands,
  fakeProcesses,
  memoryFiles,
  recordedLog,
  type FakeCommands,
  type MemoryFiles,
} from '../helpers/memory.js';

vi.mock('node:timers/promises', async () => (await import('../helpers/clock.js')).instantPauses);
useClock();

const STATE: State = {
  workDir: '/t/maas-e2e-c0ffee00',
  marker: '/t/maas-e2e-c0ffee00/owner',
  run: 'c0ffee00',
  keepCluster: false,
  clusterName: 'c-1',
  kubeconfig: '/t/maas-e2e-c0ffee00/kubeconfig',
  ended: true,
  kind: '/cache/kind/1/kind',
};

/** A machine with at most one cluster, which carries the marker of some run. */
function machine(markedBy: string | undefined, deletion = { code: 0, stderr: '' }): FakeCommands {
  let mark = markedBy;
  return fakeCommands(({ program, args }) => {
    if (program === 'docker') {
      if (mark === undefined) return { code: 1, stderr: 'Error: No such object: c-1-control-plane' };
      return { stdout: JSON.stringify([`${mark}:${MARKER_MOUNT}:ro`, '/lib/modules:/lib/modules:ro']) };
    }
    if (args[0] === 'delete' && deletion.code === 0) mark = undefined;
    return deletion;
  });
}

/** File that tells which job made the run's folder. */
const OWNER = `${STATE.marker}/job`;

/** What is in the memory, and what every machine has. */
function isThere(path: string, { entries }: MemoryFiles): boolean {
  return (
    ['/t', '/cache', STATE.kind].includes(path) || [...entries.keys()].some((one) => `${one}/`.startsWith(`${path}/`))
  );
}

function bench(commands: FakeCommands, strays = 0, links: Record<string, string> = {}) {
  const log = recordedLog();
  const files = memoryFiles({
    '/t/maas-e2e-c0ffee00/kubeconfig': 'k',
    [OWNER]: '1:1',
    '/t/maas-e2e-report-c0ffee00/report.json': 'r',
  });
  const kindCalls = () =>
    commands.ran.filter(({ program }) => program === '/cache/kind/1/kind').map(({ args }) => args);
  const processes = fakeProcesses([], strays);
  const signal = new AbortController().signal;
  const realPath = (path: string) => Promise.resolve(links[path] ?? (isThere(path, files) ? path : undefined));
  const means = { log, commands, files, processes, realPath, toolFolders: ['/cache'] };
  const clean = (state?: State) => cleanUp(state, means, signal);
  return { log, files, processes, kindCalls, clean };
}

describe('the post step', () => {
  it('deletes the cluster of this run, then its folder, and says so; the report stays', async () => {
    const { clean, log, files, kindCalls } = bench(machine(STATE.marker));
    await clean(STATE);
    expect(kindCalls()).toEqual([
      ['delete', 'cluster', '--name', 'c-1', '--kubeconfig', '/t/maas-e2e-c0ffee00/kubeconfig'],
    ]);
    expect([...files.entries.keys()]).toEqual(['/t/maas-e2e-report-c0ffee00/report.json']);
    expect(log.lines).toEqual(['info: Cluster c-1 is deleted.', 'info: Cleaned up.']);
  });

  it('does no harm the second time', async () => {
    const { clean, log, kindCalls } = bench(machine(STATE.marker));
    await clean(STATE);
    await clean(STATE);
    expect(kindCalls()).toHaveLength(1);
    expect(log.lines.slice(2)).toEqual(['info: There is no cluster c-1 any more.', 'info: Cleaned up.']);
  });

  it('has nothing to do where the run saved nothing', async () => {
    const commands = machine(STATE.marker);
    const { clean, log, files, processes } = bench(commands);
    await clean(undefined);
    expect(log.lines).toEqual(['info: Nothing to clean up: the run ended before it made anything.']);
    expect([commands.ran, files.removed, processes.ended]).toEqual([[], [], []]);
  });

  it('keeps cluster and kubeconfig where the user wants it, and says how to delete it', async () => {
    const commands = machine(STATE.marker);
    const { clean, log, files } = bench(commands);
    await clean({ ...STATE, keepCluster: true });
    expect(log.lines.join()).toMatch(/c-1 is kept.*kind delete cluster --name c-1/);
    expect([commands.ran, files.removed]).toEqual([[], []]);
  });

  it.each([
    ['of another run', '/t/maas-e2e-2/owner'],
    ['of a run with a longer folder', `${STATE.marker}-2`],
    ['of nobody', ''],
  ])('leaves a cluster %s alone and warns, but removes its own folder', async (_, markedBy) => {
    const { clean, log, files, kindCalls } = bench(machine(markedBy));
    await clean(STATE);
    expect(kindCalls()).toEqual([]);
    expect(log.lines[0]).toBe('warning: Cluster c-1 was not made by this run: it is left alone.');
    expect(files.removed).toEqual([STATE.workDir]);
  });

  it('removes the folder alone where kind was never there', async () => {
    const commands = machine(STATE.marker);
    const { clean, files } = bench(commands);
    await clean({ ...STATE, kind: '' });
    expect(commands.ran).toEqual([]);
    expect(files.removed).toEqual([STATE.workDir]);
  });

  it('does not speak of a cluster that is kept where kind was never there', async () => {
    const { clean, log, files } = bench(machine(undefined));
    await clean({ ...STATE, kind: '', keepCluster: true });
    expect(log.lines).toEqual(['info: Cleaned up.']);
    expect(files.removed).toEqual([STATE.workDir]);
  });

  it('says where docker does not answer, and keeps the folder that marks the cluster as ours', async () => {
    const { clean, files } = bench(fakeCommands(() => ({ code: 1, stderr: 'Cannot connect to the Docker daemon' })));
    await expect(clean(STATE)).rejects.toThrow(/whether cluster c-1 is there: Cannot connect to the Docker daemon$/);
    expect(files.removed).toEqual([]);
  });

  it('says where the cluster can not be deleted, and keeps the kubeconfig for whoever does it', async () => {
    const { clean, files } = bench(machine(STATE.marker, { code: 1, stderr: 'node is busy\n' }));
    await expect(clean(STATE)).rejects.toThrow(/^kind could not delete cluster c-1: node is busy$/);
    expect(files.removed).toEqual([]);
  });
});

describe('processes of a run that was killed', () => {
  it('are ended first, by the name of the run, and counted', async () => {
    const { clean, log, processes, kindCalls } = bench(machine(STATE.marker), 2);
    await clean(STATE);
    expect(processes.ended).toEqual(['MAAS_E2E_RUN=c0ffee00']);
    expect(log.lines).toEqual([
      'info: 2 processes of the run were still there: ended.',
      'info: Cluster c-1 is deleted.',
      'info: Cleaned up.',
    ]);
    expect([kindCalls().length, Date.now()]).toEqual([1, 0]);
  });

  it.each([
    ['the cluster is kept', { keepCluster: true }],
    ['there is no cluster yet', { kind: '' }],
  ])('are ended also where %s', async (_, over) => {
    const { clean, processes, log } = bench(machine(undefined), 1);
    await clean({ ...STATE, ...over });
    expect(processes.ended).toHaveLength(1);
    expect(log.lines[0]).toBe('info: 1 processes of the run were still there: ended.');
    expect(Date.now()).toBe(0);
  });
});

describe('a run that did not end by itself', () => {
  const KILLED = { ...STATE, ended: false };

  it.each([
    [2, 1500],
    [0, 1500],
    [0, 16_000],
  ])(
    'may have begun a node that docker makes later: it is waited for (%i strays, made after %i ms)',
    async (strays, madeAt) => {
      const there = machine(STATE.marker);
      const commands = fakeCommands((command) => {
        if (command.program === 'docker' && Date.now() < madeAt) return { code: 1, stderr: 'Error: No such object' };
        return there.answer(command);
      });
      const { clean, log, kindCalls } = bench(commands, strays);
      await clean(KILLED);
      expect(kindCalls()).toHaveLength(1);
      expect([log.lines.at(-2), Date.now()]).toEqual(['info: Cluster c-1 is deleted.', madeAt]);
    },
  );

  it.each([1, 0])('may have begun none: after 20 s it is no longer waited for (%i strays)', async (strays) => {
    const { clean, log } = bench(machine(undefined), strays);
    await clean(KILLED);
    expect(log.lines.slice(strays)).toEqual(['info: There is no cluster c-1 any more.', 'info: Cleaned up.']);
    expect(Date.now()).toBe(20_000);
  });

  it('is not waited for a second time: once its folder is gone, post has been here', async () => {
    const { clean } = bench(machine(undefined));
    await clean(KILLED);
    const first = Date.now();
    await clean(KILLED);
    expect(Date.now() - first).toBe(0);
  });

  it('is not waited for where its node is there already', async () => {
    const { clean, kindCalls } = bench(machine(STATE.marker));
    await clean(KILLED);
    expect([kindCalls().length, Date.now()]).toEqual([1, 0]);
  });

  it.each([1, 0])('is told from one that did: nothing of that is under way (%i strays)', async (strays) => {
    const { clean, log } = bench(machine(undefined), strays);
    await clean(STATE);
    expect(log.lines.slice(strays)).toEqual(['info: There is no cluster c-1 any more.', 'info: Cleaned up.']);
    expect(Date.now()).toBe(0);
  });
});

describe('what is not of this job', () => {
  it.each([
    ['of another job', '7:7'],
    ['of nobody, with something in it', undefined],
  ])('a folder %s is left alone, with its cluster and processes', async (_, owner) => {
    const { clean, log, files, processes, kindCalls } = bench(machine(STATE.marker), 2);
    if (owner === undefined) files.entries.delete(OWNER);
    else files.entries.set(OWNER, owner);
    await clean(STATE);
    expect([files.removed, processes.ended, kindCalls()]).toEqual([[], [], []]);
    expect(log.lines).toEqual([
      `warning: The folder ${STATE.workDir} was not made by this job: it is left alone, and its cluster, too.`,
    ]);
  });

  it('a link in the place of the folder is left alone', async () => {
    const { clean, files } = bench(machine(undefined), 0, { [STATE.workDir]: '/home/runner' });
    await clean(STATE);
    expect(files.removed).toEqual([]);
  });

  it.each([
    ['a link to somewhere else', { [STATE.kind]: '/work/kind' }],
    ['in a folder with a similar name', { [STATE.kind]: '/cache-2/kind' }],
  ])('a kind that is %s is not run', async (_, links) => {
    const { clean, files, kindCalls } = bench(machine(STATE.marker), 0, links);
    await expect(clean(STATE)).rejects.toThrow(/is not a kind that this action installs/);
    expect([kindCalls(), files.removed]).toEqual([[], []]);
  });

  it('a kind in the folder of the run itself is', async () => {
    const own = `${STATE.workDir}/tool-1/kind`;
    const commands = machine(STATE.marker);
    const { clean, files } = bench(commands);
    files.entries.set(own, 'kind');
    await clean({ ...STATE, kind: own });
    expect(commands.ran.filter(({ program }) => program === own)).toHaveLength(1);
  });
});

describe('the state between main and post', () => {
  it('is the same when it is read again', () => {
    expect(readState(writeState(STATE), '/t')).toEqual(STATE);
  });

  it('is none where main saved none', () => {
    expect(readState('', '/t')).toBeUndefined();
  });

  it.each(['{}', '[]', '{"workDir": 1}', 'null', 'no JSON', '1', '"text"'])('is refused in %j', (text) => {
    expect(() => readState(text, '/t')).toThrow(/^the saved state is not one that this action saves: /);
  });

  it.each([
    ['run', '../..'],
    ['run', 'c0ffee00\n'],
    ['run', 'C0FFEE00'],
    ['clusterName', '--all'],
    ['clusterName', 'a b'],
    ['clusterName', ''],
    ['clusterName', 'x'.repeat(64)],
    ['kind', 'kind'],
    ['kind', '/bin/rm'],
    ['kind', '/cache/kind\u0000'],
    ['ended', 1],
    ['keepCluster', 'false'],
  ])('is refused with %s %j', (name, value) => {
    const text = JSON.stringify({ ...STATE, [name]: value });
    expect(() => readState(text, '/t')).toThrow(new RegExp(`: ${name} is wrong$`));
  });

  it('names no folder: one that is written into it is not read', () => {
    const forged = JSON.stringify({ ...STATE, workDir: '/', marker: '/', kubeconfig: '/etc/passwd' });
    expect(readState(forged, '/t')).toEqual(STATE);
  });
});
