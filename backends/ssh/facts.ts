/** What a Linux host is and has, by programs that answer in JSON where there are any. */
import { z } from 'zod';
import { FaultError } from '../fault.ts';
import { sshFault } from './faults.ts';
import type { SshSession } from './session.ts';

export interface DiskFacts {
  readonly name: string;
  readonly size_bytes: number;
  readonly rotational: boolean;
}

export interface AddressFacts {
  readonly interface: string;
  readonly address: string;
}

export interface HostFacts {
  readonly hostname: string;
  /** As os-release names it, such as `debian` and `12`. */
  readonly os_id: string;
  readonly os_version: string;
  /** The one that runs. */
  readonly kernel: string;
  /** The newest that is installed: the next boot's; empty where the host has none of its own. */
  readonly kernel_installed: string;
  readonly architecture: string;
  readonly cores: number;
  readonly threads_per_core: number;
  readonly memory_bytes: number;
  /** Changes with every boot. */
  readonly boot_id: string;
  readonly disks: readonly DiskFacts[];
  readonly addresses: readonly AddressFacts[];
}

const lscpu = z.object({
  lscpu: z.array(z.object({ field: z.string(), data: z.string().nullable() })),
});
const lsblk = z.object({
  blockdevices: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      size: z.coerce.number(),
      rota: z.union([z.boolean(), z.enum(['0', '1'])]).optional(),
    }),
  ),
});
const addresses = z.array(
  z.object({
    ifname: z.string().optional(),
    addr_info: z
      .array(z.object({ local: z.string().optional(), scope: z.string().optional() }))
      .optional(),
  }),
);

const KIB_BYTES = 1024;

/** Asks a host for its facts. What a program that is not installed would tell is left empty. */
export async function hostFacts(session: SshSession): Promise<HostFacts> {
  const text = async (...argv: string[]) => (await session.ask(argv)).stdout;
  const [release, uname, boot, cpu, memory, boot_id, disks, own] = await Promise.all([
    text('cat', '/etc/os-release'),
    text('uname', '-n', '-r', '-m'),
    // In the order of versions; 2: there is no such folder.
    session.ask(['ls', '-1v', '/boot'], {}, [0, 2]),
    json(session, ['lscpu', '-J'], lscpu, { lscpu: [] }),
    text('cat', '/proc/meminfo'),
    text('cat', '/proc/sys/kernel/random/boot_id'),
    json(session, ['lsblk', '-J', '-b', '-d', '-o', 'NAME,TYPE,SIZE,ROTA'], lsblk, {
      blockdevices: [],
    }),
    json(session, ['ip', '-j', 'address'], addresses, []),
  ]);
  const os = osRelease(release);
  const [hostname, kernel, architecture] = uname.trim().split(' ');
  const figure = (name: string) =>
    Number(cpu.lscpu.find(({ field }) => field === `${name}:`)?.data ?? 1);
  return {
    ...{
      hostname,
      kernel,
      kernel_installed: newestKernel(boot.stdout),
      architecture,
      boot_id: boot_id.trim(),
    },
    ...{ os_id: os['ID'] ?? '', os_version: os['VERSION_ID'] ?? '' },
    cores: figure('Core(s) per socket') * figure('Socket(s)'),
    threads_per_core: figure('Thread(s) per core'),
    memory_bytes: Number(/^MemTotal:\s+(\d+) kB/m.exec(memory)?.[1] ?? 0) * KIB_BYTES,
    disks: disks.blockdevices
      .filter(({ type }) => type === 'disk')
      .map(({ name, size, rota }) => ({
        ...{ name, size_bytes: size },
        rotational: rota === true || rota === '1',
      })),
    addresses: own.flatMap(({ ifname = '', addr_info = [] }) =>
      addr_info.flatMap(({ local, scope }) =>
        local === undefined || scope === 'host' ? [] : [{ interface: ifname, address: local }],
      ),
    ),
  };
}

/** Of the files in /boot. */
export function newestKernel(listed: string): string {
  const kernels = listed.split('\n').flatMap((name) => /^vmlinuz-(\S+)$/.exec(name)?.[1] ?? []);
  return kernels.at(-1) ?? '';
}

/** os-release(5): `KEY=VALUE`, values perhaps in quotes. */
export function osRelease(text: string): Readonly<Record<string, string>> {
  const lines = text.matchAll(/^([A-Z_0-9]+)=(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|(.*))$/gm);
  return Object.fromEntries(
    [...lines].map(([, key, double, single, plain]) => [
      key,
      double?.replace(/\\(.)/g, '$1') ?? single ?? plain ?? '',
    ]),
  );
}

/** Runs a program that answers in JSON; `otherwise` when the host does not have it. */
async function json<T>(
  session: SshSession,
  argv: readonly string[],
  schema: z.ZodType<T>,
  otherwise: T,
): Promise<T> {
  let text: string;
  try {
    text = (await session.ask(argv)).stdout;
  } catch (cause) {
    if (cause instanceof FaultError && cause.fault.code === 'SSH_PROGRAM_MISSING') return otherwise;
    throw cause;
  }
  return parsed(text, schema, argv.join(' '));
}

/** JSON of a known shape. Throws `SSH_MALFORMED`. */
export function parsed<T>(text: string, schema: z.ZodType<T>, of: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw sshFault('SSH_MALFORMED', `${of}: no JSON`);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw sshFault('SSH_MALFORMED', `${of}: ${result.error.issues[0].message}`);
}
