/** What is held true at every instant of every run. */

import { KINDS } from '../../model/index.ts';
import { INVARIANTS } from '../../model/invariants/index.ts';
import { code, codes, page, table } from './markdown.ts';

const LAYER_OF: ReadonlyMap<string, string> = new Map(KINDS.map((k) => [k.kind, k.layer]));

const INTRODUCTION = `An invariant is true of the whole stack at every instant, whatever fails: it is looked at after
everything that happens at that instant has happened. \`strata run\` reports the first violation of
each; \`strata check\` looks for a run that violates one and shrinks it.`;

export function invariantsPage(): string {
  return page(
    'Invariants',
    INTRODUCTION,
    `There are ${INVARIANTS.length}.`,
    table(
      ['name', 'layer', 'looks at', 'also after changes of', 'what holds'],
      INVARIANTS.map((i) => [
        code(i.name),
        LAYER_OF.get(i.kind) ?? '',
        code(i.kind),
        codes(i.alsoAfter ?? []),
        i.describes,
      ]),
    ),
  );
}
