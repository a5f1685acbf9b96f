/**
 * A CRUSH map for a described site: root `default`, racks, hosts, OSDs, and below it one shadow
 * tree for each device class, numbered as crushtool numbers them.
 */
import { CrushError } from './errors.ts';
import {
  type ChooseOp,
  type CrushBucket,
  type CrushDevice,
  type CrushItem,
  type CrushMap,
  type CrushRule,
  type CrushStep,
  type CrushTunables,
  compileCrushMap,
  DEFAULT_TYPES,
  JEWEL_TUNABLES,
  type SetOp,
} from './map.ts';

export interface CrushSite {
  readonly racks: readonly {
    readonly name: string;
    readonly hosts: readonly {
      readonly name: string;
      readonly osds: readonly CrushSiteOsd[];
    }[];
  }[];
}

export interface CrushSiteOsd {
  readonly id: number;
  /** In TiB, as Ceph weighs OSDs by default. */
  readonly weight: number;
  readonly class?: string;
}

/** A rule by names; bucket and type numbers are looked up when the map is built. */
export interface CrushRuleSpec {
  readonly name: string;
  readonly type: 'replicated' | 'erasure';
  readonly steps: readonly CrushStepSpec[];
}

export type CrushStepSpec =
  | { readonly op: 'take'; readonly item: string; readonly class?: string }
  | { readonly op: ChooseOp; readonly num: number; readonly type: string }
  | { readonly op: SetOp; readonly num: number }
  | { readonly op: 'emit' };

const ROOT = 'default';
const MAX_REPLICAS = 0x7fffffff;

/**
 * The rule that `ceph osd crush rule create-replicated` makes: each copy in another failure domain.
 *
 * @param failureDomain a bucket type (`rack`, `host`) or `osd`
 */
export function replicatedRule(
  name: string,
  failureDomain: string,
  deviceClass?: string,
): CrushRuleSpec {
  const op = failureDomain === 'osd' ? 'choose_firstn' : 'chooseleaf_firstn';
  return {
    name,
    type: 'replicated',
    steps: [
      { op: 'take', item: ROOT, class: deviceClass },
      { op, num: 0, type: failureDomain },
      { op: 'emit' },
    ],
  };
}

/** The rule that Ceph makes for an erasure-coded pool: a lost position stays a hole until filled. */
export function erasureRule(
  name: string,
  failureDomain: string,
  deviceClass?: string,
): CrushRuleSpec {
  const op = failureDomain === 'osd' ? 'choose_indep' : 'chooseleaf_indep';
  return {
    name,
    type: 'erasure',
    steps: [
      { op: 'set_chooseleaf_tries', num: 5 },
      { op: 'set_choose_tries', num: 100 },
      { op: 'take', item: ROOT, class: deviceClass },
      { op, num: 0, type: failureDomain },
      { op: 'emit' },
    ],
  };
}

/** 16.16 fixed point of a weight in TiB, rounded as Ceph does: to single precision, then down. */
export function fixedWeight(weight: number): number {
  return Math.trunc(Math.fround(weight) * 0x10000);
}

/** Buckets under construction, by name. */
class Hierarchy {
  readonly buckets: CrushBucket[] = [];
  private readonly byName = new Map<string, CrushBucket>();

  add(name: string, type: string, items: readonly CrushItem[]): CrushItem {
    if (this.byName.has(name)) {
      throw new CrushError('CRUSH_BAD_MAP', `two buckets are named ${name}; names must be unique`);
    }
    const id = -1 - this.buckets.length;
    const bucket = { id, name, type: DEFAULT_TYPES[type], items };
    this.buckets.push(bucket);
    this.byName.set(name, bucket);
    return { id, weight: items.reduce((sum, item) => sum + item.weight, 0) };
  }

  get(name: string): CrushBucket | undefined {
    return this.byName.get(name);
  }

  byId(id: number): CrushBucket {
    return this.buckets[-1 - id];
  }
}

function addSite(hierarchy: Hierarchy, site: CrushSite): void {
  const hostItems = site.racks.map((rack) =>
    rack.hosts.map((host) =>
      hierarchy.add(
        host.name,
        'host',
        host.osds.map((osd) => ({ id: osd.id, weight: fixedWeight(osd.weight) })),
      ),
    ),
  );
  const rackItems = site.racks.map((rack, i) => hierarchy.add(rack.name, 'rack', hostItems[i]));
  hierarchy.add(ROOT, 'root', rackItems);
}

function siteDevices(site: CrushSite): CrushDevice[] {
  const devices: CrushDevice[] = [];
  const seen = new Set<number>();
  for (const rack of site.racks) {
    for (const host of rack.hosts) {
      for (const osd of host.osds) {
        if (!Number.isInteger(osd.id) || osd.id < 0 || seen.has(osd.id)) {
          throw new CrushError(
            'CRUSH_BAD_MAP',
            `OSD ${osd.id} of host ${host.name}: ids are integers >= 0, each used once`,
          );
        }
        seen.add(osd.id);
        devices.push({ id: osd.id, name: `osd.${osd.id}`, class: osd.class });
      }
    }
  }
  return devices.sort((a, b) => a.id - b.id);
}

function shadowName(name: string, deviceClass: string): string {
  return `${name}~${deviceClass}`;
}

/** Copies a bucket and what is below it, with the devices of one class only; children come first. */
function addShadow(
  hierarchy: Hierarchy,
  bucket: CrushBucket,
  deviceClass: string,
  classes: ReadonlyMap<number, string | undefined>,
): CrushItem {
  const items: CrushItem[] = [];
  for (const item of bucket.items) {
    if (item.id < 0) {
      items.push(addShadow(hierarchy, hierarchy.byId(item.id), deviceClass, classes));
    } else if (classes.get(item.id) === deviceClass) {
      items.push(item);
    }
  }
  const type = Object.keys(DEFAULT_TYPES).find((name) => DEFAULT_TYPES[name] === bucket.type);
  return hierarchy.add(shadowName(bucket.name, deviceClass), type as string, items);
}

function compileStep(
  step: CrushStepSpec,
  rule: string,
  hierarchy: Hierarchy,
  classes: readonly string[],
): CrushStep {
  if (step.op === 'take') {
    if (step.class !== undefined && !classes.includes(step.class)) {
      throw new CrushError(
        'CRUSH_UNKNOWN_CLASS',
        `rule ${rule} takes device class ${step.class}, but the OSDs have: ` +
          (classes.join(', ') || 'none'),
      );
    }
    const name = step.class === undefined ? step.item : shadowName(step.item, step.class);
    const bucket = hierarchy.get(name);
    if (bucket === undefined) {
      throw new CrushError(
        'CRUSH_UNKNOWN_BUCKET',
        `rule ${rule} takes bucket ${name}, which this site does not have`,
      );
    }
    return { op: 'take', item: bucket.id };
  }
  if ('type' in step) {
    const type = DEFAULT_TYPES[step.type];
    if (type === undefined) {
      throw new CrushError(
        'CRUSH_UNKNOWN_TYPE',
        `rule ${rule} chooses type ${step.type}; there are: ${Object.keys(DEFAULT_TYPES).join(', ')}`,
      );
    }
    return { op: step.op, num: step.num, type };
  }
  return step;
}

/**
 * Builds the map of a site. Rules get the numbers 0, 1, ... in the order given.
 *
 * @throws {CrushError} CRUSH_BAD_MAP for doubled names or OSDs; CRUSH_UNKNOWN_BUCKET,
 *   CRUSH_UNKNOWN_TYPE or CRUSH_UNKNOWN_CLASS for rules that do not fit the site
 */
export function buildCrushMap(
  site: CrushSite,
  rules: readonly CrushRuleSpec[],
  tunables: CrushTunables = JEWEL_TUNABLES,
): CrushMap {
  const hierarchy = new Hierarchy();
  addSite(hierarchy, site);
  const devices = siteDevices(site);
  const classOf = new Map(devices.map((device) => [device.id, device.class]));
  const classes = [...new Set(devices.map((device) => device.class ?? ''))].filter(Boolean);
  const root = hierarchy.get(ROOT) as CrushBucket;
  for (const deviceClass of classes) addShadow(hierarchy, root, deviceClass, classOf);
  const compiled = rules.map(
    (rule, id): CrushRule => ({
      id,
      name: rule.name,
      type: rule.type,
      min_size: 1,
      max_size: MAX_REPLICAS,
      steps: rule.steps.map((step) => compileStep(step, rule.name, hierarchy, classes)),
    }),
  );
  return compileCrushMap({
    devices,
    types: DEFAULT_TYPES,
    buckets: hierarchy.buckets,
    rules: compiled,
    tunables,
  });
}
