/**
 * Which rack an entity stands in, when that can be said once and for all: every way down its links,
 * over the whole recording, ends in the same rack. What moves between racks has none.
 */
import { ROLE } from '../../engine/recording/format.ts';
import { Groups } from '../../engine/recording/groups.ts';
import type { Replay } from './replay.ts';

/** No rack below it. */
export const NO_RACK = -1;
/** More than one rack, over time or at once. */
const SEVERAL = -2;
const PENDING = -3;

/** Entity number of each entity's rack, or NO_RACK. A rack is its own. */
export function rackOf(replay: Replay): Int32Array {
  const rackKind = replay.kinds.findIndex(({ kind }) => kind === 'rack');
  const rack = new Int32Array(replay.entityCount).fill(PENDING);
  for (let e = 0; e < rack.length; e++) if (replay.kindOf[e] === rackKind) rack[e] = e;
  const providers = everLinked(replay);
  const entered = new Uint8Array(rack.length);
  for (let e = 0; e < rack.length; e++) resolve(providers, rack, entered, e);
  return rack.map((r) => (r < 0 ? NO_RACK : r));
}

/** Providers of each entity over the whole recording, however briefly. */
function everLinked({ recording, entityCount }: Replay): Groups {
  return new Groups(entityCount, (tell) => {
    for (const { event, entity, value, length } of recording.batches) {
      for (let i = 0; i < length; i++) {
        if (recording.roles[event[i]] !== ROLE.linked) continue;
        if (value[i] >= 0 && value[i] < entityCount) tell(entity[i], value[i]);
      }
    }
  });
}

/** Depth first, without recursion; a link that closes a circle adds nothing. */
function resolve(providers: Groups, rack: Int32Array, entered: Uint8Array, start: number): void {
  const stack = [start];
  while (stack.length > 0) {
    const e = stack[stack.length - 1];
    const below = providers.of(e);
    if (rack[e] === PENDING && entered[e] === 0) {
      entered[e] = 1;
      for (const p of below) if (entered[p] === 0) stack.push(p);
      continue;
    }
    stack.pop();
    if (rack[e] !== PENDING) continue;
    rack[e] = below.reduce((known, p) => merge(known, rack[p]), NO_RACK);
  }
}

function merge(a: number, b: number): number {
  if (b === PENDING || b === NO_RACK || a === b) return a;
  return a === NO_RACK ? b : SEVERAL;
}
