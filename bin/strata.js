#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = new URL('../dist/bundle/main.js', import.meta.url);

// A fresh checkout has no build yet; an installed package always has one.
if (!existsSync(fileURLToPath(main))) {
  const { setup } = await import('./setup.js');
  setup();
}
// A reader that has seen enough (`| head`) closes the pipe: no more to do, and no error.
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

const { main: run } = await import(main.href);
process.exitCode = await run(process.argv);
