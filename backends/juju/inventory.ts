/** What the API tells, as observations with the attributes that import wants. */
import type { Observation } from '../../engine/contract.ts';
import { oneLine } from '../fault-table.ts';
import {
  actionState,
  applicationState,
  machineState,
  modelState,
  relationState,
  unitState,
} from './states.ts';
import type {
  ActionResult,
  ApplicationStatus,
  FullStatus,
  MachineStatus,
  ModelSummary,
  RelationStatus,
  Status,
  UnitStatus,
} from './status.ts';

/** Kinds of `model/orchestration/` that are listed whole. */
export const LISTED_KINDS: ReadonlySet<string> = new Set([
  ...['model', 'application', 'unit', 'relation', 'juju-machine'],
]);

type Attributes = Readonly<Record<string, string | number | boolean>>;

export interface Known {
  /** What was last known of an entity: hooks are told apart by what came before them. */
  before(kind: string, entity: string): Observation | undefined;
  /** What a machine is called, by its number. */
  called(machine: string): string;
}

export function modelSeen(name: string, model: ModelSummary, live?: FullStatus): Observation {
  const { info, status } = live?.model['model-status'] ?? model.status ?? { info: '', status: '' };
  return {
    ...{ kind: 'model', entity: name, state: modelState(status, model.life) },
    reason: words(status, info),
    attributes: filled({
      uuid: model.uuid,
      cloud: model['cloud-tag'].replace(/^cloud-/, ''),
      region: model['cloud-region'],
      type: model.type,
      version: model['agent-version'],
      is_controller: model['is-controller'],
    }),
  };
}

/** Everything in a model, by FullStatus. */
export function modelContents(
  model: string,
  status: FullStatus,
  { before, called }: Known,
): readonly Observation[] {
  const seen: Observation[] = [];
  const units = (of: string, all: ReadonlyMap<string, UnitStatus>, principal?: string) => {
    for (const [name, unit] of all) {
      seen.push(unitSeen(name, unit, { application: of, model, principal }, before));
      for (const [each, subordinate] of unit.subordinates) {
        units(applicationOf(each), new Map([[each, subordinate]]), name);
      }
    }
  };
  for (const [name, application] of status.applications) {
    const at = seen.length;
    units(name, application.units);
    const states = seen.slice(at).filter(({ entity }) => application.units.has(entity));
    seen.push(
      applicationSeen(
        name,
        application,
        model,
        states.map(({ state }) => state),
      ),
    );
  }
  const machines = (all: ReadonlyMap<string, MachineStatus>) => {
    for (const [id, machine] of all) {
      seen.push({ ...machineSeen(id, machine, model), entity: called(id) });
      machines(machine.containers);
    }
  };
  machines(status.machines);
  return [...seen, ...status.relations.map((relation) => relationSeen(relation, model))];
}

function applicationSeen(
  name: string,
  it: ApplicationStatus,
  model: string,
  units: readonly string[],
): Observation {
  return {
    ...{ kind: 'application', entity: name, state: applicationState(it, units) },
    reason: words(it.status.status, it.status.info),
    attributes: filled({
      model,
      charm: it.charm,
      channel: it['charm-channel'],
      base: it.base,
      units: it.units.size,
      scale: it.int ?? undefined,
      exposed: it.exposed,
      subordinate_to: it['subordinate-to'].join(' '),
      workload_version: it['workload-version'],
    }),
  };
}

interface UnitPlace {
  readonly model: string;
  readonly application: string;
  readonly principal?: string;
}

function unitSeen(
  name: string,
  unit: UnitStatus,
  place: UnitPlace,
  before: Known['before'],
): Observation {
  const { 'agent-status': agent, 'workload-status': workload } = unit;
  const state = unitState(unit, before('unit', name)?.state);
  return {
    ...{ kind: 'unit', entity: name, state },
    reason: `${words(agent.status, agent.info)}; ${words(workload.status, workload.info)}`,
    attributes: filled({
      ...place,
      machine: unit.machine,
      leader: unit.leader,
      address: unit['public-address'],
      charm: unit.charm,
      workload_version: unit['workload-version'],
    }),
  };
}

function machineSeen(id: string, machine: MachineStatus, model: string): Observation {
  const { 'agent-status': agent, 'instance-status': instance } = machine;
  return {
    ...{ kind: 'juju-machine', entity: id, state: machineState(machine) },
    reason: `${words(agent.status, agent.info)}; ${words(instance.status, instance.info)}`,
    attributes: filled({
      ...{ model, id },
      instance: machine['instance-id'],
      hostname: machine.hostname,
      address: machine['dns-name'],
      base: machine.base,
      constraints: machine.constraints,
      ...hardwareOf(machine.hardware),
    }),
  };
}

function relationSeen(relation: RelationStatus, model: string): Observation {
  const { endpoints, status } = relation;
  return {
    ...{ kind: 'relation', entity: relation.key, state: relationState(status) },
    reason: words(status.status, status.info),
    attributes: filled({
      model,
      id: relation.id,
      interface: relation.interface,
      scope: relation.scope,
      applications: endpoints.map(({ application }) => application).join(' '),
    }),
  };
}

/** An action by its number; undefined for what is no action. */
export function actionSeen(result: ActionResult, model: string): Observation | undefined {
  const id = /^action-(.+)$/.exec(result.action?.tag ?? '')?.[1];
  if (!result.action || id === undefined) return undefined;
  return {
    ...{ kind: 'action', entity: id, state: actionState(result.status) },
    reason: words(result.status, result.message),
    attributes: filled({
      model,
      name: result.action.name,
      unit: entityOfTag(result.action.receiver),
    }),
  };
}

/** `unit-mysql-k8s-0` is `mysql-k8s/0`, `machine-0` is `0` (juju/names). */
export function entityOfTag(tag: string): string {
  const unit = /^unit-(.+)-(\d+)$/.exec(tag);
  return unit ? `${unit[1]}/${unit[2]}` : tag.replace(/^[a-z]+-/, '');
}

export function unitTag(unit: string): string {
  return `unit-${unit.replace('/', '-')}`;
}

/** `0/lxd/1` is `machine-0-lxd-1`. */
export function machineTag(id: string): string {
  return `machine-${id.replaceAll('/', '-')}`;
}

export function applicationOf(unit: string): string {
  return unit.slice(0, unit.lastIndexOf('/'));
}

const SCALE: Readonly<Record<string, number>> = { M: 2 ** 20, G: 2 ** 30, T: 2 ** 40, P: 2 ** 50 };

/** `arch=amd64 cores=2 mem=4096M root-disk=8192M` in bytes; Juju's M is MiB. */
function hardwareOf(hardware: string): Attributes {
  const found = new Map(
    hardware.split(/\s+/).map((each): [string, string] => {
      const equals = each.indexOf('=');
      return [each.slice(0, equals), each.slice(equals + 1)];
    }),
  );
  const bytes = (name: string) => {
    const [, amount, unit] = /^(\d+(?:\.\d+)?)([MGTP])$/.exec(found.get(name) ?? '') ?? [];
    return amount === undefined ? undefined : Math.round(Number(amount) * SCALE[unit]);
  };
  const cores = /^\d{1,6}$/.exec(found.get('cores') ?? '')?.[0];
  return filled({
    arch: found.get('arch'),
    cores: cores === undefined ? undefined : Number(cores),
    memory_bytes: bytes('mem'),
    disk_bytes: bytes('root-disk'),
    zone: found.get('availability-zone'),
  });
}

const ATTRIBUTE_CHARACTERS_MAX = 500;

/** Only what is known; text from outside is bounded. */
function filled(attributes: Readonly<Record<string, string | number | boolean | undefined>>) {
  const known = Object.entries(attributes).filter(
    ([, value]) => value !== undefined && value !== '',
  );
  return Object.fromEntries(
    known.map(([name, value]) => [
      name,
      typeof value === 'string' ? oneLine(value).slice(0, ATTRIBUTE_CHARACTERS_MAX) : value,
    ]),
  ) as Attributes;
}

function words(status: Status['status'], info: string): string {
  const said = info === '' ? status : `${status} (${info})`;
  return oneLine(said).slice(0, ATTRIBUTE_CHARACTERS_MAX);
}
