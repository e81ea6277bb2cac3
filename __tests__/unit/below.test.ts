import { describe, expect, it, vi } from 'vitest';
import type { ErrorCode } from '../../src/error-codes.js';
import { RunError, type Hop } from '../../src/errors.js';
import type { Job } from '../../src/job.js';
import type { Command, CommandResult } from '../../src/ports.js';
import { blamingWhatIsBelow } from '../../src/provision/below.js';
import { newRecord } from '../../src/report/record.js';
import { useClock } from '../helpers/clock.js';
import { fakeCommands, fakeWeb } from '../helpers/memory.js';

vi.mock('node:timers/promises', async () => (await import('../helpers/clock.js')).instantPauses);
useClock();

const URL = 'http://127.0.0.1:32768';
const RUNS = { stdout: 'running 0 false\n' };
const KILLED = { stdout: 'exited 137 true\n' };
const AWAY = () => {
  throw new Error('ECONNREFUSED');
};
const failure = (code: ErrorCode, hop: Hop = 'stack') => new RunError(code, hop, 'it failed', 'Mend it.');

interface Below {
  /** What docker says of the node, and of the stack on it. */
  node?: () => Partial<CommandResult>;
  onNode?: Partial<CommandResult>;
  /** The port on the runner. */
  port?: () => string;
  signal?: AbortSignal;
}

/** Work on a cluster that fails, over what is below: how it ends, how often the node was looked at, and what was asked else. */
async function blamed(error: Error, { node = () => RUNS, onNode = { code: 7 }, port = AWAY, signal }: Below = {}) {
  const isLook = ({ args }: Command) => args[0] === 'inspect';
  const commands = fakeCommands((command) => (isLook(command) ? node() : onNode));
  const web = fakeWeb(port);
  const job = {
    ports: { commands, web },
    record: { ...newRecord(), apiUrl: URL },
    signal: signal ?? new AbortController().signal,
  } as unknown as Job;
  const work = (): Promise<void> => Promise.reject(error);
  const ended: unknown = await blamingWhatIsBelow(job, 'c-1', work).catch((thrown: unknown) => thrown);
  const looks = commands.ran.filter(isLook).length;
  return { ended, looks, others: commands.ran.length - looks, asked: web.asked };
}

it('work that is done asks nothing', async () => {
  const commands = fakeCommands();
  const job = { ports: { commands }, signal: new AbortController().signal } as unknown as Job;
  await blamingWhatIsBelow(job, 'c-1', () => Promise.resolve());
  expect(commands.ran).toEqual([]);
});

describe('work that fails on a node that has ended', () => {
  it.each<[string, Error]>([
    ['a RunError', failure('E_VECTOR_STORE')],
    ['an error of the cluster', failure('E_CLUSTER', 'cluster')],
    ['a bug', new TypeError('a bug')],
  ])('is the fault of the node, and %s is its cause', async (_, error) => {
    const { ended, looks } = await blamed(error, { node: () => KILLED });
    expect(ended).toMatchObject({
      code: 'E_NODE_LOST',
      hop: 'cluster',
      message: "the cluster's node container c-1-control-plane has exited (exit code 137, out of memory)",
      fix: expect.stringContaining('too little memory') as string,
    });
    expect((ended as Error).cause).toBe(error);
    expect([looks, Date.now()]).toEqual([1, 0]);
  });

  it.each<[ErrorCode, Hop]>([
    ['E_CLUSTER', 'cluster'],
    ['E_STACK_UNREACHABLE', 'stack'],
    ['E_UI', 'UI'],
  ])('%s is that also where docker tells of it a moment later', async (code, hop) => {
    const { ended, looks } = await blamed(failure(code, hop), { node: () => (Date.now() < 2500 ? RUNS : KILLED) });
    expect(ended).toMatchObject({ code: 'E_NODE_LOST' });
    expect([looks, Date.now()]).toEqual([6, 2500]);
  });
});

describe('work that fails on a node that runs', () => {
  it.each<[ErrorCode, number, number]>([
    ['E_VECTOR_STORE', 1, 0],
    ['E_CRASH_LOOP', 1, 0],
    ['E_CLUSTER', 6, 2500],
    ['E_UI', 6, 2500],
    ['E_STACK_UNREACHABLE', 6, 2500],
  ])('keeps its error: %s, after %i looks and %i ms', async (code, times, ms) => {
    const error = failure(code);
    const { ended, looks } = await blamed(error);
    expect([ended, looks, Date.now()]).toEqual([error, times, ms]);
  });

  it('keeps an error of any kind', async () => {
    const error = new TypeError('a bug');
    expect(await blamed(error)).toEqual({ ended: error, looks: 1, others: 0, asked: [] });
  });
});

describe('a stack that can not be reached', () => {
  const error = failure('E_STACK_UNREACHABLE');

  it('is the fault of the port where it answers on the node', async () => {
    const { ended, asked } = await blamed(error, { onNode: { code: 0 } });
    expect(ended).toMatchObject({ code: 'E_PORT_LOST', hop: 'cluster' });
    expect((ended as Error).cause).toBe(error);
    expect(asked).toEqual([`${URL}/v1/models`]);
  });

  it.each<[string, Below, number]>([
    ['it does not answer there either', { onNode: { code: 7 } }, 1],
    ['its port answers again', { onNode: { code: 0 }, port: () => 'ok' }, 0],
  ])('is that where %s', async (_, below, questions) => {
    const { ended, others } = await blamed(error, below);
    expect([ended, others]).toEqual([error, questions]);
  });

  it.each<ErrorCode>(['E_CLUSTER', 'E_UI', 'E_VECTOR_STORE'])('%s says nothing of the port', async (code) => {
    const { ended, others, asked } = await blamed(failure(code), { onNode: { code: 0 } });
    expect(ended).toMatchObject({ code });
    expect([others, asked]).toEqual([0, []]);
  });
});

describe('the end of the run', () => {
  const reason = failure('E_CANCELLED', 'run');

  it('is told as that: nothing below is to blame', async () => {
    const signal = AbortSignal.abort(reason);
    const ended = await blamed(failure('E_CLUSTER'), { node: () => KILLED, signal });
    expect(ended).toEqual({ ended: reason, looks: 0, others: 0, asked: [] });
  });

  it('ends the looking', async () => {
    const end = new AbortController();
    const { ended, looks } = await blamed(failure('E_CLUSTER'), {
      node: () => (end.abort(reason), RUNS),
      signal: end.signal,
    });
    expect([ended, looks]).toEqual([reason, 1]);
  });
});
