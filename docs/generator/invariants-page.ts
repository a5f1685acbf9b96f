/** What is held true at every instant of every run. */

import { KINDS } from '../../model/index.ts';
import { INVARIANTS } from '../../model/invariants/index.ts';
import { code, codes, page, table } from './markdown.ts';

const LAYER_OF: ReadonlyMap<string, string> = new Map(KINDS.map((k) => [k.kind, k.layer]));

const INTRODUCTION = `An invariant is true of the whole stack at every instant, whatever fails: it is meant to be looked
at after everything that happens at that instant has happened.

- \`strata check\` holds every invariant at every instant in which something it looks at has changed.
- \`strata run\` and \`strata capacity\` hold them in sweeps over all entities, now and then and at
  the end, since that costs less.`;

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
