import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { processes } from '../../src/adapters/processes.js';

const VARIABLE = 'MAAS_E2E_TEST_RUN';
const PATH = process.env['PATH'] ?? '';
/** Whatever a failed test leaves, by group and by pid. */
const started: number[] = [];

afterEach(() => {
  for (const pid of started.splice(0).flatMap((one) => [-one, one])) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // it has ended, as it should have
    }
  }
});

/** A child that leads a group of its own, and the lines that it wrote once there are as many as wanted. */
async function start(program: string, args: string[], env: Record<string, string> = {}, wanted = 0) {
  const child = spawn(program, args, { detached: true, stdio: ['ignore', 'pipe', 'inherit'], env: { PATH, ...env } });
  await once(child, 'spawn');
  started.push(child.pid!);
  const lines: string[] = [];
  if (wanted)
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line);
      if (lines.length === wanted) break;
    }
  return { child, pid: child.pid!, lines };
}
const shell = (script: string, env?: Record<string, string>, wanted = 0) => start('sh', ['-c', script], env, wanted);

function stat(pid: number): string[] {
  const all = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : '';
  return all.slice(all.lastIndexOf(')') + 2).split(' ');
}
/** As a process tells it of its own: host, pid and start time. */
const identityOf = (pid: number) => `${hostname()} ${pid}:${stat(pid)[19] ?? ''}`;
const runs = (pid: number) => !['', 'Z', 'X'].includes(stat(pid)[0] ?? '');

const environ = (pid: number) => readFileSync(`/proc/${pid}/environ`, 'utf8');
const sleeps = (pid: number) => readFileSync(`/proc/${pid}/comm`, 'utf8') === 'sleep\n';

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await pause(10);
}

describe.skipIf(!existsSync('/proc/self/stat'))('processes of this machine', () => {
  it('the parent is known by host, pid and start time, the same at every look', () => {
    expect(processes.parent()).toMatch(/^\S+ \d+:\d+$/);
    expect(processes.parent()).toBe(identityOf(process.ppid));
    expect(processes.isAlive(processes.parent())).toBe(true);
  });

  it('one is alive while it runs, and not when it has ended', async () => {
    const { child, pid } = await start('sleep', ['30']);
    const identity = identityOf(pid);
    expect(processes.isAlive(identity)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(processes.isAlive(identity)).toBe(false);
  });

  it('one that has ended is not alive while nobody has looked', async () => {
    const { pid: parent, lines } = await shell('sleep 30 & echo $!; exec sleep 30', {}, 1);
    const pid = Number(lines[0]);
    await until(() => sleeps(parent) && sleeps(pid));
    const identity = identityOf(pid);
    expect(processes.isAlive(identity)).toBe(true);
    process.kill(pid, 'SIGKILL');
    await until(() => stat(pid)[0] === 'Z');
    expect(processes.isAlive(identity)).toBe(false);
  });

  it('another one with the same pid is not the same', async () => {
    const { pid } = await start('sleep', ['30']);
    const started = Number(stat(pid)[19]);
    expect(processes.isAlive(`${hostname()} ${pid}:${started - 1}`)).toBe(false);
    expect(processes.isAlive(`${hostname()} ${pid}:`)).toBe(false);
  });

  it.each(['', ':', 'x:1', '0:0', '-1:1', '1'])('nothing of this host is alive that is told as "%s"', (id) => {
    expect(processes.isAlive(`${hostname()} ${id}`)).toBe(false);
  });

  it('of another machine or container nobody here knows, also where the rest is the same', () => {
    const [, mine = ''] = processes.parent().split(' ');
    for (const identity of ['', mine, `${hostname()}-2 ${mine}`, ` ${mine}`])
      expect(processes.isAlive(identity)).toBeUndefined();
  });

  it('without a parent in sight the first process of the container stands for it', () => {
    vi.stubGlobal('process', Object.create(process, { ppid: { value: 0 } }));
    const parent = processes.parent();
    vi.unstubAllGlobals();
    expect(parent).toBe(identityOf(1));
    expect(processes.isAlive(parent)).toBe(true);
  });

  it('a name with blanks and brackets hides nothing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'processes-'));
    const program = join(folder, 'a) Z (b) 1');
    symlinkSync(process.execPath, program);
    const { pid } = await start(program, ['-e', 'console.log(1); setInterval(() => 0, 1000)'], {}, 1);
    expect(readFileSync(`/proc/${pid}/comm`, 'utf8')).toBe('a) Z (b) 1\n');
    expect(processes.isAlive(identityOf(pid))).toBe(true);
    rmSync(folder, { recursive: true });
  });
});

describe.skipIf(!existsSync('/proc/self/environ'))('the processes of a run', () => {
  it('end with all that they started, also what ignores SIGTERM or has another environment; nothing else does', async () => {
    const run = randomUUID();
    const stubborn = `trap '' TERM; echo $$; while :; do sleep 30; done`;
    const mine = await shell(
      `sh -c "${stubborn.replaceAll('$', '\\$')}" & env -i PATH="$PATH" sh -c 'echo $$; sleep 30; :' & wait`,
      { [VARIABLE]: run },
      2,
    );
    const [one, two] = mine.lines.map(Number) as [number, number];
    const strangers = [
      await start('sleep', ['30'], { [VARIABLE]: `${run}-2` }),
      await start('sleep', ['30'], { [`X_${VARIABLE}`]: run }),
      await start('sleep', ['30'], { X: `${VARIABLE}=${run}` }),
      await start('sleep', ['30']),
    ];
    await until(() => [mine, ...strangers].every(({ pid }) => environ(pid)));

    const ended = await processes.endAll(VARIABLE, run);

    expect(runs(mine.pid)).toBe(false);
    await until(() => !runs(one) && !runs(two));
    expect(ended).toBeGreaterThanOrEqual(2);
    expect(strangers.map(({ pid }) => runs(pid))).toEqual([true, true, true, true]);
    expect(await processes.endAll(VARIABLE, run)).toBe(0);
    expect(strangers.map(({ pid }) => runs(pid))).toEqual([true, true, true, true]);
  });

  it('are counted, whichever group they are in, and are gone when it is done', async () => {
    const run = randomUUID();
    const env = { [VARIABLE]: run };
    const sleepers = await Promise.all([1, 2, 3].map(() => start('sleep', ['30'], env)));
    const { pid, lines } = await shell('trap "" TERM; setsid sh -c \'echo $$; exec sleep 30\' & wait', env, 1);
    const pids = [...sleepers.map((one) => one.pid), pid, Number(lines[0])];
    started.push(...pids);
    await until(() => sleeps(Number(lines[0])) && pids.every((one) => environ(one).includes(run)));

    expect(await processes.endAll(VARIABLE, run)).toBe(5);
    expect(pids.filter(runs)).toEqual([]);
  });

  it('end alone where somebody else leads their group', async () => {
    const run = randomUUID();
    const { pid, lines } = await shell(`env ${VARIABLE}=${run} sh -c 'echo $$; exec sleep 30' & exec sleep 30`, {}, 1);
    const mine = Number(lines[0]);
    started.push(mine);
    await until(() => sleeps(mine) && sleeps(pid) && environ(mine).includes(run));
    expect(await processes.endAll(VARIABLE, run)).toBe(1);
    expect([runs(mine), runs(pid)]).toEqual([false, true]);
  });

  it('are none where nothing has the variable: it says so at once', async () => {
    expect(await processes.endAll(VARIABLE, randomUUID())).toBe(0);
  });
});
