import type { Action, Observation } from '../../engine/contract.ts';
import { untilSettled } from '../await-state.ts';
import type { Attempt } from '../driver.ts';
import { FaultError } from '../fault.ts';
import { hostFacts } from './facts.ts';
import { acting, type KindDriver } from './kind-driver.ts';
import type { SshSession } from './session.ts';

const KIND = 'host-os';
/** Updating a whole system is slow; the action's own deadline counts as well. */
const UPDATE_S = 3_600;
const QUICK_S = 30;
const LOOK_EVERY_S = 1;
const APT = ['apt-get', '-q', '-y', '-o', 'DPkg::Lock::Timeout=60'];
const APT_ENV = ['env', 'DEBIAN_FRONTEND=noninteractive'];

/** systemctl is-system-running, as states of the machine. Without systemd a host that answers runs. */
const STATES: Readonly<Record<string, string>> = {
  initializing: 'booting',
  starting: 'booting',
  running: 'running',
  degraded: 'degraded',
  maintenance: 'degraded',
  stopping: 'stopping',
  offline: 'running',
  unknown: 'running',
};

/** What the machine calls a change, by the state that follows. */
const EVENTS: Readonly<Record<string, string>> = {
  booting: 'is_starting',
  running: 'is_running',
  degraded: 'is_degraded',
  unreachable: 'no_answer',
};

/** The operating system of a host. One that does not answer is unreachable, not absent. */
export const hostOs: KindDriver = {
  kind: KIND,
  verbs: ['update', 'reboot', 'boot', 'shutdown', 'inspect'],
  order: { interrupts: { inspect: 'all' }, waits: ['boot', 'inspect'] },
  watched: 'all',
  hostOf: (entity) => entity,

  async perform(session, { verb }: Action, attempt) {
    if (verb === 'update') await update(session, attempt);
    else if (verb === 'reboot') await reboot(session, attempt);
    else if (verb === 'boot') await untilUp(session, attempt);
    else if (verb === 'shutdown') await shutDown(session, attempt);
  },

  async observe(session, entity) {
    try {
      const { state, reason } = await stateOf(session);
      return observation(entity, state, reason);
    } catch (cause) {
      const reason = cause instanceof FaultError ? cause.fault.code : undefined;
      if (reason === undefined || !GONE.has(reason)) throw cause;
      return observation(entity, 'unreachable', reason);
    }
  },

  async list(session) {
    const { alias } = session.target;
    const seen = await hostOs.observe(session, alias);
    if (seen.state === 'unreachable') return [seen];
    const { disks, addresses, ...facts } = await hostFacts(session);
    const attributes = {
      ...facts,
      disks: disks.length,
      disk_bytes: disks.reduce((sum, { size_bytes }) => sum + size_bytes, 0),
      addresses: addresses.map(({ address }) => address).join(','),
    };
    return [{ ...seen, attributes: { ...attributes, ...seen.attributes } }];
  },
};

const GONE: ReadonlySet<string> = new Set([
  'SSH_UNREACHABLE',
  'SSH_CONNECTION_LOST',
  'SSH_NO_ANSWER',
]);

function observation(entity: string, state: string, reason: string): Observation {
  const event = EVENTS[state];
  const attributes: Record<string, string> = event === undefined ? {} : { event };
  return { kind: KIND, entity, state, reason, attributes };
}

async function stateOf(session: SshSession): Promise<{ state: string; reason: string }> {
  try {
    const any = Array.from({ length: 10 }, (_, status) => status);
    const { stdout } = await session.ask(['systemctl', 'is-system-running'], {}, any);
    const word = stdout.trim();
    return { state: STATES[word] ?? 'running', reason: word || 'unknown' };
  } catch (cause) {
    if (!(cause instanceof FaultError) || cause.fault.code !== 'SSH_PROGRAM_MISSING') throw cause;
    return { state: 'running', reason: 'no systemd' };
  }
}

async function update(session: SshSession, attempt: Attempt): Promise<void> {
  const options = acting(attempt, UPDATE_S);
  await session.act([...APT_ENV, ...APT, 'update'], options);
  await session.act([...APT_ENV, ...APT, 'upgrade'], options);
  attempt.effect('done');
}

/** Reboots, and waits until the host answers with another boot id. */
async function reboot(session: SshSession, attempt: Attempt): Promise<void> {
  const bootId = async () =>
    (await session.ask(['cat', '/proc/sys/kernel/random/boot_id'])).stdout.trim();
  const before = await bootId();
  await unlessLost(session.act(['systemctl', 'reboot'], acting(attempt, QUICK_S)));
  attempt.effect('done');
  await untilSettled(
    async () => {
      const now = await bootId().catch(() => before);
      return { kind: KIND, entity: session.target.alias, state: now === before ? 'off' : 'up' };
    },
    ({ state }) => state === 'up',
    LOOK_EVERY_S,
    attempt.signal,
  );
}

/** Waits until a host that starts by itself has reached its default target. */
async function untilUp(session: SshSession, attempt: Attempt): Promise<void> {
  await untilSettled(
    () => hostOs.observe(session, session.target.alias),
    ({ state }) => state === 'running' || state === 'degraded',
    LOOK_EVERY_S,
    attempt.signal,
  );
}

async function shutDown(session: SshSession, attempt: Attempt): Promise<void> {
  await unlessLost(session.act(['systemctl', 'poweroff'], acting(attempt, QUICK_S)));
  attempt.effect('done');
  await untilSettled(
    () => hostOs.observe(session, session.target.alias),
    ({ state }) => state === 'unreachable',
    LOOK_EVERY_S,
    attempt.signal,
  );
}

/** A host that goes down may take the connection with it before it answers. */
async function unlessLost(act: Promise<unknown>): Promise<void> {
  try {
    await act;
  } catch (cause) {
    const code = cause instanceof FaultError ? cause.fault.code : '';
    if (code !== 'SSH_CONNECTION_LOST' && code !== 'SSH_NO_ANSWER') throw cause;
  }
}
