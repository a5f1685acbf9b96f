/**
 * The edges between layers: which kind depends on which. When a provider leaves its serving states
 * the engine tells its dependents `lost`, and `restored` when it serves again. One mechanism for
 * every fault: a fault travels through all nine layers along this table and nothing else.
 */
export interface EdgeType {
  readonly provider: string;
  readonly dependent: string;
  /**
   * `all`: the dependent needs every linked provider of this kind. `any`: one of them is enough
   * (redundant power feeds, top-of-rack switches). `none`: placement or ownership only; drawn, but
   * nothing is lost with it, since a control plane decides (a PG and its OSDs, a set and its pods).
   */
  readonly needs: 'all' | 'any' | 'none';
  readonly why: string;
}

const edge = (
  provider: string,
  dependent: string,
  needs: EdgeType['needs'],
  why: string,
): EdgeType => ({ provider, dependent, needs, why });

export const STACK: readonly EdgeType[] = [
  // bare metal
  edge('region', 'rack', 'none', 'a rack stands in a region'),
  edge('rack', 'pdu', 'all', "a rack's feed powers its PDUs"),
  edge('pdu', 'switch', 'any', 'a switch has a power supply in each PDU of its rack'),
  edge('pdu', 'machine', 'any', 'a machine has a power supply in each PDU of its rack'),
  edge('switch', 'nic', 'all', 'a NIC is cabled to one top-of-rack switch'),
  edge('machine', 'disk', 'all', 'a disk is powered and reached through its machine'),
  edge('machine', 'nic', 'all', 'a NIC is powered by its machine'),
  // operating system
  edge('machine', 'host-os', 'all', 'an operating system runs on one machine'),
  edge('disk', 'host-os', 'any', 'the system disks are a mirror: one is enough'),
  edge('nic', 'host-os', 'any', 'bonded NICs: the host is reachable while one has a link'),
  edge('host-os', 'systemd-unit', 'all', 'a unit runs under its host'),
  edge('host-os', 'package', 'none', 'a package is installed on a host'),
  // hypervisor
  edge('host-os', 'hypervisor', 'all', 'libvirtd and QEMU run on a host'),
  edge('hypervisor', 'domain', 'all', 'a domain is a process of its hypervisor'),
  edge('hypervisor', 'storage-pool', 'all', 'a libvirt storage pool belongs to its host'),
  edge('storage-pool', 'storage-volume', 'all', 'a volume is a file in its pool'),
  edge('hypervisor', 'virtual-network', 'all', 'a virtual network is a bridge of its host'),
  edge('storage-volume', 'domain', 'all', 'a domain with a local disk needs its volume'),
  edge('domain', 'snapshot', 'none', 'a snapshot belongs to a domain'),
  edge('domain', 'migration', 'none', 'a migration moves a domain'),
  // SDN
  edge('host-os', 'chassis', 'all', 'ovn-controller and vswitchd run on a host'),
  edge('logical-switch', 'port', 'none', 'a port is on a logical switch'),
  edge('chassis', 'port', 'all', 'a port is bound to a chassis'),
  edge('logical-switch', 'logical-router', 'none', 'a router joins switches'),
  edge('logical-switch', 'acl', 'none', 'an ACL is attached to a switch'),
  edge('logical-router', 'nat', 'none', 'a NAT rule is on a router'),
  edge('logical-router', 'gateway', 'none', 'a gateway port belongs to a router'),
  edge('chassis', 'gateway', 'any', 'a gateway fails over between its chassis'),
  edge('logical-switch', 'load-balancer', 'none', 'a load balancer serves a switch'),
  // SDS
  edge('host-os', 'mon', 'all', 'a ceph-mon runs on a host'),
  edge('host-os', 'mgr', 'all', 'a ceph-mgr runs on a host'),
  edge('host-os', 'osd', 'all', 'a ceph-osd runs on a host'),
  edge('host-os', 'mds', 'all', 'a ceph-mds runs on a host'),
  edge('host-os', 'rgw', 'all', 'a radosgw runs on a host'),
  edge('disk', 'osd', 'all', 'an OSD keeps its data on one disk'),
  edge('mon', 'ceph-cluster', 'none', 'mons form the quorum by majority'),
  edge('pool', 'pg', 'none', 'a pool is split into placement groups'),
  edge('osd', 'pg', 'none', 'the acting set of a placement group, chosen by CRUSH'),
  edge('pool', 'rbd-image', 'all', 'an image lives in a pool'),
  edge('pool', 'cephfs', 'all', 'a file system lives in its pools'),
  edge('mds', 'cephfs', 'any', 'an active MDS serves the file system'),
  edge('rgw', 'bucket', 'any', 'buckets are reached through any gateway'),
  edge('pool', 'bucket', 'all', 'objects of a bucket live in a pool'),
  // IaaS
  edge('hypervisor', 'compute-service', 'all', 'nova-compute drives the hypervisor of its host'),
  edge('project', 'server', 'none', 'a server belongs to a project'),
  edge(
    'compute-service',
    'server',
    'none',
    'nova-compute manages the servers of its host; their guests run on without it',
  ),
  edge('domain', 'server', 'all', 'a server is a domain'),
  edge('port', 'server', 'all', 'a server is reached through its ports'),
  edge('volume', 'server', 'all', 'a server boots from or uses its volumes'),
  edge('rbd-image', 'volume', 'all', 'a volume is an RBD image'),
  edge('image', 'server', 'none', 'a server is created from an image'),
  edge('rbd-image', 'image', 'all', 'glance keeps an image in RBD'),
  // containers
  edge('host-os', 'container-runtime', 'all', 'containerd runs on a host'),
  edge('server', 'container-runtime', 'all', 'containerd runs in a server'),
  edge('container-runtime', 'sandbox', 'all', 'a sandbox is run by a runtime'),
  edge('container-runtime', 'container-image', 'none', 'an image is stored by a runtime'),
  edge('sandbox', 'container', 'all', 'a container lives in a sandbox'),
  // CaaS
  edge('server', 'node', 'all', 'a Kubernetes node is a server'),
  edge('host-os', 'node', 'all', 'a Kubernetes node is a bare-metal machine'),
  edge('container-runtime', 'node', 'all', 'the kubelet needs its container runtime'),
  edge('node', 'pod', 'none', 'a pod is bound to a node; its sandbox outlives a dead kubelet'),
  edge('sandbox', 'pod', 'all', 'a pod is a sandbox'),
  edge('pvc', 'pod', 'all', 'a pod mounts its claims'),
  edge('rbd-image', 'pvc', 'all', 'a claim is bound to an RBD image'),
  edge('deployment', 'replica-set', 'none', 'a deployment owns replica sets'),
  edge('replica-set', 'pod', 'none', 'a replica set owns pods'),
  edge('stateful-set', 'pod', 'none', 'a stateful set owns pods'),
  edge('daemon-set', 'pod', 'none', 'a daemon set owns pods'),
  edge('job', 'pod', 'none', 'a job owns pods'),
  edge('pod', 'service', 'none', 'a service selects ready pods as endpoints'),
  edge('deployment', 'pdb', 'none', 'a disruption budget guards a deployment'),
  edge('stateful-set', 'pdb', 'none', 'a disruption budget guards a stateful set'),
  edge('stateful-set', 'pvc', 'none', 'a stateful set makes a claim for each ordinal'),
  edge('deployment', 'hpa', 'none', 'an autoscaler scales a deployment'),
  edge('cluster-autoscaler', 'node', 'none', 'an autoscaler adds and removes nodes'),
  // orchestration
  edge('model', 'application', 'none', 'an application belongs to a model'),
  edge('model', 'juju-machine', 'none', 'a machine belongs to a model'),
  edge('application', 'unit', 'none', 'an application is made of units'),
  edge('juju-machine', 'unit', 'all', 'a unit is placed on a Juju machine'),
  edge('server', 'juju-machine', 'all', 'a Juju machine is a server'),
  edge('pod', 'unit', 'all', 'a unit of a Kubernetes model is a pod'),
  edge('application', 'relation', 'none', 'a relation joins two applications'),
  edge('unit', 'action', 'none', 'an action runs on a unit'),
  edge('application', 'upgrade', 'none', 'an upgrade changes an application'),
];
