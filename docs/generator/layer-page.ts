/** One page per layer. */
import { KINDS } from '../../model/index.ts';
import type { Layer } from '../../model/layers.ts';
import { kindSection } from './kind-section.ts';
import { bullets, page } from './markdown.ts';

export function layerPage(layer: Layer): string {
  const kinds = KINDS.filter((kind) => kind.layer === layer);
  return page(
    `Layer ${layer}`,
    bullets(kinds.map((kind) => `[${kind.kind}](#${kind.kind}): ${kind.describes}`)),
    `How to read the tables is described in the [reference](../README.md); how the twin differs from the real systems under [differences](../../explanation/differences/${layer}.md).`,
    ...kinds.map(kindSection),
  );
}
