import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readOrigin } from '../../src/adapters/host.js';
import { DEFAULTS, type RawInputs } from '../../src/input-defaults.js';
import { givenInputs, reproduceCommand, rerunCommands, workflowUrl, type Origin } from '../../src/report/origin.js';
import { ORIGIN } from '../helpers/record.js';

/** The words that bash makes of a command. */
function wordsOf(command: string): string[] {
  const out = execFileSync('bash', ['--norc', '-c', `set -- ${command}; printf '%s\\0' "$@"`], {
    encoding: 'utf8',
    env: { LC_ALL: 'C.UTF-8' },
  });
  return out.split('\0').slice(0, -1);
}

describe('the page of the workflow', () => {
  it('is on the server of the run', () => {
    expect(workflowUrl({ ...ORIGIN, serverUrl: 'https://git.acme.example:8443', workflow: 'e2e 1.yml' })).toBe(
      'https://git.acme.example:8443/acme/rag/actions/workflows/e2e%201.yml',
    );
  });

  it.each(['a).yml', "(a')*~!.yml", '💥.yml', '\ud800.yml', 'a/../b.yml', '"><b>.yml'])(
    'is one link, whatever the file is called: %j',
    (workflow) => {
      expect(workflowUrl({ ...ORIGIN, workflow })).toMatch(
        /^https:\/\/github\.com\/acme\/rag\/actions\/workflows\/[\w.%-]+$/,
      );
    },
  );

  it.each<[string, Partial<Origin>]>([
    ['no server', { serverUrl: '' }],
    ['no repository', { repository: '' }],
    ['no workflow', { workflow: '' }],
    ['a server that is a script', { serverUrl: 'javascript:alert(1)//' }],
    ['a server that ends the link', { serverUrl: 'https://a.example)<b>' }],
    ['a repository that ends the link', { repository: 'acme/rag) [x](y' }],
  ])('is not known with %s', (_, over) => {
    expect(workflowUrl({ ...ORIGIN, ...over })).toBeUndefined();
  });
});

describe('commands that run it again', () => {
  it('are the run, and the workflow where it was started by hand', () => {
    const dispatchInputs = { model: 'llama', empty: '', password: 'hunter2' };
    expect(rerunCommands({ ...ORIGIN, dispatchInputs, given: { model: 'llama' } })).toEqual([
      'gh run rerun 7 --repo acme/rag',
      "gh workflow run e2e.yml --repo acme/rag --ref main -f model=llama -f empty= -f 'password=…'",
    ]);
    expect(rerunCommands({ ...ORIGIN, event: 'push', dispatchInputs })).toHaveLength(1);
    expect(rerunCommands({ ...ORIGIN, workflow: '' })).toHaveLength(1);
  });

  it.each<[string, Partial<Origin>]>([
    ['no run', { runId: '' }],
    ['no repository', { repository: '' }],
    ['a run that is a command', { runId: '7; reboot' }],
    ['a repository that is a command', { repository: 'a/b; reboot' }],
  ])('are none with %s', (_, over) => {
    expect(rerunCommands({ ...ORIGIN, ...over })).toEqual([]);
  });

  it('are read by a shell as they are meant, whatever is in them', () => {
    const [, command = ''] = rerunCommands({
      ...ORIGIN,
      ref: "a b';$(x)`y`\n#",
      dispatchInputs: { a: '$HOME "*" \\' },
      given: { model: '$HOME "*" \\' },
    });
    expect(wordsOf(command).slice(6)).toEqual(['--ref', "a b';$(x)`y`\n#", '-f', 'a=$HOME "*" \\']);
  });
});

describe('the command for a machine of one’s own', () => {
  it('is the version that the workflow uses, with the inputs that were set', () => {
    const given = { chart: 'deploy/rag', values: 'a b', model: "it's" };
    expect(wordsOf(reproduceCommand({ ...ORIGIN, action: 'org/other@abc123', given }) ?? '').slice(-4)).toEqual([
      'github:org/other#abc123',
      'chart=deploy/rag',
      'values=a b',
      "model=it's",
    ]);
  });

  it('has a version where the workflow names none', () => {
    expect(wordsOf(reproduceCommand({ ...ORIGIN, action: 'org/x@' }) ?? '')).toContain('github:org/x#v1');
  });

  it.each(['', '@v1', '@', 'x', './', 'a/b/c@v1', 'a b/c', '/@v1'])(
    "is not there where the action's own repository is not known: whoever owns that name would get the key: %j",
    (action) => {
      expect(reproduceCommand({ ...ORIGIN, action })).toBeUndefined();
    },
  );

  it('is what it looks like: characters that are not shown, or turn the text, are written as numbers', () => {
    const value = 'a\u202eb\u200bc\u001b[31md\r\ne\u0085\u2066';
    const command = reproduceCommand({ ...ORIGIN, given: { values: value } }) ?? '';
    expect(command).toMatch(/^[\n -~…]*$/);
    expect(wordsOf(command).at(-1)).toBe(`values=${value}`);
  });

  it('says to a shell what was set, of any text', () => {
    const shown = fc.string({ unit: fc.constantFrom(...'ab\'"$`\\;|&<>()*?[]{}!#~ \n\t=-'.split(''), '\u202e', 'é') });
    fc.assert(
      fc.property(shown, (value) => {
        expect(wordsOf(reproduceCommand({ ...ORIGIN, given: { a: value } }) ?? '').at(-1)).toBe(`a=${value}`);
      }),
      { numRuns: 150 },
    );
  });
});

describe('inputs that were set', () => {
  it('are those that are not the defaults', () => {
    expect(givenInputs({ a: '1', b: '2', c: '', d: '3' }, { a: '1', b: '1', c: '5' })).toEqual({ b: '2', d: '3' });
  });

  it('are told without texts that may hold secrets, and without the key', () => {
    const raw = Object.fromEntries(Object.keys(DEFAULTS).map((name) => [name, `sk-${name}`]));
    const given = givenInputs(raw, {});
    expect(given).not.toHaveProperty('api-key');
    for (const name of ['set-values', 'test-command', 'post-install-command'])
      expect(given[name]).toBe('(as in the workflow)');
    expect(JSON.stringify(given)).not.toMatch(/sk-(api-key|set-values|test-command|post-install-command)/);
    expect(given['chart']).toBe('sk-chart');
  });

  it.each([
    ['maas-endpoint', 'https://user:hunter2@maas.example.com/v1'],
    ['tools-mirror', 'user:hunter2@mirror.example.com'],
    ['pre-install-manifests', 'https://blobs.example.com/crds.yaml?sig=hunter2'],
  ])('are told without what lets one in: %s %s', (name, value) => {
    expect(givenInputs({ [name]: value }, {})).toEqual({ [name]: '(as in the workflow)' });
  });

  it('are told with the digest of an image', () => {
    const image = 'kindest/node:v1.34.4@sha256:0123';
    expect(givenInputs({ 'node-image': image }, {})).toEqual({ 'node-image': image });
  });
});

describe('where a run comes from', () => {
  const raw = (over: Record<string, string> = {}) =>
    ({ ...Object.fromEntries(Object.keys(DEFAULTS).map((name) => [name, ''])), ...over }) as RawInputs;

  it('is what GitHub says, and what was set', () => {
    const env = {
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_REPOSITORY: 'acme/rag',
      GITHUB_WORKFLOW_REF: 'acme/rag/.github/workflows/e2e.yml@refs/heads/a@b',
      GITHUB_REF_NAME: 'a@b',
      GITHUB_RUN_ID: '7',
      GITHUB_EVENT_NAME: 'push',
      GITHUB_ACTION_REPOSITORY: 'org/maas-e2e-action',
      GITHUB_ACTION_REF: 'v1',
    };
    expect(readOrigin(env, raw({ chart: 'x', 'api-key': 'sk-secret' }))).toEqual({
      ...ORIGIN,
      ref: 'a@b',
      event: 'push',
      given: { chart: 'x' },
    });
  });

  it.each<[string, string, Record<string, string>]>([
    ['workflow_dispatch', '{"inputs":{"model":"llama","dry":true,"n":3}}', { model: 'llama', dry: 'true', n: '3' }],
    ['workflow_dispatch', '{"inputs":null}', {}],
    ['workflow_dispatch', 'x', {}],
    ['push', '{"inputs":{"model":"llama"}}', {}],
  ])('has what the workflow was given where it was started by hand: %s %s', (event, text, dispatchInputs) => {
    const folder = mkdtempSync(join(tmpdir(), 'event-'));
    writeFileSync(join(folder, 'event.json'), text);
    const env = { GITHUB_EVENT_NAME: event, GITHUB_EVENT_PATH: join(folder, 'event.json') };
    expect(readOrigin(env, raw()).dispatchInputs).toEqual(dispatchInputs);
    rmSync(folder, { recursive: true });
  });

  it('is empty outside of GitHub, and no event is looked for', () => {
    expect(readOrigin({ GITHUB_EVENT_NAME: 'workflow_dispatch', GITHUB_EVENT_PATH: '/nowhere' }, raw())).toEqual({
      ...{ serverUrl: '', repository: '', workflow: '', ref: '', runId: '', action: '' },
      event: 'workflow_dispatch',
      dispatchInputs: {},
      given: {},
    });
  });
});
