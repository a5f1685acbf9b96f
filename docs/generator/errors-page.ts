/** Every stable error code, from the tables that the code itself uses and from `error-codes.ts`. */
import { CEPH_FAULTS } from '../../backends/ceph/faults.ts';
import { CRI_FAULTS } from '../../backends/cri/faults.ts';
import type { FaultClass } from '../../backends/fault-table.ts';
import { IPMI_FAULTS } from '../../backends/ipmi/faults.ts';
import { IRONIC_FAULTS } from '../../backends/ironic/faults.ts';
import { JUJU_FAULTS } from '../../backends/juju/faults.ts';
import { KUBERNETES_FAULTS } from '../../backends/kubernetes/faults.ts';
import { LIBVIRT_FAULTS } from '../../backends/libvirt/faults.ts';
import { MAAS_FAULTS } from '../../backends/maas/faults.ts';
import { OPENSTACK_FAULTS } from '../../backends/openstack/faults.ts';
import { OVN_FAULTS } from '../../backends/ovn/faults.ts';
import { OVS_FAULTS } from '../../backends/ovs/faults.ts';
import { OVSDB_FAULTS } from '../../backends/ovsdb/faults.ts';
import { REDFISH_FAULTS } from '../../backends/redfish/faults.ts';
import { SSH_FAULTS } from '../../backends/ssh/faults.ts';
import { TOOL_ERRORS } from '../../cli/tools/errors.ts';
import { COMMON_FAULTS } from '../../engine/faults.ts';
import { RECORDING_ERRORS } from '../../engine/recording/errors.ts';
import { PROBLEM_KINDS } from '../../scenarios/codes.ts';
import { SIM_FAULTS } from '../../sim/backend.ts';
import { VIEW_ERRORS } from '../../viz/errors.ts';
import {
  CRUSH_CODES,
  ENGINE_CODES,
  type ErrorDoc,
  LAB_CODES,
  LIVE_CODES,
  POWER_CODES,
  REPLAY_CODES,
  SIM_CODES,
  STUDY_CODES,
  TRACE_CODES,
  USAGE_CODES,
} from '../error-codes.ts';
import { code, page, table } from './markdown.ts';

export interface ErrorSection {
  readonly title: string;
  /** By code. */
  readonly codes: Readonly<Record<string, ErrorDoc>>;
}

const IN_MESSAGE = 'The message says what to do.';

/** What every driver may answer; the tables of the drivers hold only the advice. */
const FAULT_MEANINGS: Readonly<Record<keyof typeof COMMON_FAULTS, string>> = {
  UNSUPPORTED_VERB: 'The backend does not carry out this verb.',
  KEY_REUSED: 'One idempotency key came with two different actions.',
  CANCELLED: 'The action was given up before it ended.',
  DEADLINE_EXCEEDED: 'The action did not end in time.',
  EARLIER_ACT_UNDER_WAY:
    'An earlier act on the same entity did not end in the time that this one had.',
  BACKEND_CLOSED: 'The backend was closed.',
  DRIVER_FAILED: 'The driver made a mistake of its own.',
};

const SIM_MEANINGS: Readonly<
  Record<Exclude<keyof typeof SIM_FAULTS, keyof typeof COMMON_FAULTS>, string>
> = {
  SIM_WRONG_STATE: 'The entity is in a state in which the verb does nothing.',
  SIM_VERB_FAILED: 'The verb failed, as the timing profile says it sometimes does.',
  SIM_OVERTAKEN: 'Another action ended this one.',
  SIM_CONNECTION_LOST: 'The simulated connection is broken.',
};

/** All codes by where they come from. */
export const ERROR_SECTIONS: readonly ErrorSection[] = [
  { title: 'Command line', codes: USAGE_CODES },
  { title: 'Scenarios', codes: PROBLEM_KINDS },
  { title: 'Model, engine and profiles', codes: ENGINE_CODES },
  { title: 'Simulated control planes', codes: SIM_CODES },
  { title: 'check and capacity', codes: STUDY_CODES },
  { title: 'Recordings', codes: withAdvice(RECORDING_ERRORS) },
  { title: 'Tools on recordings', codes: withAdvice(TOOL_ERRORS) },
  { title: 'Replay page', codes: { ...withAdvice(VIEW_ERRORS), ...REPLAY_CODES } },
  { title: 'Live runs', codes: LIVE_CODES },
  { title: 'Faults of any backend', codes: withMeanings(FAULT_MEANINGS, COMMON_FAULTS) },
  { title: 'Faults of the simulated backend', codes: withMeanings(SIM_MEANINGS, SIM_FAULTS) },
  { title: 'Faults of Ceph', codes: driverCodes(CEPH_FAULTS) },
  { title: 'Faults of libvirt', codes: driverCodes(LIBVIRT_FAULTS) },
  { title: 'Faults of OpenStack', codes: driverCodes(OPENSTACK_FAULTS) },
  { title: 'Faults of OVSDB', codes: driverCodes(OVSDB_FAULTS) },
  { title: 'Faults of OVN', codes: driverCodes(OVN_FAULTS) },
  { title: 'Faults of Open vSwitch', codes: driverCodes(OVS_FAULTS) },
  { title: 'Faults of CRI', codes: driverCodes(CRI_FAULTS) },
  { title: 'Faults of Kubernetes', codes: driverCodes(KUBERNETES_FAULTS) },
  { title: 'Faults of Juju', codes: driverCodes(JUJU_FAULTS) },
  { title: 'Faults of MAAS', codes: driverCodes(MAAS_FAULTS) },
  { title: 'Faults of Ironic', codes: driverCodes(IRONIC_FAULTS) },
  { title: 'Faults of IPMI', codes: driverCodes(IPMI_FAULTS) },
  { title: 'Faults of Redfish', codes: driverCodes(REDFISH_FAULTS) },
  { title: 'Faults of SSH', codes: driverCodes(SSH_FAULTS) },
  { title: 'Traces', codes: TRACE_CODES },
  { title: 'Power', codes: POWER_CODES },
  { title: 'CRUSH', codes: CRUSH_CODES },
  { title: 'Lab', codes: LAB_CODES },
];

function withAdvice(meanings: Readonly<Record<string, string>>): Record<string, ErrorDoc> {
  return Object.fromEntries(
    Object.entries(meanings).map(([name, meaning]) => [name, { meaning, advice: IN_MESSAGE }]),
  );
}

function withMeanings(
  meanings: Readonly<Record<string, string>>,
  advice: Readonly<Record<string, string>>,
): Record<string, ErrorDoc> {
  return Object.fromEntries(
    Object.entries(meanings).map(([name, meaning]) => [name, { meaning, advice: advice[name] }]),
  );
}

function driverCodes(faults: Readonly<Record<string, FaultClass>>): Record<string, ErrorDoc> {
  return Object.fromEntries(
    Object.entries(faults).map(([name, { means, advice }]) => [
      name,
      { meaning: `${sentence(means)}.`, advice },
    ]),
  );
}

/** Begins with a capital letter, unless it begins with the name of a program. */
function sentence(text: string): string {
  return /^(libvirt|keystone|ovs-)/.test(text) ? text : `${text[0].toUpperCase()}${text.slice(1)}`;
}

const INTRODUCTION = `Every error has a code that does not change between versions. Commands print it before the
message and its advice, on standard error. The exit code says whose mistake it was: 2 for input, 3
for \`MODEL_\` and \`EVENT_\` codes and for errors without a code.

A fault is not an error of a command: it is what a backend answers when a verb could not be carried
out. It arrives as the event \`fault\` in the machine of the entity.`;

export function errorsPage(): string {
  const parts = ERROR_SECTIONS.flatMap(({ title, codes }) => [
    `## ${title}`,
    table(
      ['code', 'meaning', 'what to do'],
      Object.entries(codes).map(([name, { meaning, advice }]) => [code(name), meaning, advice]),
    ),
  ]);
  return page('Error codes', INTRODUCTION, ...parts);
}
