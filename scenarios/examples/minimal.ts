/** The same cloud as minimal.yaml, with the number of machines as a parameter. */
import { defineScenario, parameter } from '../define.ts';

export default defineScenario({
  version: 1,
  name: 'minimal',
  duration: '1d',
  parameters: {
    machines: { default: 4, min: 2, max: 40, description: 'Compute machines in the rack.' },
  },
  site: {
    flavors: { compute: { cores: 16, memory: '128GiB' } },
    racks: [{ name: 'r1', machines: { compute: parameter('machines') } }],
  },
  stack: {
    hypervisor: { on: ['compute'] },
    ovn: { chassis: ['compute'], gateways: ['compute'] },
    openstack: {
      control: ['compute'],
      compute: ['compute'],
      evacuate: true,
      flavors: { small: { vcpus: 2, ram: '4GiB' } },
      images: { ubuntu: { size: '2GiB' } },
      networks: { lan: { cidr: '10.0.0.0/24' } },
      projects: { demo: { servers: 50, vcpus: 100, ram: '200GiB' } },
    },
  },
  workload: {
    servers: {
      web: {
        project: 'demo',
        image: 'ubuntu',
        network: 'lan',
        initial: 12,
        flavors: { small: 1 },
      },
    },
  },
  faults: {
    script: [{ at: '6h', target: 'machine', name: 'r1-compute-2', heal_after: '2h' }],
  },
  objectives: {
    'boots-quickly': {
      measure: 'latency',
      of: 'server/*',
      from: 'building',
      to: 'active',
      at_most: '2m',
    },
  },
});
