import { describe, expect, it } from 'vitest';
import type { Ports } from '../../src/ports.js';
import { Progress } from '../../src/progress.js';
import { announce, publish } from '../../src/report/publish.js';
import { newRecord, type RunRecord } from '../../src/report/record.js';
import { readJunit } from '../../src/tests/junit.js';
import { recordedLog } from '../helpers/memory.js';
import { ports, published, reportIn } from '../helpers/publishing.js';
import { checkResult, PLACES, planOf, record, RED } from '../helpers/record.js';

const [plan, places] = [planOf(), { ...PLACES, baseline: '/b.json' }];
/** Publishes a run, with the report of an earlier one at its place. */
async function publishedAfter(before: string | undefined, found: RunRecord) {
  const all = ports();
  if (before !== undefined) all.files.entries.set('/b.json', before);
  await publish(found, new Progress(all.log), all.means, (text) => text);
  return all;
}
const reportOf = async (found: RunRecord) => JSON.stringify(reportIn((await published(found)).files));

describe('a run after another one', () => {
  it('tells what changed in summary and report, and hands the samples on', async () => {
    const before = record({
      plan,
      places,
      checks: [checkResult({ ms: 100 }), checkResult({ name: 'rag', verdict: 'failed' })],
    });
    const now = record({ plan, places, checks: [checkResult({ ms: 9000 }), checkResult({ name: 'rag' })] });
    const { files, summaries, log } = await publishedAfter(await reportOf(before), now);
    expect(reportIn(files)).toMatchObject({
      result: 'passed',
      trend: { fixed: ['rag'], changes: [{ check: 'chat', measure: 'ms', from: 100, to: 9000 }] },
      samples: { model: 'maas/acme/chat', checks: { chat: [{ ms: 100 }, { ms: 9000 }], rag: [{ ms: 1200 }] } },
    });
    expect(summaries.join()).toContain('🔺 `chat` took 9.0 s');
    expect(log.lines).toEqual([]);
  });

  it('of which nothing is left is a first one', async () => {
    const { files, log } = await publishedAfter(undefined, record({ plan, places }));
    expect(log.lines).toEqual(['info: There is no baseline yet at /b.json: nothing is compared.']);
    expect(reportIn(files)).not.toHaveProperty('trend');
  });

  it.each(['', 'x', '[]', '{"version":2,"checks":[]}', '{"version":1,"checks":{"__proto__":1}}'])(
    'of which nothing can be read is as without: %j',
    async (text) => {
      const found = record({ plan, places });
      const { files, outputs, log } = await publishedAfter(text, found);
      const alone = await published(record({ plan: planOf() }));
      expect(reportIn(files)).toEqual(reportIn(alone.files));
      expect(outputs).toEqual(alone.outputs);
      expect(log.lines).toEqual([expect.stringMatching(/^warning: The baseline \/b\.json can not be read/)]);
    },
  );

  it('changes no verdict, whatever the other one was', async () => {
    const red = await reportOf(record({ plan, places, failure: RED, checks: [checkResult({ verdict: 'failed' })] }));
    for (const found of [
      record({ plan, places }),
      record({ plan, places, failure: RED }),
      record({ plan, places, untested: 'x', model: '' }),
    ]) {
      const [alone, after] = [await published(record({ ...found, plan: planOf() })), await publishedAfter(red, found)];
      expect(after.outputs).toEqual(alone.outputs);
    }
  });
});

describe('the JUnit file', () => {
  it('is written beside the report, redacted', async () => {
    const failure = { ...RED, cause: 'it sent sk-secret' };
    const { files, outputs } = await published(record({ failure }), [], (text) => text.replaceAll('sk-secret', '***'));
    expect(outputs.get('report-junit')).toBe('/out/junit.xml');
    const xml = files.entries.get('/out/junit.xml') ?? '';
    expect(readJunit(xml, '/ws')).toMatchObject({ tests: 2, failed: 1 });
    expect(xml).toContain('it sent ***');
    expect(xml).not.toContain('sk-secret');
  });

  it('is there of a run that was skipped, or failed at once', async () => {
    for (const over of [{ skipped: 'no key' }, { failure: RED }]) {
      const { files, outputs } = await published({ ...newRecord(), places: record().places, ...over });
      expect(readJunit(files.entries.get('/out/junit.xml') ?? '', '/ws')).toMatchObject({ tests: 1 });
      expect(outputs.get('report-json')).toBe('/out/report.json');
    }
  });

  it('is a warning where it can not be written, and the report is there', async () => {
    const all = ports();
    const write = (path: string, text: string) =>
      path.endsWith('.xml') ? Promise.reject(new Error('no space')) : all.files.write(path, text);
    await publish(record(), new Progress(all.log), { ...all.means, files: { ...all.files, write } }, (text) => text);
    expect(all.log.lines).toEqual(['warning: The JUnit report cannot be written: no space']);
    expect([all.outputs.has('report-json'), all.outputs.has('report-junit')]).toEqual([true, false]);
  });
});

describe('errors in the log', () => {
  const errorsOf = (over: Partial<RunRecord>) => {
    const errors: unknown[] = [];
    const log = { ...recordedLog(), error: (...error: unknown[]) => void errors.push(error) };
    announce(record(over), new Progress(log), { log } as unknown as Ports);
    return errors;
  };
  const ownTests = {
    ...{ tests: 2, failed: 1, skipped: 0 },
    failures: [{ name: 'suite.cites', message: 'none', place: { file: 'tests/a.py', line: 7 } }],
  };

  it('have their place in the repository', () => {
    const place = { file: 'values.yaml', line: 3 };
    expect(errorsOf({ failure: { ...RED, place } })).toEqual([
      ['MaaS E2E failed at: vector store (E_VECTOR_STORE)', expect.stringContaining('the database is away'), place],
    ]);
  });

  it('are followed by one for each test of the consumer that failed, at its place', () => {
    expect(errorsOf({ failure: RED, ownTests }).slice(1)).toEqual([
      ['Failed test: suite.cites', 'none', { file: 'tests/a.py', line: 7 }],
    ]);
  });

  it('are none of a green run', () => {
    expect(errorsOf({ ownTests })).toEqual([]);
  });
});

it('a budget that kept checks from being run is a warning of a green run', () => {
  const { means, log } = ports();
  const spend = { ...record().spend, stopped: 'a budget is spent' };
  announce(record({ spend }), new Progress(recordedLog()), means);
  expect(log.lines.at(-1)).toBe('warning: Not all checks were run: a budget is spent');
  announce(record({ spend, failure: RED }), new Progress(recordedLog()), means);
  expect(log.lines.at(-1)).toMatch(/caused by/);
});
