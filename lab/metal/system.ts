import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { command } from '../command.ts';
import { LabError } from '../error.ts';
import { readJson, systemFolder, writeJson } from '../folder.ts';
import { runningDaemons } from '../lifecycle.ts';
import { labProgram } from '../program.ts';
import type { LabReport } from '../report.ts';
import type { LabRun, LabSystem, Probe } from '../system.ts';
import { emulatorConf, lanConf } from './bmc.ts';
import { chassisProgram, quoted, tapName } from './chassis.ts';
import { machineFiles } from './control.ts';
import { buildImages, type Images, imagesRecipe, requireX64 } from './images.ts';
import { BMC_USERS, BRIDGE, MACHINES, metalPaths, SERVICE_URL } from './layout.ts';
import type { ServiceConfig } from './service.ts';

const DNSMASQ = '/usr/sbin/dnsmasq';
const IPMI_SIM = '/usr/bin/ipmi_sim';
const START_LOOKS = 200;
const START_LOOK_MS = 50;

/** What the last `lab:up` made or found. */
interface KnownImages {
  readonly recipe: string;
  readonly images: Images;
}

/** Bare metal: management controllers, machines that boot from the network, and what boots them. */
export const metalSystem: LabSystem = {
  name: 'metal',
  describes: `${MACHINES.length} machines (QEMU) with IPMI controllers that PXE-boot, and deploy to disk`,
  packages: [
    ...['openipmi', 'ipmitool', 'qemu-system-x86', 'ipxe-qemu', 'dnsmasq-base', 'mmdebstrap'],
    ...['extlinux', 'syslinux-common', 'zstd', 'cpio', 'e2fsprogs', 'fdisk', 'iproute2'],
    ...['openssh-client', 'util-linux', 'uuid-runtime'],
  ],

  async prepare(report: LabReport): Promise<void> {
    requireX64();
    await report.part('metal', 'images', async () => {
      const recipe = imagesRecipe();
      const known = readJson<KnownImages>(metalPaths().images);
      // Asking apt for the versions of today takes longer than everything else.
      if (known?.recipe === recipe && Object.values(known.images).every(existsSync)) {
        return 'as last time';
      }
      const { images, remark } = await buildImages();
      writeJson(metalPaths().images, { recipe, images } satisfies KnownImages);
      return remark;
    });
    const { key } = metalPaths();
    if (existsSync(key)) return;
    await command('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'strata-lab', '-f', key]);
  },

  async start(run: LabRun): Promise<void> {
    configure();
    const holder = await run.daemon('dnsmasq', DNSMASQ, [
      ...['unshare', '--mount', '--net', '--', '/bin/sh', '-c', networkScript()],
    ]);
    const within = ['nsenter', '--target', String(holder), '--mount', '--net', '--'];
    const service = [process.execPath, labProgram('metal/main'), metalPaths().config];
    await run.daemon('service', process.execPath, [...within, ...service]);
    for (const { name } of MACHINES) {
      const at = (file: string) => join(metalPaths().machine(name), file);
      const options = ['-n', '-c', at('lan.conf'), '-f', at('bmc.emu'), '-s', at('state')];
      await run.daemon(`bmc-${name}`, IPMI_SIM, [...within, IPMI_SIM, ...options]);
    }
    enterWith(holder);
    for (let look = 0; look < START_LOOKS; look++) {
      if ((await this.probe()).ok) return;
      await new Promise((resolve) => setTimeout(resolve, START_LOOK_MS));
    }
    const advice = `Look into ${join(systemFolder('metal'), 'log')}.`;
    throw new LabError('LAB_START_FAILED', 'the service does not answer', advice);
  },

  async probe(): Promise<Probe> {
    try {
      await machineFiles();
    } catch (cause) {
      return { ok: false, why: (cause as Error).message };
    }
    const dead = MACHINES.filter(({ name }) => !daemon(`bmc-${name}`)).map(({ name }) => name);
    if (dead.length > 0) return { ok: false, why: `no controller of ${dead.join(', ')}` };
    return { ok: true, says: `${MACHINES.length} controllers, ${SERVICE_URL} within` };
  },

  endpoint(): Readonly<Record<string, string>> {
    const { inventory, ipmitool, key } = metalPaths();
    return { inventory, ipmitool, ssh_key: key, IPMI_PASSWORD: BMC_USERS.admin.password };
  },

  example(): string {
    const { bmc_port } = MACHINES[0];
    const { ipmitool } = metalPaths();
    return `IPMI_PASSWORD=${BMC_USERS.admin.password} ${ipmitool} -I lanplus -C 3 -H 127.0.0.1 -p ${bmc_port} -U admin -E chassis power status`;
  },
};

function daemon(name: string) {
  return runningDaemons('metal').find((each) => each.name === name);
}

function configure(): void {
  const paths = metalPaths();
  for (const machine of MACHINES) {
    const at = (name: string) => join(paths.machine(machine.name), name);
    // A controller starts as new: what it keeps would be added to what its configuration says.
    rmSync(at('state'), { recursive: true, force: true });
    mkdirSync(at(`state/${machine.name}`), { recursive: true });
    for (const left of ['pid', 'hold', 'boot']) rmSync(at(left), { force: true });
    writeFileSync(at('chassis'), chassisProgram(machine), { mode: 0o755 });
    writeFileSync(at('lan.conf'), lanConf(machine), { mode: 0o600 });
    writeFileSync(at('bmc.emu'), emulatorConf(machine));
    writeFileSync(at('temperature'), '35\n');
  }
  rmSync(paths.control, { force: true });
  const config: ServiceConfig = {
    ...{ address: BRIDGE.address, port: BRIDGE.port, control: paths.control },
    images: readJson<KnownImages>(paths.images)?.images ?? {},
    public_keys: readFileSync(`${paths.key}.pub`, 'utf8'),
    names: Object.fromEntries(MACHINES.map(({ mac, name }) => [mac, name])),
    state: paths.hardware,
  };
  writeJson(paths.config, config);
}

/** Makes the network and becomes dnsmasq, which gives addresses and says where iPXE's script is. */
function networkScript(): string {
  const { name, address, prefix } = BRIDGE;
  const taps = MACHINES.flatMap((machine) => [
    `ip tuntap add ${tapName(machine)} mode tap`,
    `ip link set ${tapName(machine)} master ${name} up`,
  ]);
  const dnsmasq = [
    ...[DNSMASQ, '--keep-in-foreground', '--conf-file=/dev/null', '--port=0', '--user=root'],
    ...[`--interface=${name}`, '--bind-interfaces', '--dhcp-range=10.10.0.100,10.10.0.150,1h'],
    ...MACHINES.map((machine) => `--dhcp-host=${machine.mac},${machine.address}`),
    '--dhcp-match=set:ipxe,175',
    `--dhcp-boot=tag:ipxe,${SERVICE_URL}/ipxe/\${net0/mac}`,
    ...[`--dhcp-leasefile=${metalPaths().leases}`, '--log-facility=-', '--pid-file='],
  ];
  return [
    'set -e',
    'ip link set lo up',
    `ip link add ${name} type bridge forward_delay 0 stp_state 0`,
    `ip addr add ${address}/${prefix} dev ${name}`,
    `ip link set ${name} up`,
    ...taps,
    `exec ${dnsmasq.map(quoted).join(' ')}`,
  ].join('\n');
}

/** Leaves a program that is ipmitool within the network, and an inventory for the IPMI driver. */
function enterWith(holder: number): void {
  const { ipmitool, inventory } = metalPaths();
  const enter = `exec nsenter --target ${holder} --net -- ipmitool "$@"`;
  writeFileSync(ipmitool, `#!/bin/sh\n${enter}\n`);
  chmodSync(ipmitool, 0o755);
  const machines = MACHINES.map(({ name, bmc_port }) => ({
    ...{ name, address: '127.0.0.1', port: bmc_port, user: 'admin', rack: 'lab' },
  }));
  writeFileSync(inventory, stringify({ machines }));
}
