/** The Mermaid state diagrams of the reference: well formed, readable, and about every state. */
import { describe, expect, it } from 'vitest';
import { diagramsOf } from '../../docs/generator/diagram.ts';
import { regionsOf } from '../../docs/generator/machine-view.ts';
import { KINDS } from '../../model/index.ts';

const ARROWS_MAX = 60;

describe.each(KINDS.map((kind) => [kind.kind, kind] as const))('%s', (_, kind) => {
  const regions = regionsOf(kind);
  const diagrams = regions.flatMap(diagramsOf);

  it('declares what it draws, once', () => {
    for (const { mermaid } of diagrams) {
      const declared = [...mermaid.matchAll(/^ *state "[^"]+" as (\w+)/gm)].map((m) => m[1]);
      expect(new Set(declared).size).toBe(declared.length);
      const arrows = [...mermaid.matchAll(/^ *(\S+) --> (\w+)/gm)];
      const ends = arrows.flatMap(([, from, to]) => (from === '[*]' ? [to] : [from, to]));
      expect(ends.filter((id) => !declared.includes(id))).toEqual([]);
      expect(mermaid.match(/{$/gm)?.length).toBe(mermaid.match(/^ *}$/gm)?.length);
    }
  });

  it('can be read', () => {
    for (const { mermaid } of diagrams) {
      expect(mermaid.match(/-->/g)?.length ?? 0).toBeLessThanOrEqual(ARROWS_MAX);
    }
  });

  it('shows every state, or says that it does not', () => {
    const drawn = diagrams.flatMap(({ mermaid }) =>
      [...mermaid.matchAll(/state "([^"]+)"/g)].map((match) => match[1]),
    );
    const folded = diagrams
      .flatMap(({ left }) => left)
      .flatMap((line) => [...line.matchAll(/`([^`]+)…`/g)].map((match) => match[1]));
    const leaves = regions.flatMap(({ states }) => states.filter((state) => !state.isParent));
    const missing = leaves.filter(
      ({ name, parent }) =>
        !drawn.includes(name) &&
        !drawn.includes(name.slice(parent.length + 1)) &&
        !folded.some((prefix) => name.startsWith(prefix)),
    );
    expect(missing.map(({ name }) => name)).toEqual([]);
  });
});
