/**
 * What the chassis say of each other: each probes its tunnels by BFD (once gateways need it) and
 * keeps the result in its own Open vSwitch. Only hosts whose Open vSwitch is known can be asked.
 */
import type { OvsHost } from '../ovs/host.ts';
import type { InterfaceRow } from '../ovs/shape.ts';

/** ovn-controller marks a tunnel with the chassis it leads to, `hv2` or `hv2@192.0.2.12`. */
const TUNNEL_MARK = 'ovn-chassis-id';

/**
 * A probe that was just turned on is down until the first answers come, which says nothing. Until a
 * session is up each side sends once a second (RFC 5880, 6.8.3), and it takes three packets; one that
 * is not up after so long has nobody at its other end.
 */
const SETTLE_S = 10;

interface Tunnel {
  /** Names the probe for as long as it is the same one. */
  readonly key: string;
  readonly to: string;
  readonly state: string;
  /** It has never been up. */
  readonly isNew: boolean;
}

/** The probes of all hosts that are known, and which chassis they show to be dead. */
export class Probes {
  readonly #hosts: ReadonlyMap<string, OvsHost>;
  readonly #onSettled: () => void;
  readonly #now_s: () => number;
  /** Probes that have not been up yet, and since when. */
  readonly #since_s = new Map<string, number>();
  /** Those of them that may still come up. */
  #unsettled = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** `onSettled` is told when a probe has failed to come up in time. */
  constructor(
    hosts: ReadonlyMap<string, OvsHost>,
    onSettled: () => void,
    now_s: () => number = () => performance.now() / 1000,
  ) {
    this.#hosts = hosts;
    this.#onSettled = onSettled;
    this.#now_s = now_s;
  }

  /**
   * Whether the others see a chassis dead: some say that BFD to it is down, and none says it is up.
   * One that is cut off itself sees everybody down, so one good word counts more than any bad one.
   */
  isDead(chassis: string): boolean {
    const states = this.#tunnels()
      .filter(({ to, key }) => to === chassis && !this.#unsettled.has(key))
      .map(({ state }) => state);
    return states.includes('down') && !states.includes('up');
  }

  /** To be called when a host's Open vSwitch changed. */
  look(): void {
    clearTimeout(this.#timer);
    if (this.#isClosed) return;
    const now_s = this.#now_s();
    const fresh = new Set(
      this.#tunnels()
        .filter(({ isNew }) => isNew)
        .map(({ key }) => key),
    );
    for (const key of this.#since_s.keys()) if (!fresh.has(key)) this.#since_s.delete(key);
    for (const key of fresh) if (!this.#since_s.has(key)) this.#since_s.set(key, now_s);
    const before = this.#unsettled;
    const left_s = (key: string) => (this.#since_s.get(key) ?? now_s) + SETTLE_S - now_s;
    this.#unsettled = new Set([...fresh].filter((key) => left_s(key) > 0));
    if (this.#unsettled.size > 0) {
      const next_s = Math.min(...[...this.#unsettled].map(left_s));
      this.#timer = setTimeout(() => this.look(), Math.ceil(next_s * 1000));
    }
    if ([...fresh].some((key) => before.has(key) && !this.#unsettled.has(key))) this.#onSettled();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #tunnels(): readonly Tunnel[] {
    return [...this.#hosts]
      .filter(([, { session }]) => session.isConnected)
      .flatMap(([name, host]) => tunnelsOf(name, host));
  }
}

function tunnelsOf(host: string, { session: { replica } }: OvsHost): readonly Tunnel[] {
  return [...replica.rows('Port')].flatMap(({ external_ids, interfaces }) => {
    const [to] = String(external_ids.get(TUNNEL_MARK)).split('@');
    return replica.rowsOf('Interface', interfaces).flatMap((row) => {
      const state = row.bfd_status.get('state');
      if (state === undefined || to === host) return [];
      return [{ key: `${host}/${row._uuid}`, to, state, isNew: isNew(row) }];
    });
  });
}

/** `flap_count` counts how often BFD said something else than before, the first time included. */
function isNew({ bfd_status }: InterfaceRow): boolean {
  return bfd_status.get('state') !== 'up' && (bfd_status.get('flap_count') ?? '0') === '0';
}
