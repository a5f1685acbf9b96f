/** The entrance to the reference, and how its tables are read. */

import { KINDS } from '../../model/index.ts';
import { INVARIANTS } from '../../model/invariants/index.ts';
import { LAYERS } from '../../model/layers.ts';
import { ERROR_SECTIONS } from './errors-page.ts';
import { bullets, page, table } from './markdown.ts';
import { stackSummary } from './stack-page.ts';

const READING = `A page of a layer describes the machine of each kind of entity.

- **Dependencies.** *depends on*: when such a provider stops serving, the entity is sent \`lost\`, and
  \`restored\` when it serves again. *carries*: the same, seen from below. See [the stack](stack.md).
- **States.** Each is *stable* (it may stay), *transient* (something is under way) or *failed*. In a
  *serving* state dependents can rely on the entity. \`a.b\` is a state inside the group \`a\`; parallel
  regions are described one by one, and a state of the whole is written with a plus: \`up+in\`.
- **On entry.** *asks for* a verb: the layer's backend carries it out, simulated or real, and answers
  with \`done\`, \`fault\` or an event of its own. Leaving the state gives the request up.
- **Events.** One row for all states that answer an event in the same way. *if* reads a counter of the
  entity; the rows of one event and state are tried from top to bottom. A timeout is an event like
  any other. \`(anew)\`: the state is left and entered again.
- **Diagrams.** A question mark stands for a condition. *any state* stands for most states; the table
  says which. What a diagram leaves out is listed below it.`;

export function indexPage(): string {
  const count = (layer: string) => KINDS.filter((kind) => kind.layer === layer);
  const errors = ERROR_SECTIONS.reduce((sum, s) => sum + Object.keys(s.codes).length, 0);
  return page(
    'Reference',
    'Everything here is generated from the code, and a test fails when it differs.',
    bullets([
      '[Command line](cli.md)',
      '[Scenario format](scenario.md), and its [JSON Schema](scenario.schema.json) for editors',
      '[Recording format](recording.md)',
      `[The stack](stack.md): ${stackSummary()}`,
      `[Invariants](invariants.md): ${INVARIANTS.length}`,
      '[Timing profiles](profiles.md)',
      '[Drivers](drivers.md) of real systems',
      `[Error codes](errors.md): ${errors}`,
    ]),
    '## Layers',
    table(
      ['layer', 'kinds'],
      LAYERS.map((layer) => [
        `[${layer}](layers/${layer}.md)`,
        count(layer)
          .map(({ kind }) => `[${kind}](layers/${layer}.md#${kind})`)
          .join(', '),
      ]),
    ),
    '## How to read the pages of the layers',
    READING,
  );
}
