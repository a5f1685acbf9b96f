import {
  atLeast,
  defineKind,
  request,
  type StateConfig,
  set,
  type TransitionConfig,
} from '../kind.ts';

/** What slot `last` holds: the state to come back to when the host answers again. */
const LAST = { shutoff: 0, running: 1, paused: 2, saved: 3 } as const;

/** libvirt's lifecycle reports, and the state each of them tells of. */
const REPORTS: Readonly<Record<string, TransitionConfig>> = {
  defined: { target: 'shutoff', description: 'libvirt reports DEFINED: the definition is stored' },
  started: { target: 'running', description: 'libvirt reports STARTED: QEMU runs the guest' },
  resumed: { target: 'running', description: 'libvirt reports RESUMED: virtual CPUs run again' },
  suspended: { target: 'paused', description: 'libvirt reports SUSPENDED: virtual CPUs stand' },
  pm_suspended: {
    target: 'pmsuspended',
    description: 'libvirt reports PMSUSPENDED: the guest went to sleep (ACPI S3)',
  },
  powered_down: {
    target: 'shutdown',
    description: 'libvirt reports SHUTDOWN: the guest is off, QEMU has still to exit',
  },
  stopped: { target: 'shutoff', description: 'libvirt reports STOPPED: the QEMU process ended' },
  saved: {
    target: 'saved',
    description: 'libvirt reports STOPPED/SAVED: memory was written to the managed save image',
  },
  crashed: {
    target: 'crashed',
    description: 'libvirt reports CRASHED or STOPPED/FAILED: QEMU died or the guest panicked',
  },
  undefined: { target: 'absent', description: 'libvirt reports UNDEFINED: the domain is gone' },
};

const LOST: TransitionConfig = {
  target: 'nostate',
  description: 'the host or the disk of the domain is lost: nobody can say what the guest does',
};

const CRASH: TransitionConfig = {
  target: 'crashed',
  description: 'the QEMU process dies (killed, out of memory, assertion)',
};

const DESTROY: TransitionConfig = {
  target: 'destroying',
  description: 'virDomainDestroy: the guest is cut off at once',
};

/**
 * A state in which every report but the named ones leads to the state it tells of, and in which the
 * domain can be lost unless the state says that it ignores that.
 */
function reporting(ignored: readonly string[], spec: StateConfig): StateConfig {
  const ignores = [...ignored, ...(spec.meta?.ignores ?? [])];
  const handled = Object.entries({ ...REPORTS, lost: LOST }).filter(
    ([name]) => !ignores.includes(name),
  );
  return { ...spec, on: { ...Object.fromEntries(handled), ...spec.on }, meta: { ignores } };
}

/** A state in which a QEMU process exists: it can be destroyed and it can die. */
function alive(ignored: readonly string[], spec: StateConfig): StateConfig {
  return reporting(ignored, { ...spec, on: { destroy: DESTROY, crash: CRASH, ...spec.on } });
}

export const domain = defineKind({
  kind: 'domain',
  layer: 'hypervisor',
  describes: 'A virtual machine as libvirt manages it: a definition and, while it runs, QEMU.',
  source:
    'libvirt virDomainState and virDomainEventType (libvirt.org/html/libvirt-libvirt-domain.html); ' +
    'sequences observed with libvirt 9.0.0 and QEMU 7.2. State 2 (blocked) exists on Xen only.',
  slots: { last: LAST.shutoff },
  // libvirt refuses a request in a wrong state (error 55) and nothing changes; an answer to a
  // request that was given up comes too late.
  ignores: [
    'done',
    'fault',
    'define',
    'start',
    'suspend',
    'resume',
    'shutdown',
    'reboot',
    'destroy',
    'undefine',
    'managed_save',
    'restore',
    'inspect',
    'image_removed',
    'migrate',
    'migrated',
    'migration_failed',
    'restored',
    'crash',
  ],
  machine: {
    initial: 'absent',
    states: {
      absent: reporting(['stopped', 'undefined'], {
        description: 'Not known to libvirt.',
        tags: ['stable'],
        entry: set('last', LAST.shutoff),
        on: { define: { target: 'defining', description: 'virDomainDefineXML is called' } },
        meta: { ignores: ['lost'] },
      }),
      defining: reporting(['undefined', 'stopped', 'powered_down', 'saved', 'pm_suspended'], {
        description: 'libvirt checks and stores the definition.',
        tags: ['transient'],
        entry: request('define'),
        on: {
          done: { target: 'shutoff', description: 'the definition is stored' },
          fault: { target: 'absent', description: 'libvirt rejects the definition' },
          lost: { target: 'absent', description: 'the host is lost before it was stored' },
        },
      }),
      shutoff: reporting(['stopped', 'defined', 'powered_down'], {
        description: 'Defined, no QEMU process (state 5).',
        tags: ['stable'],
        entry: set('last', LAST.shutoff),
        on: {
          start: { target: 'starting', description: 'virDomainCreate is called' },
          undefine: { target: 'undefining', description: 'virDomainUndefine is called' },
        },
      }),
      starting: alive(['defined', 'resumed'], {
        description: 'libvirt starts QEMU; RESUMED is reported before STARTED.',
        tags: ['transient'],
        entry: request('create'),
        on: {
          done: { target: 'running', description: 'QEMU runs the guest' },
          fault: {
            target: 'shutoff',
            description: 'QEMU did not start (no memory, no disk file); the definition stays',
          },
        },
      }),
      running: alive(['started', 'resumed', 'defined'], {
        description: 'Virtual CPUs run (state 1).',
        tags: ['stable', 'serving'],
        entry: set('last', LAST.running),
        on: {
          suspend: { target: 'suspending', description: 'virDomainSuspend is called' },
          shutdown: { target: 'shutting_down', description: 'virDomainShutdown asks the guest' },
          reboot: { target: 'rebooting', description: 'virDomainReboot asks the guest' },
          managed_save: { target: 'saving', description: 'virDomainManagedSave is called' },
          migrate: { target: 'migrating', description: 'virDomainMigrate copies it to a new host' },
        },
      }),
      suspending: alive(['defined', 'started', 'resumed'], {
        description: 'QEMU is told to stop the virtual CPUs.',
        tags: ['transient'],
        entry: request('suspend'),
        on: {
          done: { target: 'paused', description: 'the virtual CPUs stand' },
          fault: { target: 'running', description: 'QEMU did not stop them; the guest runs on' },
        },
      }),
      paused: alive(['suspended', 'defined'], {
        description: 'In memory, virtual CPUs stand: on request, or on an I/O error (state 3).',
        tags: ['stable'],
        entry: set('last', LAST.paused),
        on: {
          resume: { target: 'resuming', description: 'virDomainResume is called' },
          managed_save: { target: 'saving', description: 'virDomainManagedSave is called' },
        },
      }),
      resuming: alive(['defined', 'suspended'], {
        description: 'QEMU is told to let the virtual CPUs run.',
        tags: ['transient'],
        entry: request('resume'),
        on: {
          done: { target: 'running', description: 'the virtual CPUs run' },
          fault: { target: 'paused', description: 'the cause of the pause is still there' },
        },
      }),
      rebooting: alive(['defined', 'started', 'resumed'], {
        description: 'The guest restarts inside the same QEMU process; libvirt says running.',
        tags: ['transient'],
        entry: request('reboot'),
        on: {
          done: { target: 'running', description: 'libvirt reports REBOOT: the guest is up again' },
          fault: { target: 'running', description: 'the guest did not react to the request' },
        },
      }),
      shutting_down: alive(['defined', 'started', 'resumed'], {
        description: 'The guest was asked by ACPI to power off; it may take its time or refuse.',
        tags: ['transient'],
        entry: request('shutdown'),
        on: {
          done: { target: 'shutoff', description: 'the guest powered off and QEMU ended' },
          fault: { target: 'running', description: 'the guest did not react to the ACPI button' },
        },
      }),
      shutdown: reporting(['defined', 'started', 'resumed', 'powered_down', 'suspended'], {
        description: 'The guest is off and QEMU is about to exit (state 4).',
        tags: ['transient'],
        on: {
          destroy: DESTROY,
          crash: { target: 'shutoff', description: 'QEMU dies; the guest was off already' },
        },
      }),
      destroying: reporting(['defined', 'started', 'resumed', 'suspended'], {
        description: 'libvirt ends QEMU with SIGTERM, then SIGKILL.',
        tags: ['transient'],
        entry: request('destroy'),
        on: {
          done: { target: 'shutoff', description: 'the QEMU process is gone' },
          fault: { target: 'shutdown', description: 'QEMU does not die yet (blocked in I/O)' },
          crash: { target: 'shutoff', description: 'QEMU dies of itself' },
        },
      }),
      saving: alive(['defined', 'started', 'resumed', 'suspended'], {
        description: 'Guest memory is written to disk, then QEMU ends.',
        tags: ['transient'],
        entry: request('managed_save'),
        on: {
          done: { target: 'saved', description: 'the image is complete and QEMU ended' },
          stopped: { target: 'saved', description: 'QEMU ended after the image was written' },
          fault: [
            {
              guard: atLeast('last', LAST.paused),
              target: 'paused',
              description: 'the image could not be written; the guest stands as before',
            },
            { target: 'running', description: 'the image could not be written (disk full)' },
          ],
        },
      }),
      saved: reporting(['saved', 'stopped', 'defined', 'powered_down'], {
        description: 'Off, with a managed save image (state 5, reason saved).',
        tags: ['stable'],
        entry: set('last', LAST.saved),
        on: {
          restore: { target: 'restoring', description: 'the domain starts from its image' },
          start: {
            target: 'restoring',
            description: 'libvirt starts a saved domain from its image',
          },
          undefine: { target: 'undefining', description: 'undefined together with its image' },
          image_removed: { target: 'shutoff', description: 'the image was dropped' },
        },
      }),
      restoring: alive(['defined', 'suspended', 'saved'], {
        description: 'QEMU loads the guest memory from the image.',
        tags: ['transient'],
        entry: request('restore'),
        on: {
          done: { target: 'running', description: 'the guest runs on where it was saved' },
          fault: { target: 'saved', description: 'the image could not be loaded; it is kept' },
        },
      }),
      migrating: alive(['defined', 'started'], {
        description: 'On its way to another hypervisor; the guest runs but for the switch-over.',
        tags: ['transient', 'serving'],
        initial: 'precopy',
        on: {
          migrated: { target: 'running', description: 'it runs on the destination (RESUMED/1)' },
          resumed: { target: 'running', description: 'it runs on the destination (RESUMED/1)' },
          migration_failed: {
            target: 'running',
            description: 'the migration was given up; the guest runs on at the source',
          },
        },
        states: {
          precopy: {
            description: 'The guest runs at the source while its memory is copied.',
            on: {
              suspended: {
                target: 'switchover',
                description: 'SUSPENDED/1 at the source: the last pages are copied',
              },
            },
          },
          switchover: {
            description: 'Stopped at the source, not yet resumed at the destination (~0.2 s).',
            meta: { ignores: ['suspended'] },
          },
        },
      }),
      pmsuspended: alive(['pm_suspended', 'defined'], {
        description: 'The guest put itself to sleep; a wake-up makes it run (state 7).',
        tags: ['stable'],
      }),
      crashed: reporting(['crashed', 'defined', 'powered_down'], {
        description: 'QEMU died (state 5, reason crashed) or the guest panicked (state 6).',
        tags: ['failed'],
        entry: set('last', LAST.shutoff),
        on: {
          start: { target: 'starting', description: 'started again by the one who watches it' },
          destroy: DESTROY,
          undefine: { target: 'undefining', description: 'virDomainUndefine is called' },
        },
      }),
      nostate: reporting([], {
        description: 'The host does not answer: the state is unknown (state 0).',
        tags: ['failed'],
        on: {
          restored: { target: 'inspecting', description: 'the host answers: what is left of it?' },
          inspect: { target: 'inspecting', description: 'an operator asks for its state' },
        },
        meta: { ignores: ['lost'] },
      }),
      inspecting: reporting([], {
        description: 'libvirt, reconnected, looks for the QEMU process of the domain.',
        tags: ['transient'],
        entry: request('inspect'),
        on: {
          done: [
            {
              guard: atLeast('last', LAST.saved),
              target: 'saved',
              description: 'its managed save image is still there',
            },
            {
              guard: atLeast('last', LAST.paused),
              target: 'paused',
              description: 'the QEMU process lives, paused as before',
            },
            {
              guard: atLeast('last', LAST.running),
              target: 'running',
              description: 'the QEMU process lives and runs the guest',
            },
            { target: 'shutoff', description: 'it was off before and still is' },
          ],
          stopped: [
            {
              guard: atLeast('last', LAST.saved),
              target: 'saved',
              description: 'its managed save image survived the host',
            },
            { target: 'shutoff', description: 'the QEMU process did not survive the host' },
          ],
          fault: { target: 'nostate', description: 'the host gives no answer about it' },
        },
      }),
      undefining: reporting(['defined', 'stopped', 'powered_down', 'saved', 'pm_suspended'], {
        description: 'libvirt removes the definition.',
        tags: ['transient'],
        entry: request('undefine'),
        on: {
          done: { target: 'absent', description: 'the definition is removed' },
          fault: { target: 'shutoff', description: 'libvirt keeps it (snapshots, save image)' },
        },
      }),
    },
  },
});
