import { describe, expect, it } from 'vitest';
import { domain } from '../../model/hypervisor/domain.ts';
import { hypervisor } from '../../model/hypervisor/hypervisor.ts';
import { KINDS } from '../../model/hypervisor/index.ts';
import { migration } from '../../model/hypervisor/migration.ts';
import { snapshot } from '../../model/hypervisor/snapshot.ts';
import { storagePool } from '../../model/hypervisor/storage-pool.ts';
import { storageVolume } from '../../model/hypervisor/storage-volume.ts';
import { describeKinds, endOf, walk } from '../support/kinds.ts';

describeKinds(KINDS, { runs: 200 });

/** Requests answered by the reports that libvirt 9.0.0 gave. */
describe('domain sequences observed with libvirt 9.0.0 and QEMU 7.2', () => {
  const running = 'define defined start resumed started';

  it('define, start: DEFINED, then RESUMED before STARTED', () => {
    expect(walk(domain, running)).toEqual(['absent', 'defining', 'shutoff', 'starting', 'running']);
  });

  it('suspend and resume', () => {
    expect(walk(domain, `${running} suspend suspended resume resumed`).slice(4)).toEqual([
      'running',
      'suspending',
      'paused',
      'resuming',
      'running',
    ]);
  });

  it('ACPI shutdown and destroy: SHUTDOWN, then STOPPED', () => {
    expect(walk(domain, `${running} shutdown powered_down stopped`).slice(5)).toEqual([
      'shutting_down',
      'shutdown',
      'shutoff',
    ]);
    expect(walk(domain, `${running} destroy powered_down stopped`).slice(5)).toEqual([
      'destroying',
      'shutdown',
      'shutoff',
    ]);
    expect(endOf(domain, `${running} shutdown fault`)).toBe('running');
    expect(endOf(domain, `${running} powered_down stopped`)).toBe('shutoff');
  });

  it('managed save and restore', () => {
    expect(walk(domain, `${running} managed_save saved start started`).slice(5)).toEqual([
      'saving',
      'saved',
      'restoring',
      'running',
    ]);
    expect(endOf(domain, `${running} managed_save done restore fault`)).toBe('saved');
  });

  it('a save that is refused leaves the guest as it was', () => {
    expect(endOf(domain, `${running} managed_save fault`)).toBe('running');
    expect(endOf(domain, `${running} suspend done managed_save fault`)).toBe('paused');
  });

  it('live migration: SUSPENDED at the source, RESUMED at the destination', () => {
    expect(walk(domain, `${running} migrate suspended resumed`).slice(5)).toEqual([
      'migrating.precopy',
      'migrating.switchover',
      'running',
    ]);
    expect(endOf(domain, `${running} migrate suspended migration_failed`)).toBe('running');
  });

  it('kill -9 of QEMU: crashed; started again', () => {
    expect(endOf(domain, `${running} crash`)).toBe('crashed');
    expect(endOf(domain, `${running} crashed start done`)).toBe('running');
  });

  it('undefine', () => {
    expect(endOf(domain, `${running} destroy stopped undefine undefined`)).toBe('absent');
  });

  it('libvirtd restarts: the guest survives and is found again', () => {
    expect(walk(domain, `${running} lost restored done`).slice(4)).toEqual([
      'running',
      'nostate',
      'inspecting',
      'running',
    ]);
    expect(endOf(domain, `${running} suspend done lost restored done`)).toBe('paused');
    expect(endOf(domain, `${running} managed_save done lost restored done`)).toBe('saved');
    expect(endOf(domain, 'define done lost restored done')).toBe('shutoff');
  });

  it('the host restarts: the guest is off, a saved image stays', () => {
    expect(endOf(domain, `${running} lost restored stopped`)).toBe('shutoff');
    expect(endOf(domain, `${running} managed_save done lost restored stopped`)).toBe('saved');
  });

  it('errors: already running, not running, no memory, unknown', () => {
    expect(endOf(domain, `${running} start`)).toBe('running');
    expect(endOf(domain, 'define done suspend destroy shutdown')).toBe('shutoff');
    expect(endOf(domain, 'define done start fault')).toBe('shutoff');
    expect(endOf(domain, 'start undefine destroy')).toBe('absent');
  });

  it('changes made behind our back, from any stable state to any other', () => {
    const reports: Record<string, string> = {
      shutoff: 'stopped',
      running: 'started',
      paused: 'suspended',
      saved: 'saved',
      crashed: 'crashed',
      pmsuspended: 'pm_suspended',
    };
    for (const [from, entering] of Object.entries(reports)) {
      for (const [to, report] of Object.entries(reports)) {
        if (from === to) continue;
        const word = from === 'saved' && to === 'shutoff' ? 'image_removed' : report;
        const path = `defined started ${entering} ${word}`;
        expect([from, report, endOf(domain, path)]).toEqual([from, report, to]);
      }
    }
  });
});

describe('what belongs to a domain', () => {
  it('libvirtd: restarts by itself, reconnects after an outage of its host', () => {
    expect(endOf(hypervisor, 'start done fail +100s done')).toBe('running');
    expect(endOf(hypervisor, 'start done lost restored done')).toBe('running');
    expect(endOf(hypervisor, 'start done stop done')).toBe('stopped');
  });

  it('storage pool: inactive, building, running, degraded, inaccessible', () => {
    expect(walk(storagePool, 'define done build done start done degrade fail repair done')).toEqual(
      [
        'absent',
        'defining',
        'inactive',
        'building',
        'inactive',
        'starting',
        'running',
        'degraded',
        'inaccessible',
        'starting',
        'running',
      ],
    );
    expect(endOf(storagePool, 'define done start done stop done undefine done')).toBe('absent');
  });

  it('storage volume: created, resized, lost with its pool, deleted', () => {
    expect(endOf(storageVolume, 'done resize done lost')).toBe('inaccessible');
    expect(endOf(storageVolume, 'done lost restored delete done')).toBe('deleted');
    expect(endOf(storageVolume, 'fault')).toBe('error');
  });

  it('snapshot: taken, reverted to, deleted', () => {
    expect(endOf(snapshot, 'done revert done delete done')).toBe('deleted');
    expect(endOf(snapshot, 'fault delete done')).toBe('deleted');
  });

  it('migration: begin, prepare, perform, finish, confirm; cancelled; failed; post-copy', () => {
    expect(walk(migration, 'start done done done done')).toEqual([
      'begin',
      'preparing',
      'performing',
      'finishing',
      'confirming',
      'completed',
    ]);
    expect(endOf(migration, 'start done cancel done')).toBe('cancelled');
    expect(endOf(migration, 'start done fail')).toBe('failed');
    expect(endOf(migration, 'start done postcopy fault recover done done')).toBe('completed');
  });
});
