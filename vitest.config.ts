import { defineConfig } from 'vitest/config';

export default defineConfig({
  // tfjs-core has two builds; Node, and so libs/models outside of tests, takes `main`. Two copies would not share tensors.
  resolve: {
    mainFields: ['main'],
    // graphql's `main` has no extension, and Vite would try .mjs first: a second copy, whose schema is no schema to the first.
    alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }],
  },
  test: {
    include: ['{apps,libs,tools,benchmarks,examples}/**/*.test.{ts,tsx}'],
    exclude: ['**/node_modules/**', 'apps/web-e2e/**'],
    // TensorFlow cannot be unloaded, and does not mix with worker threads.
    pool: 'forks',
    maxWorkers: 2,
    setupFiles: ['tools/check/src/vitest-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
