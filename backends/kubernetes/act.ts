/** What verbs are made of: looking at their object, changing it, and waiting for what follows. */
import type { Attempt } from '../driver.ts';
import { BusyError, withEffect } from '../fault.ts';
import { pause_s } from '../poller.ts';
import type { CallPlan, KubernetesApi, PatchType } from './api.ts';
import { kubernetesFault } from './faults.ts';
import { type Kind, type ObjectName, RESOURCES, type Resource } from './kinds.ts';
import type { AnyObject } from './objects.ts';
import type { Applied } from './params.ts';
import type { Store } from './store.ts';

export interface ActContext<P = unknown> {
  readonly api: KubernetesApi;
  readonly store: Store;
  readonly kind: Kind;
  readonly entity: string;
  readonly name: ObjectName;
  readonly params: P;
  readonly attempt: Attempt;
}

/** Carries a verb out; resolves when its effect is seen. */
export type Act<P = unknown> = (context: ActContext<P>) => Promise<void>;

const LOOK_EVERY_S = 0.2;

export function resourceOf({ kind }: Pick<ActContext, 'kind'>): Resource {
  return RESOURCES[kind];
}

/** The object now, which the store then knows as well; undefined when it is not there. */
export async function look<T extends AnyObject>(context: ActContext): Promise<T | undefined> {
  const { api, attempt, entity, name, store } = context;
  const resource = resourceOf(context);
  const found = await api.find<T>(resource, name, { signal: attempt.signal });
  if (found) store.take(resource, found);
  else store.drop(resource, entity);
  return found;
}

/** The object, which must be there. */
export async function lookAt<T extends AnyObject>(context: ActContext): Promise<T> {
  const found = await look<T>(context);
  if (found) return found;
  throw kubernetesFault('KUBERNETES_NOT_FOUND', `${context.kind} ${context.entity}`);
}

/** Plan of a request that changes something: once it is sent, it may have. */
export function acting({ attempt }: ActContext): CallPlan {
  return { signal: attempt.signal, sent: () => attempt.effect('unknown') };
}

export async function patch(
  context: ActContext,
  type: PatchType,
  body: unknown,
  more: { readonly subresource?: string; readonly force?: boolean } = {},
): Promise<AnyObject> {
  const resource = resourceOf(context);
  const plan = { ...acting(context), ...more };
  const after = await context.api.patch(resource, context.name, type, body, plan);
  if (!more.subresource) context.store.take(resource, after);
  return after;
}

/** Server-side apply of `params.manifest`, if there is one; `force` takes fields over from others. */
export const apply: Act<Applied> = async (context) => {
  const { manifest, force } = context.params;
  if (!manifest) return;
  const { apiVersion, kind } = resourceOf(context);
  const metadata = { ...(manifest['metadata'] as object | undefined), ...context.name };
  const wanted = { ...manifest, apiVersion, kind, metadata };
  await patch(context, 'apply', wanted, { force });
};

/** What a look tells of a wait: over, not yet, or in vain. */
export type Verdict = 'done' | 'wait' | { readonly failed: string };

/**
 * Looks at the object until it is as it should be. What goes wrong meanwhile comes after the act:
 * it may have had its effect.
 */
export async function until<T extends AnyObject>(
  context: ActContext,
  judge: (object: T | undefined) => Verdict,
): Promise<void> {
  const { attempt, entity, kind } = context;
  while (!attempt.signal.aborted) {
    const verdict = judge(await afterTheAct(() => look<T>(context), attempt.signal));
    if (verdict === 'done') return;
    if (verdict !== 'wait') {
      throw kubernetesFault('KUBERNETES_ROLLOUT_FAILED', `${kind} ${entity}: ${verdict.failed}`);
    }
    await pause_s(LOOK_EVERY_S, attempt.signal);
  }
}

/** A look of which the server says "later" is repeated; one that fails leaves the effect open. */
async function afterTheAct<T>(question: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (;;) {
    try {
      return await question();
    } catch (thrown) {
      if (thrown instanceof BusyError) await pause_s(thrown.retry_after_s, signal);
      else throw withEffect(thrown, 'unknown');
    }
  }
}
