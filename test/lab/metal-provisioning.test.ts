import { timingSafeEqual } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'ssh2';
import { expect, it } from 'vitest';
import { connectWithin } from '../../lab/metal/control.ts';
import { DISK_BYTES, MACHINES, MEMORY_MIB, metalPaths } from '../../lab/metal/layout.ts';
import type { MachineFile } from '../../lab/metal/service.ts';
import { ask, bootInto, done, METAL_TIMEOUT_MS, untilSaid, withMachine } from './metal-lab.ts';

/** One machine through its whole life. */
const machine = MACHINES[1];
const { name, mac } = machine;
const ipmi = withMachine(machine);

function untilOff(): Promise<unknown> {
  return expect
    .poll(async () => (await done(ipmi(), name, 'inspect')).state, {
      timeout: 120_000,
      interval: 500,
    })
    .toBe('new+off');
}

/** The first MiB of the machine's disk: boot loader, partition table, start of the file system. */
function beginningOfDisk(): Buffer {
  const disk = openSync(join(metalPaths().machine(name), 'disk.img'), 'r');
  try {
    const beginning = Buffer.alloc(2 ** 20);
    readSync(disk, beginning);
    return beginning;
  } finally {
    closeSync(disk);
  }
}

const steps = ({ events }: MachineFile) => events.map(({ event }) => event);

interface Hardware {
  readonly dmi: Readonly<Record<string, string>>;
  readonly memory_bytes: number;
  readonly block: { readonly blockdevices: { name: string; size: number; serial: string }[] };
  readonly network: { readonly ifname: string; readonly address: string }[];
}

/** Runs a command on the machine, known by the key that it phoned home. */
async function ssh(hostKey: string, command: string): Promise<string> {
  const expected = Buffer.from(hostKey.split(' ')[1], 'base64');
  const sock = await connectWithin(machine.address, 22);
  const client = new Client();
  return new Promise((resolve, reject) => {
    client.once('error', reject);
    client.once('ready', () => {
      client.exec(command, (cause, stream) => {
        if (cause) return reject(cause);
        let said = '';
        stream.on('data', (chunk: Buffer) => {
          said += chunk.toString();
        });
        stream.once('close', () => {
          client.end();
          resolve(said);
        });
      });
    });
    client.connect({
      sock,
      username: 'root',
      privateKey: readFileSync(metalPaths().key),
      readyTimeout: 60_000,
      hostVerifier: (key: Buffer) =>
        key.length === expected.length && timingSafeEqual(key, expected),
    });
  });
}

it(
  'commissions a machine, deploys to its disk, is let in by SSH, and wipes it',
  async () => {
    const backend = ipmi();
    const began = performance.now();
    const took: string[] = [];
    const mark = (what: string) =>
      took.push(`${what} ${((performance.now() - began) / 1000).toFixed(0)} s`);

    await bootInto(backend, machine, 'commission');
    const commissioned = await untilSaid(machine, 'commissioned');
    const hardware = commissioned.hardware as Hardware;
    expect(hardware.dmi).toMatchObject({ serial: machine.serial, product: 'Lab metal' });
    expect(hardware.memory_bytes).toBeGreaterThan(0.85 * MEMORY_MIB * 2 ** 20);
    expect(hardware.block.blockdevices).toMatchObject([{ name: 'nvme0n1', size: DISK_BYTES }]);
    expect(hardware.network.find(({ ifname }) => ifname === 'eth0')).toMatchObject({
      address: mac,
    });
    await untilOff();
    mark('commissioned');

    await bootInto(backend, machine, 'deploy');
    const deployed = await untilSaid(machine, 'phoned-home');
    expect(steps(deployed)).toEqual([
      ...['booted from the network', 'deploying', 'partitioned', 'extracted', 'installed'],
      'phoned-home',
    ]);
    mark('deployed');

    expect(beginningOfDisk().some((byte) => byte !== 0)).toBe(true);
    const { hostname, host_key } = deployed.host!;
    expect(hostname).toBe(name);
    expect(await ssh(host_key, 'hostname; cat /etc/os-release; findmnt -no SOURCE /')).toMatch(
      new RegExp(`^${name}\n[^]*ID=debian\n[^]*/dev/nvme0n1p1`),
    );
    const [type, key] = host_key.split(' ');
    const other = `${type} ${Buffer.from(key, 'base64').reverse().toString('base64')}`;
    await expect(ssh(other, 'true')).rejects.toThrow(/verification failed/);
    mark('signed in');

    // The system hears the power button; a reset starts it again, from its disk.
    await ssh(host_key, 'sync'); // a reset loses what is not on the disk yet
    await done(backend, name, 'power_reset');
    expect((await done(backend, name, 'inspect')).state).toBe('new+on');
    await expect.poll(() => ssh(host_key, 'hostname').catch(String), POLL).toContain(name);
    await done(backend, name, 'soft_off', {}, { deadline_s: 400 });
    expect(await ask(backend, name, 'power_cycle')).toMatchObject({
      fault: { code: 'IPMI_WRONG_STATE' },
    });
    mark('reset and switched off');

    await bootInto(backend, machine, 'wipe');
    expect(steps(await untilSaid(machine, 'wiped'))).toContain('wiping');
    await untilOff();
    expect(beginningOfDisk().every((byte) => byte === 0)).toBe(true);
    mark('wiped');
    console.log(`one machine: ${took.join(', ')}`);
  },
  METAL_TIMEOUT_MS,
);

const POLL = { timeout: 400_000, interval: 1_000 };
