/** The nine layers of an open infrastructure stack, from the ground up. */
export const LAYERS = [
  'bare-metal',
  'operating-system',
  'hypervisor',
  'sdn',
  'sds',
  'iaas',
  'container',
  'caas',
  'orchestration',
] as const;

export type Layer = (typeof LAYERS)[number];

/** Place of a layer in the stack, from the ground up; unknown ones come last. */
export function layerRank(layer: string): number {
  const rank = (LAYERS as readonly string[]).indexOf(layer);
  return rank < 0 ? LAYERS.length : rank;
}
