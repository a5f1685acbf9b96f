/** Configuration of a standalone Ironic: one process, no authentication, a database in a file. */
import { join } from 'node:path';

export interface IronicPlaces {
  readonly folder: string;
  readonly api_port: number;
  readonly rpc_port: number;
}

/** How long fake hardware takes to deploy and clean, seconds. */
const FAKE_DEPLOY_S = 1;
const FAKE_CLEAN_S = 0.2;

export function ironicConf({ folder, api_port, rpc_port }: IronicPlaces): string {
  const interfaces = {
    boot: 'ipxe,pxe,fake',
    deploy: 'direct,fake',
    inspect: 'no-inspect,fake',
    management: 'ipmitool,fake,noop',
    power: 'ipmitool,fake',
    vendor: 'no-vendor,ipmitool,fake',
    network: 'noop',
    console: 'no-console,fake',
    raid: 'no-raid,fake',
    bios: 'no-bios,fake',
    storage: 'noop,fake',
    rescue: 'no-rescue,fake',
  };
  const sections: Readonly<Record<string, Readonly<Record<string, string | number>>>> = {
    DEFAULT: {
      auth_strategy: 'noauth',
      enabled_hardware_types: 'ipmi,fake-hardware',
      ...Object.fromEntries(
        Object.entries(interfaces).map(([name, all]) => [`enabled_${name}_interfaces`, all]),
      ),
      default_network_interface: 'noop',
      rpc_transport: 'json-rpc',
      my_ip: '127.0.0.1',
      host: 'lab',
      state_path: folder,
      log_dir: join(folder, 'log'),
      log_file: 'ironic.log',
    },
    api: { host_ip: '127.0.0.1', port: api_port },
    database: { connection: `sqlite:///${join(folder, 'ironic.sqlite')}` },
    json_rpc: { auth_strategy: 'noauth', host_ip: '127.0.0.1', port: rpc_port },
    conductor: {
      automated_clean: 'false',
      api_url: `http://127.0.0.1:${api_port}`,
      // Power states are read again this often, and a machine's failure is seen.
      sync_power_state_interval: 5,
    },
    ipmi: { command_retry_timeout: 3, min_command_interval: 1 },
    fake: { deploy_delay: FAKE_DEPLOY_S, clean_delay: FAKE_CLEAN_S },
    dhcp: { dhcp_provider: 'none' },
    pxe: { tftp_root: join(folder, 'tftp'), images_path: join(folder, 'images') },
    deploy: { http_root: join(folder, 'http') },
    oslo_concurrency: { lock_path: join(folder, 'lock') },
    service_catalog: {
      auth_type: 'none',
      endpoint_override: `http://127.0.0.1:${api_port}`,
    },
  };
  return Object.entries(sections)
    .map(([name, values]) =>
      [`[${name}]`, ...Object.entries(values).map(([key, value]) => `${key}=${value}`), ''].join(
        '\n',
      ),
    )
    .join('\n');
}
