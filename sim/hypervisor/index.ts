/** The simulated hypervisor layer: libvirtd on hosts, domains and what belongs to them. */
import type { SimWorld } from '../world.ts';
import { installGuests } from './guests.ts';
import { installHosts } from './hosts.ts';
import { Migrations } from './migrations.ts';
import { Removal } from './removal.ts';
import type { HypervisorService } from './service.ts';

export function installHypervisor(world: SimWorld): void {
  const { engine } = world;
  const poolKind = engine.model.kindId('storage-pool');
  const domainKind = engine.model.kindId('domain');
  const define = engine.model.eventId('define');
  const hypervisors = installHosts(world);
  installGuests(world);
  const removal = new Removal(world);
  const migrations = new Migrations(world, removal);

  const service: HypervisorService = {
    hypervisorOf: (hostOs) => hypervisors.get(hostOs),
    createVolume: (name, hypervisor, cause) => {
      const pool = engine.dependentOf(hypervisor, poolKind);
      return world.create('storage-volume', name, pool < 0 ? [] : [pool], cause);
    },
    createDomain: (name, hypervisor, localVolumes, cause) => {
      const domain = engine.create(domainKind, name, cause);
      engine.link(hypervisor, domain, cause);
      for (const volume of localVolumes) engine.link(volume, domain, cause);
      engine.send(domain, define, cause);
      return domain;
    },
    deleteDomain: (domain, cause) => removal.deleteDomain(domain, cause),
    forgetDomain: (domain, cause) => removal.forgetDomain(domain, cause),
    migrate: (domain, target, cause, memory_bytes) =>
      migrations.begin(domain, target, cause, memory_bytes),
    createSnapshot: (name, domain, cause) => world.create('snapshot', name, [domain], cause),
  };
  world.services.hypervisor = service;
}
