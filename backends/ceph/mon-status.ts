import { z } from 'zod';

export const monmap = z.object({
  fsid: z.string(),
  mons: z.array(z.object({ name: z.string(), rank: z.number(), public_addr: z.string() })),
});

/** What a monitor says of itself (`mon_status`). */
export const monStatus = z.object({ name: z.string(), state: z.string(), monmap });
export type MonStatus = z.infer<typeof monStatus>;

const IN_QUORUM: ReadonlySet<string> = new Set(['leader', 'peon']);

export function isInQuorum({ state }: MonStatus): boolean {
  return IN_QUORUM.has(state);
}
