import { describe, expect, it } from 'vitest';
import { repository, whoSays } from '../../scripts/owner.mjs';

/** Where readers find the action's own repository. package.json has it; scripts/owner.mjs writes it into these. */
const SAID_IN = [
  '.github/ISSUE_TEMPLATE/config.yml',
  '.github/ISSUE_TEMPLATE/feature.yml',
  '.github/ISSUE_TEMPLATE/red-run.yml',
  'CONTRIBUTING.md',
  'README.md',
  'docs/fork-pull-requests.md',
  'docs/matrix.md',
  'docs/migration.md',
  'docs/report.schema.json',
  'docs/trend.md',
  'e2e/local.mjs',
  'examples/budget.yml',
  'examples/dispatch.yml',
  'examples/fork-safe.yml',
  'examples/matrix.yml',
  'examples/one-step.yml',
  'examples/other-chart.yml',
  'examples/own-tests.yml',
  'examples/trend-artifact.yml',
  'examples/trend-cache.yml',
];

describe("the action's own repository", () => {
  it('is named in these files, and in no other', () => {
    expect(
      whoSays()
        .map(({ path }) => path)
        .sort(),
    ).toEqual(SAID_IN);
  });

  it('is everywhere the one of package.json', () => {
    expect([...new Set(whoSays().flatMap(({ names }) => names))]).toEqual([repository()]);
  });

  it('is in no code that runs: the account of that name may be anybody', () => {
    expect(whoSays().filter(({ path }) => path.startsWith('src/'))).toEqual([]);
  });
});
