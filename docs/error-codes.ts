/**
 * Codes of errors that no other table documents: those of classes whose codes are types, and those
 * thrown in place. `test/docs/errors.test.ts` holds them equal to the sources.
 */
import type { PowerErrorCode } from '../sim/power/errors.ts';
import type { CrushErrorCode } from '../sim/sds/crush/errors.ts';
import type { TraceErrorCode } from '../sim/trace/errors.ts';

export interface ErrorDoc {
  readonly meaning: string;
  readonly advice: string;
}

const doc = (meaning: string, advice: string): ErrorDoc => ({ meaning, advice });

/** What to do about mistakes of Strata itself. */
const REPORT = 'A mistake in Strata or in a model: report it with the command and the message.';

/** Options of the command line. */
export const USAGE_CODES = {
  USAGE_NUMBER: doc(
    'An option takes a whole number within limits.',
    'Give a number within the limits that the message names.',
  ),
  USAGE_DURATION: doc('An option takes a duration.', 'Write a number and a unit, such as `36h`.'),
  USAGE_SET: doc('`--set` was given something else than `KEY=VALUE`.', 'Write `--set KEY=VALUE`.'),
  USAGE_OVERWRITE: doc(
    'A file to be written is one that is read, or is named twice.',
    'Name another file.',
  ),
  USAGE_SWEEP: doc(
    '`--sweep` was given something else than `PATH=A,B,C`, or too many points.',
    'Write `--sweep PATH=A,B,C`; sweep fewer values.',
  ),
  USAGE_CHECK: doc(
    '`strata check` was given neither a scenario nor a token.',
    'Name a scenario, or give `--replay TOKEN`.',
  ),
  USAGE_EXPORT: doc(
    '`strata export` was given no format.',
    'Give `--perfetto FILE`, `--parquet FILE` or `--html FILE`.',
  ),
} as const satisfies Readonly<Record<string, ErrorDoc>>;

/** The commands check and capacity. */
export const STUDY_CODES = {
  CHECK_BAD_TOKEN: doc(
    'A replay token is damaged or was not made by `strata check`.',
    'Copy the whole token; it is one word.',
  ),
  CHECK_NOT_REPEATABLE: doc(
    'A counterexample did not fail again when it was repeated.',
    'A run depends on something else than its seed: report it with scenario and seed.',
  ),
  CAPACITY_REPLICA: doc(
    'A replica ended with an error that has no code of its own.',
    'Run the scenario with the seed of the replica by `strata run`, and report the message.',
  ),
} as const satisfies Readonly<Record<string, ErrorDoc>>;

/** Model, engine and timing profiles. */
export const ENGINE_CODES = {
  MODEL_INVALID: doc('A machine uses something that the tables cannot hold.', REPORT),
  MODEL_UNKNOWN_NAME: doc('A kind, state, event or verb that the model does not have.', REPORT),
  MODEL_NO_EDGE: doc('Two entities were linked whose kinds have no edge in the stack.', REPORT),
  EVENT_UNHANDLED: doc(
    'A machine was sent an event that its state neither handles nor ignores.',
    REPORT,
  ),
  METRIC_UNKNOWN: doc('A sample of a metric that was not announced.', REPORT),
  ACT_UNKNOWN: doc('An act beside the machines that was not announced.', REPORT),
  OPERATION_NO_ENTITY: doc(
    'A scripted operation is for an entity that does not exist at its time.',
    'Give the operation a later `at`, or correct the name.',
  ),
  PROFILE_UNKNOWN: doc(
    'No timing profile has this name.',
    'Use `lab`, `datacenter`, or one that the scenario defines under `profiles`.',
  ),
  PROFILE_CYCLE: doc('Timing profiles extend each other in a circle.', 'Break the circle.'),
  PROFILE_MISSING_TIMING: doc(
    'A timing profile lacks a verb or timeout of the model.',
    'Add the entry to the profile, or to `profiles` in the scenario.',
  ),
} as const satisfies Readonly<Record<string, ErrorDoc>>;

/** Simulated control planes. */
export const SIM_CODES = {
  SIM_TIMING_TOO_LATE: doc('A layer asked for a timing after its entities existed.', REPORT),
  SIM_NO_POOL: doc(
    'An image was asked for in a pool that does not exist (yet).',
    'Define the pool under `stack.ceph.pools`.',
  ),
  SIM_UNKNOWN_CLUSTER: doc(
    'A pod was asked for in a Kubernetes cluster that is not defined.',
    'Define the cluster under `stack.kubernetes`.',
  ),
  SDN_UNKNOWN_NETWORK: doc(
    'A port was asked for on a network that is not defined.',
    'Add the network to `stack.openstack.networks`.',
  ),
  SDN_BAD_MATCH: doc(
    "The match of an access rule is not in OVN's language, or not about IP.",
    'Correct the match as the message says.',
  ),
  SDN_BAD_QUERY: doc(
    'Whether somebody is reached was asked of a packet that cannot be.',
    'Give an address, and ICMP of the same version of IP.',
  ),
} as const satisfies Readonly<Record<string, ErrorDoc>>;

/** Live runs. `BUSY` and `STILL_BUSY` are faults that a backend reports. */
export const LIVE_CODES = {
  LIVE_NOTHING_TO_DO: doc(
    'A scenario without operations cannot be applied.',
    'Add `workload.operations`; see scenarios/lab-domain.yaml.',
  ),
  LIVE_NO_SYSTEM: doc(
    'Nothing says which real systems to speak to.',
    'Add a section `live` to the scenario, or name a driver on the command line.',
  ),
  IMPORT_NO_MACHINES: doc(
    'Nothing that the systems list says which machines there are.',
    'Import from MAAS, hosts by SSH, libvirt, Ceph, OpenStack or Kubernetes as well.',
  ),
  LIVE_UNKNOWN_DRIVER: doc('There is no driver of that name.', 'The message lists the drivers.'),
  LIVE_BAD_OPTION: doc(
    'An option of a driver is not one it has, or has another type.',
    'The options of each driver are in [drivers](drivers.md).',
  ),
  LIVE_NO_BACKEND: doc(
    'A machine, or an operation, asked for a verb that none of the systems has.',
    'Name a system that has it; [drivers](drivers.md) lists their verbs.',
  ),
  BUSY: doc('The real system is busy with something else.', 'It is asked again by itself.'),
  STILL_BUSY: doc(
    'The real system was busy each time it was asked.',
    'See what else works on the entity, or allow more time.',
  ),
} as const satisfies Readonly<Record<string, ErrorDoc>>;

/** What the replay page itself shows instead of a recording. */
export const REPLAY_CODES = {
  REPLAY_EMPTY: doc('The recording ends before its first event.', 'Run the scenario again.'),
  REPLAY_UNKNOWN_LAYER: doc(
    'The recording has a kind on a layer that the page does not know.',
    'Look at it with the version of Strata that wrote it.',
  ),
} as const satisfies Readonly<Record<string, ErrorDoc>>;

/** Workload traces. */
export const TRACE_CODES: Readonly<Record<TraceErrorCode, ErrorDoc>> = {
  TRACE_NOT_FOUND: doc(
    'A file of the trace cannot be read.',
    'Give the folder that holds tasks.parquet and fragments.parquet.',
  ),
  TRACE_UNREADABLE: doc('A file is no Parquet file.', 'Give a trace in the OpenDC format.'),
  TRACE_MISSING_COLUMN: doc(
    'A table lacks a column.',
    'Give a trace in the OpenDC format; the message lists the columns found.',
  ),
  TRACE_WRONG_TYPE: doc('A column holds values of another type.', 'Write the column as numbers.'),
  TRACE_BAD_VALUE: doc('A value is negative or no number.', 'Correct the row named.'),
  TRACE_EMPTY: doc('A table has no rows.', 'Give a trace with at least one task and fragment.'),
  TRACE_LENGTH_MISMATCH: doc('Columns of a table differ in length.', 'Write the table anew.'),
  TRACE_DUPLICATE_TASK: doc('A task id occurs twice.', 'Make the ids unique.'),
  TRACE_UNKNOWN_TASK: doc('A fragment is of a task that is not there.', 'Add the task.'),
  TRACE_PLAYBACK: doc('A task was started or stopped out of order.', REPORT),
};

/** Power and energy. */
export const POWER_CODES: Readonly<Record<PowerErrorCode, ErrorDoc>> = {
  POWER_BAD_HOST: doc('A host without capacity or rack was given to a power meter.', REPORT),
  POWER_BAD_MODEL: doc(
    'A power curve is unknown, or its idle power is above its maximum.',
    'Correct `power` of the machine flavor.',
  ),
  POWER_TIME_BACKWARDS: doc('A meter was read at an earlier time than before.', REPORT),
};

/** CRUSH maps and placement. */
export const CRUSH_CODES: Readonly<Record<CrushErrorCode, ErrorDoc>> = {
  CRUSH_BAD_MAP: doc('A map contradicts itself.', 'Correct what the message names.'),
  CRUSH_BAD_REQUEST: doc('A placement was asked for that cannot be stored.', REPORT),
  CRUSH_CYCLE: doc('A bucket contains itself.', 'Remove one of the items.'),
  CRUSH_UNKNOWN_BUCKET: doc('A bucket that the map does not have.', 'Correct the name.'),
  CRUSH_UNKNOWN_CLASS: doc('No OSD has this device class.', 'Use a class of the disks there are.'),
  CRUSH_UNKNOWN_POOL: doc('No pool has this number.', 'Use a pool of the map.'),
  CRUSH_UNKNOWN_RULE: doc('The map has no such rule.', 'Use a rule of the map.'),
  CRUSH_UNKNOWN_TYPE: doc('The map has no such bucket type.', 'Use a type of the map.'),
  CRUSH_UNSUPPORTED: doc(
    'A feature of Ceph that is not simulated.',
    'The message says what to use instead.',
  ),
};

/** The lab, which starts real servers. The advice comes with each error. */
export const LAB_CODES = {
  LAB_SYSTEM_UNKNOWN: doc('The lab has no such system.', 'Use one of those named.'),
  LAB_NEEDS_ROOT: doc('The lab installs packages and makes namespaces.', 'Run it as root.'),
  LAB_ARCHITECTURE: doc('There is no guest for this processor.', 'Use an x86_64 machine.'),
  LAB_PACKAGE_UNKNOWN: doc('apt knows no such package.', 'Use Debian 12; check the apt sources.'),
  LAB_COMMAND_FAILED: doc('A command of the system failed.', 'Run it by hand to see more.'),
  LAB_PATH_TOO_LONG: doc(
    'A unix socket would have too long a path.',
    'Set STRATA_LAB to a folder with a shorter path.',
  ),
  LAB_NOT_BUILT: doc('A program of the lab is not compiled.', 'Run `npm run build`.'),
  LAB_DAEMON_FAILED: doc('A daemon ended or did not start.', 'Read the log that is named.'),
  LAB_START_FAILED: doc('A system does not answer after its start.', 'Read the log named.'),
  LAB_GO_MISSING: doc('Kubernetes cannot be compiled here.', 'Install the Go that is named.'),
  LAB_GUEST_FAILED: doc('The kernel of the guest lacks a module.', 'Report the kernel version.'),
} as const satisfies Readonly<Record<string, ErrorDoc>>;
