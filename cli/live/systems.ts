/** The real systems that a command is told to speak to: `live` of a scenario, or `DRIVER:KEY=VALUE`. */
import { DRIVERS } from '../../backends/catalogue.ts';
import type { Driver } from '../../backends/driver.ts';
import { FaultError } from '../../backends/fault.ts';
import { guarded } from '../../backends/guarded.ts';
import { StrataError } from '../../engine/errors.ts';
import { DRIVER_NAMES, type DriverName } from '../../model/drivers.ts';
import type { LiveSystem } from '../../model/scenario.ts';
import { nearestName } from '../../scenarios/nearest.ts';

/** A system with its driver, opened. */
export interface OpenSystem {
  readonly system: LiveSystem;
  readonly driver: Driver;
}

/**
 * Reads `libvirt` or `libvirt:uri=qemu:///system,key=value`. Throws LIVE_UNKNOWN_DRIVER or
 * LIVE_BAD_OPTION.
 */
export function parseSystem(text: string): LiveSystem {
  const colon = text.indexOf(':');
  const driver = driverName(colon < 0 ? text : text.slice(0, colon));
  const pairs = colon < 0 ? [] : text.slice(colon + 1).split(',');
  const options = Object.fromEntries(
    pairs.map((pair) => {
      const equals = pair.indexOf('=');
      if (equals > 0) return [pair.slice(0, equals), scalar(pair.slice(equals + 1))];
      throw new StrataError(
        'LIVE_BAD_OPTION',
        `'${text}': options are KEY=VALUE, separated by commas, and '${pair}' is not`,
      );
    }),
  );
  return { driver, options };
}

function driverName(name: string): DriverName {
  const found = DRIVER_NAMES.find((each) => each === name);
  if (found) return found;
  const nearest = nearestName(name, DRIVER_NAMES);
  throw new StrataError(
    'LIVE_UNKNOWN_DRIVER',
    `there is no driver '${name}'${nearest === undefined ? '' : `; did you mean '${nearest}'?`}`,
    `there are: ${DRIVER_NAMES.join(', ')}`,
  );
}

function scalar(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^\d{1,15}$/.test(text) ? Number(text) : text;
}

/** The systems of a scenario, where those named on the command line take the place of their driver's. */
export function chosenSystems(
  written: readonly LiveSystem[],
  named: readonly string[],
): readonly LiveSystem[] {
  const given = named.map(parseSystem);
  const replaced = new Set(given.map(({ driver }) => driver));
  return [...written.filter(({ driver }) => !replaced.has(driver)), ...given];
}

/** Opens a driver. Throws LIVE_BAD_OPTION, or what its configuration gives. */
export async function openSystem(system: LiveSystem): Promise<Driver> {
  const spec = await DRIVERS[system.driver]();
  const parsed = spec.options.safeParse(system.options);
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues;
    throw new StrataError(
      'LIVE_BAD_OPTION',
      `live.${[system.driver, ...path].join('.')}: ${message}`,
      `see docs/reference/drivers.md#${system.driver}`,
    );
  }
  return guarded(await withCodedErrors(() => spec.open(parsed.data, process.env)));
}

/** Opens several drivers; those that were opened are closed again when one cannot be. */
export async function openSystems(systems: readonly LiveSystem[]): Promise<readonly OpenSystem[]> {
  const open: OpenSystem[] = [];
  try {
    for (const system of systems) open.push({ system, driver: await openSystem(system) });
    return open;
  } catch (cause) {
    await Promise.all(open.map(({ driver }) => driver.close()));
    throw cause;
  }
}

/** A fault of a driver, as the error of the command that it ends. */
export async function withCodedErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof FaultError)) throw cause;
    const { code, message, advice } = cause.fault;
    throw new StrataError(code, message, advice);
  }
}
