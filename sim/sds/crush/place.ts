/**
 * CRUSH itself: the pseudo-random walk from a rule's roots to devices.
 *
 * Bit for bit Ceph 16 for straw2 buckets and for maps whose local retries are 0 (every tunables
 * profile since bobtail). Source: Weil et al., "CRUSH", SC 2006, and Ceph's documentation of
 * rules and tunables; held against crushtool by test/sim/crush.
 */
import { CrushError } from './errors.ts';
import { crushHash2, crushHash3 } from './hash.ts';
import { NEGATED_LN } from './ln.ts';
import { CRUSH_ITEM_NONE, type CrushMap, type CrushRule, type CrushStep } from './map.ts';

/** A position of an independent placement that is still to be filled. */
const UNDEFINED = 0x7ffffffe;
/** A walk that met an item which can never be of the wanted type. */
const DEAD_END = CRUSH_ITEM_NONE;
/** A walk that met a bucket without items: another try may do better. */
const EMPTY_BUCKET = UNDEFINED;

/** Weight of a device that is fully in: 1.0 in 16.16 fixed point. */
export const WEIGHT_IN = 0x10000;

type ChooseStep = Extract<CrushStep, { type: number }>;

/**
 * Picks an item of a bucket: each draws a straw of length ln(u)/weight, the shortest wins, which
 * chooses items with probabilities proportional to weights and moves nothing else on a change.
 *
 * The quotient is truncated as Ceph's 64-bit division is; it is exact in a double because the
 * rounding error (at most 2^-53 of 2^48/weight) is less than the distance 1/weight to an integer.
 */
function straw2(map: CrushMap, bucket: number, x: number, r: number): number {
  const { items, itemWeights } = map;
  const end = map.bucketStart[bucket + 1];
  let best = map.bucketStart[bucket];
  let shortest = Number.POSITIVE_INFINITY;
  for (let i = best; i < end; i++) {
    const weight = itemWeights[i];
    if (weight === 0) continue;
    const straw = NEGATED_LN[crushHash3(x, items[i], r) & 0xffff] / weight;
    if (straw < shortest) {
      shortest = Math.floor(straw);
      best = i;
    }
  }
  return items[best];
}

/** Walks down from a bucket until an item of a type. */
function descend(map: CrushMap, bucketId: number, type: number, x: number, r: number): number {
  let bucket = -1 - bucketId;
  for (;;) {
    if (map.bucketStart[bucket] === map.bucketStart[bucket + 1]) return EMPTY_BUCKET;
    const item = straw2(map, bucket, x, r);
    if (item >= 0) return type === 0 && item < map.maxDevices ? item : DEAD_END;
    bucket = -1 - item;
    if (map.bucketType[bucket] === type) return item;
  }
}

/** Whether a device declines this placement: always at weight 0, never at 1.0. */
function isOut(weights: Uint32Array, item: number, x: number): boolean {
  if (item >= weights.length) return true;
  const weight = weights[item];
  if (weight >= WEIGHT_IN) return false;
  if (weight === 0) return true;
  return (crushHash2(x, item) & 0xffff) >= weight;
}

function contains(list: Int32Array, start: number, end: number, item: number): boolean {
  for (let i = start; i < end; i++) if (list[i] === item) return true;
  return false;
}

/**
 * Places up to `count` more items into `out`, each new choice moving on to the next one that is
 * free: the way of replicated pools. Returns how many `out` holds then.
 *
 * @param numrep highest replica number to try, exclusive
 * @param base where this call's list starts in `out`
 * @param placed how many it holds already
 * @param leaves where the devices below chosen buckets go; null: the items themselves are wanted
 */
function firstn(
  map: CrushMap,
  bucketId: number,
  firstRep: number,
  numrep: number,
  type: number,
  out: Int32Array,
  base: number,
  placed: number,
  count: number,
  tries: number,
  leaves: Int32Array | null,
  parentR: number,
): number {
  const { x, weights } = map.scratch;
  let filled = placed;
  let left = count;
  for (let rep = firstRep; rep < numrep && left > 0; rep++) {
    for (let failures = 0; failures < tries; failures++) {
      const r = rep + parentR + failures;
      const item = descend(map, bucketId, type, x, r);
      if (item === DEAD_END) break;
      if (item === EMPTY_BUCKET || contains(out, base, base + filled, item)) continue;
      if (leaves !== null && !placeLeaf(map, item, leaves, base, filled, left, r)) continue;
      if (type === 0 && isOut(weights, item, x)) continue;
      out[base + filled] = item;
      filled++;
      left--;
      break;
    }
  }
  return filled;
}

/** Puts a device below `item` (or `item`, if it is one) at position `filled` of the leaves. */
function placeLeaf(
  map: CrushMap,
  item: number,
  leaves: Int32Array,
  base: number,
  filled: number,
  left: number,
  r: number,
): boolean {
  if (item >= 0) {
    leaves[base + filled] = item;
    return true;
  }
  const { varyR, stable, leafTries } = map.scratch;
  const parentR = varyR > 0 ? r >> (varyR - 1) : 0;
  const first = stable ? 0 : filled;
  const now = firstn(
    map,
    item,
    first,
    first + 1,
    0,
    leaves,
    base,
    filled,
    left,
    leafTries,
    null,
    parentR,
  );
  return now > filled;
}

/**
 * Fills the positions `start`..`end` of `out` independently of each other, so that a position
 * keeps its item when another one fails: the way of erasure-coded pools. A position for which
 * nothing is found is CRUSH_ITEM_NONE.
 *
 * @param stride replicas in the whole placement: tries of one position do not meet another's
 * @param offset what the positions' numbers start from in `out`
 */
function indep(
  map: CrushMap,
  bucketId: number,
  start: number,
  end: number,
  stride: number,
  type: number,
  out: Int32Array,
  offset: number,
  tries: number,
  leaves: Int32Array | null,
  parentR: number,
): void {
  const { x, weights, leafTries } = map.scratch;
  out.fill(UNDEFINED, offset + start, offset + end);
  leaves?.fill(UNDEFINED, offset + start, offset + end);
  let left = end - start;
  for (let failures = 0; left > 0 && failures < tries; failures++) {
    for (let rep = start; rep < end; rep++) {
      if (out[offset + rep] !== UNDEFINED) continue;
      const r = rep + parentR + stride * failures;
      const item = descend(map, bucketId, type, x, r);
      if (item === EMPTY_BUCKET) continue;
      if (item === DEAD_END) {
        out[offset + rep] = CRUSH_ITEM_NONE;
        if (leaves !== null) leaves[offset + rep] = CRUSH_ITEM_NONE;
        left--;
        continue;
      }
      if (contains(out, offset + start, offset + end, item)) continue;
      if (leaves !== null) {
        if (item >= 0) leaves[offset + rep] = item;
        else indep(map, item, rep, rep + 1, stride, 0, leaves, offset, leafTries, null, r);
        if (leaves[offset + rep] === CRUSH_ITEM_NONE) continue;
      }
      if (type === 0 && isOut(weights, item, x)) continue;
      out[offset + rep] = item;
      left--;
    }
  }
  replaceUndefined(out, offset + start, offset + end);
  if (leaves !== null) replaceUndefined(leaves, offset + start, offset + end);
}

function replaceUndefined(list: Int32Array, start: number, end: number): void {
  for (let i = start; i < end; i++) if (list[i] === UNDEFINED) list[i] = CRUSH_ITEM_NONE;
}

/** Sets the scratch memory up for a placement. */
function prepare(map: CrushMap, x: number, size: number, weights: Uint32Array): void {
  const { scratch } = map;
  const { tunables } = map.source;
  if (scratch.from.length < size) {
    scratch.from = new Int32Array(size);
    scratch.to = new Int32Array(size);
    scratch.leaves = new Int32Array(size);
  }
  scratch.weights = weights;
  scratch.x = x | 0;
  // The tunable counts retries, a rule's own setting counts tries: a difference kept from Ceph.
  scratch.tries = tunables.choose_total_tries + 1;
  scratch.ruleLeafTries = 0;
  scratch.varyR = tunables.chooseleaf_vary_r;
  scratch.stable = tunables.chooseleaf_stable;
}

/** Carries out a choose step for every item in `from`; the chosen ones go to `to`, counted. */
function choose(map: CrushMap, step: ChooseStep, size: number, fromCount: number): number {
  const { scratch } = map;
  const { from, to, tries } = scratch;
  const numrep = step.num > 0 ? step.num : step.num + size;
  const isFirstn = step.op === 'chooseleaf_firstn' || step.op === 'choose_firstn';
  const isLeaf = step.op === 'chooseleaf_firstn' || step.op === 'chooseleaf_indep';
  const leaves = isLeaf ? scratch.leaves : null;
  const descendOnce = map.source.tunables.chooseleaf_descend_once;
  const defaultLeafTries = isFirstn && !descendOnce ? tries : 1;
  scratch.leafTries = scratch.ruleLeafTries || defaultLeafTries;
  let count = 0;
  for (let i = 0; i < fromCount; i++) {
    if (numrep <= 0 || from[i] >= 0) continue;
    const room = size - count;
    if (isFirstn) {
      count += firstn(map, from[i], 0, numrep, step.type, to, count, 0, room, tries, leaves, 0);
    } else {
      const positions = Math.min(numrep, room);
      indep(map, from[i], 0, positions, numrep, step.type, to, count, tries, leaves, 0);
      count += positions;
    }
  }
  if (leaves !== null) for (let i = 0; i < count; i++) to[i] = leaves[i];
  return count;
}

function runRule(map: CrushMap, rule: CrushRule, size: number, out: Int32Array): number {
  const { scratch } = map;
  let fromCount = 0;
  let emitted = 0;
  for (const step of rule.steps) {
    switch (step.op) {
      case 'take':
        scratch.from[0] = step.item;
        fromCount = 1;
        break;
      case 'emit':
        for (let i = 0; i < fromCount && emitted < size; i++) out[emitted++] = scratch.from[i];
        fromCount = 0;
        break;
      case 'set_choose_tries':
        if (step.num > 0) scratch.tries = step.num;
        break;
      case 'set_chooseleaf_tries':
        if (step.num > 0) scratch.ruleLeafTries = step.num;
        break;
      case 'set_chooseleaf_vary_r':
        if (step.num >= 0) scratch.varyR = step.num;
        break;
      case 'set_chooseleaf_stable':
        if (step.num >= 0) scratch.stable = step.num;
        break;
      default: {
        fromCount = choose(map, step, size, fromCount);
        const { from } = scratch;
        scratch.from = scratch.to;
        scratch.to = from;
      }
    }
  }
  return emitted;
}

/**
 * Places one input: runs a rule of the map.
 *
 * Allocates nothing, and works on the map's own scratch memory: not for re-entrant use.
 *
 * @param rule the rule's number
 * @param x the input: for a PG its placement seed (see {@link pgSeed}), a 32-bit integer
 * @param size how many devices are wanted
 * @param weights by device, 16.16 fixed point: 0x10000 is in, 0 is out, between them the device
 *   declines a share of its placements (`ceph osd reweight`); devices past the end are out
 * @param out receives the devices in order (for `indep` rules with holes, CRUSH_ITEM_NONE); at
 *   least `size` long
 * @returns how many entries of `out` were written, at most `size`
 * @throws {CrushError} CRUSH_UNKNOWN_RULE, CRUSH_BAD_REQUEST
 */
export function mapPg(
  map: CrushMap,
  rule: number,
  x: number,
  size: number,
  weights: Uint32Array,
  out: Int32Array,
): number {
  const found = map.rules[rule];
  if (found === undefined) {
    throw new CrushError('CRUSH_UNKNOWN_RULE', `this CRUSH map has no rule number ${rule}`);
  }
  if (out.length < size) {
    throw new CrushError(
      'CRUSH_BAD_REQUEST',
      `the output holds ${out.length} devices, but ${size} are wanted: pass a longer array`,
    );
  }
  prepare(map, x, size, weights);
  return runRule(map, found, size, out);
}
