import { afterAll, beforeAll } from 'vitest';
import type { JujuBackend } from '../../../backends/juju/driver.ts';
import { backendContract, type Step } from '../contract.ts';
import { PortProxy } from '../port-proxy.ts';
import { CharmFolder, closed, openJuju, startServer, stateAfter } from './controller-under-test.ts';

const LIFE: readonly Step[] = [
  { verb: 'deploy', to: 'blocked+steady' },
  { verb: 'configure', to: 'active+steady' },
  { verb: 'scale', to: 'active+steady' },
  { verb: 'upgrade', to: 'active+steady' },
  { verb: 'expose', to: 'active+steady' },
  { verb: 'unexpose', to: 'active+steady' },
  { verb: 'set_constraints', to: 'active+steady' },
  { verb: 'remove', to: 'absent' },
];

const charms = new CharmFolder();

/** The same contract with the all-watcher of Juju 3, and without, as in Juju 4. */
for (const version of ['3.6.14', '4.0.10']) {
  const server = startServer({ version });
  let endpoint: string;
  let proxy: PortProxy;
  let other: JujuBackend;

  const params = {
    charm: charms.charm('contract'),
    units: 2,
    constraints: 'mem=1G',
    // Deployed with it and blocked; configured to be without it again, and active.
    config: { 'workload-status': 'blocked' },
    reset: ['workload-status'],
  };

  beforeAll(async () => {
    endpoint = await server.listen();
    proxy = new PortProxy(new URL(`tcp://${endpoint}`));
    await proxy.open();
    other = openJuju(endpoint);
  });

  afterAll(async () => {
    await closed(other);
    await proxy.close();
    await server.close();
    charms.remove();
  });

  backendContract(`juju ${version}`, {
    layer: 'orchestration',
    kind: 'application',
    name: (count) => `contract-a${count}`,
    params,
    life: LIFE,
    before: LIFE.slice(0, 1),
    slow: {
      verb: 'remove',
      from: 'blocked+steady',
      during: ['blocked+steady', 'blocked+dying'],
      to: 'absent',
    },
    brake: {
      hold: async () => server.world.agenda.hold(),
      release: async () => server.world.agenda.letGo(),
    },
    illegal: 'upgrade',
    patience_s: 10,
    open: async () => openJuju(proxy.through(new URL(`tcp://${endpoint}`)).host),
    wait: (begin) => new Promise(begin),
    pass: (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000)),
    behindItsBack: async (entity, { verb }) => {
      await stateAfter(other, 'application', entity, verb, params);
    },
    disconnect: () => proxy.close(),
    reconnect: () => proxy.open(),
    openResources: () => process.getActiveResourcesInfo().sort(),
    clean: async () => {
      for (const model of server.world.models.values()) {
        model.applications.clear();
        model.machines.clear();
      }
    },
  });
}
