/**
 * A place for every entity, kept for its whole life. Places of removed entities are given to later
 * ones of the same kind and rack, so that a busy year needs only as many places as there were
 * entities at one time.
 */
import { NO_RACK } from './racks.ts';
import { ABSENT, type Replay } from './replay.ts';

/** A block of slots: one kind in one rack (or outside racks). */
export interface Block {
  readonly kind: number;
  /** Entity number of the rack, NO_RACK for none. */
  readonly rack: number;
  /** The block's slots are firstSlot .. firstSlot + size - 1. */
  readonly firstSlot: number;
  readonly size: number;
}

export interface Slots {
  /** Slot of each entity, -1 for one whose creation was not recorded. */
  readonly slotOf: Int32Array;
  /** By kind, then by the name of the rack. */
  readonly blocks: readonly Block[];
  readonly count: number;
}

/** A kind is split by rack when at least this share of its entities has one, */
const RACKED_RATIO = 0.95;
/** and when it has more than this many entities per rack. */
const RACKED_EACH = 4;

/** `rack`: the rack of each entity, from `rackOf`. */
export function assignSlots(replay: Replay, rack: Int32Array): Slots {
  const split = kindsByRack(replay, rack);
  const places = new Map<string, { kind: number; rack: number; members: number[] }>();
  for (let e = 0; e < replay.entityCount; e++) {
    if (replay.stepsOf.of(e).length === 0) continue;
    const kind = replay.kindOf[e];
    const at = split[kind] === 1 ? rack[e] : NO_RACK;
    const place = places.get(`${kind} ${at}`);
    if (place) place.members.push(e);
    else places.set(`${kind} ${at}`, { kind, rack: at, members: [e] });
  }
  const label = (r: number): string => (r === NO_RACK ? '\uffff' : replay.nameOf[r]);
  const ordered = [...places.values()].sort(
    (a, b) => a.kind - b.kind || naturalOrder(label(a.rack), label(b.rack)),
  );
  return numberSlots(replay, ordered);
}

const collator = new Intl.Collator('en', { numeric: true });
/** `osd.2` before `osd.10`. */
export const naturalOrder = (a: string, b: string): number => collator.compare(a, b);

function kindsByRack(replay: Replay, rack: Int32Array): Uint8Array {
  const total = new Uint32Array(replay.kinds.length);
  const racked = new Uint32Array(replay.kinds.length);
  for (let e = 0; e < replay.entityCount; e++) {
    total[replay.kindOf[e]]++;
    if (rack[e] !== NO_RACK && rack[e] !== e) racked[replay.kindOf[e]]++;
  }
  const racks = rack.reduce((n, r, e) => (r === e ? n + 1 : n), 0);
  return Uint8Array.from(total, (n, k) =>
    n > RACKED_EACH * racks && racked[k] >= RACKED_RATIO * n ? 1 : 0,
  );
}

function numberSlots(
  replay: Replay,
  places: readonly { kind: number; rack: number; members: number[] }[],
): Slots {
  const placeOf = new Int32Array(replay.entityCount).fill(-1);
  for (const [p, { members }] of places.entries()) for (const e of members) placeOf[e] = p;
  const { local, sizes } = allot(replay, placeOf, places.length);
  const blocks: Block[] = [];
  let count = 0;
  for (const [p, { kind, rack }] of places.entries()) {
    blocks.push({ kind, rack, firstSlot: count, size: sizes[p] });
    count += sizes[p];
  }
  const slotOf = local.map((slot, e) => (slot < 0 ? -1 : blocks[placeOf[e]].firstSlot + slot));
  return { slotOf, blocks, count };
}

/** Gives each created entity the lowest free slot of its place and takes it back on removal. */
function allot({ steps, entityCount }: Replay, placeOf: Int32Array, places: number) {
  const local = new Int32Array(entityCount).fill(-1);
  const sizes = new Uint32Array(places);
  const free = Array.from({ length: places }, () => new MinHeap());
  for (let step = 0; step < steps.count; step++) {
    const e = steps.entity[step];
    if (steps.before[step] < 0) local[e] = free[placeOf[e]].pop() ?? sizes[placeOf[e]]++;
    else if (steps.to[step] === ABSENT) free[placeOf[e]].push(local[e]);
  }
  return { local, sizes };
}

/** Smallest number first. */
class MinHeap {
  private readonly items: number[] = [];

  push(value: number): void {
    let i = this.items.push(value) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (this.items[parent] <= value) break;
      this.items[i] = this.items[parent];
      i = parent;
    }
    this.items[i] = value;
  }

  pop(): number | undefined {
    const top = this.items[0];
    const last = this.items.pop();
    if (last === undefined || this.items.length === 0) return top;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= this.items.length) break;
      if (child + 1 < this.items.length && this.items[child + 1] < this.items[child]) child++;
      if (this.items[child] >= last) break;
      this.items[i] = this.items[child];
      i = child;
    }
    this.items[i] = last;
    return top;
  }
}
