import type { LabNetwork } from './network.ts';
import { cephPaths, daemonData } from './paths.ts';

export const MONS: readonly string[] = ['a', 'b', 'c'];
export const MGRS = ['x', 'y'] as const;
export const MDSS = ['a', 'b'] as const;
export const OSDS = [0, 1, 2, 3, 4, 5] as const;
export const RGW = 'a';

const MON_PORT = 6789;
const RGW_PORT = 8443;
/** Three racks with two OSDs each, every OSD on a host of its own. */
const OSDS_A_RACK = 2;
const OSD_BYTES = 4 * 2 ** 30;

export function monAddress(network: LabNetwork, mon: string): string {
  return `[v2:${network.inside}:${MON_PORT + MONS.indexOf(mon)}]`;
}

export function gatewayUrl(network: LabNetwork): string {
  return `https://${network.inside}:${RGW_PORT}`;
}

type Settings = Readonly<Record<string, string | number | boolean>>;

/**
 * A cluster that is small and fails fast: the times after which daemons are given up are a few
 * seconds, where Ceph's own defaults are made for large and busy clusters.
 */
export function cephConf(fsid: string, network: LabNetwork): string {
  const sections: Readonly<Record<string, Settings>> = {
    global: { fsid, ...globalSettings(network), ...authentication(), ...poolDefaults() },
    client: { keyring: cephPaths().adminKeyring, admin_socket: '', log_file: '' },
    mon: monSettings(),
    mgr: { ...dataOf('mgr'), ...MGR_SETTINGS },
    mds: { ...dataOf('mds'), mds_cache_memory_limit: 64 * 2 ** 20 },
    osd: { ...dataOf('osd'), ...OSD_SETTINGS },
    ...Object.fromEntries(OSDS.map((id) => [`osd.${id}`, { crush_location: crushLocation(id) }])),
    [`client.rgw.${RGW}`]: gatewaySettings(network),
  };
  return Object.entries(sections)
    .map(([name, settings]) => `[${name}]\n${lines(settings)}\n`)
    .join('\n');
}

function lines(settings: Settings): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}`)
    .join('\n');
}

function globalSettings(network: LabNetwork): Settings {
  const paths = cephPaths();
  return {
    mon_host: MONS.map((name) => monAddress(network, name)).join(','),
    public_network: network.range,
    cluster_network: network.range,
    ms_bind_ipv6: false,
    ms_bind_msgr1: false,
    ms_async_op_threads: 1,
    run_dir: paths.run,
    pid_file: '',
    log_file: `${paths.log}/$name.log`,
    log_to_stderr: false,
    crash_dir: `${paths.base}/crash`,
    heartbeat_file: '',
    mon_tick_interval: 1,
    paxos_propose_interval: 0.2,
    mon_mgr_beacon_grace: 8,
    mds_beacon_interval: 1,
    mds_beacon_grace: 5,
    mon_lease: 1.5,
    mon_election_timeout: 2,
  };
}

function authentication(): Settings {
  return {
    auth_cluster_required: 'cephx',
    auth_service_required: 'cephx',
    auth_client_required: 'cephx',
    auth_allow_insecure_global_id_reclaim: false,
  };
}

function poolDefaults(): Settings {
  return {
    osd_pool_default_size: 3,
    osd_pool_default_min_size: 2,
    osd_pool_default_pg_num: 8,
    osd_pool_default_pgp_num: 8,
    osd_pool_default_pg_autoscale_mode: 'off',
    osd_crush_chooseleaf_type: 1,
    mon_allow_pool_delete: true,
    mon_max_pg_per_osd: 1000,
  };
}

const dataOf = (kind: string): Settings => ({
  [`${kind}_data`]: daemonData(`${kind}.$id`),
  keyring: daemonData(`${kind}.$id/keyring`),
});

function monSettings(): Settings {
  return {
    mon_data: daemonData('mon.$id'),
    mon_initial_members: MONS.join(','),
    // The disk of the machine is its own business.
    mon_data_avail_warn: 1,
    mon_data_avail_crit: 0,
    mon_cluster_log_file: `${cephPaths().log}/cluster.log`,
    mon_osd_down_out_interval: 8,
    mon_osd_min_down_reporters: 1,
    mon_warn_on_pool_no_redundancy: false,
    rocksdb_cache_size: 16 * 2 ** 20,
  };
}

const MGR_SETTINGS: Settings = {
  mgr_module_path: '/usr/share/ceph/mgr',
  mgr_initial_modules: 'status',
  mgr_stats_period: 1,
};

/** BlueStore on sparse files: what is stored survives a kill, which memstore's does not. */
const OSD_SETTINGS: Settings = {
  osd_objectstore: 'bluestore',
  osd_memory_target: 896 * 2 ** 20,
  bluestore_cache_autotune: false,
  bluestore_cache_size: 16 * 2 ** 20,
  bluestore_block_size: OSD_BYTES,
  bluestore_block_create: true,
  bluestore_block_db_create: false,
  bluestore_block_wal_create: false,
  bluestore_fsck_on_mount: false,
  osd_op_num_shards: 1,
  osd_op_num_threads_per_shard: 2,
  osd_heartbeat_interval: 2,
  osd_heartbeat_grace: 8,
  osd_max_backfills: 1,
  osd_recovery_sleep_hdd: 0,
  osd_recovery_sleep_hybrid: 0,
  osd_delete_sleep: 0,
  osd_scrub_load_threshold: 100,
  osd_map_cache_size: 50,
};

function crushLocation(id: number): string {
  return `root=default rack=rack${1 + Math.floor(id / OSDS_A_RACK)} host=host${id}`;
}

function gatewaySettings(network: LabNetwork): Settings {
  const { certificate, certificateKey } = cephPaths();
  return {
    keyring: daemonData(`rgw.${RGW}/keyring`),
    rgw_data: daemonData(`rgw.${RGW}`),
    rgw_frontends: [
      `beast ssl_endpoint=${network.inside}:${RGW_PORT}`,
      `ssl_certificate=${certificate} ssl_private_key=${certificateKey}`,
    ].join(' '),
    rgw_thread_pool_size: 16,
    log_file: `${cephPaths().log}/$name.log`,
  };
}
