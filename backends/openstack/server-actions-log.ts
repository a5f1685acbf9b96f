import { FaultError } from '../fault.ts';
import { isObject } from './faults.ts';
import type { OpenstackSession } from './session.ts';

/**
 * What became of an act, by nova's log of it (os-instance-actions). Some failures are seen nowhere
 * else: a resize without a host leaves the server ACTIVE.
 */
export type ActionOutcome =
  | { readonly type: 'running' }
  | { readonly type: 'succeeded' }
  | { readonly type: 'failed'; readonly message: string }
  /** The log does not say: policy hides it, or the act is not in it. */
  | { readonly type: 'unknown' };

export async function outcomeOfAction(
  session: OpenstackSession,
  serverId: string,
  requestId: string | undefined,
  signal?: AbortSignal,
): Promise<ActionOutcome> {
  if (requestId === undefined) return { type: 'unknown' };
  const path = `/servers/${serverId}/os-instance-actions/${encodeURIComponent(requestId)}`;
  try {
    const { instanceAction } = await session.get('compute', path, {}, signal);
    return isObject(instanceAction) ? readAction(instanceAction) : { type: 'unknown' };
  } catch (thrown) {
    const upstream = thrown instanceof FaultError ? thrown.fault.upstream : undefined;
    if (upstream?.startsWith('404') || upstream?.startsWith('403')) return { type: 'unknown' };
    throw thrown;
  }
}

/** Reads an instance action of nova 2.51 or newer. */
export function readAction(action: Readonly<Record<string, unknown>>): ActionOutcome {
  const events = (Array.isArray(action['events']) ? action['events'] : []).filter(isObject);
  const failed = events.filter(({ result }) => result === 'Error');
  if (failed.length > 0 || action['message'] === 'Error') {
    // 2.84 tells details; the last event that failed is the outermost, the first the cause.
    const details = failed
      .map((event) => event['details'])
      .filter((text) => typeof text === 'string');
    const names = failed.map(({ event }) => String(event)).join(', ');
    return { type: 'failed', message: details[0] ?? `nova reports an error in ${names || 'it'}` };
  }
  const isOver = events.length > 0 && events.every(({ finish_time }) => Boolean(finish_time));
  return { type: isOver ? 'succeeded' : 'running' };
}
