/** Reads ipmitool's reports. */
import { ipmiFault } from './faults.ts';

export interface Sensor {
  readonly name: string;
  /** Undefined for a sensor that has no reading now. */
  readonly value: number | undefined;
  /** ipmitool's words: `degrees C`, `RPM`, `Volts`. */
  readonly unit: string;
  /** `ok`, `nc` (not critical), `cr` (critical), `nr` (not recoverable), `ns` (no reading). */
  readonly status: string;
}

/** An entry of the system event log. */
export interface LogEntry {
  readonly id: string;
  /** As the controller's clock had it: `MM/DD/YYYY HH:MM:SS`, or words when it had none. */
  readonly time: string;
  readonly sensor: string;
  readonly event: string;
  readonly direction: string;
}

/** `chassis power status`. */
export function parsePower(text: string, name: string): 'on' | 'off' {
  const power = /^Chassis Power is (on|off)\s*$/m.exec(text)?.[1];
  if (power === 'on' || power === 'off') return power;
  throw ipmiFault('IPMI_MALFORMED', `${name}: no power status: ${text.trim()}`, { effect: 'none' });
}

/** `-c sdr list`: name, value, unit, status; a sensor of states has no unit. */
export function parseSensors(text: string): readonly Sensor[] {
  return rows(text).flatMap((row) => {
    const [name, value, unit, status] = row.length >= 4 ? row : [row[0], row[1], '', row[2]];
    if (!name || !status) return [];
    const number = value.trim() === '' ? Number.NaN : Number(value);
    return [{ name, value: Number.isFinite(number) ? number : undefined, unit, status }];
  });
}

/** `-c sel list`: id, date, time, sensor, event, direction. */
export function parseLog(text: string): readonly LogEntry[] {
  return rows(text).flatMap(([id, date, clock, sensor = '', event = '', direction = '']) =>
    id && clock !== undefined
      ? [{ id, time: `${date} ${clock}`.trim(), sensor, event, direction }]
      : [],
  );
}

/** `mc info`: the lines that name the controller. */
export function parseController(text: string): {
  readonly firmware: string;
  readonly ipmi: string;
} {
  const field = (name: string) => new RegExp(`^${name}\\s*: (.+)$`, 'm').exec(text)?.[1].trim();
  return { firmware: field('Firmware Revision') ?? '', ipmi: field('IPMI Version') ?? '' };
}

function rows(text: string): readonly (readonly string[])[] {
  return text
    .split('\n')
    .filter((line) => line.includes(','))
    .map((line) => line.split(',').map((cell) => cell.trim()));
}
