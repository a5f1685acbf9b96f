import { FaultError } from '../fault.ts';
import { brief, type Connection } from './connection.ts';
import { ovsdbFault } from './faults.ts';

/** The server's view of its own databases (ovsdb-server(5)). */
const SERVER_DATABASE = '_Server';
const MONITOR = 'strata-server';
const COLUMNS = ['name', 'model', 'connected', 'leader'];

type Row = Readonly<Record<string, unknown>>;

/**
 * Makes sure that the server serves `database`, is joined to its cluster if it has one, and leads it
 * if that is asked for; ends the connection as soon as that is no longer so. Servers too old to have
 * a view of themselves (before Open vSwitch 2.9) have no clusters either.
 */
export async function requireLeadership(
  connection: Connection,
  database: string,
  leaderOnly: boolean,
  signal: AbortSignal,
): Promise<void> {
  const request = { Database: [{ columns: COLUMNS, where: [['name', '==', database]] }] };
  let row: Row = {};
  const received = (updates: unknown) => {
    row = onlyRow(updates, 'initial') ?? {};
    connection.listen((method, params) => {
      if (method !== 'update2' || params[0] !== MONITOR) return;
      row = { ...row, ...onlyRow(params[1], 'modify') };
      const lost = unfit(row, leaderOnly);
      if (lost) connection.end(ovsdbFault('OVSDB_CONNECTION_LOST', `${database}: ${lost}`));
    });
  };
  try {
    const params = [SERVER_DATABASE, MONITOR, request];
    await connection.call('monitor_cond', params, { signal, received });
  } catch (cause) {
    if (isUnknown(cause)) return;
    throw cause;
  }
  if (row['name'] === undefined) throw ovsdbFault('OVSDB_UNKNOWN_DATABASE', database);
  const why = unfit(row, leaderOnly);
  if (why) throw ovsdbFault('OVSDB_NOT_LEADER', `${database}: ${why}`);
}

function unfit(row: Row, leaderOnly: boolean): string | undefined {
  if (row['model'] !== 'clustered') return undefined;
  if (row['connected'] !== true) return 'the server is not joined to its cluster';
  return leaderOnly && row['leader'] !== true ? 'the server is not the leader' : undefined;
}

/** The columns of the one row that <table-updates2> hold; undefined when there is none. */
function onlyRow(updates: unknown, how: 'initial' | 'modify'): Row | undefined {
  const table = (updates as { Database?: Record<string, Record<string, unknown>> })?.Database;
  const [row] = Object.values(table ?? {});
  const columns = row?.[how];
  if (columns === undefined) return undefined;
  if (typeof columns === 'object' && columns !== null) return columns as Row;
  throw ovsdbFault('OVSDB_MALFORMED', `an update of the server: ${brief(updates)}`);
}

function isUnknown(cause: unknown): boolean {
  const upstream = cause instanceof FaultError ? cause.fault.upstream : undefined;
  return upstream === 'unknown database' || upstream === 'unknown method';
}
