/** Builds the site of the scenario: racks with feeds, switches and machines with their parts. */
import { machineNames } from '../../model/machine-names.ts';
import type { DiskGroup, Rack } from '../../model/scenario.ts';
import { EntityMap } from '../entity-map.ts';
import type { SimWorld } from '../world.ts';

/** Entities of the site and what is known of them beside their state. */
export class Site {
  /** Machines in the order of the scenario. */
  readonly machines: number[] = [];
  /** By place in `machines`. */
  readonly flavors: string[] = [];
  readonly racks: number[] = [];
  readonly #world: SimWorld;
  readonly #machineKind: number;
  readonly #indexOfMachine: EntityMap;
  readonly #rackOfMachine: EntityMap;
  readonly #rackOfSwitch: EntityMap;
  readonly #machinesOfRack = new Map<number, number[]>();
  readonly #diskGroup: EntityMap;
  readonly #diskGroups: DiskGroup[] = [];
  readonly #machineOfHost: EntityMap;
  readonly #hostOfMachine: EntityMap;

  constructor(world: SimWorld) {
    this.#world = world;
    this.#machineKind = world.engine.model.kindId('machine');
    this.#indexOfMachine = new EntityMap(world.engine);
    this.#rackOfMachine = new EntityMap(world.engine);
    this.#rackOfSwitch = new EntityMap(world.engine);
    this.#diskGroup = new EntityMap(world.engine);
    this.#machineOfHost = new EntityMap(world.engine);
    this.#hostOfMachine = new EntityMap(world.engine);
  }

  flavorOf(machineOrHostOs: number): string {
    return this.flavors[this.#indexOfMachine.get(this.#machineUnder(machineOrHostOs))];
  }

  rackOf(machineOrHostOs: number): number {
    return this.#rackOfMachine.get(this.#machineUnder(machineOrHostOs));
  }

  /** The machines that boot over a switch: those of its rack. */
  machinesAt(switchEntity: number): readonly number[] {
    return this.#machinesOfRack.get(this.#rackOfSwitch.get(switchEntity))!;
  }

  /** The machine under a host OS. */
  machineOf(hostOs: number): number {
    return this.#machineOfHost.get(hostOs);
  }

  /** The host OS of a machine, or -1 before it is deployed. */
  hostOsOf(machine: number): number {
    return this.#hostOfMachine.get(machine);
  }

  /** Class, size and use of a disk. */
  diskGroupOf(disk: number): DiskGroup {
    return this.#diskGroups[this.#diskGroup.get(disk)];
  }

  setHostOs(machine: number, hostOs: number): void {
    this.#hostOfMachine.set(machine, hostOs);
    this.#machineOfHost.set(hostOs, machine);
  }

  /** Creates every component, dark and unknown, then switches the feeds of the racks on. */
  build(): void {
    const { engine, scenario, account } = this.#world;
    const region = this.#world.create('region', scenario.site.region, []);
    const cause = engine.lastRowOf(region);
    for (const rack of scenario.site.racks) {
      account.addCapacity('power_w', rack.power_limit_w);
      this.#buildRack(rack, region, cause);
    }
    for (const rack of this.racks) this.#world.send(rack, 'energize', engine.lastRowOf(rack));
  }

  #machineUnder(machineOrHostOs: number): number {
    const isMachine = this.#world.engine.kindIdOf(machineOrHostOs) === this.#machineKind;
    return isMachine ? machineOrHostOs : this.#machineOfHost.get(machineOrHostOs);
  }

  #buildRack(spec: Rack, region: number, cause: number): void {
    const rack = this.#world.create('rack', spec.name, [region], cause);
    this.racks.push(rack);
    const row = this.#world.engine.lastRowOf(rack);
    const pdus = numbered(spec.pdus, (n) =>
      this.#world.create('pdu', `${spec.name}-pdu-${n}`, [rack], row),
    );
    const switches = numbered(spec.switches, (n) =>
      this.#world.create('switch', `${spec.name}-switch-${n}`, pdus, row),
    );
    for (const entity of switches) this.#rackOfSwitch.set(entity, rack);
    const machines: number[] = [];
    this.#machinesOfRack.set(rack, machines);
    for (const group of spec.machines) {
      const { flavor } = group;
      for (const name of machineNames(spec.name, group)) {
        const machine = this.#world.create('machine', name, pdus, row);
        this.#indexOfMachine.set(machine, this.machines.length);
        this.machines.push(machine);
        machines.push(machine);
        this.flavors.push(flavor);
        this.#rackOfMachine.set(machine, rack);
        this.#buildParts(machine, flavor, switches);
      }
    }
  }

  /** Disks, and NICs cabled to the switches of the rack in turn. */
  #buildParts(machine: number, flavor: string, switches: readonly number[]): void {
    const { engine, scenario } = this.#world;
    const { disks, nics } = scenario.site.flavors[flavor];
    const name = engine.names[machine];
    const row = engine.lastRowOf(machine);
    let n = 0;
    for (const group of disks) {
      const number = this.#numberOf(group);
      for (let i = 0; i < group.count; i++) {
        const disk = this.#world.create('disk', `${name}-disk-${++n}`, [machine], row);
        this.#diskGroup.set(disk, number);
      }
    }
    n = 0;
    for (const { count } of nics) {
      for (let i = 0; i < count; i++) {
        const cable = switches.length > 0 ? [switches[n % switches.length]] : [];
        this.#world.create('nic', `${name}-nic-${++n}`, [machine, ...cable], row);
      }
    }
  }

  #numberOf(group: DiskGroup): number {
    const known = this.#diskGroups.indexOf(group);
    return known >= 0 ? known : this.#diskGroups.push(group) - 1;
  }
}

function numbered(count: number, create: (n: number) => number): number[] {
  return Array.from({ length: count }, (_, i) => create(i + 1));
}
