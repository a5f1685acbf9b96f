/**
 * What a user may ask of an entity, as events of its machine. All other events are news: what a
 * request came to (`done`, `fault`), what is lost or back, what the real system reports.
 */

/** Workloads of Kubernetes. */
const SCALABLE = ['scale_up', 'scale_down', 'rollout', 'delete'] as const;
/** Rows of OVN's northbound database. */
const ROW = ['update', 'delete'] as const;
const DAEMON = ['start', 'stop', 'repair'] as const;

/** By kind; of kinds that are not listed nothing can be asked. */
export const OPERATIONS: Readonly<Record<string, readonly string[]>> = {
  // bare metal
  region: ['repair'],
  rack: ['energize', 'de_energize', 'repair'],
  pdu: ['switch_on', 'switch_off', 'repair'],
  switch: ['power_on', 'reload', 'repair'],
  machine: [
    ...['commission', 'test', 'override_failed_testing', 'allocate', 'deploy', 'release', 'erase'],
    ...['rescue_mode', 'exit_rescue_mode', 'abort', 'mark_broken', 'mark_fixed', 'repair'],
    ...['power_on', 'power_off'],
  ],
  disk: ['attach', 'repair'],
  nic: ['repair'],
  // operating system
  'host-os': ['power_on', 'update', 'reboot', 'shutdown', 'reset', 'repair'],
  'systemd-unit': ['start', 'stop', 'restart', 'reload', 'reset_failed', 'repair'],
  package: ['install', 'upgrade', 'remove', 'hold', 'unhold', 'repair'],
  // hypervisor
  hypervisor: DAEMON,
  domain: [
    ...['define', 'start', 'suspend', 'resume', 'reboot', 'shutdown', 'destroy', 'undefine'],
    ...['managed_save', 'restore', 'migrate', 'inspect'],
  ],
  'storage-pool': ['define', 'build', 'start', 'refresh', 'stop', 'undefine', 'repair'],
  'storage-volume': ['resize', 'wipe', 'delete', 'repair'],
  snapshot: ['revert', 'delete'],
  migration: ['start', 'postcopy', 'cancel'],
  'virtual-network': ['define', 'start', 'stop', 'undefine'],
  // network
  chassis: ['start', 'exit', 'repair'],
  'logical-switch': ROW,
  'logical-router': ROW,
  port: ['bind', 'unbind', 'delete'],
  acl: ROW,
  nat: ROW,
  'load-balancer': ROW,
  gateway: ['claim', 'delete'],
  'dhcp-options': ROW,
  bridge: ['delete'],
  interface: ['delete'],
  // storage
  'ceph-cluster': ['bootstrap'],
  mon: DAEMON,
  mgr: [...DAEMON, 'fail'],
  osd: ['start', 'stop', 'repair', 'mark_out', 'mark_in', 'mark_down', 'destroy', 'purge'],
  pool: ['delete'],
  pg: ['scrub', 'deep_scrub', 'repair'],
  'rbd-image': ['resize', 'flatten', 'trash', 'restore', 'remove'],
  cephfs: ['fail', 'set_joinable', 'remove'],
  mds: [...DAEMON, 'fail'],
  rgw: DAEMON,
  bucket: ['remove'],
  // cloud
  project: ['enable', 'disable', 'delete'],
  flavor: ['make_private', 'make_public', 'delete'],
  image: ['upload', 'import', 'deactivate', 'reactivate', 'delete'],
  'compute-service': [...DAEMON, 'enable', 'disable', 'force_down', 'unforce'],
  volume: [
    ...['download', 'attach', 'detach', 'reserve', 'unreserve', 'extend', 'upload', 'retype'],
    ...['backup', 'restore_backup', 'revert', 'offer_transfer', 'accept_transfer'],
    ...['cancel_transfer', 'maintain', 'end_maintenance', 'reset_available', 'reset_error'],
    'delete',
  ],
  server: [
    ...['start', 'stop', 'reboot', 'hard_reboot', 'pause', 'unpause', 'suspend', 'resume'],
    ...['rescue', 'unrescue', 'rebuild', 'resize', 'confirm_resize', 'revert_resize', 'migrate'],
    ...['live_migrate', 'evacuate', 'snapshot', 'shelve', 'shelve_offload', 'unshelve'],
    ...['soft_delete', 'restore', 'reset_state', 'delete'],
  ],
  // containers
  'container-runtime': DAEMON,
  'container-image': ['pull', 'remove'],
  sandbox: ['run', 'stop', 'remove'],
  container: ['create', 'start', 'stop', 'remove'],
  // Kubernetes
  node: ['cordon', 'uncordon', 'drain', 'delete', 'kubelet_start', 'kubelet_stop'],
  pod: ['delete', 'force_delete'],
  deployment: [...SCALABLE, 'pause', 'resume'],
  'replica-set': ['scale', 'delete'],
  'stateful-set': SCALABLE,
  'daemon-set': ['rollout', 'delete'],
  job: ['suspend', 'resume', 'delete'],
  service: ['delete'],
  pvc: ['expand', 'delete'],
  hpa: ['delete'],
  pdb: ['delete'],
  // applications
  model: ['migrate', 'destroy', 'repair'],
  application: ['scale_up', 'scale_down', 'refresh', 'remove'],
  unit: ['run_action', 'upgrade_charm', 'resolved', 'reboot', 'remove', 'force_remove'],
  relation: ['suspend', 'resume', 'remove', 'repair'],
  'juju-machine': ['start', 'stop', 'retry', 'remove', 'repair'],
  action: ['cancel'],
  upgrade: ['abort'],
};
