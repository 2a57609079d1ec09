import { defineConfig } from 'vitest/config';

export default defineConfig({
  // tfjs-core has two builds; Node, and so libs/models outside of tests, takes `main`. Two copies would not share tensors.
  resolve: { mainFields: ['main'] },
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
