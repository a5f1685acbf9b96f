/**
 * The compiled model, from the build's cache where that is as new as the build. The cache saves
 * loading XState and compiling 64 machines, which is most of the start-up time.
 */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ModelData, modelFromData, modelToData } from '../engine/model-data.ts';
import type { CompiledModel } from '../engine/tables.ts';

interface Cache {
  /** What the cache was made from; any change makes it stale. */
  readonly sources: string;
  readonly model: ModelData;
}

const BUILD = fileURLToPath(new URL('..', import.meta.url));
const CACHE = join(BUILD, 'model.json');

/** The whole model, compiled or from the cache. */
export async function loadModel(): Promise<CompiledModel> {
  const cache = readCache();
  if (cache && cache.sources === sourcesOfModel()) return modelFromData(cache.model);
  const { standardModel } = await import('../engine/standard-model.ts');
  return standardModel();
}

/** Compiles the model and writes the cache into the build. */
export async function writeModelCache(): Promise<void> {
  const { standardModel } = await import('../engine/standard-model.ts');
  const cache: Cache = { sources: sourcesOfModel(), model: modelToData(standardModel()) };
  writeFileSync(CACHE, JSON.stringify(cache));
}

function readCache(): Cache | undefined {
  try {
    return JSON.parse(readFileSync(CACHE, 'utf8'));
  } catch {
    // Not built yet, or run from the sources: it is compiled then.
    return undefined;
  }
}

/** Names, sizes and times of every file that the compiled model is made from. */
function sourcesOfModel(): string {
  const files = readdirSync(join(BUILD, 'model'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.js'))
    .map((file) => join('model', file));
  const compiler = ['compile.js', 'compile-machine.js', 'statechart.js', 'tables.js'];
  return [...files, ...compiler.map((file) => join('engine', file))]
    .sort()
    .map((file) => {
      const { size, mtimeMs } = statSync(join(BUILD, file));
      return `${file} ${size} ${mtimeMs}`;
    })
    .join('\n');
}
