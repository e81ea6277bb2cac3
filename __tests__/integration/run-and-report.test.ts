import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { watchForEnd } from '../../src/adapters/end.js';
import { RunError } from '../../src/errors.js';
import type { Job } from '../../src/job.js';
import { HEARTBEAT, STAGE_DEADLINES } from '../../src/plan.js';
import type { Ports } from '../../src/ports.js';
import { Progress } from '../../src/progress.js';
import { newRecord, type RunRecord } from '../../src/report/record.js';
import { runAndReport } from '../../src/run-and-report.js';
import { dryRunOf, PLACES, planOf } from '../helpers/record.js';
import { readReport } from '../helpers/junit-schema.js';
import { fakeCommands } from '../helpers/memory.js';
import { ports } from '../helpers/publishing.js';

const schema = JSON.parse(readFileSync('docs/report.schema.json', 'utf8')) as object;
const validate = new Ajv2020().compile(schema);

/** Every stage of a run, and what has none. */
const STAGES = [
  ...new Set([
    ...Object.keys(STAGE_DEADLINES),
    ...Object.keys(HEARTBEAT.waitsFor),
    'service',
    'rollout',
    'readiness',
    'checks',
  ]),
];

interface Bench {
  over?: Partial<RunRecord>;
  /** Taken in the place of the real ones. */
  means?: (all: ReturnType<typeof ports>) => Partial<Ports>;
  unwindMs?: number;
  reportMs?: number;
}

/** A run that does some work, in this process; `nobody` takes what nobody catches. */
async function ended(work: (job: Job, nobody: (thrown: unknown) => void) => Promise<void>, given: Bench = {}) {
  const all = ports();
  const end = watchForEnd(() => progress.pending());
  const progress = new Progress(all.log);
  let nobody: (thrown: unknown) => void = () => undefined;
  const record = { ...newRecord(), places: PLACES, plan: planOf(), ...given.over };
  const job = {
    ports: { ...all.means, ...given.means?.(all) },
    progress,
    record,
    signal: end.signal,
  } as unknown as Job;
  const code = await runAndReport(job, (of) => work(of, nobody), {
    end,
    handOn: (take) => (nobody = take),
    commands: () => ({ commands: fakeCommands(), close: () => undefined }),
    redact: (text) => text,
    unwindMs: given.unwindMs ?? 50,
    reportMs: given.reportMs ?? 50,
  });
  const read = (path: string) => all.files.entries.get(path) ?? '';
  return {
    ...all,
    code,
    record,
    report: JSON.parse(read(PLACES.json) || '{}') as { failure?: { cause: string } },
    junit: read(PLACES.junit),
    nobody,
  };
}

function expectWhole(
  run: Awaited<ReturnType<typeof ended>>,
  code = 'E_UNEXPECTED',
  cause = 'unexpected error: boom',
): void {
  expect([run.code, run.outputs.get('result'), run.outputs.get('error-code')]).toEqual([1, 'failed', code]);
  expect([validate(run.report), run.report.failure?.cause]).toEqual([true, cause]);
  expect(readReport(run.junit).cases.some(({ result }) => result === 'error')).toBe(true);
  expect(run.summaries.at(-1)).toMatch(/^## ❌ MaaS E2E: failed \(broken hop: /);
  expect(run.log.lines.filter((line) => line.startsWith('error: '))).not.toEqual([]);
}

/** Until the run's signal ends it. */
const untilEnd = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
const WAYS: Record<string, (job: Job, nobody: (thrown: unknown) => void) => Promise<void>> = {
  'by the stage': () => Promise.reject(new Error('boom')),
  'from a timer': async ({ signal }, nobody) => {
    setTimeout(() => nobody(new Error('boom')), 1);
    await untilEnd(signal);
  },
  'by a promise that nobody waits for, in a stage that never ends': async (_, nobody) => {
    Promise.reject(new Error('boom')).catch(nobody);
    await new Promise(() => undefined);
  },
};

describe.each(STAGES)('an error in stage %s', (stage) => {
  it.each(Object.entries(WAYS))('%s: outputs, summary, report and JUnit are there', async (_, way) => {
    const run = await ended((job, nobody) => job.progress.stage(stage, () => way(job, nobody)));
    expectWhole(run);
  });
});

describe('an error that nobody caught', () => {
  it('is the verdict also where the stages have ended well in spite of it', async () => {
    expectWhole(await ended((_, nobody) => Promise.resolve(nobody(new Error('boom')))));
  });

  it('keeps the code of a RunError, and does not replace what ended the run before', async () => {
    const red = new RunError('E_AUTH', 'model service', 'refused', 'Renew it.');
    expectWhole(await ended((_, nobody) => Promise.resolve(nobody(red))), 'E_AUTH', 'refused');
    const both = await ended((_, nobody) => {
      nobody(red);
      nobody(new Error('boom'));
      return Promise.reject(new Error('on the way out'));
    });
    expectWhole(both, 'E_AUTH', 'refused');
    expect(both.log.lines.join()).toContain('unexpected error: boom');
  });
});

describe('an error while the run is reported', () => {
  const GREEN = () => Promise.resolve();
  const boom = () => {
    throw new Error('boom');
  };

  it.each<[string, Bench]>([
    [
      'in the announcement',
      {
        means: ({ log }) => ({
          log: { ...log, info: (line: string) => (line.includes('MaaS E2E passed') ? boom() : undefined) },
        }),
      },
    ],
    [
      'in a renderer',
      {
        over: {
          tools: {
            get kind() {
              return boom();
            },
          },
        },
      },
    ],
  ])('%s: the least is published, and the run has failed', async (_, given) => {
    expectWhole(await ended(GREEN, given));
  });

  it('in the diagnostics of a red run: its own failure is told', async () => {
    const red = new RunError('E_AUTH', 'model service', 'refused', 'Renew it.');
    const run = await ended(() => Promise.reject(red), { means: ({ log }) => ({ log: { ...log, openGroup: boom } }) });
    expectWhole(run, 'E_AUTH', 'refused');
  });

  it('by nobody, as a file is written for ever: the least is published', async () => {
    let nobody: (thrown: unknown) => void = () => undefined;
    let writes = 0;
    const run = await ended((_, take) => Promise.resolve(void (nobody = take)), {
      means: ({ files }) => ({
        files: {
          ...files,
          write: async (path, text) => {
            writes += 1;
            if (writes === 1) {
              nobody(new Error('boom'));
              await new Promise(() => undefined);
            }
            await files.write(path, text);
          },
        },
      }),
    });
    expectWhole(run);
  });

  it('takes nothing from what can still be written', async () => {
    const { outputs, summaries, code } = await ended(GREEN, {
      over: { tools: undefined as never },
      means: ({ files }) => ({ files: { ...files, write: () => Promise.reject(new Error('no space')) } }),
    });
    expect([code, outputs.get('result'), outputs.has('report-json'), summaries.length]).toEqual([
      1,
      'failed',
      false,
      1,
    ]);
  });

  it('of a dry run leaves its mode', async () => {
    const { outputs } = await ended(GREEN, { over: { dryRun: dryRunOf(), tools: undefined as never } });
    expect([outputs.get('result'), outputs.get('mode')]).toEqual(['failed', 'dry-run']);
  });
});

it('a run that ends well passes', async () => {
  const { code, outputs } = await ended(() => Promise.resolve());
  expect([code, outputs.get('result'), outputs.get('error-code')]).toEqual([0, 'passed', undefined]);
});
