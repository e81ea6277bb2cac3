import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { fencesIn } from '../helpers/markdown.js';
import { kindOf, problemsOf, snippetsIn } from '../helpers/snippets.js';
import { createLint, filesOfRepository, type Lint } from '../helpers/workflows.js';

let lint: Lint;
beforeAll(async () => {
  lint = await createLint();
});

const pages = filesOfRepository('README.md', 'SECURITY.md', 'CONTRIBUTING.md', 'docs/*.md');
const snippets = pages.flatMap((file) => snippetsIn(file, readFileSync(file, 'utf8')));

describe('YAML of the documentation', () => {
  it('is found', () => {
    expect(snippets.map(({ file }) => file)).toEqual(expect.arrayContaining(['README.md', 'docs/wiring.md']));
  });

  it.each(snippets.map((snippet) => ({ ...snippet, name: `${snippet.file}:${snippet.line}` })))(
    'works as it is shown: $name',
    (snippet) => {
      expect(problemsOf(snippet, lint)).toEqual([]);
    },
  );
});

/** What is found wrong with YAML that a page shows from its line 3 on. */
function problemsIn(yaml: string): string[] {
  const [snippet] = snippetsIn('page.md', `# Page\n\`\`\`yaml\n${yaml}\n\`\`\`\n`);
  return problemsOf(snippet!, lint);
}

describe('a snippet that does not work is told with file and line', () => {
  it.each([
    ['no YAML', 'a: 1\nb: [', /^page\.md:4: no YAML: /],
    ['a key that is there twice', 'a: 1\nb: 2\na: 3', /^page\.md:5: no YAML: Map keys must be unique/],
    [
      'a workflow',
      'on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: [{ run: a }]\n    step: []',
      /^page\.md:8: unexpected key "step"/,
    ],
    [
      'permissions that there are not',
      'permissions:\n  content: read',
      /^page\.md:4: unknown permission scope "content"/,
    ],
    [
      'jobs',
      'e2e:\n  runs-on: ubuntu-latest\n  steps: [{ run: "${{ foo.bar }}" }]',
      /^page\.md:5: undefined variable "foo"/,
    ],
    ['a job', 'timeout-minute: 5\nsteps:\n  - run: pytest', /^page\.md:3: unexpected key "timeout-minute"/],
    ['a matrix', 'strategy:\n  fail-fasts: true\n  matrix: { a: [1] }', /^page\.md:4: unexpected key "fail-fasts"/],
    ['a list of steps', '- run: pytest\n  ifs: always()', /^page\.md:4: unexpected key "ifs"/],
    ['a step', 'uses: actions/checkout@v4\nwiht: {}', /^page\.md:4: unexpected key "wiht"/],
    ['an expression', 'with:\n  model: ${{ secret.MODEL }}', /^page\.md:4: undefined variable "secret"/],
    ['an input', 'with:\n  model: a\n  valuesfile: b', /^page\.md:5: the action has no input valuesfile/],
    ['an input without with', 'values-file: a\nvalue-files: b', /^page\.md:4: the action has no input value-files/],
    ['an input of a step', '- uses: org/maas-e2e-action@v1\n  with:\n    chrat: a', /^page\.md:5: .* no input chrat/],
    ['an output', '- run: echo "${{ steps.e2e.outputs.verdict }}"', /^page\.md:3: .* no output verdict \(steps\.e2e\)/],
    [
      'an output of a step that is shown',
      '- uses: org/maas-e2e-action@v1\n  id: test\n- run: pytest\n  if: steps.test.outputs.verdict',
      /^page\.md:6: .* no output verdict \(steps\.test\)/,
    ],
    ['a job that lacks the step', 'steps:\n  - run: "${{ steps.e2e.outputs.result }}"', /^page\.md:4: property "e2e"/],
  ])('%s', (_, yaml, problem) => {
    expect(problemsIn(yaml)).toEqual([expect.stringMatching(problem)]);
  });

  it('also where it is indented, in a list', () => {
    const page = '- An item:\n\n  ````yml\n      with:\n        model: a\n        modle: b\n  ````\n';
    const [snippet] = snippetsIn('page.md', page);
    expect(problemsOf(snippet!, lint)).toEqual(['page.md:6: the action has no input modle']);
  });
});

describe('a snippet that works', () => {
  it.each([
    ['with a step before that the page does not show', "- run: pytest\n  if: steps.e2e.outputs.result == 'passed'"],
    ['of another action, with its own outputs', '- uses: a/b@v1\n  id: b\n- run: echo "${{ steps.b.outputs.c }}"'],
    ['that is a job without a runner', 'strategy: { matrix: { a: [1] } }\nsteps: [{ run: "echo ${{ matrix.a }}" }]'],
  ])('%s', (_, yaml) => {
    expect(problemsIn(yaml)).toEqual([]);
  });

  it.each([
    ['values of a chart', 'other', { llm: { url: '${MAAS_BASE_URL}' }, strategy: { type: 'Recreate' } }],
    ['a manifest', 'other', { apiVersion: 'v1', kind: 'Secret', jobs: {} }],
    ['a list of names', 'other', ['a', 'b']],
    ['nothing', 'other', null],
    ['triggers', 'workflow', { on: 'push' }],
    ['inputs', 'inputs', { 'secret-name': 'llm', model: 'a' }],
    ['a matrix', 'strategy', { matrix: { a: [1] } }],
  ])('%s', (_, kind, value) => {
    expect(kindOf(value)).toBe(kind);
  });
});

describe('fences', () => {
  it('end with as many marks as they begin with', () => {
    const page = '~~~~yaml\na: |\n  ```\n~~~\n~~~~\n```Yaml title\nb: 1\n```\n``` a `b` ```\n';
    expect(fencesIn(page)).toEqual([
      { language: 'yaml', line: 2, text: 'a: |\n  ```\n~~~' },
      { language: 'yaml', line: 7, text: 'b: 1' },
    ]);
  });

  it('without an end are an error', () => {
    expect(() => fencesIn('text\n```yaml\na: 1\n')).toThrow('line 2');
  });
});
