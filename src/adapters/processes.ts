import { readdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import type { Processes } from '../ports.js';

/** ms for a process to be gone after SIGKILL, and between two looks. */
const GONE_MS = 5000;
const LOOK_MS = 50;

/** By /proc, where there is one; elsewhere (macOS) no process of an earlier step is found. */
export const processes: Processes = {
  // in a job container the runner's own process is out of sight: that of the container stands for it
  parent: () => identityOf(process.ppid || 1),
  isAlive: (identity) => {
    const [host, id] = identity.split(' ');
    if (host !== hostname()) return undefined;
    const pid = Number(id?.split(':')[0]);
    return pid > 0 && (statOf(process.pid) ? runs(pid) : isThere(pid)) && identityOf(pid) === identity;
  },
  endAll: async (variable, value) => {
    const found = withVariable(`${variable}=${value}`);
    for (const pid of found) kill(pid);
    const deadline = Date.now() + GONE_MS;
    while (found.some(runs) && Date.now() < deadline) await setTimeout(LOOK_MS);
    return found.length;
  },
};

/** Host, pid and start time: a pid alone is given away again. */
function identityOf(pid: number): string {
  return `${hostname()} ${pid}:${statOf(pid)?.started ?? ''}`;
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function statOf(pid: number): { state: string; started: string } | undefined {
  const fields = read(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ');
  return fields && fields.length > 19 ? { state: fields[0] ?? '', started: fields[19] ?? '' } : undefined;
}

function withVariable(setting: string): number[] {
  return pids().filter((pid) => pid !== process.pid && read(`/proc/${pid}/environ`).split('\0').includes(setting));
}

function pids(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** A zombie has ended; whoever started it has not looked yet. */
function runs(pid: number): boolean {
  const state = statOf(pid)?.state;
  return state !== undefined && state !== 'Z' && state !== 'X';
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function kill(pid: number): void {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, 'SIGKILL');
    } catch {
      // it leads no group, or has ended
    }
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
