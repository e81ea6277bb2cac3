import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { expectFault, HEALTHY_DOCKER, wholeRun, type WholeRun } from '../helpers/whole-run.js';

vi.setConfig({ testTimeout: 60_000 });

const folders = () => mkdtempSync(join(tmpdir(), 'machine-'));

describe.concurrent('fault 11: no docker engine for this runner', () => {
  const denied =
    'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.50/version": dial unix /var/run/docker.sock: connect: permission denied';

  /** Seconds by the run's own clock: a busy machine is long in starting and ending it. */
  const givenUpAt = ({ main }: WholeRun) => Number(/(\d+\.\d) s {2}docker: failed: /.exec(main.log)?.[1]);

  it.each([
    ['missing', null],
    ['not permitted', `echo '${denied}' >&2; exit 1`],
  ])('%s', async (variant, docker) => {
    const run = await wholeRun({ docker });
    expectFault(run, 11, variant);
    expect(givenUpAt(run)).toBeLessThan(10);
  });

  it('hangs: given up, and nothing of it is left', async () => {
    const folder = folders();
    const run = await wholeRun({ docker: `echo $$ >> ${folder}/pids; exec sleep 300` });
    expectFault(run, 11, 'hangs');
    expect(givenUpAt(run)).toBeLessThan(10);
    const pids = readFileSync(join(folder, 'pids'), 'utf8').trim().split('\n');
    expect(pids.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
    rmSync(folder, { recursive: true });
  });
});

describe.concurrent('fault 12: kind can not create the cluster', () => {
  const service = [
    'apiVersion: v1',
    'kind: Service',
    'metadata: {name: llamastack}',
    'spec: {selector: {app: llamastack}, ports: [{port: 8321}]}',
    '---',
    'apiVersion: v1',
    'kind: Pod',
    'metadata: {name: llamastack, labels: {app: llamastack}}',
    'spec: {containers: [{name: c, image: "acme/c:1"}]}',
  ];
  const helm = `cat > /dev/null; printf '%s\\n' ${service.map((line) => `'${line}'`).join(' ')}`;

  it('its own words, and the logs that it exports; nothing is deleted that is not ours', async () => {
    const folder = folders();
    const kind = [
      `echo "$1 $2" >> ${folder}/commands`,
      '[ "$1" = export ] && mkdir -p "$3" && echo "kubelet: no space for pods" > "$3/kubelet.log" && exit 0',
      'echo "ERROR: failed to create cluster: could not find a log line that matches Reached target" >&2',
      'exit 1',
    ].join('\n');
    const run = await wholeRun({ inputs: { wiring: 'none' }, programs: { helm, kind }, docker: HEALTHY_DOCKER });
    expectFault(run, 12, 'kind fails');
    expect(run.error).toContain('could not find a log line');
    expect(run.main.log).toContain('kubelet: no space for pods');
    expect(readFileSync(join(folder, 'commands'), 'utf8').trim().split('\n')).toEqual([
      'create cluster',
      'export logs',
    ]);
    rmSync(folder, { recursive: true });
  });
});

/** A disk of 512 KiB. @throws where this user may not mount one */
function tinyDisk(): { folder: string; remove: () => void } {
  const folder = folders();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', folder], { stdio: 'ignore' });
  const remove = () => {
    execFileSync('umount', [folder]);
    rmSync(folder, { recursive: true });
  };
  return { folder, remove };
}

function mayMount(): boolean {
  try {
    tinyDisk().remove();
    return true;
  } catch {
    return false; // an empty folder of the system's temporary ones is left
  }
}

describe.skipIf(!mayMount())('fault 13: the disk is full', { concurrent: true }, () => {
  it('in the middle of a download: named, the rest is cleaned up', async () => {
    const { folder, remove } = tinyDisk();
    const large = Buffer.alloc(2 * 1024 * 1024, 1);
    const run = await wholeRun({
      temp: folder,
      mirror: (path, _, response) => {
        if (!/\/kind-[^.]*$/.test(path)) return false;
        response.end(large);
        return true;
      },
    });
    remove();
    expectFault(run, 13, 'disk full');
    expect(run.cached.filter((path) => path.includes('maas-e2e-kind'))).toEqual([]);
  });

  it('from the start: named, and outputs and summary are there all the same', async () => {
    const { folder, remove } = tinyDisk();
    const temp = join(folder, 'temp');
    mkdirSync(temp);
    expect(() => writeFileSync(join(folder, 'full'), Buffer.alloc(1024 * 1024))).toThrow('ENOSPC');
    const run = await wholeRun({ temp });
    remove();
    expectFault(run, 13, 'disk full from the start');
    expect(run.shown).toContain('## ❌ MaaS E2E: failed');
    expect(run.fetched).toEqual([]);
  });
});
