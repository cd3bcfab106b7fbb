/**
 * The four test projects: what each one runs and how long one test may take.
 *
 * Two workers at most: the tests start real servers and real programs, and a busy machine must not decide their
 * outcome. `e2e` has three, for it often waits for a one-time code or a deadline; `bench` runs one file at a time.
 */
import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { CountReporter } from './test/support/count-reporter.ts';

/**
 * Real shells and terminals are timing: in CI a test that waited in vain may have a second try, which the report
 * names. What was seen and is wrong stays wrong. On a developer's machine there is none, so that a flaw shows.
 */
const SECOND_TRY = {
  count: process.env['CI'] === 'true' ? 1 : 0,
  condition: /(?:timed out in|within|not done in|still running after) \d+ ?ms/,
};

/** Where `npm test` wants its count. */
const countFile = process.env['HELDLINE_TEST_COUNT'];

const config: ViteUserConfig = defineConfig({
  test: {
    maxWorkers: 2,
    reporters: ['default', ...(countFile === undefined ? [] : [new CountReporter(countFile)])],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      exclude: ['src/**/*.test.ts'],
      reporter: ['text-summary', 'html'],
    },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'test/architecture/**/*.test.ts'],
          setupFiles: ['test/support/seed-properties.ts'],
          // Slow on purpose: the hash of a recovery code. On a busy machine that is seconds.
          testTimeout: 30_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts', 'test/support/**/*.test.ts'],
          setupFiles: ['test/support/seed-properties.ts'],
          pool: 'forks',
          testTimeout: 20_000,
          hookTimeout: 20_000,
          retry: SECOND_TRY,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          pool: 'forks',
          maxWorkers: 3,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          retry: SECOND_TRY,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          name: 'bench',
          include: ['test/bench/**/*.bench.ts'],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});

export default config;
