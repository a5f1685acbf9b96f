/**
 * Nothing that a run leaves holds a secret: every driver is let loose on a system that repeats the
 * secrets it was told in each answer, and then everything that was written is searched for them.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../cli/exit-codes.ts';
import { DRIVER_NAMES, type DriverName } from '../../model/drivers.ts';
import { inTemporaryFolder } from '../support/strata.ts';
import { plantCeph } from './ceph.ts';
import { plantCri } from './cri.ts';
import { plantIpmi } from './ipmi.ts';
import { plantIronic } from './ironic.ts';
import { plantJuju } from './juju.ts';
import { plantKubernetes } from './kubernetes.ts';
import { plantLibvirt } from './libvirt.ts';
import { plantMaas } from './maas.ts';
import { plantNeutron, plantOpenstack } from './openstack.ts';
import { plantOvn, plantOvs } from './ovsdb.ts';
import { HEARD, type Manner, type Plant, type Planted } from './planted.ts';
import { plantRedfish } from './redfish.ts';
import { runCommand } from './run-command.ts';
import { plantSsh } from './ssh.ts';

/** Complete by its type: a driver without secrets of its own here is an error. */
const PLANTS: Readonly<Record<DriverName, Plant>> = {
  maas: plantMaas,
  ironic: plantIronic,
  ipmi: plantIpmi,
  redfish: plantRedfish,
  ssh: plantSsh,
  libvirt: plantLibvirt,
  ovn: plantOvn,
  ovs: plantOvs,
  neutron: plantNeutron,
  ceph: plantCeph,
  openstack: plantOpenstack,
  cri: plantCri,
  kubernetes: plantKubernetes,
  juju: plantJuju,
};
/** These answer in place of a list as well, so that no run begins. */
const UNRECORDED: ReadonlySet<DriverName> = new Set(['ssh', 'ceph']);
const MANNERS: readonly Manner[] = ['refuses', 'serves', 'misread'];

it('every driver has secrets planted', () => {
  expect(Object.keys(PLANTS)).toEqual([...DRIVER_NAMES]);
});

describe.each([...DRIVER_NAMES])('%s', (driver) => {
  it.each(MANNERS)('nothing that a run leaves holds a secret: the system %s', (manner) =>
    inTemporaryFolder(async (folder) => {
      const configuration = join(folder, 'configuration');
      mkdirSync(configuration);
      const planted = await PLANTS[driver](configuration, manner);
      try {
        const left = await everythingLeft(driver, planted, folder);
        for (const [where, text] of left) {
          for (const secret of planted.secrets) expect(formsIn(text, secret), where).toEqual([]);
        }
        if (manner === 'serves') expect(left.has('recording')).toBe(!UNRECORDED.has(driver));
        // Otherwise the system was never listened to, and the search proves nothing.
        const isHeard = [...left.values()].some((text) => text.includes(HEARD));
        expect(isHeard, [...left.keys()].join()).toBe(planted.isHeard);
      } finally {
        await planted.close?.();
      }
    }),
  );
});

/** Everything that the commands print and write, by where it was found. */
async function everythingLeft(
  driver: DriverName,
  { options = {}, env = {}, operation }: Planted,
  folder: string,
): Promise<ReadonlyMap<string, string>> {
  const [scenario, arrow, html] = ['s.json', 'r.arrow', 'r.html'].map((f) => join(folder, f));
  writeFileSync(scenario, JSON.stringify(scenarioOf(driver, options, operation)));
  const pairs = Object.entries(options).map(([key, value]) => `${key}=${value}`);
  const system = pairs.length === 0 ? driver : `${driver}:${pairs.join(',')}`;
  const left = new Map<string, string>();
  const run = async (...args: string[]) => {
    const { code, text } = await runCommand(args, env);
    expect(code, `${args.join(' ')}: ${text}`).not.toBe(EXIT.internal);
    left.set(`strata ${args.join(' ')}`, text);
  };
  await run('validate', scenario);
  expect(left.get(`strata validate ${scenario}`)).toContain(': valid');
  await run('doctor', scenario);
  await run('doctor', scenario, '--json');
  await run('import', system);
  await run('apply', scenario, '--out', arrow, '--html', html, '--json');
  if (existsSync(arrow)) await exported(arrow, folder, run, left);
  return left;
}

async function exported(
  arrow: string,
  folder: string,
  run: (...args: string[]) => Promise<void>,
  left: Map<string, string>,
): Promise<void> {
  const [perfetto, parquet, html] = ['p.json', 'p.parquet', 'p.html'].map((f) => join(folder, f));
  await run('export', arrow, '--perfetto', perfetto, '--parquet', parquet, '--html', html);
  const recorded = readFileSync(arrow).toString('latin1');
  const rows = await parquetReadObjects({ file: arrayBufferOf(parquet) });
  const json = JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? `${value}` : value));
  left.set('recording', recorded);
  left.set('perfetto', readFileSync(perfetto, 'utf8'));
  left.set('parquet', json);
  left.set('html', pageOf(html));
  // What is compressed would hide a secret: that the entity is seen shows that it is not.
  for (const where of ['recording', 'perfetto', 'parquet', 'html']) {
    expect(left.get(where)?.includes('planted'), where).toBe(true);
  }
}

/** A replay page with its recording unpacked. */
function pageOf(path: string): string {
  const page = readFileSync(path, 'utf8');
  const [, embedded = ''] = /data-encoding="gzip"[^>]*>([^<]+)</.exec(page) ?? [];
  return `${page}${gunzipSync(Buffer.from(embedded, 'base64')).toString('latin1')}`;
}

function arrayBufferOf(path: string): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = readFileSync(path);
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
}

/** The ways to write a secret that stand in a text; also where lines were broken within it. */
function formsIn(text: string, secret: string): readonly string[] {
  const forms = [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    new URLSearchParams({ '': secret }).toString().slice(1),
  ];
  const joined = text.replace(/[\s│]+/g, '');
  return forms.filter((form) => text.includes(form) || joined.includes(form.replace(/\s/g, '')));
}

function scenarioOf(driver: DriverName, options: object, operation: object): object {
  const cores = { cores: 2, memory: '4GiB' };
  return {
    ...{ version: 1, name: 'planted', duration: '1h', live: { [driver]: options } },
    site: { flavors: { m: cores }, racks: [{ name: 'r', machines: { m: 1 } }] },
    stack: { hypervisor: { on: ['m'] } },
    workload: {
      domains: { planted: { vcpus: 1, memory: '128MiB' } },
      operations: [operation],
    },
  };
}
