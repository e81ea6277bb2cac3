import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RunError } from '../../src/errors.js';
import { Progress, seconds } from '../../src/progress.js';
import { recordedLog, type RecordedLog } from '../helpers/memory.js';

let log: RecordedLog;
let progress: Progress;
const takes = (ms: number) => () => new Promise<string>((resolve) => setTimeout(() => resolve('done'), ms));

beforeEach(() => {
  vi.useFakeTimers();
  log = recordedLog();
  progress = new Progress(log);
});
afterEach(() => {
  vi.useRealTimers();
});

describe('stages', () => {
  it('are noted with begin and end, also where they overlap', async () => {
    const both = Promise.all([
      progress.stage('slow', takes(3000)),
      takes(500)().then(() => progress.stage('fast', takes(1000))),
    ]);
    await vi.advanceTimersByTimeAsync(3000);
    expect(await both).toEqual(['done', 'done']);
    expect(progress.stages).toEqual([
      { name: 'fast', startMs: 500, endMs: 1500, ok: true },
      { name: 'slow', startMs: 0, endMs: 3000, ok: true },
    ]);
    expect(progress.elapsed()).toBe(3000);
    expect(log.lines).toEqual([
      'info:   0.0 s  slow: started',
      'info:   0.5 s  fast: started',
      'info:   1.5 s  fast: done in 1.0 s',
      'info:   3.0 s  slow: done in 3.0 s',
    ]);
  });

  it('that fail are noted as such, and their error goes on', async () => {
    const error = new Error('no cluster');
    await expect(progress.stage('cluster', () => Promise.reject(error))).rejects.toBe(error);
    expect(progress.stages).toEqual([{ name: 'cluster', startMs: 0, endMs: 0, ok: false }]);
    expect(log.lines.at(-1)).toBe('info:   0.0 s  cluster: failed: no cluster');
  });
});

describe('phases', () => {
  it('are a group of the log, which also a failure closes', async () => {
    await progress.phase('Inputs', () => Promise.resolve());
    await expect(progress.phase('Checks', () => Promise.reject(new Error('red')))).rejects.toThrow('red');
    expect(log.lines).toEqual(['openGroup: Inputs', 'closeGroup', 'openGroup: Checks', 'closeGroup']);
  });
});

describe('what is being waited for', () => {
  it('is said when it changes, and not again and again', () => {
    for (const what of ['pod a', 'pod a', 'pod b', 'pod a']) progress.waiting('rollout', what);
    expect(log.lines.map((line) => line.replace(/^.*rollout: /, ''))).toEqual([
      'waiting for pod a',
      'waiting for pod b',
      'waiting for pod a',
    ]);
  });

  it('is named when the deadline comes, stage by stage, the newest of each', async () => {
    const rollout = progress.stage('rollout', takes(1000));
    progress.waiting('rollout', 'pod a');
    progress.waiting('rollout', 'pod b');
    const checks = progress.stage('checks', takes(2000));
    expect(progress.pending()).toBe('rollout waits for pod b; checks waits for its work to end');
    await vi.advanceTimersByTimeAsync(1000);
    await rollout;
    expect(progress.pending()).toBe('checks waits for its work to end');
    await vi.advanceTimersByTimeAsync(1000);
    await checks;
    expect(progress.pending()).toBe('');
  });

  it('is nothing at the beginning, and after a stage that failed', async () => {
    expect(progress.pending()).toBe('');
    const failing = progress.stage('rollout', () => {
      progress.waiting('rollout', 'pod a');
      return Promise.reject(new Error('x'));
    });
    await expect(failing).rejects.toThrow('x');
    expect(progress.pending()).toBe('');
  });
});

describe('a stage with a deadline', () => {
  let overdue: RunError[];
  beforeEach(() => {
    overdue = [];
    progress = new Progress(log, { probe: { ms: 2000, hop: 'model service' } }, (error) => overdue.push(error));
  });

  it('that passes it is told to whoever ends the run: the hop at fault, and what is waited for', async () => {
    const stage = progress.stage('probe', takes(5000));
    progress.waiting('probe', 'an answer');
    await vi.advanceTimersByTimeAsync(1999);
    expect(overdue).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(overdue).toHaveLength(1);
    expect(overdue[0]).toMatchObject({
      code: 'E_TIMEOUT',
      hop: 'model service',
      message: 'stage probe passed its deadline of 2 s: probe waits for an answer',
    });
    await vi.advanceTimersByTimeAsync(3000);
    expect(await stage).toBe('done');
    expect(overdue).toHaveLength(1);
  });

  it('that ends before it is told to nobody, nor one that fails, nor one without', async () => {
    const ended = [
      progress.stage('probe', takes(1999)),
      progress.stage('probe', () => Promise.reject(new Error('x'))).catch(() => undefined),
      progress.stage('helm', takes(10_000)),
    ];
    await vi.advanceTimersByTimeAsync(10_000);
    await Promise.all(ended);
    expect(overdue).toEqual([]);
  });
});

it('after the end nothing more is said, but times are still noted', async () => {
  const late = progress.stage('late', takes(1000));
  progress.close();
  await vi.advanceTimersByTimeAsync(1000);
  await late;
  progress.waiting('late', 'x');
  expect(log.lines).toEqual(['info:   0.0 s  late: started']);
  expect(progress.stages).toHaveLength(1);
});

it.each([
  [0, '0.0 s'],
  [1249, '1.2 s'],
  [61_000, '61.0 s'],
])('%i ms read as %s', (ms, text) => {
  expect(seconds(ms)).toBe(text);
});
