import type { MachineGroup } from './scenario.ts';

/** What the machines of a group are called: by their place, RACK-FLAVOR-NUMBER, or by their own names. */
export function machineNames(rack: string, { flavor, count, names }: MachineGroup): string[] {
  return Array.from({ length: count }, (_, i) => names?.[i] ?? `${rack}-${flavor}-${i + 1}`);
}
