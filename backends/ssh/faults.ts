import { broken, faultsOf, refused, unavailable } from '../fault-table.ts';

/** Every fault of the SSH driver: what it means and what to do. Codes are stable. */
export const SSH_FAULTS = {
  SSH_BAD_CONFIG: refused(
    'the SSH configuration cannot be used',
    'Correct what the message names in ~/.ssh/config or in the scenario.',
  ),
  SSH_UNREACHABLE: unavailable(
    'the host does not answer',
    'Check that it is on, its address, and that sshd listens.',
  ),
  SSH_HOST_KEY_UNKNOWN: refused(
    'the host shows a key that known_hosts does not have',
    'Compare its fingerprint with the host itself, then add it (`ssh-keyscan` shows the line).',
  ),
  SSH_HOST_KEY_CHANGED: refused(
    'the host shows another key than known_hosts has',
    'Somebody may stand between: compare the fingerprint on the host itself before changing it.',
  ),
  SSH_HOST_KEY_REVOKED: refused(
    'the host shows a key that known_hosts revokes',
    'Do not connect: the key was given up, so whoever has it may be somebody else.',
  ),
  SSH_HOST_KEY_CERTIFIED: refused(
    'known_hosts trusts only a certificate authority for the host, and certificates are not read',
    'Add the key of the host itself beside the authority (`ssh-keyscan` shows the line).',
  ),
  SSH_SOCKET_REFUSED: refused(
    'the host does not connect to a socket of its own',
    'Check its path, who may use it, and AllowStreamLocalForwarding in sshd_config.',
  ),
  SSH_AUTH: refused(
    'the host does not let this user in',
    'Check the user, and that the agent or IdentityFile has a key that the host accepts.',
  ),
  SSH_CONNECTION_LOST: broken(
    'the connection ended while a command ran',
    'Look at the host; the driver connects again by itself.',
  ),
  SSH_NO_ANSWER: broken('a command did not end in time', 'Look at the load of the host.'),
  SSH_OUTPUT_TOO_LARGE: refused('a command wrote more than is accepted', 'Ask for less at a time.'),
  SSH_MALFORMED: refused(
    'a command answered something that is not its format',
    'Check the version of the program that the message names.',
  ),
  SSH_COMMAND_FAILED: {
    ...refused('a command failed', 'See what it said.'),
    effect: 'unknown',
  },
  SSH_PROGRAM_MISSING: refused(
    'the host lacks a program that is needed',
    'Install it, or use another host.',
  ),
  SSH_HOST_UNKNOWN: refused(
    'the host is not one of those that the driver is given',
    'Add it to `live.ssh.hosts`.',
  ),
  SSH_UNIT_UNKNOWN: refused('systemd knows no such unit', 'Check its name with `systemctl`.'),
  SSH_PACKAGE_UNKNOWN: refused(
    'no archive of the host has such a package',
    'Check its name, and the sources of apt.',
  ),
  SSH_WRONG_STATE: refused(
    'the state of the entity does not allow this',
    'Look at the state of the entity.',
  ),
  SSH_BAD_PARAMS: refused('a parameter cannot be used', 'Correct what the message names.'),
  SSH_BAD_NAME: refused('the name of an entity cannot be used', 'Write what the message says.'),
} as const;

export type SshFaultCode = keyof typeof SSH_FAULTS;

export const sshFault = faultsOf<SshFaultCode>(SSH_FAULTS);
