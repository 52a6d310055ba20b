import { defineConfig } from 'vitest/config';

const tier = (name: string, settings: object = {}) => ({
  extends: true as const,
  test: { name, include: [`test/${name}/**/*.test.ts`], ...settings },
});

export default defineConfig({
  test: {
    passWithNoTests: false,
    pool: 'forks',
    projects: [
      tier('unit', { testTimeout: 60_000 }), // a bound, not a measurement: machines are busy
      tier('property', { testTimeout: 120_000 }),
      tier('contract', { testTimeout: 60_000 }),
      tier('integration', { testTimeout: 60_000, hookTimeout: 120_000 }),
      // Real containers as root, each test in a network namespace and directories of its own.
      tier('e2e', { testTimeout: 120_000, hookTimeout: 180_000 }),
    ],
  },
});
