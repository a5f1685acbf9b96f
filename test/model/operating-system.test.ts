import { describe, expect, it } from 'vitest';
import { hostOs } from '../../model/operating-system/host-os.ts';
import { KINDS } from '../../model/operating-system/index.ts';
import { packageKind } from '../../model/operating-system/package.ts';
import { systemdUnit } from '../../model/operating-system/systemd-unit.ts';
import { describeKinds, endOf, walk } from '../support/kinds.ts';

describeKinds(KINDS, { runs: 200 });

describe('a host OS', () => {
  it('boots, is updated, reboots', () => {
    expect(walk(hostOs, 'power_on done update done reboot done done')).toEqual([
      'off',
      'booting',
      'running',
      'updating',
      'running',
      'rebooting',
      'booting',
      'running',
    ]);
  });

  it('is off when its machine loses power, and boots when it is back', () => {
    expect(walk(hostOs, 'power_on done lost power_loss power_on restored done').slice(2)).toEqual([
      'running',
      'unreachable',
      'off',
      'booting',
      'running',
    ]);
  });

  it('is only unreachable when the network is gone, and runs on', () => {
    expect(endOf(hostOs, 'power_on done lost')).toBe('unreachable');
    expect(endOf(hostOs, 'power_on done lost restored')).toBe('running');
    expect(endOf(hostOs, 'power_on lost done')).toBe('unreachable');
    expect(endOf(hostOs, 'power_on lost done restored')).toBe('running');
  });

  it('is degraded as long as any fault lasts, across reboots and outages', () => {
    expect(endOf(hostOs, 'power_on done degrade degrade recover')).toBe('degraded');
    expect(endOf(hostOs, 'power_on done degrade degrade recover recover')).toBe('running');
    expect(endOf(hostOs, 'power_on done degrade reboot done done')).toBe('degraded');
    expect(endOf(hostOs, 'power_on done degrade lost recover restored')).toBe('running');
    expect(endOf(hostOs, 'power_on done degrade lost restored')).toBe('degraded');
  });

  it('resets itself after a panic (dump) and a hang (watchdog), or is reset', () => {
    expect(walk(hostOs, 'power_on done panic +9000s done').slice(3)).toEqual([
      'panicked',
      'booting',
      'running',
    ]);
    expect(endOf(hostOs, 'power_on done hang +9000s')).toBe('booting');
    expect(endOf(hostOs, 'power_on done hang repair')).toBe('booting');
    expect(endOf(hostOs, 'power_on fault')).toBe('panicked');
  });

  it('hangs when it does not shut down, and is off when it does', () => {
    expect(endOf(hostOs, 'power_on done reboot fault')).toBe('hung');
    expect(endOf(hostOs, 'power_on done shutdown done')).toBe('off');
  });
});

describe('a systemd unit', () => {
  it('starts, reloads, stops', () => {
    expect(walk(systemdUnit, 'start done reload done stop done')).toEqual([
      'inactive',
      'activating.start',
      'active',
      'reloading',
      'active',
      'deactivating',
      'inactive',
    ]);
  });

  it('is started again when it dies, five times within the start limit', () => {
    const crash = 'fail +500s done';
    expect(endOf(systemdUnit, 'start done fail')).toBe('activating.auto-restart');
    expect(endOf(systemdUnit, `start done ${crash}`)).toBe('active');
    const five = Array(5).fill(crash).join(' ');
    expect(endOf(systemdUnit, `start done ${five} fail`)).toBe('failed');
    expect(endOf(systemdUnit, `start done ${five} fail repair done`)).toBe('active');
  });

  it('runs on while its host is unreachable, and starts with the next boot', () => {
    expect(endOf(systemdUnit, 'start done lost restored')).toBe('active');
    expect(walk(systemdUnit, 'start done lost killed restored done').slice(2)).toEqual([
      'active',
      'unreachable',
      'inactive',
      'activating.start',
      'active',
    ]);
    expect(endOf(systemdUnit, 'start done stop done lost restored')).toBe('inactive');
  });
});

describe('a package', () => {
  it('a kernel is upgraded and in use after the next boot', () => {
    expect(walk(packageKind, 'is_installed publish upgrade needs_reboot booted')).toEqual([
      'not-installed',
      'installed',
      'upgradable',
      'upgrading',
      'reboot-required',
      'installed',
    ]);
  });

  it('is held, interrupted, repaired, removed', () => {
    expect(endOf(packageKind, 'install done publish hold upgrade')).toBe('held');
    expect(endOf(packageKind, 'install fault')).toBe('half-configured');
    expect(endOf(packageKind, 'install fault repair done')).toBe('installed');
    expect(endOf(packageKind, 'install done remove done')).toBe('not-installed');
  });
});
