/**
 * What ipmitool means by what it writes to standard error. It may do so and still exit with 0, as
 * it does when a boot device could not be set; and with `-v` it also writes of what is no problem.
 * Texts are those of ipmitool 1.8.19.
 */
import type { IpmiFaultCode } from './faults.ts';

export interface Complaint {
  readonly code: IpmiFaultCode;
  /** The line that says it. */
  readonly said: string;
  /** IPMI's name of the completion code, if there was one. */
  readonly upstream?: string;
}

/** In the order in which they count: what comes first explains what comes after. */
const MEANINGS: readonly (readonly [RegExp, IpmiFaultCode])[] = [
  [/RAKP \d (HMAC is invalid|message indicates an error)/, 'IPMI_AUTH'],
  [/insufficient privilege/i, 'IPMI_DENIED'],
  [/Address lookup for .* failed|Could not open socket/, 'IPMI_UNREACHABLE'],
  [/Unable to establish IPMI v2/, 'IPMI_UNREACHABLE'],
  [/failed: Command not supported in present state/i, 'IPMI_WRONG_STATE'],
  [/\bfailed: (?!$)/, 'IPMI_REFUSED'],
  [/^Error sending .* command: /, 'IPMI_REFUSED'],
  [/^Unable to (set|get) /, 'IPMI_NO_ANSWER'],
  [/^Invalid chassis .* command/, 'IPMI_BAD_PARAMS'],
];

/** The complaint in a text, if there is one. */
export function complaintOf(stderr: string): Complaint | undefined {
  const lines = stderr.split('\n').map((line) => line.trim());
  for (const [pattern, code] of MEANINGS) {
    const said = lines.find((line) => pattern.test(line));
    if (said === undefined) continue;
    const upstream = /(?:failed|command): (.+)$/.exec(said)?.[1];
    return { code, said, ...(upstream === undefined ? {} : { upstream }) };
  }
  return undefined;
}
