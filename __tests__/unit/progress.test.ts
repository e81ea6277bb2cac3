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

describe('the log while a stage works in silence', () => {
  const EVERY = 30_000;
  /** The times of the lines, in ms. */
  let times: number[];
  beforeEach(() => {
    times = [];
    const began = Date.now();
    const info = (line: string) => void (log.lines.push(`info: ${line}`), times.push(Date.now() - began));
    progress = new Progress({ ...log, info }, {}, undefined, { everyMs: EVERY, waitsFor: { cluster: 'kind' } });
  });
  afterEach(() => progress.close());
  const beats = () =>
    log.lines.filter((line) => line.includes('under way:')).map((line) => line.replace(/^.*way: /, ''));

  it('says what is waited for: what the stage says, else what is known of it, else that it works', async () => {
    const [a, b, c] = ['cluster', 'rollout', 'other'].map((name) => progress.stage(name, takes(100_000)));
    progress.doing('rollout', 'pod a to start');
    await vi.advanceTimersByTimeAsync(EVERY);
    expect(beats()).toEqual([
      'cluster waits for kind; rollout waits for pod a to start; other waits for its work to end',
    ]);
    progress.doing('cluster', 'its node');
    await vi.advanceTimersByTimeAsync(EVERY);
    expect(beats().at(-1)).toContain('cluster waits for its node;');
    await vi.advanceTimersByTimeAsync(100_000);
    await Promise.all([a, b, c]);
  });

  it.each([0, 1, 1499, 2999, 3000, 3001, 17_777, 29_999])(
    'is never silent for long: a stage that begins after %i ms',
    async (after) => {
      await vi.advanceTimersByTimeAsync(after);
      const stage = progress.stage('cluster', takes(200_000));
      await vi.advanceTimersByTimeAsync(65_432);
      progress.waiting('cluster', 'a node');
      await vi.advanceTimersByTimeAsync(200_000);
      await stage;
      const silences = times.slice(1).map((time, at) => time - (times[at] ?? 0));
      expect(Math.max(...silences)).toBeLessThanOrEqual(EVERY);
      expect(times.length).toBeGreaterThanOrEqual(2 + Math.floor(200_000 / EVERY));
    },
  );

  it('says nothing more than what is said anyhow, where that is enough', async () => {
    const stage = progress.stage('rollout', takes(120_000));
    for (let at = 0; at < 12; at += 1) {
      progress.waiting('rollout', `pod ${at}`);
      await vi.advanceTimersByTimeAsync(10_000);
    }
    await stage;
    expect(beats()).toEqual([]);
  });

  it('says nothing while nothing is under way, nor of a stage that has ended', async () => {
    await vi.advanceTimersByTimeAsync(10 * EVERY);
    expect(log.lines).toEqual([]);
    const stages = [progress.stage('cluster', takes(10)), progress.stage('x', takes(3 * EVERY))];
    stages.push(progress.stage('y', () => Promise.reject(new Error('z'))).catch(() => ''));
    await vi.advanceTimersByTimeAsync(2 * EVERY);
    expect(new Set(beats())).toEqual(new Set(['x waits for its work to end']));
    await vi.advanceTimersByTimeAsync(EVERY);
    await Promise.all(stages);
    const before = log.lines.length;
    await vi.advanceTimersByTimeAsync(10 * EVERY);
    expect(log.lines).toHaveLength(before);
  });

  it('says nothing after the end, and holds no process up', async () => {
    const stage = progress.stage('cluster', takes(10 * EVERY));
    const timers = vi.getTimerCount();
    progress.close();
    expect(vi.getTimerCount()).toBe(timers - 1);
    await vi.advanceTimersByTimeAsync(10 * EVERY);
    await stage;
    expect(beats()).toEqual([]);
  });

  it('says it every 30 s where nobody says otherwise', async () => {
    progress = new Progress(log);
    const stage = progress.stage('cluster', takes(40_000));
    await vi.advanceTimersByTimeAsync(40_000);
    await stage;
    expect(beats()).toHaveLength(1);
  });
});

it('what a stage is doing is not said by itself, but named when its deadline comes', () => {
  void progress.stage('checks', takes(1000));
  progress.doing('checks', 'check chat');
  expect(progress.pending()).toBe('checks waits for check chat');
  expect(log.lines).toHaveLength(1);
});

it('a stage that fails is said in red, others are not', async () => {
  const tones: unknown[] = [];
  progress = new Progress({ ...log, info: (_, tone) => void tones.push(tone) });
  await progress.stage('a', () => Promise.resolve());
  await progress.stage('b', () => Promise.reject(new Error('x'))).catch(() => undefined);
  expect(tones).toEqual([undefined, undefined, undefined, 'bad']);
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
