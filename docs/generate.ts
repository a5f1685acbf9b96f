/** Writes the generated part of the documentation: `npm run docs`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { referencePages } from './generator/pages.ts';

/** The folder `docs`, given as the first argument or in the working directory. */
const folder = process.argv[2] ?? 'docs';

for (const [path, text] of await referencePages()) {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  console.error(file);
}
