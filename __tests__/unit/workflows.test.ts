import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ERROR_CODES } from '../../src/error-codes.js';
import { INPUTS, OUTPUTS } from '../helpers/workflows.js';

interface Step {
  id?: string;
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
}
interface Job {
  uses?: string;
  steps?: Step[];
  permissions?: unknown;
  'timeout-minutes'?: number;
}
interface Workflow {
  on: unknown;
  permissions?: unknown;
  concurrency?: { group?: string };
  jobs: Record<string, Job>;
}

/** The only jobs that may write, and what. */
const WRITERS: Record<string, string[]> = {
  'codeql.yml analyze': ['security-events'],
  'release.yml release': ['contents', 'id-token', 'attestations'],
};
const PINNED = /^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/;
/** Triggers that run with secrets on what a stranger sent. */
const TRUSTING = ['pull_request_target', 'workflow_run', 'issue_comment'];

/** What is wrong with a workflow of this repository. */
function problemsOf(name: string, text: string): string[] {
  const workflow = parse(text) as Workflow;
  const triggers = Object.keys(isRecord(workflow.on) ? workflow.on : { [String(workflow.on)]: null });
  const jobs = Object.entries(workflow.jobs);
  return [
    ...triggers.filter((trigger) => TRUSTING.includes(trigger)).map((trigger) => `it is triggered by ${trigger}`),
    ...(isLeast(workflow.permissions) ? [] : ['its permissions at the top are not the least']),
    ...(workflow.concurrency?.group ? [] : ['it has no concurrency group']),
    ...problemsOfPins(text, workflow),
    ...jobs.flatMap(([id, job]) => problemsOfJob(`${name} ${id}`, job)),
    ...unknownOutputs(text, workflow),
  ];
}

const isLeast = (permissions: unknown): boolean =>
  isRecord(permissions) &&
  Object.entries(permissions).every(([scope, access]) => scope === 'contents' && access === 'read');

/** The version is a comment, so it is the text that is read; a `uses` that is not on a line of its own shows by the count. */
function problemsOfPins(text: string, { jobs }: Workflow): string[] {
  const written = [...text.matchAll(/^\s*(?:- )?uses: (.*)$/gm)].map(([, uses = '']) => uses);
  const meant = Object.values(jobs).flatMap(({ uses, steps = [] }) => [uses, ...steps.map((step) => step.uses)]);
  const unpinned = written.filter((uses) => !uses.startsWith('./') && !PINNED.test(uses));
  return [
    ...unpinned.map((uses) => `${uses} is not pinned by a digest with its version`),
    ...(written.length === meant.filter(Boolean).length ? [] : ['a uses is not on a line of its own']),
  ];
}

function problemsOfJob(name: string, job: Job): string[] {
  const { steps = [], permissions, uses } = job;
  const may = WRITERS[name] ?? [];
  const writes = isRecord(permissions)
    ? Object.keys(permissions).filter((scope) => permissions[scope] === 'write' && !may.includes(scope))
    : [];
  // the jobs of a workflow that is called have deadlines of their own
  const isEndless = !uses?.startsWith('./') && !job['timeout-minutes'];
  return [
    ...(isRecord(permissions) ? [] : [`${name} has no permissions of its own`]),
    ...writes.map((scope) => `${name} may write ${scope}`),
    ...(isEndless ? [`${name} has no timeout`] : []),
    ...steps.flatMap((step) => problemsOfStep(name, step)),
  ];
}

function problemsOfStep(name: string, { uses = '', run = '', with: given = {} }: Step): string[] {
  const unknown = uses === './' ? Object.keys(given).filter((input) => !INPUTS.includes(input)) : [];
  const keeps = uses.startsWith('actions/checkout@') && given['persist-credentials'] !== false;
  return [
    ...unknown.map((input) => `${name}: the action has no input ${input}`),
    ...(keeps ? [`${name}: the checkout leaves its credentials`] : []),
    ...(run.includes('${{') ? [`${name}: an expression in a script`] : []),
  ];
}

function unknownOutputs(text: string, { jobs }: Workflow): string[] {
  const steps = Object.values(jobs).flatMap((job) => job.steps ?? []);
  const ours = steps.filter(({ uses }) => uses === './').map(({ id }) => id);
  return [...text.matchAll(/\bsteps\.([\w-]+)\.outputs\.([\w-]+)/g)]
    .filter(([, id, output = '']) => ours.includes(id) && !OUTPUTS.includes(output))
    .map(([, , output = '']) => `the action has no output ${output}`);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const FOLDER = '.github/workflows';
const files = readdirSync(FOLDER);
const read = (name: string) => readFileSync(`${FOLDER}/${name}`, 'utf8');

describe('workflows of this repository', () => {
  it('are there', () => {
    const wanted = ['check-dist', 'ci', 'codeql', 'e2e', 'nightly', 'release'];
    expect(files.sort()).toEqual(wanted.map((name) => `${name}.yml`));
  });

  it.each(files)('%s is in order', (name) => {
    expect(problemsOf(name, read(name))).toEqual([]);
  });

  it('use one version of each action', () => {
    const pins = files.flatMap((name) => [...read(name).matchAll(/uses: ([\w-]+\/[\w-]+)[\w/-]*@(.*)$/gm)]);
    const versions = pins.map(([, action = '', version = '']) => [action, version].join('@'));
    const actions = pins.map(([, action = '']) => action);
    expect(new Set(versions).size).toBe(new Set(actions).size);
  });

  it('expect codes that there are', () => {
    const codes = files.flatMap((name) => read(name).match(/\bE_[A-Z_]+\b/g) ?? []);
    expect(codes).toContain('E_IMAGE_PULL');
    expect(codes.filter((code) => !(code in ERROR_CODES))).toEqual([]);
  });
});

/** A workflow in order, with one thing changed. */
function broken(from: string, to: string): string[] {
  const good = `on:
  push:
permissions: {}
concurrency:
  group: a
jobs:
  a:
    timeout-minutes: 5
    permissions:
      contents: read
    steps:
      - uses: actions/checkout@${'0'.repeat(40)} # v1.2.3
        with:
          persist-credentials: false
      - uses: ./
        id: e2e
        with:
          model: a
      - run: echo "$RESULT"
        env:
          RESULT: \${{ steps.e2e.outputs.result }}
`;
  expect([good.includes(from), problemsOf('a.yml', good)]).toEqual([true, []]);
  return problemsOf('a.yml', good.replace(from, to));
}

describe('what is wrong with a workflow is told', () => {
  it.each([
    ['push', 'pull_request_target', 'it is triggered by pull_request_target'],
    ['permissions: {}', 'env: {}', 'its permissions at the top are not the least'],
    ['permissions: {}', 'permissions: write-all', 'its permissions at the top are not the least'],
    ['permissions: {}', 'permissions: { contents: write }', 'its permissions at the top are not the least'],
    ['  group: a', '  cancel-in-progress: true', 'it has no concurrency group'],
    [' # v1.2.3', '', `actions/checkout@${'0'.repeat(40)} is not pinned by a digest with its version`],
    ['0'.repeat(40), 'v1', 'actions/checkout@v1 # v1.2.3 is not pinned by a digest with its version'],
    ['0'.repeat(40), '0'.repeat(39), /is not pinned/],
    ['- run:', '- { uses: a/b@v1 }\n      - run:', 'a uses is not on a line of its own'],
    ['    permissions:\n      contents: read\n', '', 'a.yml a has no permissions of its own'],
    ['contents: read', 'contents: write', 'a.yml a may write contents'],
    ['    timeout-minutes: 5\n', '', 'a.yml a has no timeout'],
    ['persist-credentials: false', 'fetch-depth: 0', 'a.yml a: the checkout leaves its credentials'],
    ['model: a', 'modle: a', 'a.yml a: the action has no input modle'],
    ['"$RESULT"', '"${{ github.head_ref }}"', 'a.yml a: an expression in a script'],
    ['outputs.result', 'outputs.verdict', 'the action has no output verdict'],
  ])('%s → %s', (from, to, problem) => {
    expect(broken(from, to)).toEqual([typeof problem === 'string' ? problem : expect.stringMatching(problem)]);
  });
});

describe('issue forms', () => {
  const forms = readdirSync('.github/ISSUE_TEMPLATE').filter((name) => name !== 'config.yml');

  it.each(forms)('%s warns of the key first, and names each of its fields once', (name) => {
    const { body } = parse(readFileSync(`.github/ISSUE_TEMPLATE/${name}`, 'utf8')) as {
      body: { type: string; id?: string; attributes: { value?: string; label?: string } }[];
    };
    const [first, ...fields] = body;
    expect(first?.attributes.value).toMatch(/never paste (the|a) key/i);
    expect(fields.every(({ id, attributes }) => id && attributes.label)).toBe(true);
    expect(new Set(fields.map(({ id }) => id)).size).toBe(fields.length);
  });
});

it('package.json has no script at which npm installs what only developers need: npx runs it with the key in its environment', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    scripts: Record<string, string>;
  };
  const installing = ['build', 'prepare', 'prepack', 'preinstall', 'install', 'postinstall'];
  expect(installing.filter((name) => name in scripts)).toEqual([]);
});
