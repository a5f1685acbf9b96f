/**
 * The status of a machine as MAAS keeps it: one region of `machine.ts`. Built from the table of
 * `maas.ts`: every report `status_X` follows it, operations and their outcomes are subsets of it.
 */
import { atLeast, request, type StateConfig, set, type TransitionConfig } from '../kind.ts';
import { STATUS_NAMES, STATUSES, type StatusName, successorsOf } from './maas.ts';

type On = Record<string, TransitionConfig | readonly TransitionConfig[]>;

/** What an operator can ask MAAS for: in which statuses, and which status follows at once. */
const OPERATIONS: readonly {
  readonly event: string;
  readonly from: readonly StatusName[];
  readonly to: StatusName;
  readonly why: string;
}[] = [
  {
    event: 'commission',
    from: ['new', 'failed_commissioning', 'ready', 'broken'],
    to: 'commissioning',
    why: 'MAAS powers it on to learn its hardware',
  },
  {
    event: 'allocate',
    from: ['ready'],
    to: 'allocated',
    why: 'a user acquires a free machine',
  },
  {
    event: 'deploy',
    from: ['ready'],
    to: 'allocated',
    why: 'asked to deploy a free machine, MAAS acquires it for the user first',
  },
  {
    event: 'deploy',
    from: ['allocated'],
    to: 'deploying',
    why: 'MAAS powers it on to install the operating system',
  },
  {
    event: 'abort',
    from: ['commissioning'],
    to: 'new',
    why: 'commissioning is aborted',
  },
  {
    event: 'abort',
    from: ['deploying'],
    to: 'allocated',
    why: 'the deployment is aborted; the user keeps the machine',
  },
  {
    event: 'abort',
    from: ['disk_erasing'],
    to: 'failed_disk_erasing',
    why: 'the wipe is aborted; the disks are in an unknown state',
  },
  {
    event: 'release',
    from: [
      'allocated',
      'deployed',
      'reserved',
      'broken',
      'deploying',
      'failed_deployment',
      'failed_releasing',
      'failed_disk_erasing',
    ],
    to: 'releasing',
    why: 'its owner gives it back',
  },
  {
    event: 'erase',
    from: [
      'allocated',
      'deployed',
      'reserved',
      'broken',
      'deploying',
      'failed_deployment',
      'failed_releasing',
      'failed_disk_erasing',
    ],
    to: 'disk_erasing',
    why: 'its owner gives it back and wants its disks wiped first',
  },
  {
    event: 'exit_rescue_mode',
    from: [
      'rescue_mode',
      'entering_rescue_mode',
      'failed_entering_rescue_mode',
      'failed_exiting_rescue_mode',
    ],
    to: 'exiting_rescue_mode',
    why: 'the operator is done with the rescue system',
  },
];

/** Requests that a status makes on entry, and the statuses that its ends lead to. */
const WORK: Readonly<
  Partial<Record<StatusName, { verb: string; done: StatusName | 'previous'; fault: StatusName }>>
> = {
  commissioning: { verb: 'commission', done: 'ready', fault: 'failed_commissioning' },
  testing: { verb: 'test', done: 'previous', fault: 'failed_testing' },
  deploying: { verb: 'deploy', done: 'deployed', fault: 'failed_deployment' },
  releasing: { verb: 'release', done: 'ready', fault: 'failed_releasing' },
  disk_erasing: { verb: 'erase', done: 'releasing', fault: 'failed_disk_erasing' },
  entering_rescue_mode: {
    verb: 'enter_rescue_mode',
    done: 'rescue_mode',
    fault: 'failed_entering_rescue_mode',
  },
  exiting_rescue_mode: {
    verb: 'exit_rescue_mode',
    done: 'previous',
    fault: 'failed_exiting_rescue_mode',
  },
};

/** MAAS waits for a wipe however long it takes. */
const UNWATCHED: readonly StatusName[] = ['disk_erasing'];

/** Statuses that rescue mode comes back to, from slot `previous`. */
const RESUMABLE: readonly StatusName[] = successorsOf('exiting_rescue_mode').filter(
  (name) => !name.includes('rescue'),
);

/** What passing all tests makes of a status that was not in order (MAAS: back to ready). */
const PASSED: Readonly<Partial<Record<StatusName, StatusName>>> = {
  failed_commissioning: 'new',
  missing: 'ready',
  retired: 'ready',
  broken: 'ready',
  failed_deployment: 'ready',
  failed_releasing: 'ready',
  failed_disk_erasing: 'ready',
  failed_testing: 'ready',
};

/** Tests that commissioning goes on to lead to what it would have led to. */
const REMEMBERED_AS: typeof PASSED = { commissioning: 'ready' };

/** MAAS does not remember these as what was before (maasserver.models.signals.nodes). */
const PASSING: readonly StatusName[] = STATUS_NAMES.filter(
  (name) => name === 'testing' || name.includes('rescue'),
);

/** Entering these says whether an operating system is installed (slot `installed`). */
const INSTALLED: Readonly<Partial<Record<StatusName, number>>> = { deployed: 1, ready: 0, new: 0 };

const meaning = (status: StatusName) =>
  STATUSES[status].description.toLowerCase().replace(/\.$/, '');

/** Back to the status in slot `previous`, tried from the highest code down, or `instead`. */
function resume(reason: string, instead: typeof PASSED = {}): TransitionConfig[] {
  return [...RESUMABLE].reverse().map((status) => {
    const target = instead[status] ?? status;
    const { code } = STATUSES[status];
    const description = `${reason}: ${meaning(target)}`;
    // Broken again, it was not deployed just before.
    const actions = target === 'broken' ? { actions: set('installed', 0) } : {};
    return code === 0
      ? { target, description }
      : { guard: atLeast('previous', code), target, ...actions, description };
  });
}

/**
 * Entering tests or rescue mode remembers the status it interrupts. A broken machine returns to
 * deployed only when it was that just before; MAAS forgets its operating system in any case.
 */
function entering(status: StatusName, to: StatusName, description: string): TransitionConfig {
  if (to === 'broken' && !PASSING.includes(status)) {
    const wasDeployed = status === 'deployed' ? 1 : 0;
    return { target: to, actions: set('installed', wasDeployed), description };
  }
  if (to !== 'testing' && to !== 'entering_rescue_mode') return { target: to, description };
  const remembered = REMEMBERED_AS[status] ?? status;
  if (!RESUMABLE.includes(remembered)) return { target: to, description };
  return { target: to, actions: set('previous', STATUSES[remembered].code), description };
}

function operationsOf(status: StatusName): On {
  const on: On = {};
  for (const { event, from, to, why: description } of OPERATIONS) {
    if (from.includes(status)) on[event] = { target: to, description };
  }
  const next = successorsOf(status);
  if (next.includes('broken')) {
    on.mark_broken = entering(status, 'broken', 'an operator marks it broken');
  }
  // Commissioning goes on to tests by itself; nobody may ask for them meanwhile.
  if (next.includes('testing') && status !== 'commissioning') {
    on.test = entering(status, 'testing', 'hardware tests are asked for');
  }
  if (next.includes('entering_rescue_mode')) {
    on.rescue_mode = entering(status, 'entering_rescue_mode', 'an operator wants to look at it');
  }
  return on;
}

/** Back in use: deployed when its operating system is still there, otherwise free. */
const backInUse = (reason: string): TransitionConfig[] => [
  {
    guard: atLeast('installed', 1),
    target: 'deployed',
    description: `${reason}; it still has its operating system`,
  },
  { target: 'ready', description: `${reason}: free again` },
];

/** What fits no table. */
const SPECIAL: Readonly<Partial<Record<StatusName, On>>> = {
  testing: { abort: resume('the tests are aborted') },
  releasing: {
    never_commissioned: {
      target: 'new',
      description: 'released, but its commissioning had not all passed',
    },
  },
  broken: { mark_fixed: backInUse('an operator marks it fixed') },
  failed_testing: { override_failed_testing: backInUse('the failed test is judged harmless') },
};

function outcomesOf(status: StatusName): Pick<StateConfig, 'entry' | 'on' | 'after'> {
  const work = WORK[status];
  if (!work) return {};
  const { verb, done, fault } = work;
  const words = verb.replaceAll('_', ' ');
  return {
    entry: request(verb),
    on: {
      done:
        done === 'previous'
          ? resume(`${words}: finished`, status === 'testing' ? PASSED : {})
          : { target: done, description: `${words}: finished` },
      fault: { target: fault, description: `${words}: failed` },
    },
    ...(UNWATCHED.includes(status)
      ? {}
      : {
          after: {
            [`${status}_timeout`]: {
              target: fault,
              description: 'MAAS heard nothing of it in time',
            },
          },
        }),
  };
}

function stateOf(status: StatusName): StateConfig {
  const { class: tag, description } = STATUSES[status];
  const reports = successorsOf(status).map((next) => [
    `status_${next}`,
    entering(status, next, `MAAS reports it: ${meaning(next)}`),
  ]);
  const installed = INSTALLED[status];
  const { on, ...work } = outcomesOf(status);
  return {
    ...(installed === undefined ? {} : { entry: set('installed', installed) }),
    ...work,
    description,
    tags: status === 'deployed' ? [tag, 'serving'] : [tag],
    on: { ...Object.fromEntries(reports), ...operationsOf(status), ...on, ...SPECIAL[status] },
  };
}

/** The states of the status region. */
export const statusStates: Readonly<Record<string, StateConfig>> = Object.fromEntries(
  STATUS_NAMES.map((name) => [name, stateOf(name)]),
);
