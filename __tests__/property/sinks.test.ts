import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLog, createRunner } from '../../src/adapters/runner.js';
import type { Ports } from '../../src/ports.js';
import { Progress } from '../../src/progress.js';
import { announce, showDiagnostics } from '../../src/report/publish.js';
import type { RunRecord } from '../../src/report/record.js';
import { reportOf } from '../../src/report/json.js';
import { renderSummary } from '../../src/report/summary/summary.js';
import { createRedactor } from '../../src/secrets/redact.js';
import { codeBlocks, elementsOf, tagsOf } from '../helpers/gfm.js';
import { HOSTILE, hostileTexts, saying } from '../helpers/hostile.js';
import { checkResult } from '../helpers/record.js';
import { commandFiles, printed } from '../helpers/printed.js';
import { stagesOf, wholeRecord, type Say } from '../helpers/whole-record.js';

const harmless = () => saying({ list: ['harmless'], isFirst: true });
const alone = (text: string) => saying({ list: [text], isFirst: true });
const summaryOf = (say: Say, over = {}) => renderSummary({ ...wholeRecord(say), ...over }, stagesOf(say));
/** The address of the workflow has the name of its file in it. */
const structureOf = (markdown: string) =>
  tagsOf(markdown).map((tag) =>
    tag.replace(/(href="https:\/\/github\.com\/acme\/rag\/actions\/workflows\/)[^"]+/, '$1'),
  );

const FLOW = [
  /^%%\{init: \{"flowchart": [\w{}:," ]+\}\}%%$/,
  /^flowchart LR$/,
  /^ {2}n\d+\["(✅|❌|▫️) (#\d+;|[\w .()-])+"\]$/,
  /^ {2}n\d+( --> n\d+)*$/,
  /^ {2}classDef (passed|broken|unknown) fill:#\w+,stroke:#\w+(,[\w-]+:#?[\w ]+)*$/,
  /^ {2}class n\d+(,n\d+)* (passed|broken|unknown)$/,
];
const GANTT = [
  /^%%\{init: \{"gantt": [\w{}:," ]+\}\}%%$/,
  /^gantt$/,
  /^ {2}dateFormat YYYY-MM-DD HH:mm:ss\.SSS$/,
  /^ {2}axisFormat (%S\.%L s|%M:%S|%H:%M:%S)$/,
  /^ {2}todayMarker off$/,
  /^ {2}(#\d+;)(#\d+;|[\w .()-])* \(\d+\.\d s\) :(crit, )?(milestone, )?s\d+, \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}, \d+ms$/,
];

const STRUCTURE = structureOf(summaryOf(harmless()));

describe('the summary of a record with hostile texts', () => {
  it('has every part', () => {
    expect(elementsOf(summaryOf(harmless()))).toMatchObject({ table: 5, details: 2, h2: 1, a: 1, pre: 5 });
  });

  it(
    'is built as that of one with harmless texts: no tag, link, cell or block more or less',
    { timeout: 60_000 },
    () => {
      fc.assert(
        fc.property(hostileTexts, (texts) => {
          expect(structureOf(summaryOf(saying(texts)))).toEqual(STRUCTURE);
        }),
        { numRuns: 30, seed: 20_261_125 },
      );
    },
  );

  it.each(HOSTILE)('is built as that: %j alone', (piece) => {
    expect(structureOf(summaryOf(alone(piece)))).toEqual(STRUCTURE); // before a word and after it by turns
  });

  it('has diagrams in which each line is one that Mermaid reads as meant', { timeout: 60_000 }, () => {
    const odd = (text: string, forms: RegExp[]) =>
      text.split('\n').filter((line) => !forms.some((form) => form.test(line)));
    fc.assert(
      fc.property(hostileTexts, (texts) => {
        const [flow = '', gantt = '', ...more] = codeBlocks(summaryOf(saying(texts)), 'mermaid');
        expect(more).toEqual([]);
        expect([...odd(flow, FLOW), ...odd(gantt, GANTT)]).toEqual([]);
        expect(gantt.split('\n')).toHaveLength(5 + 3);
      }),
      { numRuns: 50, seed: 20_261_125 },
    );
  });

  it.each(['x', '|', '`', '💥', '\u001b]', '\u001b[', '@', '<b>', ' ', '\n'])(
    'some of 1 MiB of %j is short, takes no time, and is built as that',
    (piece) => {
      const list = [piece.repeat(Math.ceil(2 ** 20 / piece.length)), ...Array<string>(16).fill('x')];
      const begun = performance.now();
      const text = summaryOf(saying({ list, isFirst: true }), { origin: undefined });
      expect(performance.now() - begun).toBeLessThan(5000);
      expect(Buffer.byteLength(text)).toBeLessThan(100_000);
      expect(structureOf(text)).toEqual(structureOf(summaryOf(harmless(), { origin: undefined })));
    },
  );

  it('leaves out what is kept whole and does not fit, and says so', () => {
    const whole = wholeRecord(harmless());
    const origin = whole.origin && { ...whole.origin, given: { values: '`a'.repeat(2 ** 19) } };
    const text = renderSummary({ ...whole, origin }, []);
    expect(Buffer.byteLength(text)).toBeLessThan(1000 * 1024);
    expect(text).toContain('The summary was cut');
    expect(text).not.toContain('### Run it again');
  });
});

describe('the report of a record with hostile texts', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(hostileTexts, (texts) => {
        const say = saying(texts);
        const samples = { model: say(), checks: { [say()]: [{ ms: 1, tokens: 2 }], ['__proto__']: [] } };
        const report = reportOf(wholeRecord(say), stagesOf(say), samples);
        const written = Buffer.from(`${JSON.stringify(report, null, 2)}\n`, 'utf8').toString('utf8');
        expect(JSON.parse(written)).toEqual(report);
      }),
      { numRuns: 50, seed: 20_261_125 },
    );
  });
});

/** The commands in the lines of a log, as the runner takes them: https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs */
function commandsIn(log: string): string[] {
  return log.split(/\r\n|\r|\n/).flatMap((line) => {
    const [, name] = /^[\s\u0085]*::([^ :]*)[^]*?::/.exec(line) ?? [];
    if (name !== undefined) return [name];
    return line.includes('##[') ? ['##['] : [];
  });
}

/** What the log of a run says: its stages, then its verdict and its diagnostics. */
async function logged(say: Say, over: Partial<RunRecord> = {}): Promise<string> {
  return await printed({ RUNNER_DEBUG: '1' }, async () => {
    const log = createLog((text) => text);
    const progress = new Progress(log);
    const found = { ...wholeRecord(say), ...over };
    await progress.phase(say(), async () => {
      await progress.stage(say(), () => Promise.resolve(progress.waiting('x', say())));
      await progress.stage(say(), () => Promise.reject(new Error(say()))).catch(() => undefined);
    });
    log.debug(say());
    log.notice(say());
    announce(found, progress, { log } as Ports);
    showDiagnostics(found, { log } as Ports);
  });
}

describe('the log of a run with hostile texts', () => {
  it('has the commands that it is meant to have, and no others', { timeout: 60_000 }, async () => {
    for (const over of [{}, { failure: undefined }, { failure: undefined, dryRun: undefined }]) {
      const intended = commandsIn(await logged(harmless(), over));
      expect(intended).toContain('warning');
      await fc.assert(
        fc.asyncProperty(hostileTexts, async (texts) => {
          expect(commandsIn(await logged(saying(texts), over))).toEqual(intended);
        }),
        { numRuns: 30, seed: 20_261_125 },
      );
    }
  });

  it('has ten annotations at the most, the error among them', async () => {
    const failed = Array.from({ length: 40 }, (_, at) => ({ name: `t${at}`, message: '::error::x', place: undefined }));
    const checks = Array.from({ length: 40 }, () =>
      checkResult({ evidence: { expected: '', got: '', warning: '::warning::x' } }),
    );
    const ownTests = { tests: 40, failed: 40, skipped: 0, failures: failed };
    const names = commandsIn(await logged(harmless(), { ownTests, checks }));
    const annotations = names.filter((name) => ['error', 'warning', 'notice'].includes(name));
    expect(annotations.length).toBeLessThanOrEqual(10);
    expect(annotations).toContain('error');
  });
});

describe('what later steps get of hostile texts', () => {
  it('is each text under its own name, and nothing else', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(hostileTexts, async (texts) => {
        const say = saying(texts);
        const [outputs, variables, state] = [given(say), given(say), given(say)];
        const files = await commandFiles(async () => {
          const runner = createRunner(createRedactor([]), () => undefined);
          for (const [name, value] of Object.entries(outputs)) runner.output(name, value);
          for (const [name, value] of Object.entries(variables)) runner.variable(name, value);
          for (const [name, value] of Object.entries(state)) runner.saveState(name, value);
          await runner.summary(say());
        });
        expect([files.output, files.env, files.state]).toEqual([outputs, variables, state]);
      }),
      { numRuns: 60, seed: 20_261_125 },
    );
  });
});

/** Half of a character has no UTF-8. */
function given(say: Say): Record<string, string> {
  const text = () => Buffer.from(say()).toString();
  return { MODEL: text(), API: text(), URL: text() };
}
