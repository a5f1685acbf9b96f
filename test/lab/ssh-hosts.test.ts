import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../../backends/secret.ts';
import type { SshTarget } from '../../backends/ssh/config.ts';
import { hostFacts } from '../../backends/ssh/facts.ts';
import { readFile, writeFile } from '../../backends/ssh/files.ts';
import { SshSession } from '../../backends/ssh/session.ts';
import { systemFolder } from '../../lab/folder.ts';
import { ask, closed, openSsh, startLab, target } from './ssh-lab.ts';

const START_TIMEOUT_MS = 600_000;
const ATTEMPT = { signal: new AbortController().signal, effect: () => {} };

const sessions: SshSession[] = [];
const session = (to: SshTarget): SshSession => {
  const made = new SshSession(to);
  sessions.push(made);
  return made;
};
const faulty = (code: string) => ({ fault: { code, effect: 'none' } });

beforeAll(startLab, START_TIMEOUT_MS);
afterAll(() => Promise.all(sessions.map((each) => each.close())));

describe('a host reached by SSH', () => {
  it('tells what it is and has, through a jump host as well', async () => {
    for (const alias of ['lab-1', 'lab-2']) {
      const facts = await hostFacts(session(target(alias)));
      expect(facts).toMatchObject({ os_id: 'debian', os_version: '12' });
      expect(facts.cores).toBeGreaterThan(0);
      expect(facts.memory_bytes).toBeGreaterThan(2 ** 28);
      expect(facts.boot_id).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it('runs arguments as they are, whatever a shell would make of them', async () => {
    const to = session(target('lab-1'));
    const args = ['$(id)', "it's", '"', '; false', '*', '', '\n'];
    const { stdout } = await to.ask(['printf', '%s\\0', ...args]);
    expect(stdout.split('\0').slice(0, -1)).toEqual(args);
  });

  it('keeps files whole', async () => {
    const to = session(target('lab-1'));
    const text = `a 'file' with $everything\n${'x'.repeat(200_000)}\n`;
    await writeFile(to, '/root/strata test', text, '0640', ATTEMPT);
    expect(await readFile(to, '/root/strata test')).toBe(text);
    const { stdout } = await to.ask(['stat', '-c', '%a', '/root/strata test']);
    expect(stdout.trim()).toBe('640');
  });

  it('is bounded in time and in what it writes', async () => {
    const to = session(target('lab-1'));
    await expect(to.ask(['sleep', '30'], { timeout_s: 0.3 })).rejects.toMatchObject(
      faulty('SSH_NO_ANSWER'),
    );
    await expect(to.ask(['cat', '/dev/zero'], { output_bytes_max: 1_000 })).rejects.toMatchObject(
      faulty('SSH_OUTPUT_TOO_LARGE'),
    );
  });

  it('asks no more at a time than sshd allows on one connection', async () => {
    const to = session(target('lab-1'));
    const asked = Array.from({ length: 30 }, (_, i) => to.ask(['echo', String(i)]));
    const acted = Array.from({ length: 10 }, () => to.act(['sleep', '0.1']));
    const [answers] = await Promise.all([Promise.all(asked), Promise.all(acted)]);
    const said = answers.map(({ stdout }) => stdout.trim());
    expect(said).toEqual(Array.from({ length: 30 }, (_, i) => String(i)));
  });

  it('keeps the status of a command that fails', async () => {
    const to = session(target('lab-1'));
    await expect(to.ask(['false'])).rejects.toMatchObject({
      fault: { code: 'SSH_COMMAND_FAILED', upstream: '1' },
    });
    await expect(to.ask(['no-such-program'])).rejects.toMatchObject({
      fault: { code: 'SSH_PROGRAM_MISSING', upstream: '127' },
    });
  });
});

describe('a connection is refused', () => {
  const known = () => join(systemFolder('ssh'), `known_hosts-refused-${process.pid}`);
  const stranger = () => readFileSync(join(systemFolder('ssh'), 'keys', 'stranger'), 'utf8');

  it('to a host whose key nobody knows, and to one whose key changed', async () => {
    const to = target('lab-1');
    writeFileSync(known(), '');
    await expect(session({ ...to, knownHosts: [known()] }).ask(['true'])).rejects.toMatchObject(
      faulty('SSH_HOST_KEY_UNKNOWN'),
    );
    const other = readFileSync(join(systemFolder('ssh'), 'keys', 'lab-2.pub'), 'utf8');
    writeFileSync(known(), `[127.0.0.1]:${to.port} ${other}`);
    await expect(session({ ...to, knownHosts: [known()] }).ask(['true'])).rejects.toMatchObject(
      faulty('SSH_HOST_KEY_CHANGED'),
    );
  });

  it('with a key that the host does not accept, which no fault shows', async () => {
    const secret = stranger();
    const to = session({ ...target('lab-1'), keys: [new Secret(secret)] });
    const thrown = await to.ask(['true']).catch((cause) => cause);
    expect(thrown).toMatchObject(faulty('SSH_AUTH'));
    expect(JSON.stringify(thrown)).not.toContain(secret.split('\n')[1]);
  });

  it('where nobody listens', async () => {
    const to = session({ ...target('lab-1'), port: 1 });
    await expect(to.ask(['true'])).rejects.toMatchObject(faulty('SSH_UNREACHABLE'));
  });
});

describe('the driver', () => {
  it('installs, and refuses what apt or systemd does not have', async () => {
    const backend = openSsh();
    try {
      const quick = 'lab-1/strata-quick';
      expect(await ask(backend, 'package', quick, 'install')).toMatchObject({
        observation: { state: 'installed', attributes: { version: '1.0' } },
      });
      expect(await ask(backend, 'package', quick, 'upgrade')).toMatchObject({
        observation: { state: 'installed' },
      });
      expect(await ask(backend, 'package', quick, 'remove')).toMatchObject({
        observation: { state: 'not-installed' },
      });
      expect(await ask(backend, 'package', 'lab-1/no-such', 'install')).toMatchObject(
        faulty('SSH_PACKAGE_UNKNOWN'),
      );
      expect(await ask(backend, 'package', 'elsewhere/x1', 'install')).toMatchObject(
        faulty('SSH_HOST_UNKNOWN'),
      );
    } finally {
      await closed(backend);
    }
  });

  it('writes files and removes them, and sees what others do to them', async () => {
    const backend = openSsh();
    const file = 'lab-1/root/strata file';
    const states: string[] = [];
    backend.watch(({ kind, state, attributes }) => {
      if (kind === 'file') states.push(`${state} ${attributes?.['size_bytes'] ?? ''}`.trim());
    });
    try {
      const write = (params: object) =>
        ask(backend, 'file', file, 'write', { params: params as Record<string, unknown> });
      expect(await write({ content: 'it\u2019s\n', mode: '0640' })).toMatchObject({
        observation: {
          state: 'present',
          attributes: {
            ...{ size_bytes: 7, mode: '0640', owner: 'root' },
            sha256: createHash('sha256').update('it\u2019s\n').digest('hex'),
          },
        },
      });
      const source = join(systemFolder('ssh'), `source-${process.pid}`);
      writeFileSync(source, 'from here');
      expect(await write({ source })).toMatchObject({
        observation: { attributes: { size_bytes: 9, mode: '0644' } },
      });
      await session(target('lab-1')).act(['cp', '/dev/null', '/root/strata file']);
      await expect
        .poll(() => states, { timeout: 30_000 })
        .toEqual(['present 7', 'present 9', 'present 0']);
      for (const _ of [1, 2]) {
        expect(await ask(backend, 'file', file, 'remove')).toMatchObject({
          observation: { state: 'absent' },
        });
      }
    } finally {
      await closed(backend);
    }
  });

  it('leaves alone what is no file, and leaves nothing half written behind', async () => {
    const backend = openSsh();
    const params = { content: 'x' };
    const write = (name: string) => ask(backend, 'file', `lab-1/${name}`, 'write', { params });
    try {
      for (const name of ['root', 'bin/sh', 'dev/null']) {
        expect(await write(name)).toMatchObject(faulty('SSH_WRONG_STATE'));
        expect(await ask(backend, 'file', `lab-1/${name}`, 'remove')).toMatchObject(
          faulty('SSH_WRONG_STATE'),
        );
      }
      expect(await write('proc/strata')).toMatchObject({ fault: { code: 'SSH_COMMAND_FAILED' } });
      expect(await ask(backend, 'file', 'lab-1/root/x', 'write')).toMatchObject(
        faulty('SSH_BAD_PARAMS'),
      );
      const { stdout } = await session(target('lab-1')).ask(['ls', '-A', '/root']);
      expect(stdout).not.toMatch(/\.[0-9a-f]{12}$/m);
    } finally {
      await closed(backend);
    }
  });

  it('lists a host with what it is, and its packages', async () => {
    const backend = openSsh();
    try {
      const all = await backend.driver.list();
      expect(all.find(({ kind }) => kind === 'host-os')).toMatchObject({
        ...{ entity: 'lab-1', state: 'running' },
        attributes: { os_id: 'debian' },
      });
      expect(all.filter(({ kind }) => kind === 'package').length).toBeGreaterThan(50);
    } finally {
      await closed(backend);
    }
  });
});
