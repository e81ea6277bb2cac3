import { describe, expect, it } from 'vitest';
import { collectDiagnostics, warningsOf } from '../../src/deploy/diagnostics.js';
import type { Kubectl } from '../../src/deploy/kubectl.js';
import type { ErrorCode } from '../../src/error-codes.js';
import type { Failure, Hop } from '../../src/errors.js';
import type { Files } from '../../src/ports.js';
import { linesThatMatter, writeDiagnostics } from '../../src/report/diagnostics.js';
import { newRecord, type RunRecord } from '../../src/report/record.js';
import { linesOf, type Section } from '../../src/section.js';
import { createRedactor } from '../../src/secrets/redact.js';
import { apiKeySecret } from '../../src/secrets/secret.js';

const KEY = 'sk-0123456789/"bc+def';
const { redact } = createRedactor([apiKeySecret(KEY)]);
const section = (file: string, lines: string[] = ['x'], title = file): Section => ({ title, file, lines });
const many = <T>(count: number, line: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => line(at));
const failureOf = (hop: Hop, code: ErrorCode, evidence: string[] = []): Failure => {
  return { code, hop, cause: 'it failed', fix: 'Mend it.', evidence, place: undefined, chain: [] };
};

interface Kept extends Files {
  entries: Map<string, string>;
  folders: string[];
}

/** A disk that is only written to. */
function keep(): Kept {
  const entries = new Map<string, string>();
  const folders: string[] = [];
  return {
    entries,
    folders,
    read: () => Promise.resolve(undefined),
    write: (path, text) => Promise.resolve(void entries.set(path, text)),
    makeDir: (path) => Promise.resolve(void folders.push(path)),
    removeFile: () => Promise.resolve(),
    remove: () => Promise.resolve(),
    list: () => Promise.resolve([]),
    sha256: () => Promise.resolve(undefined),
  };
}

describe('the lines that matter', () => {
  const events = (lines: string[]) => [section('events.txt', lines, 'events')];
  const header = 'TYPE  REASON  OBJECT  TIMES  MESSAGE';

  it('are the last ones of the log, and then what the cluster warned of, each once and in one form', () => {
    const failure = failureOf('stack', 'E_CRASH_LOOP', ['one', 'two']);
    const diagnostics = events([
      header,
      'Normal    Pulled    web-0   1   pulled',
      'Warning   BackOff   web-0   3   restarting',
      'Warning   Failed    web-0   1   no image',
      'Warning BackOff   web-0   3 restarting',
    ]);
    expect(linesThatMatter({ failure, diagnostics })).toEqual([
      'one',
      'two',
      'Warning BackOff web-0 3 restarting',
      'Warning Failed web-0 1 no image',
    ]);
  });

  it('are twenty at the most, and the last ones of both', () => {
    const log = many(30, (at) => `log ${at}`);
    const warnings = many(30, (at) => `Warning ${at}`);
    const failure = failureOf('stack', 'E_CRASH_LOOP', log);
    const both = linesThatMatter({ failure, diagnostics: events(warnings) });
    expect(both).toEqual([...log.slice(-12), ...warnings.slice(-8)]);
    expect(linesThatMatter({ failure: undefined, diagnostics: events(warnings) })).toEqual(warnings.slice(-20));
    expect(linesThatMatter({ failure, diagnostics: [] })).toEqual(log.slice(-12));
  });

  it('are none where nothing is known, and of no other file', () => {
    expect(linesThatMatter({ failure: undefined, diagnostics: [] })).toEqual([]);
    expect(warningsOf([section('describe-pods.txt', ['Warning  BackOff'])])).toEqual([]);
  });
});

describe('the diagnostics folder', () => {
  const write = async (over: Partial<RunRecord>) => {
    const files = keep();
    await writeDiagnostics({ ...newRecord(), ...over }, '/temp/report/diagnostics', files, redact);
    return files;
  };
  const names = ({ entries }: Kept) => [...entries.keys()].map((path) => path.replace('/temp/report/diagnostics/', ''));

  it('has what is known of the run, and a file of each question', async () => {
    const failure = failureOf('stack', 'E_CRASH_LOOP');
    const diagnostics = [section('pods.txt', ['a', 'b']), section('logs/web-0.log', ['c'])];
    const files = await write({ failure, docker: '28.1.1', diagnostics });
    expect(names(files)).toEqual(['plan.json', 'versions.json', 'failure.json', 'pods.txt', 'logs/web-0.log']);
    const read = (name: string) => files.entries.get(`/temp/report/diagnostics/${name}`) ?? '';
    expect(JSON.parse(read('failure.json'))).toEqual({ failure });
    expect(JSON.parse(read('versions.json'))).toEqual({ tools: {}, docker: '28.1.1' });
    expect([read('pods.txt'), read('logs/web-0.log')]).toEqual(['a\nb\n', 'c\n']);
    expect(files.folders).toContain('/temp/report/diagnostics/logs');
  });

  it('has the key nowhere, in no form, and not where a file is cut', async () => {
    const base64 = Buffer.from(`token:${KEY}`).toString('base64');
    const cut = `${KEY}${'x'.repeat(512 * 1024 - 5)}`;
    const files = await write({
      failure: failureOf('stack', 'E_STACK_ERROR', [`sent ${KEY}`, JSON.stringify({ sent: KEY })]),
      docker: KEY,
      diagnostics: [section('a.txt', [`key ${KEY}`, base64, encodeURIComponent(KEY)]), section('cut.txt', [cut])],
    });
    const all = [...files.entries.values()].join('\n');
    expect(all).toContain('***');
    for (const part of ['sk-01', 'c+def', encodeURIComponent('/"bc+'), base64.slice(10, 24)])
      expect(all).not.toContain(part);
  });

  it('is bounded: the end of a long file, and so many files', async () => {
    const long = 'x'.repeat(600 * 1024);
    const files = await write({ diagnostics: many(40, (at) => section(`${at}.txt`, [long, `end ${at}`])) });
    const sizes = [...files.entries.values()].map(({ length }) => length);
    expect(Math.max(...sizes)).toBe(512 * 1024 + 1);
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThanOrEqual(8 * 1024 * 1024 + sizes.length);
    expect(files.entries.size).toBeLessThan(25);
    expect(files.entries.get('/temp/report/diagnostics/0.txt')).toMatch(/x\nend 0\n$/);
    expect([...files.entries.values()].every((text) => text.length > 1)).toBe(true);
  });

  it.each([
    ['../../etc/passwd', '_/_/etc/passwd'],
    ['/etc/passwd', 'etc/passwd'],
    ['logs/..', 'logs/_'],
    ['a/.../b', 'a/_/b'],
    ['kind/a b:c\\..\\d.log', 'kind/a_b_c___d.log'],
    ['logs/web-0.previous.log', 'logs/web-0.previous.log'],
  ])('has its files in it, whatever they are called: %s', async (file, name) => {
    expect(names(await write({ diagnostics: [section(file)] })).at(-1)).toBe(name);
  });
});

describe('what is asked of the cluster', () => {
  const manifest = 'apiVersion: v1\nkind: Secret\ndata:\n  password: aHVudGVyMjI=\n';
  const helm = (args: string[]) => Promise.resolve(args[0] === 'get' ? manifest : `helm ${args.join(' ')}`);
  const kubectl = (text: (args: string[]) => string): Kubectl => ({
    get: () => Promise.resolve([]),
    apply: () => Promise.resolve(),
    text: (...args) => Promise.resolve(args).then(text),
    clusterText: () => Promise.resolve(''),
  });
  const names = (pods: number) => many(pods, (at) => `pod/web-${at}`).join('\n');
  const asksNames = (args: string[]) => args.includes('name');

  it('is a file each, with its answer', async () => {
    const sections = await collectDiagnostics(
      kubectl((args) => (asksNames(args) ? 'pod/web-0\n' : `${args.slice(0, 2).join(' ')}\nsecond\n`)),
      helm,
    );
    const files = sections.map(({ file }) => file);
    expect(new Set(files).size).toBe(files.length);
    expect(sections.find(({ file }) => file === 'pods.txt')?.lines).toEqual(['get pods', 'second']);
    expect(sections.find(({ file }) => file === 'helm-status.txt')?.lines).toEqual(['helm status']);
    const shown = ['apiVersion: v1', 'kind: Secret', 'data:', '  password: "***"'];
    expect(sections.find(({ file }) => file === 'helm-manifest.yaml')?.lines).toEqual(shown);
    expect(sections.find(({ file }) => file === 'logs/web-0.log')?.lines).toEqual(['logs pod/web-0', 'second']);
  });

  it('that can not be answered is part of the picture', async () => {
    const sections = await collectDiagnostics(
      kubectl(() => {
        throw new Error('connection refused');
      }),
      () => Promise.reject(new Error('release: not found')),
    );
    expect(sections).toHaveLength(9);
    for (const { file, lines } of sections)
      expect(lines).toEqual([file.startsWith('helm') ? 'release: not found' : 'connection refused']);
  });

  it('has the logs of a run before only where there is one', async () => {
    const sections = await collectDiagnostics(
      kubectl((args) => {
        if (asksNames(args)) return names(3);
        if (!args.includes('--previous')) return 'now';
        if (args.includes('pod/web-0')) throw new Error('previous terminated container "web" not found');
        return args.includes('pod/web-1') ? '\n' : '[pod/web-2/web] it ended\n';
      }),
      helm,
    );
    const logs = sections.filter(({ file }) => file.startsWith('logs/'));
    expect(logs.map(({ file }) => file)).toEqual([
      ...['logs/web-0.log', 'logs/web-1.log', 'logs/web-2.log', 'logs/web-2.previous.log'],
    ]);
    expect(logs.at(-1)?.lines).toEqual(['[pod/web-2/web] it ended']);
  });

  it('has the logs of a container also where the one beside it has none yet', async () => {
    const sections = await collectDiagnostics(
      kubectl((args) => {
        if (asksNames(args)) return 'pod/web-0';
        // kubectl ends at the first container that has no log, in any order, and exits 1
        if (args.includes('--all-containers') && !args.includes('--ignore-errors'))
          throw new Error('container "ui" in pod "web-0" is waiting to start: trying and failing to pull image');
        return '[pod/web-0/web] it broke';
      }),
      helm,
    );
    const logs = sections.filter(({ file }) => file.startsWith('logs/')).flatMap(({ lines }) => lines);
    expect(logs).toContain('[pod/web-0/web] it broke');
  });

  it('has the logs of thirty pods at the most, and the last lines of each', async () => {
    const lines = many(5000, (at) => `line ${at}`);
    const sections = await collectDiagnostics(
      kubectl((args) => (asksNames(args) ? names(40) : args.includes('--previous') ? '' : lines.join('\n'))),
      helm,
    );
    const logs = sections.filter(({ file }) => file.startsWith('logs/'));
    expect(logs).toHaveLength(30);
    expect(logs[0]?.lines).toEqual(lines.slice(-2000));
    expect(linesOf('a\n\nb\n\n')).toEqual(['a', '', 'b']);
  });
});
