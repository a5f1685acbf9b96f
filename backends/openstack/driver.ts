import type { Probe } from '../diagnose.ts';
import { DriverBackend } from '../driver-backend.ts';
import type { Cloud } from './cloud.ts';
import { CloudDriver } from './cloud-driver.ts';
import { ComputeServices } from './compute-services.ts';
import { Flavors } from './flavors.ts';
import { Images } from './images.ts';
import { OPENSTACK_PARAMS } from './params.ts';
import { Projects } from './projects.ts';
import { Servers } from './servers.ts';
import { Volumes } from './volumes.ts';

/** Drives servers and what they need in one OpenStack cloud. */
export class OpenstackDriver extends CloudDriver {
  constructor(cloud: Cloud) {
    super({
      name: 'openstack',
      layer: 'iaas',
      cloud,
      services: ['compute', 'volume'],
      params: OPENSTACK_PARAMS,
      kinds: (context) => [
        new Projects(context),
        new Flavors(context),
        new Images(context),
        new ComputeServices(context),
        new Volumes(context),
        new Servers(context),
      ],
    });
  }

  protected override furtherProbes(): readonly Probe[] {
    return [{ check: 'healthy', look: () => this.#computeServices() }];
  }

  async #computeServices(): Promise<string> {
    const all = await this.list(['compute-service']);
    if (all.length === 0) return 'compute services are not visible to this user';
    const up = all.filter(({ state }) => state.startsWith('up')).length;
    return `${up} of ${all.length} compute services are up`;
  }
}

/** OpenStack as a backend of the IaaS layer. */
export class OpenstackBackend extends DriverBackend<OpenstackDriver> {
  constructor(cloud: Cloud) {
    super(new OpenstackDriver(cloud));
  }
}
