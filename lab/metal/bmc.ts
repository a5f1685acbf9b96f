/** Configuration of ipmi_sim: one management controller with its users, a sensor and an event log. */
import { join } from 'node:path';
import { BMC_USERS, type LabMachine, metalPaths } from './layout.ts';

/** `lan.conf`: the network side. */
export function lanConf(machine: LabMachine): string {
  const folder = metalPaths().machine(machine.name);
  const users = Object.entries(BMC_USERS).map(
    ([name, { id, password, level }]) =>
      `user ${id} true "${name}" "${password}" ${level} 10 none md2 md5 straight`,
  );
  const auths = ['callback', 'user', 'operator', 'admin'].map(
    (level) => `allowed_auths_${level} none md2 md5 straight`,
  );
  return [
    `name "${machine.name}"`,
    'set_working_mc 0x20',
    'startlan 1',
    `addr 127.0.0.1 ${machine.bmc_port}`,
    'priv_limit admin',
    ...auths,
    `guid ${machine.uuid.replaceAll('-', '')}`,
    'endlan',
    `chassis_control "${join(folder, 'chassis')}"`,
    'user 1 false "" "" user 10 none md2 md5 straight',
    ...users,
    '',
  ].join('\n');
}

/** The sensor's record and thresholds, degrees Celsius. */
const TEMPERATURE = { number: 1, name: 'CPU Temp', warns: 80, critical: 90, fatal: 100 };

/** \`bmc.emu\`: what the controller has. */
export function emulatorConf(machine: LabMachine): string {
  const { number, warns, critical, fatal } = TEMPERATURE;
  const file = join(metalPaths().machine(machine.name), 'temperature');
  const masks = '000111111000000 000111111000000 000111111000000 000111111000000';
  return [
    'mc_setbmc 0x20',
    'mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr',
    'sel_enable 0x20 1000 0x0a',
    `sensor_add 0x20 0 ${number} 0x01 0x01 poll 1000 file "${file}"`,
    `sensor_set_threshold 0x20 0 ${number} settable 111000 ${fatal} ${critical} ${warns} 0 0 0`,
    `sensor_set_event_support 0x20 0 ${number} enable scanning per-state ${masks}`,
    `main_sdr_add 0x20 ${[...temperatureRecord()].map((byte) => `0x${byte.toString(16)}`).join(' ')}`,
    'mc_enable 0x20',
    '',
  ].join('\n');
}

/** A full sensor record (type 01h, IPMI 2.0 table 43-1): an unsigned reading in degrees Celsius. */
function temperatureRecord(): Buffer {
  const { number, name, warns, critical, fatal } = TEMPERATURE;
  const label = Buffer.from(name, 'ascii');
  const record = Buffer.alloc(48);
  record.writeUInt16LE(1, 0); // record id
  record.set([0x51, 0x01, record.length + label.length - 5], 2); // version, type, length
  record.set([0x20, 0, number], 5); // owner, lun, number
  record.set([0x07, 1, 0x7f, 0x68], 8); // entity: system board; initialisation; capabilities
  record.set([0x01, 0x01], 12); // temperature, by thresholds
  record.writeUInt16LE(0x0a80, 14); // assertion events
  record.writeUInt16LE(0x0a80, 16); // deassertion events
  record.set([0x38, 0x38, 0, 0x01], 18); // thresholds, units: unsigned, degrees C
  record[24] = 1; // factor of the reading
  record.set([0x07, 35, 60, 10, 0xff, 0], 30); // nominal, normal and extreme readings
  record.set([fatal, critical, warns], 36);
  record.set([2, 2], 42); // hysteresis
  record[47] = 0xc0 | label.length; // name, 8-bit ASCII
  return Buffer.concat([record, label]);
}
