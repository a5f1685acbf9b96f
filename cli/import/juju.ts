/** `stack.juju` of what a controller lists, where the scenario has something to place units on. */
import type { Observation } from '../../engine/contract.ts';
import { number, text } from './hosts.ts';
import { Names } from './names.ts';
import type { ImportedCloud } from './openstack.ts';

/** What the scenario has for units: the cloud for machines, the cluster for pods. */
export interface UnitPlaces {
  readonly cloud?: ImportedCloud;
  readonly kubernetes?: Readonly<Record<string, unknown>>;
}

const UNITS_MAX = 10_000;

/** The section, with a remark for what it leaves out; empty without applications. */
export function jujuOf(
  seen: readonly Observation[],
  places: UnitPlaces,
  remarks: string[],
): Record<string, unknown> {
  const names = new Names();
  const models: Record<string, unknown> = {};
  for (const { attributes = {}, entity, kind } of seen) {
    if (kind !== 'model') continue;
    const applications = seen.filter((each) => isOf(each, 'application', entity));
    if (applications.length === 0) continue;
    const on = placeOf(text(attributes, 'type'), places);
    if (on) models[names.of(entity)] = { on, ...contentsOf(entity, applications, seen, remarks) };
    else remarks.push(`stack.juju: model ${entity} is left out: there is nothing to place it on.`);
  }
  return Object.keys(models).length === 0 ? {} : { juju: models };
}

function isOf({ attributes = {}, kind }: Observation, wanted: string, model: string): boolean {
  return kind === wanted && text(attributes, 'model') === model;
}

/** Machines of any cloud become servers of the imported one: the first of each that it needs. */
function placeOf(type: string | undefined, { cloud, kubernetes }: UnitPlaces) {
  if (type === 'caas') {
    const cluster = Object.keys(kubernetes ?? {})[0];
    return cluster === undefined ? undefined : { type: 'kubernetes', cluster };
  }
  const first = (section: string) => Object.keys(cloud?.stack[section] ?? {})[0];
  const [project, flavor, image, network] = ['projects', 'flavors', 'images', 'networks'].map(
    first,
  );
  const isWhole = [project, flavor, image, network].every((each) => each !== undefined);
  return isWhole ? { type: 'servers', project, flavor, image, network } : undefined;
}

function contentsOf(
  model: string,
  applications: readonly Observation[],
  seen: readonly Observation[],
  remarks: string[],
): Record<string, unknown> {
  const names = new Names();
  const [subordinates, principals] = [true, false].map((isSubordinate) =>
    applications.filter(
      ({ attributes = {} }) => Boolean(text(attributes, 'subordinate_to')) === isSubordinate,
    ),
  );
  if (subordinates.length > 0) {
    const all = subordinates.map(({ entity }) => entity).join(', ');
    remarks.push(`stack.juju.${model}: subordinate charms are not modelled: ${all}.`);
  }
  const known = new Set(principals.map(({ entity }) => entity));
  const pairs = seen
    .filter((each) => isOf(each, 'relation', model))
    .map(({ attributes = {} }) => text(attributes, 'applications')?.split(' ') ?? [])
    .filter((pair) => pair.length === 2 && pair.every((each) => known.has(each)));
  return {
    applications: Object.fromEntries(
      principals.map(({ attributes = {}, entity }) => [
        names.of(entity),
        {
          charm: text(attributes, 'charm') ?? entity,
          units: Math.min(
            UNITS_MAX,
            number(attributes, 'scale') ?? number(attributes, 'units') ?? 1,
          ),
        },
      ]),
    ),
    relations: pairs.map((pair) => pair.map((each) => names.of(each))),
  };
}
