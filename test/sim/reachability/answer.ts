/** What the simulator says of a packet in the words that ovn-trace has for it. */
import { endpointOf } from '../../../sim/sdn/reachability/address.ts';
import { type Query, type Verdict, verdicts } from '../../../sim/sdn/reachability/reach.ts';
import { portWith, type Topology } from '../../../sim/sdn/reachability/topology.ts';

/** Where a packet came out, and with which addresses. */
export interface Answer {
  readonly port: string;
  readonly source: string;
  /** Null when it was balanced and came out somewhere else than at a backend: that is not shown. */
  readonly destination: string | null;
}

/** Every answer that chance allows, in a fixed order; null where the packet is not delivered. */
export function answersOf(topology: Topology, query: Query): readonly (Answer | null)[] {
  return inOrder(verdicts(topology, query).map((verdict) => answerOf(topology, query, verdict)));
}

/** Each once. */
export function inOrder(answers: readonly (Answer | null)[]): readonly (Answer | null)[] {
  const texts = new Set(answers.map((answer) => JSON.stringify(answer)));
  return [...texts].sort().map((text) => JSON.parse(text));
}

function answerOf(topology: Topology, query: Query, verdict: Verdict): Answer | null {
  // One that comes back to who sent it cannot be told from the answer that it was rejected.
  if (!('delivered' in verdict) || verdict.delivered === query.from) return null;
  const { delivered: port, source, destination } = verdict;
  const balancers = topology.switches.flatMap(({ load_balancers }) => load_balancers);
  const isBalanced =
    destination !== query.to &&
    balancers.some(({ backends }) => backends.some((each) => endpointOf(each).ip === destination));
  const isVip = balancers.some(({ vip }) => endpointOf(vip).ip === query.to);
  const isThere = topology.switches.some((each) => portWith(each, destination)?.name === port);
  return {
    ...{ port, source },
    destination: isBalanced && isVip && !isThere ? null : destination,
  };
}
