import type { ActOrder } from '../act-order.ts';
import type { Attempt } from '../driver.ts';
import type { CallOptions } from './connection.ts';
import type { Domains } from './domains.ts';
import { libvirtFault } from './faults.ts';
import { Flag } from './protocol.ts';
import type { DomainRef } from './references.ts';
import type { Session } from './session.ts';
import type { DomainState } from './states.ts';

/** Calls that act on one domain; those without flags leave them out. */
type DomainCall =
  | 'domain_create_with_flags'
  | 'domain_suspend'
  | 'domain_resume'
  | 'domain_shutdown_flags'
  | 'domain_reboot'
  | 'domain_destroy_flags'
  | 'domain_undefine_flags'
  | 'domain_managed_save';

interface VerbSpec {
  readonly call: DomainCall;
  readonly flags: number;
  /** States in which what was asked for has happened. */
  readonly until: readonly DomainState[];
  /** The guest is only asked, and may not hear it while it boots: asked again until it reacts. */
  readonly asks?: true;
  /** It has also happened when the guest was reset. */
  readonly orReset?: true;
  /** Refused when there is no saved memory. */
  readonly needsImage?: true;
}

/** What libvirt keeps for the domain goes with its definition. */
const UNDEFINE_ALL = Flag.UNDEFINE_MANAGED_SAVE | Flag.UNDEFINE_SNAPSHOTS_METADATA;

/** The verbs on a domain that exists, by the names that its machine requests them by. */
const VERBS: Readonly<Record<string, VerbSpec>> = {
  create: { call: 'domain_create_with_flags', flags: 0, until: ['running', 'paused'] },
  suspend: { call: 'domain_suspend', flags: 0, until: ['paused'] },
  resume: { call: 'domain_resume', flags: 0, until: ['running'] },
  shutdown: {
    call: 'domain_shutdown_flags',
    // As nova and virsh ask: the hypervisor knows whether by ACPI or by the guest agent.
    flags: 0,
    until: ['shutoff', 'absent'],
    asks: true,
  },
  reboot: { call: 'domain_reboot', flags: 0, until: [], asks: true, orReset: true },
  // A save that was under way may have ended first.
  destroy: {
    call: 'domain_destroy_flags',
    flags: 0,
    until: ['shutoff', 'saved', 'crashed', 'absent'],
  },
  // A running domain lives on without its definition; any other is gone.
  undefine: {
    call: 'domain_undefine_flags',
    flags: UNDEFINE_ALL,
    until: ['absent', 'running', 'paused'],
  },
  managed_save: { call: 'domain_managed_save', flags: 0, until: ['saved'] },
  restore: {
    call: 'domain_create_with_flags',
    flags: 0,
    until: ['running', 'paused'],
    needsImage: true,
  },
};

/** A guest that does not listen is cut off, and a save that is not worth waiting for. */
export const DOMAIN_ORDER: ActOrder = {
  interrupts: {
    destroy: ['shutdown', 'reboot', 'managed_save'],
    shutdown: ['reboot'],
    inspect: 'all',
  },
};

/** All verbs; `define` makes a domain, and `inspect` only looks. */
export const DOMAIN_VERBS: readonly string[] = ['define', 'inspect', ...Object.keys(VERBS)];

/** How often a guest is asked. */
const ASK_AGAIN_S = 2;

export interface VerbContext {
  readonly session: Session;
  readonly domains: Domains;
  readonly name: string;
  readonly attempt: Attempt;
}

/** Carries out a verb on a domain; resolves when what it asks for can be seen. */
export async function carryOut(verb: string, context: VerbContext): Promise<void> {
  const spec = VERBS[verb];
  const { domains, name, attempt } = context;
  const dom = await domains.find(name, { signal: attempt.signal });
  if (spec.needsImage) await requireImage(context, dom);
  const resets = domains.resets(name);
  const settled = (state: DomainState) =>
    spec.until.includes(state) || (spec.orReset === true && domains.resets(name) > resets);
  await context.session.call(spec.call, { dom, flags: spec.flags }, acting(attempt));
  if (spec.asks) return askUntil(settled, spec, dom, context);
  attempt.effect('done');
  return domains.until(name, ({ state }) => settled(state), attempt.signal);
}

/** Stores a definition; resolves when libvirt reports the domain. */
export async function define(xml: string, context: VerbContext): Promise<void> {
  const { attempt, domains, name, session } = context;
  await session.call('domain_define_xml_flags', { xml, flags: 0 }, acting(attempt));
  attempt.effect('done');
  return domains.until(name, ({ state }) => state !== 'absent', attempt.signal);
}

async function askUntil(
  settled: (state: DomainState) => boolean,
  spec: VerbSpec,
  dom: DomainRef,
  context: VerbContext,
): Promise<void> {
  const { attempt, domains, name, session } = context;
  const again = setInterval(() => {
    // A guest that is off by now is no longer asked; the wait below sees that by itself.
    session.call(spec.call, { dom, flags: spec.flags }, acting(attempt)).catch(() => {});
  }, ASK_AGAIN_S * 1000);
  try {
    const isOver = (state: DomainState) => settled(state) || OFF.has(state);
    await domains.until(name, ({ state }) => isOver(state), attempt.signal);
  } finally {
    clearInterval(again);
  }
  const { state, reason } = domains.known(name);
  if (settled(state)) return;
  const what = `${name} is ${reason} instead`;
  throw libvirtFault('LIBVIRT_OPERATION_FAILED', what, { effect: 'done' });
}

const OFF: ReadonlySet<DomainState> = new Set(['shutoff', 'saved', 'crashed', 'absent']);

async function requireImage(context: VerbContext, dom: DomainRef): Promise<void> {
  const image = await context.session.call('domain_has_managed_save_image', { dom, flags: 0 });
  if (!image.result) throw libvirtFault('LIBVIRT_NO_SAVED_IMAGE', context.name);
}

/** Options of a call that changes something: once it is sent, it may have. */
function acting(attempt: Attempt): CallOptions {
  return { act: true, signal: attempt.signal, sent: () => attempt.effect('unknown') };
}
