/** Every relative link of the documentation leads to a file, and its anchor to a heading there. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const TOP = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md'];

const pages = [
  ...TOP.map((name) => join(ROOT, name)),
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
    .map((entry) => join(entry.parentPath, entry.name)),
];

/** Text without code, in which brackets are no links. */
function proseOf(path: string): string {
  return readFileSync(path, 'utf8')
    .replace(/^```[\s\S]*?^```$/gm, '')
    .replace(/`[^`\n]*`/g, '');
}

/** The anchors of a page, as GitHub makes them. */
function anchorsOf(path: string): Set<string> {
  const headings = readFileSync(path, 'utf8')
    .replace(/^```[\s\S]*?^```$/gm, '')
    .matchAll(/^#+ (.*)$/gm);
  const slug = (text: string) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-');
  return new Set([...headings].map((match) => slug(match[1])));
}

function broken(path: string): string[] {
  const links = [...proseOf(path).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]);
  return links
    .filter((link) => !/^[a-z]+:/.test(link))
    .filter((link) => {
      const [file, anchor] = link.split('#');
      const target = file === '' ? path : resolve(dirname(path), file);
      if (!existsSync(target)) return true;
      if (anchor === undefined || !statSync(target).isFile()) return false;
      return !anchorsOf(target).has(anchor);
    })
    .map((link) => `${relative(ROOT, path)}: ${link}`);
}

it('has no broken link', () => {
  expect(pages.filter((path) => existsSync(path)).flatMap(broken)).toEqual([]);
});

/** Places in the project that the text names, such as `sim/layers.ts` or `test/sim/`. */
function missingPlaces(path: string): string[] {
  const folders = 'model|engine|sim|backends|scenarios|viz|cli|lab|bench|docs|test';
  const place = new RegExp(`\`((?:${folders})/[\\w./-]*)\``, 'g');
  const text = readFileSync(path, 'utf8').replace(/^```[\s\S]*?^```$/gm, '');
  return [...text.matchAll(place)]
    .map((match) => match[1])
    .filter((name) => !/[A-Z]{3}/.test(name) && !existsSync(join(ROOT, name)))
    .map((name) => `${relative(ROOT, path)}: ${name}`);
}

it('names only files and folders that are there', () => {
  const written = pages.filter((path) => !path.includes(join('docs', 'reference')));
  expect(written.filter((path) => existsSync(path)).flatMap(missingPlaces)).toEqual([]);
});

it('has the pages that every project has', () => {
  expect(TOP.filter((name) => !existsSync(join(ROOT, name)))).toEqual([]);
});
