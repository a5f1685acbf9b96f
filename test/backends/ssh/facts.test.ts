import { expect, it } from 'vitest';
import { z } from 'zod';
import { newestKernel, osRelease, parsed } from '../../../backends/ssh/facts.ts';
import { fileOf, packageOf, unitOf } from '../../../backends/ssh/names.ts';
import { unitState } from '../../../backends/ssh/units.ts';
import { systemdUnit } from '../../../model/operating-system/systemd-unit.ts';

it('reads os-release with every way of quoting', () => {
  const text = 'ID=debian\nVERSION_ID="12"\nNAME=\'Debian GNU/Linux\'\nX="a \\"b\\" \\$c"\n# no\n';
  expect(osRelease(text)).toEqual({
    ...{ ID: 'debian', VERSION_ID: '12', NAME: 'Debian GNU/Linux', X: 'a "b" $c' },
  });
});

it('finds the newest kernel among what is in /boot', () => {
  const boot = 'config-6.1.0-9\ngrub\nvmlinuz-6.1.0-9-amd64\nvmlinuz-6.1.0-40-amd64\n';
  expect(newestKernel(boot)).toBe('6.1.0-40-amd64');
  expect(newestKernel('')).toBe('');
});

it('gives a typed fault for answers that are not what they should be', () => {
  const shape = z.object({ a: z.number() });
  for (const text of ['', '{', '[]', '{"a":"1"}']) {
    expect(() => parsed(text, shape, 'a program')).toThrow(
      expect.objectContaining({ fault: expect.objectContaining({ code: 'SSH_MALFORMED' }) }),
    );
  }
});

it('maps each ActiveState of systemd on a state of the machine', () => {
  const states = Object.keys(systemdUnit.machine.states ?? {});
  for (const active of [
    'active',
    'reloading',
    'inactive',
    'failed',
    'activating',
    'deactivating',
  ]) {
    expect(states).toContain(unitState(active, 'any').split('.')[0]);
  }
  expect(unitState('activating', 'auto-restart')).toBe('activating.auto-restart');
});

it('refuses names that could be read as options or as something else', () => {
  expect(unitOf('host/ssh')).toEqual({ host: 'host', unit: 'ssh.service' });
  expect(unitOf('host/a.timer').unit).toBe('a.timer');
  for (const name of ['host', '/x', 'host/-x', 'host/a b', 'host/$(id)']) {
    expect(() => unitOf(name)).toThrow();
  }
  expect(packageOf('host/libc6')).toEqual({ host: 'host', name: 'libc6' });
  for (const name of ['host/-x', 'host/A', 'host/a;b']) expect(() => packageOf(name)).toThrow();
  expect(fileOf('host/etc/motd')).toEqual({ host: 'host', path: '/etc/motd' });
  for (const name of ['host', 'host/', 'host//a', 'host/a/', 'host/../a', 'host/./a', 'h/a\0']) {
    expect(() => fileOf(name), name).toThrow();
  }
});
