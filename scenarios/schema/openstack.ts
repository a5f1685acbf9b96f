/** `stack.openstack`: services, flavors, images, networks and projects. */
import { z } from 'zod';
import type { OpenStackStack, Quota, ServerFlavor } from '../../model/scenario.ts';
import {
  bytes,
  decimal,
  duration,
  flavorNames,
  name,
  named,
  positiveBytes,
  whole,
} from './fields.ts';

const QUOTA_MAX = 1_000_000_000;

const serverFlavor = z
  .strictObject({
    vcpus: whole(1, 1_024).describe('Virtual CPUs.'),
    ram: positiveBytes().describe('Memory.'),
    disk: bytes().prefault('20GiB').describe('Root disk.'),
  })
  .transform(({ vcpus, ram, disk }): ServerFlavor => ({ vcpus, ram_bytes: ram, disk_bytes: disk }));

export const imageSchema = z
  .strictObject({ size: bytes().describe('Size of the image.') })
  .transform(({ size }) => ({ size_bytes: size }));

const network = z.strictObject({
  cidr: z
    .union([z.cidrv4(), z.cidrv6()], { error: () => 'an address range, such as 10.0.0.0/16' })
    .describe('Address range, such as `10.0.0.0/16`.'),
  external: z.boolean().default(false).describe('Whether it leads out of the cloud.'),
});

const quota = z
  .strictObject({
    servers: whole(0, QUOTA_MAX).default(10).describe('Servers at a time.'),
    vcpus: whole(0, QUOTA_MAX).default(20).describe('Virtual CPUs at a time.'),
    ram: bytes().prefault('50GiB').describe('Memory at a time.'),
    volumes: whole(0, QUOTA_MAX).default(10).describe('Volumes at a time.'),
  })
  .transform(({ ram, ...rest }): Quota => ({ ...rest, ram_bytes: ram }));

const scheduler = z.strictObject({
  max_candidates: whole(1, 1_000_000)
    .default(1_000)
    .describe('Allocation candidates that are weighed (`max_placement_results`).'),
  ram_weight: decimal(-1e6, 1e6).default(1).describe('`ram_weight_multiplier`.'),
  cpu_weight: decimal(-1e6, 1e6).default(1).describe('`cpu_weight_multiplier`.'),
  disk_weight: decimal(-1e6, 1e6).default(1).describe('`disk_weight_multiplier`.'),
  host_subset_size: whole(1, 100_000)
    .default(1)
    .describe('A host is drawn from so many best ones (`host_subset_size`).'),
});

export const openstackSchema = z
  .strictObject({
    control: z
      .array(name())
      .max(1_000)
      .default([])
      .describe('Machine flavors that run the API services. None: they never fail.'),
    compute: flavorNames().describe('Machine flavors that run nova-compute.'),
    flavors: named(serverFlavor).default({}).describe('Server flavors.'),
    images: named(imageSchema).default({}).describe('Images in glance.'),
    networks: named(network).default({}).describe('Networks of neutron.'),
    projects: named(quota).default({}).describe('Projects with their quotas (nova’s defaults).'),
    scheduler: scheduler.prefault({}).describe('How nova chooses hosts.'),
    volume_pool: name()
      .optional()
      .describe('Ceph pool of root disks and volumes. Default: the disks of the host.'),
    service_down: duration()
      .prefault('60s')
      .describe('A compute service without a report for this long is down (`service_down_time`).'),
    evacuate: z.boolean().default(false).describe('Servers of a dead host are evacuated.'),
  })
  .transform(
    ({ service_down, ...rest }): OpenStackStack => ({ ...rest, service_down_s: service_down }),
  );
