/** What cinder writes down for its users when something that it had accepted fails. */
import type { Observation } from '../../engine/contract.ts';
import { FaultError } from '../fault.ts';
import type { Act } from './context.ts';
import { isObject } from './faults.ts';

/**
 * What cinder says of the act's own request, about a volume, snapshot or backup that was seen, such as
 * "schedule allocate volume: Could not find any available weighted backend."; undefined where it says
 * nothing. It explains a fault and must not replace it: a cinder that does not answer has no message.
 *
 * Source: Block Storage API v3, "Messages"; `resource_uuid` filters since 3.5.
 */
export async function messageAbout(act: Act, seen: Observation): Promise<string | undefined> {
  const id = seen.attributes?.['id'];
  if (id === undefined || act.requestId === undefined) return undefined;
  const query = { resource_uuid: String(id), sort: 'created_at:desc' };
  try {
    const { messages } = await act.session.get('volume', '/messages', query, act.signal);
    const all = Array.isArray(messages) ? messages.filter(isObject) : [];
    const text = all.find((each) => each['request_id'] === act.requestId)?.['user_message'];
    return typeof text === 'string' && text !== '' ? text : undefined;
  } catch (thrown) {
    if (thrown instanceof FaultError) return undefined;
    throw thrown;
  }
}
