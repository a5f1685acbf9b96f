/** `stack`: what runs where. */
import { z } from 'zod';
import type { HypervisorStack, Stack } from '../../model/scenario.ts';
import { cephSchema } from './ceph.ts';
import { bytes, decimal, flavorNames, listed, name, named, text } from './fields.ts';
import { jujuSchema } from './juju.ts';
import { kubernetesSchema } from './kubernetes.ts';
import { imageSchema, openstackSchema } from './openstack.ts';

const operatingSystem = z.strictObject({
  release: text(63).default('ubuntu-24.04').describe('Release, such as `ubuntu-24.04`.'),
  kernel: text(63).default('6.8.0-45-generic').describe('Kernel version at the start.'),
  services: z
    .array(text(63).min(1))
    .max(100)
    .default(['ssh', 'chrony'])
    .describe('systemd units of every host, besides those of its roles.'),
});

const hypervisor = z
  .strictObject({
    on: flavorNames().describe('Machine flavors that are hypervisors.'),
    cpu_ratio: decimal(0.01, 1_000)
      .default(4)
      .describe('Virtual CPUs sold per thread (`cpu_allocation_ratio`).'),
    ram_ratio: decimal(0.01, 1_000).default(1).describe('Memory sold per byte.'),
    disk_ratio: decimal(0.01, 1_000).default(1).describe('Local disk sold per byte.'),
    reserved_memory: bytes().prefault('4GiB').describe('Kept for the host itself.'),
  })
  .transform(
    ({ reserved_memory, ...rest }): HypervisorStack => ({
      ...rest,
      reserved_memory_bytes: reserved_memory,
    }),
  );

const ovn = z.strictObject({
  chassis: flavorNames().describe('Machine flavors that run ovn-controller.'),
  gateways: z
    .array(name())
    .max(1_000)
    .default([])
    .describe('Those of them whose machines may be gateways.'),
});

const containers = z.strictObject({
  on: z.array(name()).max(1_000).default([]).describe('Machine flavors that run containers.'),
  images: named(imageSchema).default({}).describe('Container images.'),
});

export const stackSchema = z
  .strictObject({
    operating_system: operatingSystem.prefault({}).describe('What every machine is deployed with.'),
    hypervisor: hypervisor.optional().describe('QEMU/KVM with libvirt.'),
    ovn: ovn.optional().describe('Software-defined network.'),
    ceph: cephSchema.optional().describe('Software-defined storage.'),
    openstack: openstackSchema.optional().describe('Servers, volumes and networks for tenants.'),
    containers: containers.optional().describe('Container runtimes and images.'),
    kubernetes: named(kubernetesSchema).default({}).describe('Clusters by name.'),
    juju: named(jujuSchema).default({}).describe('Juju models by name.'),
  })
  .transform(
    ({ kubernetes, juju, ...rest }): Stack => ({
      ...rest,
      kubernetes: listed(kubernetes),
      juju: listed(juju),
    }),
  );
