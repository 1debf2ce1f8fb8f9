import { defineConfig } from 'vitest/config';

/** Packages are tested as source: the export condition of the monorepo, so that no build can be stale. */
const conditions = ['sower-source', 'node', 'module', 'import', 'default'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ['node', 'import', 'default'] }, noExternal: [/^@sower\//] },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          // A busy machine is slower than vitest's five seconds allow; a test that hangs is found all the same.
          testTimeout: 30_000,
          include: [
            'packages/*/test/**/*.test.ts',
            'test/replay/**/*.test.ts',
            'test/{interop,docs}/**/*.test.ts',
            'bench/test/**/*.test.ts',
          ],
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          fileParallelism: false,
          maxConcurrency: 1,
          testTimeout: 240_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
