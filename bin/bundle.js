// Bundles the command line: loading hundreds of small files takes longer than many a run.
import { rolldown } from 'rolldown';

const bundle = await rolldown({
  input: {
    main: 'dist/cli/main.js',
    // Threads are started from a file of this name; TypeScript scenarios import from `define`.
    worker: 'dist/cli/capacity/worker.js',
    define: 'dist/scenarios/define.js',
  },
  platform: 'node',
  // Loaded by one command each, from where they are installed.
  external: [
    'jiti',
    'fast-check',
    'fastify',
    // Clients of real systems, each for the drivers that speak to it.
    'undici',
    'ssh2',
    'ws',
    /^@aws-sdk\//,
    /^@canonical\//,
    /^@grpc\//,
    /^@kubernetes\//,
  ],
});
await bundle.write({
  dir: 'dist/bundle',
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: '[name]-[hash].js',
  sourcemap: true,
  cleanDir: true,
});
