import { expect, it } from 'vitest';
import { whenCloudTakesServers } from '../../sim/iaas/readiness.ts';
import { CEPH, Cloud, LAB, OPENSTACK, pool, scenarioOf } from './cloud.ts';

it('a cloud takes servers when images, computes and the pool of its volumes are there', () => {
  const options = {
    ceph: { ...CEPH, pools: [pool({})] },
    openstack: { ...OPENSTACK, volume_pool: 'volumes' },
  };
  const cloud = new Cloud(scenarioOf(options), LAB);
  const readyAt_s: number[] = [];
  const kinds = ['pool', 'image', 'compute-service'];
  let served: string[] = [];
  whenCloudTakesServers(cloud.world, () => {
    readyAt_s.push(cloud.engine.now);
    served = kinds.filter((kind) => cloud.all(kind).every((e) => cloud.engine.isServing(e)));
  });
  cloud.pass(900);
  expect(readyAt_s).toHaveLength(1);
  expect(cloud.stateOf(cloud.find('pool/volumes'))).toBe('active+ok');
  expect(served).toEqual(['pool', 'image', 'compute-service']);
});
