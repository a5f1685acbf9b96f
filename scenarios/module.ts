/**
 * Scenarios written in TypeScript or JavaScript: the default export of a module, in the same form as
 * YAML. Where in the source a value stands is not known, so problems point at the file and name the
 * path; types catch most mistakes in the editor already.
 */
import { stat } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { FILE_BYTES_MAX, reasonOf } from './files.ts';
import { type Problem, problemAt } from './problems.ts';
import {
  isKey,
  keyWords,
  type MapEntry,
  type Node,
  nameHint,
  type Path,
  type Place,
  type SourceFile,
  sourceFile,
  startOf,
} from './tree.ts';
import { DEPTH_MAX, NODES_MAX } from './yaml.ts';

export const MODULE_EXTENSIONS: readonly string[] = ['.ts', '.mts', '.js', '.mjs'];

export interface ModuleResult {
  readonly tree?: Node;
  readonly problems: readonly Problem[];
}

/** Imports a module (its code runs) and reads its default export. */
export async function readModule(path: string): Promise<ModuleResult> {
  const file = sourceFile(path, dirname(path), '');
  const failed = (message: string, hint?: string): ModuleResult => ({
    problems: [problemAt('SCENARIO_MODULE', startOf(file), [], message, { hint })],
  });
  let exported: unknown;
  try {
    const { size } = await stat(path);
    if (size > FILE_BYTES_MAX) return failed(`${path} is larger than ${FILE_BYTES_MAX} bytes`);
    exported = await importDefault(resolve(path));
  } catch (error) {
    return failed(`${path} cannot be loaded: ${reasonOf(error)}`);
  }
  if (typeof exported !== 'object' || exported === null || Array.isArray(exported)) {
    return failed(
      `${path} exports no scenario`,
      'write export default defineScenario({ version: 1, ... })',
    );
  }
  return readExport(exported, file);
}

/**
 * The default export, awaited. TypeScript goes through jiti on every Node version we support; plain
 * modules are imported natively, each time anew, so that a changed file is read again.
 */
async function importDefault(path: string): Promise<unknown> {
  if (path.endsWith('.ts') || path.endsWith('.mts')) {
    // Loaded when it is needed: it takes as long as reading a large scenario.
    const { createJiti } = await import('jiti');
    const jiti = createJiti(import.meta.url, {
      fsCache: false,
      moduleCache: false,
      interopDefault: false,
      // `import { defineScenario } from 'strata'` works wherever the scenario lies.
      alias: {
        strata: fileURLToPath(new URL(`./define${extname(import.meta.url)}`, import.meta.url)),
      },
    });
    const module = await jiti.import<{ default?: unknown }>(path);
    return module.default;
  }
  const { mtimeMs } = await stat(path);
  const module = await import(`${pathToFileURL(path).href}?changed=${mtimeMs}`);
  return module.default;
}

function readExport(exported: object, file: SourceFile): ModuleResult {
  const reader = new ValueReader(startOf(file));
  try {
    const tree = reader.node(exported, [], 0);
    return { tree, problems: reader.problems };
  } catch (error) {
    // Getters and proxies run code of the scenario's author.
    const message = `reading the exported scenario failed: ${reasonOf(error)}`;
    return { problems: [problemAt('SCENARIO_MODULE', startOf(file), [], message)] };
  }
}

/** Plain JavaScript values to a tree; everything that is not plain data is a problem. */
class ValueReader {
  readonly problems: Problem[] = [];
  readonly #place: Place;
  #size = 0;

  constructor(place: Place) {
    this.#place = place;
  }

  node(value: unknown, path: Path, depth: number): Node {
    const nothing: Node = { type: 'scalar', value: null, place: this.#place };
    this.#size++;
    if (this.#size > NODES_MAX || depth > DEPTH_MAX) {
      if (this.problems.at(-1)?.code !== 'SCENARIO_TOO_MANY_NODES') this.#tooMany(path);
      return nothing;
    }
    if (typeof value === 'string' || typeof value === 'boolean' || value === null) {
      return { type: 'scalar', value, place: this.#place };
    }
    if (typeof value === 'number' && Number.isFinite(value)) {
      return { type: 'scalar', value, place: this.#place };
    }
    if (Array.isArray(value)) {
      const items: Node[] = [];
      for (let i = 0; i < value.length && this.#size <= NODES_MAX; i++) {
        items.push(this.node(value[i], [...path, i], depth + 1));
      }
      return { type: 'list', items, place: this.#place };
    }
    if (typeof value === 'object') return this.#map(value, path, depth);
    this.problems.push(
      problemAt('SCENARIO_WRONG_TYPE', this.#place, path, 'only plain data can be a value', {
        expected: 'text, a finite number, true or false, a list or an object',
        found: typeof value === 'number' ? String(value) : typeof value,
      }),
    );
    return nothing;
  }

  #map(object: object, path: Path, depth: number): Node {
    const entries = new Map<string, MapEntry>();
    for (const key of Object.keys(object)) {
      const value = (object as Record<string, unknown>)[key];
      // A key set to undefined is a key left out, as in any options object.
      if (value === undefined) continue;
      if (!isKey(key, path)) {
        this.problems.push(
          problemAt('SCENARIO_BAD_KEY', this.#place, path, `${JSON.stringify(key)} is not a name`, {
            expected: keyWords(path),
            hint: nameHint(key),
          }),
        );
        continue;
      }
      entries.set(key, { key: this.#place, value: this.node(value, [...path, key], depth + 1) });
    }
    return { type: 'map', entries, place: this.#place };
  }

  #tooMany(path: Path): void {
    const message = `more than ${NODES_MAX} values, or nested more than ${DEPTH_MAX} levels deep`;
    this.problems.push(
      problemAt('SCENARIO_TOO_MANY_NODES', this.#place, path.slice(0, DEPTH_MAX), message),
    );
  }
}
