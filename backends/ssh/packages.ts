import type { Action, Observation } from '../../engine/contract.ts';
import { FaultError } from '../fault.ts';
import { pause_s } from '../poller.ts';
import type { CommandResult } from './connection.ts';
import { sshFault } from './faults.ts';
import { acting, type KindDriver } from './kind-driver.ts';
import { packageOf } from './names.ts';
import type { SshSession } from './session.ts';

const KIND = 'package';
const ACT_S = 1_800;
/** How often apt is asked what it could not read, and how long apart. */
const CACHE_LOOKS_MAX = 5;
const CACHE_LOOK_S = 0.2;
const APT = [
  ...['env', 'LC_ALL=C', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', '-y'],
  ...['-o', 'DPkg::Lock::Timeout=60', '--no-install-recommends'],
];
const FORMAT = `\${Package}\t\${db:Status-Status}\t\${Version}\n`;

/** dpkg's own words for a package's state, as states of the machine. */
const STATES: Readonly<Record<string, string>> = {
  'not-installed': 'not-installed',
  'config-files': 'not-installed',
  'half-installed': 'half-configured',
  unpacked: 'half-configured',
  'half-configured': 'half-configured',
  'triggers-awaited': 'installed',
  'triggers-pending': 'installed',
  installed: 'installed',
};

const EVENTS: Readonly<Record<string, string>> = {
  installed: 'is_installed',
  upgradable: 'is_upgradable',
  'not-installed': 'is_missing',
};

const ACTS: Readonly<Record<string, readonly string[]>> = {
  install: ['install'],
  upgrade: ['install', '--only-upgrade'],
  remove: ['remove'],
};

/** Debian packages of a host, named `HOST/PACKAGE`. */
export const packages: KindDriver = {
  kind: KIND,
  verbs: Object.keys(ACTS),
  watched: 'asked',
  hostOf: (entity) => packageOf(entity).host,

  async perform(session, { entity, verb }: Action, attempt) {
    const { name } = packageOf(entity);
    if (verb !== 'install' && (await statusOf(session, name)).word === 'not-installed') {
      throw sshFault('SSH_WRONG_STATE', `${verb} of ${entity}, which is not installed`);
    }
    try {
      await session.act([...APT, ...ACTS[verb], '--', name], acting(attempt, ACT_S));
    } catch (cause) {
      throw unknownPackage(cause, entity) ?? cause;
    }
    attempt.effect('done');
  },

  async observe(session, entity) {
    const { name } = packageOf(entity);
    const { word, version } = await statusOf(session, name);
    const state = STATES[word] ?? 'half-configured';
    if (state !== 'installed') return observation(entity, state, word, version);
    const candidate = await candidateOf(session, name);
    const isOld = candidate !== undefined && candidate !== version;
    return observation(entity, isOld ? 'upgradable' : state, word, version);
  },

  async list(session) {
    const { stdout } = await session.ask(['dpkg-query', '-W', '-f', FORMAT]);
    return stdout
      .trim()
      .split('\n')
      .map((line) => {
        const [name, word, version] = line.split('\t');
        const state = STATES[word] ?? 'half-configured';
        return observation(`${session.target.alias}/${name}`, state, word, version);
      })
      .filter(({ state }) => state !== 'not-installed');
  },
};

function observation(entity: string, state: string, reason: string, version = ''): Observation {
  const event = EVENTS[state];
  const attributes = { version, ...(event === undefined ? {} : { event }) };
  return { kind: KIND, entity, state, reason, attributes };
}

/** What dpkg knows of a package. */
async function statusOf(session: SshSession, name: string) {
  const argv = ['dpkg-query', '-W', '-f', FORMAT, '--', name];
  // 1: dpkg knows nothing of that name.
  const { stdout, status } = await session.ask(argv, {}, [0, 1]);
  const [, word, version] = stdout.trim().split('\n')[0].split('\t');
  const isThere = status === 0 && STATES[word] !== 'not-installed';
  return isThere ? { word, version } : { word: 'not-installed', version: '' };
}

/** apt's refusal of a name that no archive has; nothing was done then. */
function unknownPackage(cause: unknown, entity: string): FaultError | undefined {
  const isUnknown =
    cause instanceof FaultError && cause.fault.message.includes('Unable to locate package');
  return isUnknown ? sshFault('SSH_PACKAGE_UNKNOWN', entity, { upstream: '100' }) : undefined;
}

/** The version that apt would install; undefined when no archive has one. */
async function candidateOf(session: SshSession, name: string): Promise<string | undefined> {
  const { stdout } = await steadily(session, [
    'env',
    'LC_ALL=C',
    'apt-cache',
    'policy',
    '--',
    name,
  ]);
  const found = /^ {2}Candidate: (\S+)$/m.exec(stdout)?.[1];
  return found === '(none)' ? undefined : found;
}

/** Asks apt, which does not lock what it reads: while dpkg writes, it may find it out of step. */
async function steadily(session: SshSession, argv: readonly string[]): Promise<CommandResult> {
  for (let look = 1; ; look++) {
    try {
      return await session.ask(argv);
    } catch (cause) {
      const said = cause instanceof FaultError ? cause.fault.message : '';
      if (look === CACHE_LOOKS_MAX || !said.includes('Cache is out of sync')) throw cause;
      await pause_s(CACHE_LOOK_S);
    }
  }
}
