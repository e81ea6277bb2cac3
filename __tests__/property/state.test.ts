import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanUp } from '../../src/cleanup.js';
import { MARKER_MOUNT } from '../../src/provision/cluster.js';
import { readState, writeState } from '../../src/state.js';
import { fakeCommands, fakeProcesses, memoryFiles, recordedLog } from '../helpers/memory.js';

const TEMP = '/t';
const [OWN, OTHER] = ['c0ffee00', 'badc0de0'];
const STATE = { run: OWN, keepCluster: false, clusterName: 'c-1', ended: true, kind: '/cache/kind/1/kind' };

/** A machine with this job's run, one of another job, and a cluster of each; what post does on it. */
async function afterPost(saved: string) {
  const files = memoryFiles({
    [`${TEMP}/maas-e2e-${OWN}/owner/job`]: '1:1',
    [`${TEMP}/maas-e2e-${OTHER}/owner/job`]: '2:2',
    '/etc/passwd': 'root',
  });
  const owners: Record<string, string> = { 'c-1': OWN, 'c-2': OTHER };
  const commands = fakeCommands(({ program, args }) => {
    const owner = owners[(args.at(-1) ?? '').replace('-control-plane', '')];
    if (program !== 'docker') return {};
    if (owner === undefined) return { code: 1, stderr: 'Error: No such object' };
    return { stdout: JSON.stringify([`${TEMP}/maas-e2e-${owner}/owner:${MARKER_MOUNT}:ro`]) };
  });
  const isThere = (path: string) =>
    path === TEMP ||
    path.startsWith('/cache') ||
    path === '/bin/kind' ||
    [...files.entries.keys()].some((one) => one.startsWith(path));
  const realPath = (path: string) => Promise.resolve(isThere(path) ? path : undefined);
  const processes = fakeProcesses();
  const log = recordedLog();
  const means = { log, commands, files, processes, realPath, toolFolders: ['/cache'] };
  const over = new AbortController();
  over.abort(); // no waiting for a node that docker may still make
  try {
    await cleanUp(readState(saved, TEMP), means, over.signal);
  } catch {
    // post makes a warning of it
  }
  return { removed: files.removed, ended: processes.ended, programs: commands.ran };
}

const hostile = fc.oneof(
  fc.constantFrom<unknown>(
    '--all',
    '/',
    '..',
    '../../etc',
    '',
    OWN,
    OTHER,
    'c-1',
    'c-2',
    '/bin/kind',
    '/cache/kind',
    true,
    null,
  ),
  fc.string(),
  fc.jsonValue({ maxDepth: 3 }),
);
const member = (own: unknown) => fc.oneof(fc.constant<unknown>(own), hostile);
const forged = fc.record({
  run: member(OWN),
  keepCluster: member(false),
  clusterName: member('c-1'),
  ended: member(true),
  kind: member(STATE.kind),
  workDir: hostile,
  marker: hostile,
  kubeconfig: hostile,
});

describe('a state that somebody has forged', () => {
  it('deletes nothing but what this job made, whatever is in it', async () => {
    const text = fc.oneof(
      forged.map((state) => JSON.stringify(state)),
      fc.json({ maxDepth: 4 }),
      fc.string(),
    );
    await fc.assert(
      fc.asyncProperty(text, async (saved) => {
        const { removed, ended, programs } = await afterPost(saved);
        expect([...removed, '']).toEqual(removed.length ? [`${TEMP}/maas-e2e-${OWN}`, ''] : ['']);
        expect(ended.filter((one) => one !== `MAAS_E2E_RUN=${OWN}`)).toEqual([]);
        for (const { program, args } of programs.filter((one) => one.program !== 'docker')) {
          expect([program.startsWith('/cache/'), args.slice(0, 4)]).toEqual([
            true,
            ['delete', 'cluster', '--name', 'c-1'],
          ]);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('deletes what it should where nothing is forged', async () => {
    const { removed, ended, programs } = await afterPost(writeState(STATE));
    expect([removed, ended]).toEqual([[`${TEMP}/maas-e2e-${OWN}`], [`MAAS_E2E_RUN=${OWN}`]]);
    expect(programs.at(-1)?.program).toBe(STATE.kind);
  });

  it('is refused however deep it is', () => {
    const deep = `{"run":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    expect(() => readState(deep, TEMP)).toThrow('the saved state is not one that this action saves');
  });
});
