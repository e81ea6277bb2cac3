import { defineConfig } from 'vitest/config';

/** VITEST_JSON: where .ci/run wants the counts. */
const json = process.env['VITEST_JSON'];

export default defineConfig({
  test: {
    include: ['__tests__/**/*.test.ts'],
    testTimeout: 20_000,
    globalSetup: ['__tests__/setup/draw-seed.ts'],
    setupFiles: ['__tests__/setup/use-seed.ts'],
    pool: 'forks',
    // tests that wait for deadlines and retries leave the processors to others
    maxWorkers: 3,
    reporters: json ? ['default', ['json', { outputFile: json }]] : ['default'],
  },
});
