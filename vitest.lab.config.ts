import { defineConfig } from 'vitest/config';

/** Tests against real servers, as root on Debian: `npm run lab:test`. They start what they need. */
export default defineConfig({
  test: {
    include: ['test/lab/**/*.test.ts'],
    // Generous: what these limits guard against is hanging, and the machine may be busy.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // Real servers on a machine that others use as well: CI tries a test once more, and says so.
    retry: process.env.CI ? 1 : 0,
    // The systems are shared, and there is one of each.
    fileParallelism: false,
  },
});
