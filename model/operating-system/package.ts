import { defineKind, request, type TransitionConfig } from '../kind.ts';

const BROKEN: TransitionConfig = {
  target: 'half-configured',
  description: 'a maintainer script or the disk failed in the middle',
};
const INSTALLED: TransitionConfig = {
  target: 'installed',
  description: 'dpkg lists it as installed, apt has nothing newer',
};
const UPGRADABLE: TransitionConfig = {
  target: 'upgradable',
  description: 'a newer version is in the archive',
};
const MISSING: TransitionConfig = { target: 'not-installed', description: 'dpkg does not list it' };

export const packageKind = defineKind({
  kind: 'package',
  layer: 'operating-system',
  describes: 'A package on a host, foremost its kernel: installed level and what is pending.',
  source:
    'dpkg package states (dpkg(1): not-installed, half-installed, half-configured, installed), ' +
    'apt upgradable, /run/reboot-required',
  ignores: [
    'done',
    'fault',
    'install',
    'publish',
    'upgrade',
    'remove',
    'hold',
    'unhold',
    'repair',
    'booted',
    'needs_reboot',
    'is_installed',
    'is_upgradable',
    'is_missing',
  ],
  machine: {
    initial: 'not-installed',
    states: {
      'not-installed': {
        description: 'Not on the host.',
        tags: ['stable'],
        on: {
          install: { target: 'half-installed', description: 'apt install' },
          is_installed: INSTALLED,
          is_upgradable: UPGRADABLE,
        },
      },
      'half-installed': {
        description: 'Files are being unpacked for the first time.',
        tags: ['transient'],
        entry: request('install'),
        on: {
          done: { target: 'installed', description: 'unpacked and configured' },
          fault: BROKEN,
          is_installed: INSTALLED,
        },
      },
      installed: {
        description: 'Installed at the newest level known.',
        tags: ['stable'],
        on: {
          publish: UPGRADABLE,
          is_upgradable: UPGRADABLE,
          is_missing: MISSING,
          remove: { target: 'removing', description: 'apt remove' },
          needs_reboot: {
            target: 'reboot-required',
            description: 'the running system still uses the version before',
          },
        },
      },
      upgradable: {
        description: 'A newer version is in the archive.',
        tags: ['stable'],
        on: {
          upgrade: { target: 'upgrading', description: 'apt upgrade' },
          is_installed: INSTALLED,
          is_missing: MISSING,
          hold: { target: 'held', description: 'apt-mark hold' },
          remove: { target: 'removing', description: 'apt remove' },
        },
      },
      held: {
        description: 'Kept at its level on purpose.',
        tags: ['stable'],
        on: { unhold: { target: 'upgradable', description: 'apt-mark unhold' } },
      },
      upgrading: {
        description: 'The new version is unpacked and configured.',
        tags: ['transient'],
        entry: request('upgrade'),
        on: {
          done: { target: 'installed', description: 'the new version is in use' },
          is_installed: INSTALLED,
          needs_reboot: {
            target: 'reboot-required',
            description: 'installed; in use only after a reboot (kernel, libc)',
          },
          fault: BROKEN,
        },
      },
      'reboot-required': {
        description: 'The new version is on disk, the old one still runs.',
        tags: ['stable'],
        on: {
          is_installed: INSTALLED,
          booted: { target: 'installed', description: 'the host booted into the new version' },
          publish: { target: 'upgradable', description: 'a still newer version is published' },
        },
      },
      'half-configured': {
        description: 'dpkg was interrupted; `dpkg --configure -a` is needed.',
        tags: ['failed'],
        on: {
          repair: { target: 'upgrading', description: 'dpkg --configure -a' },
          is_installed: INSTALLED,
          upgrade: { target: 'upgrading', description: 'apt --fix-broken install' },
          remove: { target: 'removing', description: 'removed as it is' },
        },
      },
      removing: {
        description: 'Files are being removed.',
        tags: ['transient'],
        entry: request('remove'),
        on: {
          done: { target: 'not-installed', description: 'removed' },
          is_missing: MISSING,
          fault: BROKEN,
        },
      },
    },
  },
});
