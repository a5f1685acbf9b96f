/** A site, what runs on it, and the day that it lives through. */
import { type SyntheticSize, SyntheticWorld } from './synthetic.ts';

type Entity = ReturnType<SyntheticWorld['entity']>;

/** Bytes of a recording of `size`. The same size gives the same bytes. */
export function syntheticRecording(size: SyntheticSize): Uint8Array {
  const world = new SyntheticWorld(size.seed);
  const hosts = buildSite(world, size);
  buildStorage(world, size, hosts);
  const nodes = buildServers(world, size, hosts);
  buildApplications(world, size, nodes);
  scheduleChurn(world, size);
  scheduleFaults(world, size);
  scheduleMetrics(world, size);
  world.run(size.duration_s);
  return world.finish();
}

interface Host {
  readonly name: string;
  readonly os: Entity;
  readonly hypervisor: Entity;
  readonly chassis: Entity;
  readonly disks: readonly Entity[];
}

function buildSite(world: SyntheticWorld, size: SyntheticSize): Host[] {
  const region = world.create('region', 'region-1', []);
  const hosts: Host[] = [];
  for (let r = 1; r <= size.racks; r++) {
    const rack = world.create('rack', `r${r}`, [region]);
    const pdus = ['a', 'b'].map((side) => world.create('pdu', `r${r}-pdu-${side}`, [rack]));
    const tor = world.create('switch', `r${r}-tor`, pdus);
    for (let m = 1; m <= size.machinesPerRack; m++)
      hosts.push(buildHost(world, size, `r${r}-n${m}`, pdus, tor));
  }
  return hosts;
}

function buildHost(
  world: SyntheticWorld,
  size: SyntheticSize,
  name: string,
  pdus: Entity[],
  tor: Entity,
): Host {
  const machine = world.create('machine', name, pdus);
  const disks = Array.from({ length: size.disksPerMachine }, (_, d) =>
    world.create('disk', `${name}-sd${String.fromCharCode(97 + (d % 26))}${d >= 26 ? d : ''}`, [
      machine,
    ]),
  );
  const nic = world.create('nic', `${name}-eth0`, [machine, tor]);
  const os = world.create('host-os', name, [machine, nic]);
  for (const unit of ['ssh', 'chrony', 'libvirtd'])
    world.create('systemd-unit', `${name}-${unit}`, [os]);
  return {
    name,
    os,
    disks,
    hypervisor: world.create('hypervisor', name, [os]),
    chassis: world.create('chassis', name, [os]),
  };
}

function buildStorage(world: SyntheticWorld, size: SyntheticSize, hosts: readonly Host[]): void {
  for (let i = 0; i < 3; i++) {
    world.create('mon', 'abc'[i], [hosts[(i * size.machinesPerRack) % hosts.length].os]);
  }
  const osds = hosts.map((host) =>
    host.disks
      .slice(1)
      .map((disk, d) =>
        world.create('osd', `osd.${hosts.indexOf(host) * (size.disksPerMachine - 1) + d}`, [
          disk,
          host.os,
        ]),
      ),
  );
  const pool = world.create('pool', 'vms', []);
  for (let p = 0; p < size.placementGroups; p++) {
    const acting = [0, 1, 2].map((copy) => {
      const rack = (p + copy) % size.racks;
      const host = rack * size.machinesPerRack + Math.floor(world.draw() * size.machinesPerRack);
      return osds[host][Math.floor(world.draw() * osds[host].length)];
    });
    world.create('pg', `1.${p.toString(16)}`, [pool, ...new Set(acting)]);
  }
}

function buildServers(
  world: SyntheticWorld,
  size: SyntheticSize,
  hosts: readonly Host[],
): { name: string; server: Entity }[] {
  world.create('project', 'shop', []);
  world.create('project', 'ops', []);
  world.create('logical-switch', 'net-shop', []);
  world.create('gateway', 'gw-shop', [hosts[0].chassis, hosts[hosts.length - 1].chassis]);
  const nodes: { name: string; server: Entity }[] = [];
  for (const host of hosts) world.create('compute-service', host.name, [host.hypervisor]);
  for (const host of hosts) {
    for (let s = 0; s < size.serversPerMachine; s++) {
      const name = `${s === 0 ? 'k8s' : 'vm'}-${host.name}-${s}`;
      const server = createServer(world, host, name);
      if (s === 0) nodes.push({ name, server });
    }
  }
  return nodes;
}

function createServer(world: SyntheticWorld, host: Host, name: string): Entity {
  const image = world.create('rbd-image', `volume-${name}`, [world.entity('pool/vms')]);
  const volume = world.create('volume', name, [image]);
  const port = world.create('port', name, [host.chassis, world.entity('logical-switch/net-shop')]);
  const domain = world.create('domain', name, [host.hypervisor]);
  return world.create('server', name, [
    world.entity('project/shop'),
    world.entity(`compute-service/${host.name}`),
    domain,
    port,
    volume,
  ]);
}

function buildApplications(
  world: SyntheticWorld,
  size: SyntheticSize,
  nodes: readonly { name: string; server: Entity }[],
): void {
  const model = world.create('model', 'production', []);
  const podsOf = new Map<string, Entity[]>();
  const apps = ['web', 'api', 'auth', 'billing', 'search', 'queue', 'cache', 'ledger'];
  for (const [n, { name, server }] of nodes.entries()) {
    const runtime = world.create('container-runtime', name, [server]);
    const node = world.create('node', name, [server, runtime]);
    for (let p = 0; p < size.podsPerNode; p++) {
      const app = apps[(n * size.podsPerNode + p) % apps.length];
      const pod = `${app}-${n * size.podsPerNode + p}`;
      const sandbox = world.create('sandbox', pod, [runtime]);
      for (const c of ['app', 'proxy']) world.create('container', `${pod}-${c}`, [sandbox]);
      podsOf.set(app, [...(podsOf.get(app) ?? []), world.create('pod', pod, [node, sandbox])]);
    }
  }
  for (const [app, pods] of podsOf) {
    world.create('deployment', app, pods);
    const units = pods.slice(0, 3).map((pod, i) => world.create('unit', `${app}/${i}`, [pod]));
    world.create('application', app, [model, ...units]);
  }
}

function scheduleChurn(world: SyntheticWorld, size: SyntheticSize): void {
  const hostNames = Array.from(
    { length: size.racks * size.machinesPerRack },
    (_, i) => `r${Math.floor(i / size.machinesPerRack) + 1}-n${(i % size.machinesPerRack) + 1}`,
  );
  for (let c = 0; c < size.churn; c++) {
    const time_s = size.duration_s * (0.05 + 0.9 * world.draw());
    const name = hostNames[Math.floor(world.draw() * hostNames.length)];
    const host = {
      name,
      os: world.entity(`host-os/${name}`),
      hypervisor: world.entity(`hypervisor/${name}`),
      chassis: world.entity(`chassis/${name}`),
      disks: [],
    };
    world.at(time_s, () => createServer(world, host, `batch-${c}`));
    world.at(time_s + size.duration_s * 0.04 * (1 + world.draw()), () => {
      for (const kind of ['server', 'domain', 'port', 'volume']) {
        world.remove(world.entity(`${kind}/batch-${c}`));
      }
      world.remove(world.entity(`rbd-image/volume-batch-${c}`));
    });
  }
}

function scheduleFaults(world: SyntheticWorld, size: SyntheticSize): void {
  const day: [number, number, string][] = [
    [0.12, 0.19, 'disk/r1-n2-sdc'],
    [0.26, 0.31, 'machine/r2-n3'],
    [0.42, 0.425, 'switch/r3-tor'],
    [0.55, 0.574, `rack/r${Math.min(2, size.racks)}`],
    [0.72, 0.75, 'mon/b'],
    [0.84, 0.845, 'node/k8s-r1-n1-0'],
  ];
  for (const [from, to, name] of day) {
    world.at(from * size.duration_s, () => world.fail(name));
    world.at(to * size.duration_s, () => world.repair(name));
  }
}

function scheduleMetrics(world: SyntheticWorld, size: SyntheticSize): void {
  for (let r = 1; r <= size.racks; r++) {
    for (let m = 1; m <= size.machinesPerRack; m++) {
      for (let i = 1; i < 96; i++) {
        world.at((i / 96) * size.duration_s, () => {
          const off = world.entity(`machine/r${r}-n${m}`).state !== 'deployed';
          world.metric(
            `machine/r${r}-n${m}`,
            'metric:power_w',
            off ? 0 : 180 + 120 * (1 + Math.sin(i / 12 + m)) + 20 * world.draw(),
          );
        });
      }
    }
  }
}
