import type { Call } from './call.ts';
import { Refusal } from './refusal.ts';

const EVENTS_MAX = 1000;
const LEVELS: readonly string[] = ['AUDIT', 'CRITICAL', 'DEBUG', 'ERROR', 'INFO', 'WARNING'];

/** `events/?op=query`: pages by `limit`, `after` and `before`, which are numbers of events. */
export function events({ region, query }: Call) {
  const limit = Number(query.get('limit') ?? 100);
  if (limit > EVENTS_MAX) {
    throw new Refusal(
      400,
      `Requested number of events ${limit} is greater than limit: ${EVENTS_MAX}`,
    );
  }
  const level = query.get('level');
  if (level !== null && !LEVELS.includes(level)) {
    throw new Refusal(400, `Unrecognised log level: ${level}`);
  }
  const [after, before] = ['after', 'before'].map((name) => query.get(name));
  if (after !== null && before !== null) {
    const why = 'There is undetermined behaviour when both `after` and `before` are specified.';
    throw new Refusal(400, why);
  }
  const hostnames = query.getAll('hostname');
  const wanted = region.events
    .filter(({ machine }) => hostnames.length === 0 || hostnames.includes(machine.hostname))
    .filter(
      ({ id }) =>
        (after === null || id > Number(after)) && (before === null || id < Number(before)),
    );
  // Those just after one, otherwise the latest; the newest first in any case.
  const count = Math.max(limit, 1);
  const told = (after === null ? wanted.slice(-count) : wanted.slice(0, count)).reverse();
  return {
    count: told.length,
    events: told.map(({ id, machine, type, level, created }) => ({
      ...{ id, type, level, created: eventTime(created), description: '', username: '' },
      node: machine.system_id,
      hostname: machine.hostname,
    })),
  };
}

/** As MAAS writes it: `%a, %d %b. %Y %H:%M:%S`, in UTC. */
function eventTime(at: Date): string {
  const [day, date, month, year, time] = at.toUTCString().split(' ');
  return `${day} ${date} ${month}. ${year} ${time}`;
}
