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
