import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');

/** Which of our folders a folder may import, beside itself. `*`: any. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  model: [],
  engine: ['model'],
  sim: ['model', 'engine'],
  backends: ['model', 'engine'],
  scenarios: ['model'],
  viz: ['model', 'engine/recording', 'engine/incidents', 'engine/errors.ts', 'engine/time-text.ts'],
  cli: ['*'],
  bench: ['*'],
  lab: ['backends', 'model', 'engine'],
  docs: ['*'],
};

/** Packages that the folders of the deterministic core may use. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  model: ['xstate'],
  engine: ['apache-arrow'],
  sim: ['simple-statistics', 'hyparquet'],
};

/** Sources of nondeterminism and of the outside world, banned from the core. */
const BANNED: readonly (readonly [RegExp, string])[] = [
  [/\bDate\b(?!\w)(?=[.(])|new Date\b/, 'Date'],
  [/\bMath\.random\b/, 'Math.random'],
  [/\bset(Timeout|Interval|Immediate)\b/, 'timers'],
  [/\bperformance\.now\b/, 'performance.now'],
  [/\bprocess\.(env|argv|hrtime|cwd|exit|memoryUsage|std|platform|pid|nextTick|uptime)/, 'process'],
];

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })
    .filter((e) => e.isFile() && /\.tsx?$/.test(e.name) && !e.name.endsWith('.d.ts'))
    .map((e) => relative(ROOT, join(e.parentPath, e.name)));
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const statements =
    /^(?:import|export)\b[^;]*?\bfrom '([^']+)';|\bimport\('([^']+)'\)|^import '([^']+)';/gm;
  return [...text.matchAll(statements)].map((m) => m[1] ?? m[2] ?? m[3]);
}

/** Text without comments and strings, so that words in prose are not taken for code. */
function codeOf(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/'(?:[^'\\\n]|\\.)*'/g, "''")
    .replace(/`(?:[^`\\]|\\.)*`/g, '``')
    .replace(/\/\/.*$/gm, '');
}

describe.each(Object.keys(MAY_IMPORT))('%s/', (folder) => {
  it('imports only the folders it may', () => {
    const allowed = MAY_IMPORT[folder];
    const wrong = sources(folder).flatMap((file) =>
      importsOf(file)
        .filter((target) => target.startsWith('.'))
        .map((target) => relative(ROOT, resolve(dirname(join(ROOT, file)), target)))
        .filter((target) => {
          if (target.split(sep)[0] === folder || allowed.includes('*')) return false;
          return !allowed.some((a) => target === a || target.startsWith(`${a}${sep}`));
        })
        .map((target) => `${file} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });
});

/** Files that import each other, types included, each group named by its files; Tarjan's algorithm. */
function circles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const found: string[] = [];
  const visit = (file: string) => {
    order.set(file, order.size);
    low.set(file, order.size - 1);
    stack.push(file);
    for (const next of graph.get(file) ?? []) {
      if (!order.has(next)) visit(next);
      if (stack.includes(next)) low.set(file, Math.min(low.get(file)!, low.get(next)!));
    }
    if (low.get(file) !== order.get(file)) return;
    const group = stack.splice(stack.indexOf(file));
    if (group.length > 1) found.push(group.sort().join(' '));
  };
  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return found;
}

describe('files', () => {
  it('are found when they import each other', () => {
    const graph = Object.entries({
      a: ['b'],
      b: ['c', 'd'],
      c: ['b'],
      d: [],
      e: ['b', 'f'],
      f: ['g'],
      g: ['h', 'a'],
      h: ['f'],
    });
    expect(circles(new Map(graph))).toEqual(['b c', 'f g h']);
  });

  it('never import each other, neither directly nor by way of others', () => {
    const files = Object.keys(MAY_IMPORT).flatMap(sources);
    const graph = files.map((file): [string, string[]] => {
      const targets = importsOf(file).filter((target) => target.startsWith('.'));
      return [
        file,
        targets.map((target) => relative(ROOT, resolve(dirname(join(ROOT, file)), target))),
      ];
    });
    expect(circles(new Map(graph))).toEqual([]);
  });
});

describe.each(Object.entries(PACKAGES))('the deterministic core, %s/', (folder, packages) => {
  it('uses only its packages', () => {
    const wrong = sources(folder).flatMap((file) =>
      importsOf(file)
        .filter((target) => !target.startsWith('.') && !packages.includes(target.split('/')[0]))
        .map((target) => `${file} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it('takes no time and no chance from outside', () => {
    const wrong = sources(folder).flatMap((file) => {
      const code = codeOf(file);
      return BANNED.filter(([pattern]) => pattern.test(code)).map(([, what]) => `${file}: ${what}`);
    });
    expect(wrong).toEqual([]);
  });
});
