import { defineConfig } from 'vitest/config';

const quick = { testTimeout: 20_000, hookTimeout: 30_000 };
const patient = { testTimeout: 120_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    allowOnly: false,
    passWithNoTests: false,
    teardownTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: { name: 'pure', include: ['test/{arch,policy,replay,unit}/**/*.test.ts'], ...quick },
      },
      {
        extends: true,
        test: {
          name: 'server',
          include: ['test/{api,contract,e2e,fault,workflow}/**/*.test.ts'],
          globalSetup: ['test/setup/global-setup.ts'],
          ...patient,
        },
      },
    ],
  },
});
