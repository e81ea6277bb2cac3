import { describe, expect, it, vi } from 'vitest';
import { expectFault, expectPast, wholeRun } from '../helpers/whole-run.js';
import { seen } from '../helpers/faults-page.js';
import { KEY } from '../helpers/service.js';

vi.setConfig({ testTimeout: 60_000 });

/** Nobody was asked anything. */
const NOTHING = { asked: [], fetched: [], cached: [] };

describe('fault 2: an empty key', () => {
  it('is red in under a second of its own, and names the input', async () => {
    const run = await wholeRun({ inputs: { 'api-key': '' } });
    expectFault(run, 2);
    expect(run).toMatchObject(NOTHING);
    expect(run.main.seconds).toBeLessThan(2); // with the start of Node
  });
});

describe.concurrent("fault 1: a fork's pull request has no key", () => {
  it('is skipped: a notice, exit 0, nothing asked and nothing downloaded', async () => {
    const repo = (name: string) => ({ repo: { full_name: name } });
    const event = { pull_request: { head: repo('stranger/rag'), base: repo('org/rag') } };
    const files = { 'event.json': JSON.stringify(event) };
    const run = await wholeRun({ inputs: { 'api-key': '' }, files, eventFile: 'event.json' });
    expect(run).toMatchObject({ ...NOTHING, error: '', left: [] });
    expect([run.main.code, run.outputs['result'], run.outputs['error-code']]).toEqual([0, 'skipped', undefined]);
    expect(/^::notice::.*$/m.exec(run.main.log)?.[0]).toMatch(seen(1));
    expect(run.main.log).not.toContain('::error');
  });
});

describe.concurrent('fault 3: a key that no header can carry', () => {
  it.each([
    ['line break', 'test-key-0123\n456789-abcdef'],
    ['smart quotes', '“test-key-0123456789”'],
  ])('%s', async (variant, key) => {
    const run = await wholeRun({ inputs: { 'api-key': key } });
    expectFault(run, 3, variant);
    expect(run).toMatchObject(NOTHING);
  });

  it('with blanks at its ends is taken without them', async () => {
    const run = await wholeRun({ inputs: { 'api-key': `  ${KEY}\r\n` } });
    expectPast(run);
    expect(run.asked).toContain('/v1/chat/completions');
  });
});

describe.concurrent('fault 5: a key that is too short to be masked', () => {
  it('is refused, and not repeated', async () => {
    const run = await wholeRun({ inputs: { 'api-key': 'qz7XwvK' } });
    expectFault(run, 5);
    expect(run).toMatchObject(NOTHING);
    expect(run.main.log).not.toContain('qz7XwvK'); // in no mask either
  });
});

describe.concurrent('fault 6: an address that is none', () => {
  const password = 'hunter2secret';
  it.each([
    ['credentials', { 'maas-endpoint': `https://user:${password}@maas.example.com/v1` }],
    ['ftp', { 'maas-endpoint': `ftp://user:${password}@maas.example.com/v1` }],
    ['no URL', { 'maas-endpoint': `https//user:${password}@maas.example.com/v1` }],
    ['loopback', { 'maas-endpoint': 'http://127.0.0.1:8080/v1' }],
    ['mirror', { 'tools-mirror': `https://user:${password}@mirror.example.com` }],
  ])('%s: refused, and no password is repeated', async (variant, inputs) => {
    const run = await wholeRun({ inputs });
    expectFault(run, 6, variant);
    expect(run).toMatchObject(NOTHING);
    expect(run.shown).not.toContain(password);
  });
});

describe.concurrent('fault 7: values that are no YAML mapping', () => {
  const bomb = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let level = 1; level < 10; level += 1) {
    const aliases = Array.from({ length: 10 }, () => `*a${level - 1}`).join(', ');
    bomb.push(`a${level}: &a${level} [${aliases}]`);
  }

  it.each([
    [
      'no YAML',
      'replicaCount: 1\nports: [80, 443\nimage: rag\n',
      'values.yaml is not valid YAML at line 3, column 1: ',
    ],
    [
      'unknown alias',
      'replicaCount: 1\nimage: *base\n',
      'values.yaml is not valid YAML at line 2, column 8: alias *base ',
    ],
    ['alias bomb', `${bomb.join('\n')}\n`, 'values.yaml can not be expanded'],
    ['too large', `text: ${'x'.repeat(2 * 1024 * 1024)}\n`, 'values.yaml is larger'],
    ['list', '- replicaCount: 1\n', 'values.yaml is not a mapping, line 1, column 1'],
  ])('%s: the file and the place are named, at once', async (variant, values, words) => {
    const run = await wholeRun({ files: { 'values.yaml': values } });
    expectFault(run, 7, variant);
    expect(run).toMatchObject(NOTHING);
    expect(run.error).toContain(words);
    expect(run.main.seconds).toBeLessThan(10);
    expect(run.shown.length).toBeLessThan(20_000); // no text of the user's comes back by the megabyte
  });
});
