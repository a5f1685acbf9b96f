/** Writes the generated part of the documentation: `npm run docs`. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { withExcerpt } from './generator/excerpt.ts';
import { referencePages } from './generator/pages.ts';

/** The project's folder, given as the first argument; else the working directory. */
const root = process.argv[2] ?? '.';

for (const [path, text] of await referencePages()) write(join(root, 'docs', path), text);
const readme = join(root, 'README.md');
write(readme, withExcerpt(readFileSync(readme, 'utf8'), root));

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  console.error(file);
}
