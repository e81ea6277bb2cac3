import { defineConfig } from 'vitest/config';

/** Runs on one cluster at a time; e2e/tests/full.e2e.ts only where it is asked for. */
export default defineConfig({
  test: { include: ['e2e/tests/**/*.e2e.ts'], fileParallelism: false, pool: 'forks', disableConsoleIntercept: true },
});
