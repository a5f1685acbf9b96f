#!/usr/bin/env node
// Makes a checkout ready to run: installs what is missing and builds what is out of date.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, 'dist', '.built');
const sources = [
  'model',
  'engine',
  'sim',
  'backends',
  'scenarios',
  'viz',
  'cli',
  'lab',
  'bench',
  'docs/generator',
];
const settings = [
  'index.ts',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'docs/generate.ts',
  'docs/error-codes.ts',
];

const NODE_MINIMUM = [20, 19];

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [needMajor, needMinor] = NODE_MINIMUM;
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return;
  console.error(
    `Strata needs Node.js ${NODE_MINIMUM.join('.')} or newer; this is ${process.version}.`,
  );
  process.exit(2);
}

function run(title, command, args) {
  console.error(`${title} ...`);
  const { status } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (status === 0) return;
  console.error(`'${[command, ...args].join(' ')}' failed; see above.`);
  process.exit(3);
}

function modified_ms(path) {
  return existsSync(path) ? statSync(path).mtimeMs : 0;
}

function newest_ms(folder) {
  let newest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    newest = Math.max(newest, entry.isDirectory() ? newest_ms(path) : modified_ms(path));
  }
  return newest;
}

function isInstalled() {
  const installed = join(root, 'node_modules', '.package-lock.json');
  return modified_ms(installed) >= modified_ms(join(root, 'package-lock.json'));
}

function isBuilt() {
  const built = modified_ms(stamp);
  const times = [
    ...sources.map((folder) => newest_ms(join(root, folder))),
    ...settings.map((file) => modified_ms(join(root, file))),
  ];
  return times.every((time) => time <= built);
}

/** Installs and builds as needed. */
export function setup() {
  requireNode();
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  if (!isInstalled()) run('Installing dependencies', npm, ['ci', '--no-fund', '--no-audit']);
  if (isBuilt()) return;
  const started_ms = Date.now();
  run('Building', npm, ['run', '--silent', 'build']);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, '');
  console.error(`Built in ${((Date.now() - started_ms) / 1000).toFixed(1)} s`);
}

if (process.argv[1] && fileURLToPath(import.meta.url) === process.argv[1]) setup();
