/**
 * A look may show several changes at once. The machines of units and applications know them one by
 * one, so they are told one by one: what was passed through, and one region after the other.
 */

/** What only a unit runs that was started. */
const OF_STARTED = ['relation_changed', 'update_config', 'upgrade_charm', 'action'].map(
  (hook) => `executing.${hook}`,
);

/** What every agent goes through once, in this order. */
const STARTING = [
  'allocating',
  'executing.install',
  'executing.config_changed',
  'executing.start',
  'idle',
];

/** The states between two that were seen, in order, without these two. */
export function stepsBetween(kind: string, before: string, now: string): readonly string[] {
  if (before === now || !before.includes('+')) return [];
  const [from, to] = [regionsOf(before), regionsOf(now)];
  if (kind === 'unit') return unitSteps(from, to);
  return kind === 'application' ? oneByOne(from, to) : [];
}

type Regions = readonly [first: string, second: string];

function regionsOf(state: string): Regions {
  const [first, second] = state.split('+');
  return [first, second];
}

/** What is done to an application begins before its status changes, and ends after it. */
function oneByOne(from: Regions, to: Regions): readonly string[] {
  if (from[0] === to[0] || from[1] === to[1]) return [];
  return [to[1] === 'steady' ? `${to[0]}+${from[1]}` : `${from[0]}+${to[1]}`];
}

function unitSteps(from: Regions, to: Regions): readonly string[] {
  const [agent, workload] = from;
  const passed = agentsBetween(agent, to[0]);
  if (passed.length === 0) return isAtOnce(from, to) ? [] : workloadFirst(from, to);
  const first: Regions = [passed[0], isInstalling(from) ? 'maintenance' : workload];
  const last: Regions = [passed[passed.length - 1], first[1]];
  const steps = passed.map((each) => `${each}+${first[1]}`);
  return isAtOnce(last, to) ? steps : [...steps, ...workloadFirst(last, to)];
}

/** A charm says how its workload is while a hook runs; then its agent goes on. */
function workloadFirst(from: Regions, to: Regions): readonly string[] {
  return from[0] === to[0] || from[1] === to[1] ? [] : [`${from[0]}+${to[1]}`];
}

function agentsBetween(from: string, to: string): readonly string[] {
  const [begin, end] = [STARTING.indexOf(from), STARTING.indexOf(to)];
  if (begin >= 0 && begin < end) return STARTING.slice(begin + 1, end);
  // Only a unit that was started runs these.
  const isStarted = begin >= 0 && OF_STARTED.includes(to);
  if (isStarted) return STARTING.slice(begin + 1, STARTING.indexOf('executing.start') + 1);
  // What failed was some hook that nobody saw running.
  return from === 'idle' && to === 'error' ? ['executing.update_config'] : [];
}

function isInstalling([agent, workload]: Regions): boolean {
  return agent === 'allocating' && workload === 'waiting';
}

/** What Juju shows of agent and workload as one: the machine has one event for both. */
function isAtOnce(from: Regions, to: Regions): boolean {
  const isFailure = to.every((each) => each === 'error') && from[0].startsWith('executing.');
  const isRetry = from.every((each) => each === 'error') && to[1] !== 'error';
  const isLoss = to[0] === 'lost' && to[1] === 'unknown';
  const isBeginning = isInstalling(from) && to[0] === 'executing.install';
  return isFailure || isRetry || isLoss || from[0] === 'lost' || isBeginning;
}
