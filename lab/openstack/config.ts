/** The configuration files of the services. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMPUTES, type FakeCompute } from './computes.ts';
import { iniText, merged, type Sections } from './ini.ts';
import { apiUrl, INNER_PORTS, PORTS, type StackPaths, stackAddress } from './paths.ts';

/** A host that has not reported for this long counts as down. */
const SERVICE_DOWN_TIME_S = 20;
const REPORT_INTERVAL_S = 4;
const CAPABILITIES_EVERY_S = 5;

/** A backup is read and hashed by pieces of these sizes, the larger one a whole multiple. */
const BACKUP_CHUNK_BYTES = 32 * 2 ** 20;
const BACKUP_BLOCK_BYTES = 2 ** 20;

/** What the settings of every service are made from. */
interface Site {
  readonly address: string;
  readonly password: string;
  readonly paths: StackPaths;
}

/** Writes all of them; `password` is that of every service's user. */
export function writeConfig(paths: StackPaths, password: string): void {
  const site: Site = { address: stackAddress(), password, paths };
  const files: Record<string, Sections> = {
    'keystone.conf': keystone(site),
    'glance-api.conf': glance(site),
    'placement.conf': placement(site),
    'nova.conf': nova(site),
    'neutron.conf': neutron(site),
    'cinder.conf': cinder(site),
  };
  for (const compute of COMPUTES) files[`compute-${compute.host}.conf`] = fake(site, compute);
  mkdirSync(paths.etc, { recursive: true });
  for (const [name, sections] of Object.entries(files)) {
    writeFileSync(join(paths.etc, name), iniText(sections), { mode: 0o600 });
  }
}

/** How a service's own user signs in. */
function user(site: Site, name: string): Readonly<Record<string, string>> {
  return {
    auth_type: 'password',
    auth_url: apiUrl('keystone', '/v3'),
    username: name,
    password: site.password,
    project_name: 'service',
    user_domain_name: 'Default',
    project_domain_name: 'Default',
    region_name: 'RegionOne',
  };
}

export function database(name: string): string {
  return `mysql+pymysql://root@${stackAddress()}:${INNER_PORTS.mariadb}/${name}?charset=utf8`;
}

/** What every service that has a database and asks keystone who calls needs. */
function common(site: Site, name: string): Sections {
  return {
    DEFAULT: {
      transport_url: `rabbit://guest:guest@${site.address}:${INNER_PORTS.rabbitmq}/`,
      host: 'ctl',
      state_path: join(site.paths.var, name),
    },
    database: { connection: database(name), max_pool_size: 5 },
    keystone_authtoken: {
      www_authenticate_uri: apiUrl('keystone', '/v3'),
      service_token_roles_required: true,
      service_token_roles: 'service',
      ...user(site, name),
    },
    oslo_concurrency: { lock_path: join(site.paths.run, 'lock') },
    oslo_messaging_notifications: { driver: 'noop' },
    oslo_messaging_rabbit: { heartbeat_in_pthread: false },
    oslo_policy: { enforce_scope: false, enforce_new_defaults: false },
  };
}

const keystone = (site: Site): Sections => ({
  DEFAULT: { public_endpoint: apiUrl('keystone', '/') },
  database: { connection: database('keystone'), max_pool_size: 5 },
  token: { provider: 'fernet', expiration: 86_400 },
  fernet_tokens: { key_repository: join(site.paths.var, 'keystone/fernet') },
  credential: { key_repository: join(site.paths.var, 'keystone/credential') },
  cache: { enabled: true, backend: 'oslo_cache.dict' },
  // The least that bcrypt allows: passwords are checked at every sign-in.
  identity: { password_hash_rounds: 4 },
});

const glance = (site: Site): Sections =>
  merged(common(site, 'glance'), {
    DEFAULT: {
      bind_host: site.address,
      bind_port: PORTS.glance,
      workers: 1,
      enabled_backends: 'file:file',
    },
    glance_store: { default_backend: 'file' },
    file: { filesystem_store_datadir: join(site.paths.var, 'glance/images') },
    paste_deploy: { flavor: 'keystone', config_file: '/etc/glance/glance-api-paste.ini' },
    os_glance_staging_store: { filesystem_store_datadir: join(site.paths.var, 'glance/staging') },
    os_glance_tasks_store: { filesystem_store_datadir: join(site.paths.var, 'glance/tasks') },
  });

const placement = (site: Site): Sections => ({
  api: { auth_strategy: 'keystone' },
  placement_database: { connection: database('placement') },
  keystone_authtoken: common(site, 'placement')['keystone_authtoken'],
});

const nova = (site: Site): Sections =>
  merged(common(site, 'nova'), {
    DEFAULT: {
      my_ip: site.address,
      osapi_compute_listen: site.address,
      osapi_compute_listen_port: PORTS.nova,
      osapi_compute_workers: 1,
      enabled_apis: 'osapi_compute',
      api_paste_config: '/etc/nova/api-paste.ini',
      compute_driver: 'fake.MediumFakeDriver',
      service_down_time: SERVICE_DOWN_TIME_S,
      report_interval: REPORT_INTERVAL_S,
      // Servers go to the fake hosts unless they ask for the zone of the real one.
      default_schedule_zone: 'nova',
      // The fake driver says RUNNING of a paused guest: looking would make nova "repair" that.
      sync_power_state_interval: -1,
    },
    api_database: { connection: database('nova_api'), max_pool_size: 5 },
    conductor: { workers: 1 },
    scheduler: { workers: 1, discover_hosts_in_cells_interval: 3 },
    filter_scheduler: { io_ops_weight_multiplier: '0.0' },
    glance: { api_servers: apiUrl('glance') },
    placement: user(site, 'placement'),
    service_user: { send_service_user_token: true, ...user(site, 'nova') },
    neutron: user(site, 'neutron'),
    cinder: { os_region_name: 'RegionOne', ...user(site, 'cinder') },
    // The log has every change of vm_state and task_state, for tests that miss none.
    oslo_messaging_notifications: { driver: 'log' },
    notifications: {
      notify_on_state_change: 'vm_and_task_state',
      notification_format: 'versioned',
    },
    vnc: { enabled: false },
    compute: { live_migration_wait_for_vif_plug: false },
  });

const neutron = (site: Site): Sections =>
  merged(common(site, 'neutron'), {
    DEFAULT: {
      bind_host: site.address,
      bind_port: PORTS.neutron,
      api_workers: 1,
      rpc_workers: 0,
      rpc_state_report_workers: 0,
      core_plugin: 'ml2',
      service_plugins: 'ovn-router,segments,qos,trunk',
      api_paste_config: '/etc/neutron/api-paste.ini',
      notify_nova_on_port_status_changes: true,
      notify_nova_on_port_data_changes: true,
    },
    nova: user(site, 'nova'),
    placement: user(site, 'placement'),
    ml2: {
      type_drivers: 'flat,geneve,vlan,local',
      tenant_network_types: 'geneve',
      mechanism_drivers: 'ovn',
      extension_drivers: 'port_security,qos',
      overlay_ip_version: 4,
    },
    ml2_type_geneve: { vni_ranges: '1:65535', max_header_size: 38 },
    ml2_type_flat: { flat_networks: 'public' },
    ovn: {
      ovn_nb_connection: `tcp:${site.address}:${INNER_PORTS.northbound}`,
      ovn_sb_connection: `tcp:${site.address}:${INNER_PORTS.southbound}`,
      ovn_l3_scheduler: 'leastloaded',
      ovn_metadata_enabled: false,
    },
  });

const cinder = (site: Site): Sections =>
  merged(common(site, 'cinder'), {
    DEFAULT: {
      my_ip: site.address,
      api_paste_config: '/etc/cinder/api-paste.ini',
      rootwrap_config: '/etc/cinder/rootwrap.conf',
      enabled_backends: 'sparse',
      glance_api_servers: apiUrl('glance'),
      enable_force_upload: true,
      // cinder-volume and the scheduler may start so that neither hears the other's first word: without
      // these the next would come a minute later, and every volume until then would end in `error`.
      periodic_interval: CAPABILITIES_EVERY_S,
      periodic_fuzzy_delay: CAPABILITIES_EVERY_S,
      backup_driver: 'cinder.backup.drivers.posix.PosixBackupDriver',
      backup_posix_path: join(site.paths.var, 'cinder/backups'),
      backup_file_size: BACKUP_CHUNK_BYTES,
      backup_sha_block_size_bytes: BACKUP_BLOCK_BYTES,
      backup_compression_algorithm: 'none',
    },
    sparse: {
      volume_backend_name: 'sparse',
      volume_driver: 'sparse_volume.SparseFileDriver',
      sparse_folder: join(site.paths.var, 'cinder/volumes'),
    },
    nova: user(site, 'nova'),
    service_user: { send_service_user_token: true, ...user(site, 'cinder') },
  });

const fake = (site: Site, compute: FakeCompute): Sections => ({
  DEFAULT: {
    host: compute.host,
    compute_driver: compute.driver,
    cpu_allocation_ratio: compute.cpu_ratio,
    ram_allocation_ratio: compute.ram_ratio,
    reserved_host_memory_mb: compute.reserved_mb,
    state_path: join(site.paths.var, `nova-${compute.host}`),
    instances_path: join(site.paths.var, `nova-${compute.host}/instances`),
  },
  oslo_concurrency: { lock_path: join(site.paths.run, `lock-${compute.host}`) },
});
