/** The committed reference is what the generator gives, and says everything the model holds. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withExcerpt } from '../../docs/generator/excerpt.ts';
import { referencePages } from '../../docs/generator/pages.ts';
import { standardModel } from '../../engine/standard-model.ts';
import { LAYERS } from '../../model/layers.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const DOCS = join(ROOT, 'docs');
const pages = await referencePages();

describe('docs/reference', () => {
  it.each([...pages.keys()])('%s is up to date (else: npm run docs)', (path) => {
    const file = join(DOCS, path);
    expect(existsSync(file), `${file} is missing`).toBe(true);
    expect(readFileSync(file, 'utf8') === pages.get(path), `${file} differs`).toBe(true);
  });

  it('holds nothing else', () => {
    const found = readdirSync(join(DOCS, 'reference'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(DOCS.length + 1));
    expect(found.sort()).toEqual([...pages.keys()].sort());
  });

  it('comes out the same twice', async () => {
    expect(await referencePages()).toEqual(pages);
  });
});

describe('README.md', () => {
  it('shows what the report says (else: npm run docs)', () => {
    const text = readFileSync(join(ROOT, 'README.md'), 'utf8');
    expect(text).toBe(withExcerpt(text, ROOT));
  });
});

describe('pages of the layers', () => {
  const model = standardModel();

  it.each(LAYERS)('%s names every state, event, verb and timeout', (layer) => {
    const page = pages.get(`reference/layers/${layer}.md`) ?? '';
    const text = page.replace(/^```[\s\S]*?^```$/gm, '');
    const named = new Set([...text.matchAll(/`([^`]+)`/g)].map((match) => match[1]));
    const kinds = model.kinds.filter((kind) => LAYERS[kind.layer] === layer);
    const missing = kinds.flatMap((kind) => {
      const states = model.stateNames
        .slice(kind.firstState, kind.firstState + kind.stateCount)
        .map((name) => name.slice(kind.kind.length + 1))
        .flatMap((name) => (named.has(name) ? [] : name.split('+')));
      const own = (name: string) => name.startsWith(`${kind.kind}.`);
      const timings = [...model.verbNames, ...model.delayNames].filter(own);
      const words = [
        ...states,
        ...[...kind.events].map((event) => model.eventNames[event]),
        ...timings.map((name) => name.slice(kind.kind.length + 1)),
      ];
      return words.filter((word) => !named.has(word)).map((word) => `${kind.kind}: ${word}`);
    });
    expect(missing).toEqual([]);
  });
});
