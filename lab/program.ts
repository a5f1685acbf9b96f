import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { LabError } from './error.ts';
import { projectFolder } from './folder.ts';

/**
 * A program of the lab that runs as a daemon of its own: the path of its compiled form, since
 * Node.js runs no TypeScript. `name` is its path below `lab/` without extension.
 */
export function labProgram(name: string): string {
  const path = join(projectFolder(import.meta.dirname), 'dist/lab', `${name}.js`);
  if (existsSync(path)) return path;
  throw new LabError('LAB_NOT_BUILT', `${path} is not there`, 'Run `npm run build`.');
}

/** The command that runs a program of the lab in a mount namespace of its own. */
export function inMountNamespace(command: readonly string[]): readonly string[] {
  return ['unshare', '--mount', '--', ...command];
}
