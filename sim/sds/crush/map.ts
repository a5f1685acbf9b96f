/**
 * A CRUSH map: the hierarchy of buckets over devices, the rules that walk it, and its compiled
 * form for fast placement.
 *
 * Devices have ids from 0, buckets ids from -1 downwards, as in Ceph; the ids are part of what is
 * hashed, so they decide placements. Weights are 16.16 fixed point (1 TiB by convention = 0x10000).
 */
import { CrushError } from './errors.ts';

/** An empty position of an erasure-coded placement. */
export const CRUSH_ITEM_NONE = 0x7fffffff;

/** Bucket types with the numbers that Ceph gives them. */
export const DEFAULT_TYPES: Readonly<Record<string, number>> = {
  osd: 0,
  host: 1,
  chassis: 2,
  rack: 3,
  row: 4,
  pdu: 5,
  pod: 6,
  room: 7,
  datacenter: 8,
  zone: 9,
  region: 10,
  root: 11,
};

/** How hard and in which way a placement retries. Meanings and names are Ceph's. */
export interface CrushTunables {
  readonly choose_total_tries: number;
  readonly chooseleaf_descend_once: number;
  readonly chooseleaf_vary_r: number;
  readonly chooseleaf_stable: number;
}

/** The `jewel` profile, Ceph's default since 2016. */
export const JEWEL_TUNABLES: CrushTunables = {
  choose_total_tries: 50,
  chooseleaf_descend_once: 1,
  chooseleaf_vary_r: 1,
  chooseleaf_stable: 1,
};

export interface CrushItem {
  readonly id: number;
  readonly weight: number;
}

export interface CrushBucket {
  readonly id: number;
  readonly name: string;
  readonly type: number;
  readonly items: readonly CrushItem[];
}

export interface CrushDevice {
  readonly id: number;
  readonly name: string;
  readonly class?: string;
}

export type ChooseOp = 'choose_firstn' | 'chooseleaf_firstn' | 'choose_indep' | 'chooseleaf_indep';

export type SetOp =
  | 'set_choose_tries'
  | 'set_chooseleaf_tries'
  | 'set_chooseleaf_vary_r'
  | 'set_chooseleaf_stable';

export type CrushStep =
  | { readonly op: 'take'; readonly item: number }
  | { readonly op: ChooseOp; readonly num: number; readonly type: number }
  | { readonly op: SetOp; readonly num: number }
  | { readonly op: 'emit' };

export interface CrushRule {
  readonly id: number;
  readonly name: string;
  readonly type: 'replicated' | 'erasure';
  /** The pool sizes that may use the rule. */
  readonly min_size: number;
  readonly max_size: number;
  readonly steps: readonly CrushStep[];
}

/** Everything a map is made of. */
export interface CrushSource {
  readonly devices: readonly CrushDevice[];
  readonly types: Readonly<Record<string, number>>;
  readonly buckets: readonly CrushBucket[];
  readonly rules: readonly CrushRule[];
  readonly tunables: CrushTunables;
}

/**
 * Working memory of a placement, so that placing allocates nothing: the items that a step starts
 * from, those it leads to, the devices below them; then the input and the settings that a rule may
 * change on its way.
 */
export interface CrushScratch {
  from: Int32Array;
  to: Int32Array;
  leaves: Int32Array;
  weights: Uint32Array;
  x: number;
  tries: number;
  /** Tries below a chosen bucket as the rule set them; 0: not set. */
  ruleLeafTries: number;
  leafTries: number;
  varyR: number;
  stable: number;
}

function emptyScratch(): CrushScratch {
  return {
    from: new Int32Array(16),
    to: new Int32Array(16),
    leaves: new Int32Array(16),
    weights: new Uint32Array(0),
    x: 0,
    tries: 0,
    ruleLeafTries: 0,
    leafTries: 0,
    varyR: 0,
    stable: 0,
  };
}

/** A map ready for {@link mapPg}. Bucket arrays are indexed by -1 - id. */
export interface CrushMap {
  readonly source: CrushSource;
  /** One more than the highest device id. */
  readonly maxDevices: number;
  /** Type of each bucket; -1 where there is no bucket of that id. */
  readonly bucketType: Int32Array;
  /** First item of each bucket in `items`, and one closing entry. */
  readonly bucketStart: Int32Array;
  readonly items: Int32Array;
  readonly itemWeights: Float64Array;
  /** By rule id; undefined where there is no such rule. */
  readonly rules: readonly (CrushRule | undefined)[];
  readonly scratch: CrushScratch;
}

function checkTunables(tunables: CrushTunables): void {
  if (!(tunables.choose_total_tries >= 0)) {
    throw new CrushError(
      'CRUSH_BAD_MAP',
      `tunable choose_total_tries must be a number >= 0, not ${tunables.choose_total_tries}`,
    );
  }
}

function bucketsByIndex(source: CrushSource): (CrushBucket | undefined)[] {
  const byIndex: (CrushBucket | undefined)[] = [];
  for (const bucket of source.buckets) {
    const index = -1 - bucket.id;
    if (!Number.isInteger(index) || index < 0) {
      throw new CrushError(
        'CRUSH_BAD_MAP',
        `bucket ${bucket.name} has id ${bucket.id}; bucket ids are integers below 0`,
      );
    }
    if (byIndex[index] !== undefined) {
      throw new CrushError(
        'CRUSH_BAD_MAP',
        `buckets ${byIndex[index].name} and ${bucket.name} have the same id ${bucket.id}`,
      );
    }
    byIndex[index] = bucket;
  }
  return byIndex;
}

function checkItems(bucket: CrushBucket, byIndex: readonly (CrushBucket | undefined)[]): void {
  for (const { id, weight } of bucket.items) {
    if (id < 0 && byIndex[-1 - id] === undefined) {
      throw new CrushError(
        'CRUSH_UNKNOWN_BUCKET',
        `bucket ${bucket.name} holds item ${id}, which is no bucket of this map`,
      );
    }
    if (!Number.isInteger(weight) || weight < 0 || weight > 0xffffffff) {
      throw new CrushError(
        'CRUSH_BAD_MAP',
        `item ${id} of bucket ${bucket.name} has weight ${weight}; expected an integer of ` +
          '16.16 fixed point, 0 to 4294967295',
      );
    }
  }
}

/** A walk down the hierarchy must end, so no bucket may contain itself through others. */
function checkAcyclic(byIndex: readonly (CrushBucket | undefined)[]): void {
  const state = new Uint8Array(byIndex.length);
  const visit = (index: number): void => {
    const bucket = byIndex[index];
    if (bucket === undefined || state[index] === 2) return;
    if (state[index] === 1) {
      throw new CrushError('CRUSH_CYCLE', `bucket ${bucket.name} contains itself`);
    }
    state[index] = 1;
    for (const { id } of bucket.items) if (id < 0) visit(-1 - id);
    state[index] = 2;
  };
  for (let index = 0; index < byIndex.length; index++) visit(index);
}

/** A rule must start from items that exist. */
function checkTakes(
  rule: CrushRule,
  byIndex: readonly (CrushBucket | undefined)[],
  maxDevices: number,
): void {
  for (const step of rule.steps) {
    if (step.op !== 'take') continue;
    const known = step.item >= 0 ? step.item < maxDevices : byIndex[-1 - step.item] !== undefined;
    if (!known) {
      throw new CrushError(
        'CRUSH_UNKNOWN_BUCKET',
        `rule ${rule.name} takes item ${step.item}, which is not in this map`,
      );
    }
  }
}

function rulesById(
  source: CrushSource,
  byIndex: readonly (CrushBucket | undefined)[],
  maxDevices: number,
): (CrushRule | undefined)[] {
  const byId: (CrushRule | undefined)[] = [];
  for (const rule of source.rules) {
    checkTakes(rule, byIndex, maxDevices);
    if (!Number.isInteger(rule.id) || rule.id < 0 || byId[rule.id] !== undefined) {
      throw new CrushError(
        'CRUSH_BAD_MAP',
        `rule ${rule.name} has id ${rule.id}; expected an integer >= 0 that no other rule has`,
      );
    }
    byId[rule.id] = rule;
  }
  return byId;
}

/**
 * Checks a map and lays it out in flat arrays.
 *
 * @throws {CrushError} CRUSH_BAD_MAP, CRUSH_UNKNOWN_BUCKET or CRUSH_CYCLE
 */
export function compileCrushMap(source: CrushSource): CrushMap {
  checkTunables(source.tunables);
  const byIndex = bucketsByIndex(source);
  const bucketType = new Int32Array(byIndex.length).fill(-1);
  const bucketStart = new Int32Array(byIndex.length + 1);
  const items: number[] = [];
  const weights: number[] = [];
  for (let index = 0; index < byIndex.length; index++) {
    const bucket = byIndex[index];
    if (bucket !== undefined) {
      checkItems(bucket, byIndex);
      bucketType[index] = bucket.type;
      for (const item of bucket.items) {
        items.push(item.id);
        weights.push(item.weight);
      }
    }
    bucketStart[index + 1] = items.length;
  }
  checkAcyclic(byIndex);
  const maxDevices = source.devices.reduce((most, device) => Math.max(most, device.id + 1), 0);
  return {
    source,
    maxDevices,
    bucketType,
    bucketStart,
    items: Int32Array.from(items),
    itemWeights: Float64Array.from(weights),
    rules: rulesById(source, byIndex, maxDevices),
    scratch: emptyScratch(),
  };
}

/**
 * Number of the rule with a name.
 *
 * @throws {CrushError} CRUSH_UNKNOWN_RULE
 */
export function ruleId(map: CrushMap, name: string): number {
  for (const rule of map.rules) if (rule?.name === name) return rule.id;
  const names = map.source.rules.map((rule) => rule.name).join(', ');
  throw new CrushError('CRUSH_UNKNOWN_RULE', `no CRUSH rule ${name}; there are: ${names}`);
}
