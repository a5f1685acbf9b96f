import { type Call, isTrue } from './call.ts';
import { type MachineRecord, machineJson } from './machine-record.ts';
import { badForm, wrongState } from './refusal.ts';
import type { Permission } from './rules.ts';
import { refuseScripts } from './scripts.ts';

/** `POST machines/ID/?op=`: what it takes to be permitted; they answer with the machine. */
export const MACHINE_OPERATIONS: Readonly<
  Record<string, readonly [Permission, (machine: MachineRecord, call: Call) => unknown]>
> = {
  commission: [
    'admin',
    (machine, { region, form, account }) => {
      refuseScripts(form);
      region.commission(machine, account.username, form.get('testing_scripts') !== 'none');
    },
  ],
  test: [
    'admin',
    (machine, { region, form, account }) => {
      refuseScripts(form);
      region.test(machine, account.username);
    },
  ],
  deploy: ['edit', deploy],
  release: ['edit', (machine, { region, form }) => region.release(machine, isTrue(form, 'erase'))],
  abort: ['edit', abort],
  rescue_mode: [
    'admin',
    (machine, { region, account }) => region.enterRescueMode(machine, account.username),
  ],
  exit_rescue_mode: ['admin', (machine, { region }) => region.exitRescueMode(machine)],
  mark_broken: [
    'edit',
    (machine, { region, account }) => region.markBroken(machine, account.username),
  ],
  mark_fixed: ['admin', (machine, { region }) => region.markFixed(machine)],
  override_failed_testing: [
    'admin',
    (machine, { region }) => region.overrideFailedTesting(machine),
  ],
  lock: ['lock', (machine, { region }) => region.setLock(machine, true)],
  unlock: ['lock', (machine, { region }) => region.setLock(machine, false)],
  power_on: ['edit', (machine, { region }) => region.powerOn(machine)],
  // What MAAS cannot switch is no error, but the answer is null.
  power_off: ['edit', (machine, { region }) => (region.powerOff(machine) ? undefined : null)],
  set_owner_data: ['edit', setOwnerData],
};

function deploy(machine: MachineRecord, { region, form, account, site }: Call): void {
  region.needsDeployable(machine);
  // The API takes no other word on the operating system: it looks the series up.
  const series = form.get('distro_series') || 'noble';
  const names = site.bootResources.map(({ name }) => name.split('/'));
  const image = names.find(([, release]) => release === series);
  const [osystem] = image ?? [];
  if (!osystem) {
    const known = ['', ...names.map((each) => each.join('/'))].map((name) => `'${name}'`);
    const why = `'${series}' is not a valid distro_series.  It should be one of: ${known.join(', ')}.`;
    throw badForm('distro_series', why);
  }
  const kernel = form.get('hwe_kernel');
  if (kernel && !site.bootResources.some((each) => each.architecture.endsWith(`/${kernel}`))) {
    const where = `${osystem}/${series} on ${machine.architecture}`;
    throw badForm('hwe_kernel', `${kernel} is not available for ${where}.`);
  }
  region.deploy(machine, account.username, { osystem, distro_series: series });
  machine.user_data = form.get('user_data') ?? '';
}

/** The answer tells the status that was: MAAS changes it when the machine is off. */
function abort(machine: MachineRecord, { region }: Call) {
  const answer = machineJson(machine);
  region.abort(machine);
  return { ...answer, owner: machine.status === 'new' ? null : answer.owner };
}

function setOwnerData(machine: MachineRecord, { form, account }: Call): void {
  if (machine.owner !== account.username) {
    throw wrongState("Cannot set workload annotation: it hasn't been acquired.");
  }
  for (const [name, value] of form) {
    if (value === '') delete machine.owner_data[name];
    else machine.owner_data[name] = value;
  }
}
