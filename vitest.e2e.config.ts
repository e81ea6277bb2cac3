import { defineConfig } from 'vitest/config';

/** VITEST_JSON: where .ci/run wants the counts. */
const json = process.env['VITEST_JSON'];

/** Runs on one cluster at a time; e2e/tests/full.e2e.ts only where it is asked for. */
export default defineConfig({
  test: {
    include: ['e2e/tests/**/*.e2e.ts'],
    fileParallelism: false,
    pool: 'forks',
    disableConsoleIntercept: true,
    reporters: json ? ['default', ['json', { outputFile: json }]] : ['default'],
  },
});
