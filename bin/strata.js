#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = new URL('../dist/bundle/main.js', import.meta.url);

// A fresh checkout has no build yet; an installed package always has one.
if (!existsSync(fileURLToPath(main))) {
  const { setup } = await import('./setup.js');
  setup();
}
const { main: run } = await import(main.href);
process.exitCode = await run(process.argv);
