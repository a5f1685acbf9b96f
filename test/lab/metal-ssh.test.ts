/** The SSH driver on a machine of its own: Debian with systemd, deployed to its disk. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DriverBackend } from '../../backends/driver-backend.ts';
import { Secret } from '../../backends/secret.ts';
import { SshDriver } from '../../backends/ssh/driver.ts';
import { hostFacts } from '../../backends/ssh/facts.ts';
import { writeFile } from '../../backends/ssh/files.ts';
import { SshSession } from '../../backends/ssh/session.ts';
import type { Observation } from '../../engine/contract.ts';
import { connectWithin } from '../../lab/metal/control.ts';
import { DISK_BYTES, MACHINES, MEMORY_MIB, metalPaths } from '../../lab/metal/layout.ts';
import { buildArchive } from '../../lab/ssh/archive.ts';
import { PortProxy } from '../backends/port-proxy.ts';
import { bootInto, done, METAL_TIMEOUT_MS, untilSaid, withMachine } from './metal-lab.ts';
import { ask } from './ssh-lab.ts';

const DEADLINE_S = 600;
const SEEN_MS = 120_000;
const PATIENT = { timeout_s: DEADLINE_S };
const ATTEMPT = { signal: new AbortController().signal, effect: () => {} };

const machine = MACHINES[0];
const host = machine.name;
const folder = mkdtempSync(join(tmpdir(), 'strata-metal-'));
const proxy = new PortProxy(() => connectWithin(machine.address, 22));
const seen: Observation[] = [];
const ipmi = withMachine(machine);
let session: SshSession;
let backend: DriverBackend<SshDriver>;

beforeAll(async () => {
  await bootInto(ipmi(), machine, 'deploy');
  const { host: phoned } = await untilSaid(machine, 'phoned-home');
  await proxy.open();
  const known = join(folder, 'known_hosts');
  writeFileSync(known, `[127.0.0.1]:${proxy.port} ${phoned?.host_key}\n`);
  const target = {
    ...{ alias: host, host: '127.0.0.1', port: proxy.port, user: 'root', jumps: [] },
    keys: [new Secret(readFileSync(metalPaths().key, 'utf8'))],
    ...{ agent: undefined, knownHosts: [known], connect_s: 60 },
  };
  session = new SshSession(target);
  const poll = { every_s: 10, failed: { first_s: 2, max_s: 5 } };
  backend = new DriverBackend(new SshDriver({ targets: [target], poll }));
  backend.watch((each) => seen.push(each));
  await act('host-os', host, 'boot');
}, METAL_TIMEOUT_MS);

afterAll(async () => {
  await session.close();
  await new Promise<void>((closed) => backend.close(closed));
  await proxy.close();
  rmSync(folder, { recursive: true });
});

const act = (kind: string, entity: string, verb: string) =>
  ask(backend, kind, entity, verb, { deadline_s: DEADLINE_S });

/** Carries a verb out, and expects the state that follows. */
async function reach(kind: string, entity: string, verb: string, state: string): Promise<void> {
  const outcome = await act(kind, entity, verb);
  expect(outcome, JSON.stringify(outcome)).toMatchObject({ type: 'done', observation: { state } });
  expect(await backend.driver.observe(kind, entity)).toMatchObject({ state });
}

const untilSeen = (wanted: Partial<Observation>) =>
  expect
    .poll(() => seen, { timeout: SEEN_MS })
    .toEqual(expect.arrayContaining([expect.objectContaining(wanted)]));

describe('a machine with a disk and systemd', () => {
  it('tells what it is and has', async () => {
    const facts = await hostFacts(session);
    expect(facts).toMatchObject({ hostname: host, os_id: 'debian', os_version: '12', cores: 1 });
    expect(facts.kernel).toMatch(/^6\.1\.\d.*-cloud-amd64$/);
    expect(facts.kernel_installed).toBe(''); // its boot loader knows only one, without a version
    expect(facts.disks).toEqual([{ name: 'nvme0n1', size_bytes: DISK_BYTES, rotational: false }]);
    expect(facts.addresses).toEqual([{ interface: 'eth0', address: machine.address }]);
    expect(facts.memory_bytes).toBeGreaterThan(0.85 * MEMORY_MIB * 2 ** 20);
  });

  it('lists its system, its units and its packages', async () => {
    const all = await backend.driver.list();
    const of = (kind: string) => all.filter((each) => each.kind === kind);
    expect(of('host-os')).toMatchObject([{ entity: host, state: 'running' }]);
    expect(of('systemd-unit')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ entity: `${host}/ssh.service`, state: 'active' }),
      ]),
    );
    expect(of('package').map(({ entity }) => entity)).toContain(`${host}/openssh-server`);
  });
});

describe('a unit of systemd', () => {
  const service = 'strata-test.service';
  const unit = `${host}/${service}`;
  const define = async (start: string) => {
    const text = `[Service]\nExecStart=${start}\nExecReload=/bin/true\n[Install]\nWantedBy=multi-user.target\n`;
    await writeFile(session, '/etc/systemd/system/strata-test.service', text, '0644', ATTEMPT);
    await session.act(['systemctl', 'daemon-reload'], PATIENT);
  };

  it('is started, reloaded, restarted and stopped', async () => {
    await define('/bin/sleep infinity');
    await reach('systemd-unit', unit, 'start', 'active');
    await reach('systemd-unit', unit, 'reload', 'active');
    const pid = async () =>
      (await session.ask(['systemctl', 'show', '--property=MainPID', service], PATIENT)).stdout;
    const before = await pid();
    await reach('systemd-unit', unit, 'restart', 'active');
    expect(await pid()).not.toBe(before);
    await reach('systemd-unit', unit, 'stop', 'inactive');
    await reach('systemd-unit', unit, 'stop', 'inactive');
  });

  it('is enabled to start with the system, and disabled', async () => {
    for (const verb of ['enable', 'disable']) {
      await reach('systemd-unit', unit, verb, 'inactive');
      expect(await backend.driver.observe('systemd-unit', unit)).toMatchObject({
        attributes: { unit_file: `${verb}d` },
      });
    }
  });

  it('is seen to fail when its process dies, and so is its host', async () => {
    await reach('systemd-unit', unit, 'start', 'active');
    await session.act(['systemctl', 'kill', '--signal=KILL', service], PATIENT);
    await untilSeen({ entity: unit, state: 'failed', reason: 'failed/failed' });
    await untilSeen({ kind: 'host-os', entity: host, state: 'degraded' });
    await reach('systemd-unit', unit, 'reset_failed', 'inactive');
    expect(await backend.driver.observe('host-os', host)).toMatchObject({ state: 'running' });
  });

  it('that cannot start says so', async () => {
    await define('/no/such/program');
    expect(await act('systemd-unit', unit, 'restart')).toMatchObject({
      type: 'done',
      observation: { state: 'failed' },
    });
    await reach('systemd-unit', unit, 'reset_failed', 'inactive');
    expect(await act('systemd-unit', `${host}/none.service`, 'start')).toMatchObject({
      fault: { code: 'SSH_UNIT_UNKNOWN', effect: 'none' },
    });
  });
});

describe('a package', () => {
  const name = `${host}/strata-quick`;

  /** Publishes a version in an archive on the machine itself: it has no other network. */
  async function publish(version: string): Promise<void> {
    const archive = join(folder, version);
    await buildArchive(archive, version);
    await session.act(['mkdir', '-p', '/srv/archive'], PATIENT);
    for (const file of readdirSync(archive)) {
      await writeFile(
        session,
        `/srv/archive/${file}`,
        readFileSync(join(archive, file)),
        '0644',
        ATTEMPT,
      );
    }
    const source = 'deb [trusted=yes] file:/srv/archive ./\n';
    await writeFile(session, '/etc/apt/sources.list', source, '0644', ATTEMPT);
    await session.act(['apt-get', '-q', 'update'], PATIENT);
  }

  it('is installed, found old, upgraded and removed', async () => {
    await publish('1.0');
    await reach('package', name, 'install', 'installed');
    await publish('1.1');
    await untilSeen({ entity: name, state: 'upgradable' });
    await reach('package', name, 'upgrade', 'installed');
    expect(await backend.driver.observe('package', name)).toMatchObject({
      attributes: { version: '1.1' },
    });
    await publish('1.2');
    await reach('host-os', host, 'update', 'running');
    expect(await backend.driver.observe('package', name)).toMatchObject({
      ...{ state: 'installed', attributes: { version: '1.2' } },
    });
    await reach('package', name, 'remove', 'not-installed');
  });
});

describe('a host', () => {
  it('is restarted, and answers as another boot of the same machine', async () => {
    const before = await hostFacts(session);
    expect(await act('host-os', host, 'reboot')).toMatchObject({ type: 'done' });
    await reach('host-os', host, 'boot', 'running');
    const after = await hostFacts(session);
    expect(after.boot_id).not.toBe(before.boot_id);
    expect({ ...after, boot_id: '' }).toEqual({ ...before, boot_id: '' });
    await untilSeen({ kind: 'host-os', entity: host, state: 'unreachable' });
  });

  it('is shut down, and its controller sees it off', async () => {
    await reach('host-os', host, 'shutdown', 'unreachable');
    await expect
      .poll(async () => (await done(ipmi(), host, 'inspect')).state, { timeout: SEEN_MS })
      .toBe('new+off');
  });
});
