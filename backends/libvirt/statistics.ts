import type { Session } from './session.ts';

/** What a domain has used so far, and has now. */
export interface DomainStatistics {
  readonly domain: string;
  readonly cpu_time_s: number;
  readonly memory_bytes: number;
  readonly block_read_bytes: number;
  readonly block_written_bytes: number;
  readonly net_received_bytes: number;
  readonly net_sent_bytes: number;
}

/** CPU_TOTAL, BALLOON, INTERFACE, BLOCK of virDomainStatsTypes. */
const WANTED = (1 << 1) | (1 << 2) | (1 << 4) | (1 << 5);
const KIB_BYTES = 1024;

/** Statistics of every domain, in one call (virConnectGetAllDomainStats). */
export async function domainStatistics(
  session: Pick<Session, 'call'>,
): Promise<readonly DomainStatistics[]> {
  const every = { doms: [], stats: WANTED, flags: 0 };
  const { records } = await session.call('connect_get_all_domain_stats', every);
  return records.map(({ dom, params }) => {
    /** The sum over all devices of a kind: their parameters are `KIND.NUMBER.NAME`. */
    const sum = (kind: string, name: string): number =>
      params
        .filter(({ field }) => field.startsWith(`${kind}.`) && field.endsWith(`.${name}`))
        .reduce((total, { value }) => total + Number(value), 0);
    const one = (field: string): number =>
      Number(params.find((each) => each.field === field)?.value ?? 0);
    return {
      domain: dom.name,
      cpu_time_s: one('cpu.time') / 1e9,
      memory_bytes: one('balloon.current') * KIB_BYTES,
      block_read_bytes: sum('block', 'rd.bytes'),
      block_written_bytes: sum('block', 'wr.bytes'),
      net_received_bytes: sum('net', 'rx.bytes'),
      net_sent_bytes: sum('net', 'tx.bytes'),
    };
  });
}
