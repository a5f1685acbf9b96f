/**
 * The part of libvirt's remote protocol that Strata speaks: numbers and shapes, as data. Source:
 * libvirt's published remote, keepalive and RPC protocol definitions; a procedure never changes its
 * number or its shape (libvirt keeps them for ever, so that old clients work with new servers).
 */
import { MIGRATION_CALLS } from './calls/migration.ts';
import { NETWORK_CALLS } from './calls/network.ts';
import { SNAPSHOT_CALLS } from './calls/snapshot.ts';
import { STORAGE_CALLS } from './calls/storage.ts';
import { procedure } from './procedure.ts';
import { DomainRef, NetworkRef, PoolRef, text, typedParams, uuid } from './references.ts';
import {
  fixedText,
  int,
  list,
  nothing,
  optional,
  struct,
  uhyper,
  uint,
  type XdrValue,
} from './xdr.ts';

export const REMOTE_PROGRAM = 0x2000_8086;
export const REMOTE_VERSION = 1;
export const KEEPALIVE_PROGRAM = 0x6b65_6570;
export const KEEPALIVE_VERSION = 1;
export const KeepaliveProc = { PING: 1, PONG: 2 } as const;

/** Bytes of the length word, and of the header after it. */
export const LENGTH_BYTES = 4;
export const HEADER_BYTES = 24;
/** libvirt's own limit for a message, without the length word. */
export const MESSAGE_BYTES_MAX = 33_554_432;

const DOMAINS_MAX = 16_384;
const AUTH_TYPES_MAX = 20;
const NODE_MODEL_BYTES = 32;
const DOMAIN_STATS_MAX = 4_096;

export const MessageType = { CALL: 0, REPLY: 1, MESSAGE: 2 } as const;
export const MessageStatus = { OK: 0, ERROR: 1 } as const;

/** What follows the length word of every message. */
export const Header = struct({
  program: uint,
  version: uint,
  procedure: int,
  type: int,
  serial: uint,
  status: int,
});
export type Header = XdrValue<typeof Header>;

/** The body of a reply whose status is ERROR. */
export const RemoteError = struct({
  code: int,
  domain: int,
  message: optional(text),
  level: int,
  dom: optional(DomainRef),
  str1: optional(text),
  str2: optional(text),
  str3: optional(text),
  int1: int,
  int2: int,
  net: optional(NetworkRef),
});
export type RemoteError = XdrValue<typeof RemoteError>;

const onDomain = struct({ dom: DomainRef });
const onDomainWithFlags = struct({ dom: DomainRef, flags: uint });
const deviceOfDomain = struct({ dom: DomainRef, xml: text, flags: uint });
const theDomain = struct({ dom: DomainRef });

/** Calls, by libvirt's own names. */
export const Call = {
  ...STORAGE_CALLS,
  ...NETWORK_CALLS,
  ...SNAPSHOT_CALLS,
  ...MIGRATION_CALLS,
  connect_open: procedure(1, struct({ name: optional(text), flags: uint }), nothing),
  connect_get_version: procedure(4, nothing, struct({ hv_ver: uhyper })),
  node_get_info: procedure(
    6,
    nothing,
    struct({
      model: fixedText(NODE_MODEL_BYTES),
      memory_kib: uhyper,
      cpus: int,
      mhz: int,
      nodes: int,
      sockets: int,
      cores: int,
      threads: int,
    }),
  ),
  connect_get_hostname: procedure(59, nothing, struct({ hostname: text })),
  connect_get_capabilities: procedure(7, nothing, struct({ capabilities: text })),
  domain_get_xml_desc: procedure(14, onDomainWithFlags, struct({ xml: text })),
  domain_get_info: procedure(
    16,
    onDomain,
    struct({ state: int, max_memory_kib: uhyper, memory_kib: uhyper, vcpus: int, cpu_ns: uhyper }),
  ),
  domain_lookup_by_name: procedure(23, struct({ name: text }), theDomain),
  domain_lookup_by_uuid: procedure(24, struct({ uuid }), theDomain),
  domain_reboot: procedure(27, onDomainWithFlags, nothing),
  domain_resume: procedure(28, onDomain, nothing),
  domain_suspend: procedure(34, onDomain, nothing),
  connect_supports_feature: procedure(60, struct({ feature: int }), struct({ supported: int })),
  domain_attach_device_flags: procedure(160, deviceOfDomain, nothing),
  domain_detach_device_flags: procedure(161, deviceOfDomain, nothing),
  connect_get_all_domain_stats: procedure(
    344,
    struct({ doms: list(DomainRef, DOMAINS_MAX), stats: uint, flags: uint }),
    struct({
      records: list(struct({ dom: DomainRef, params: typedParams(DOMAIN_STATS_MAX) }), DOMAINS_MAX),
    }),
  ),
  auth_list: procedure(66, nothing, struct({ types: list(int, AUTH_TYPES_MAX) })),
  auth_polkit: procedure(70, nothing, struct({ complete: int })),
  connect_get_lib_version: procedure(157, nothing, struct({ lib_ver: uhyper })),
  domain_managed_save: procedure(182, onDomainWithFlags, nothing),
  domain_has_managed_save_image: procedure(183, onDomainWithFlags, struct({ result: int })),
  domain_create_with_flags: procedure(196, onDomainWithFlags, theDomain),
  domain_get_state: procedure(212, onDomainWithFlags, struct({ state: int, reason: int })),
  domain_undefine_flags: procedure(231, onDomainWithFlags, nothing),
  domain_destroy_flags: procedure(234, onDomainWithFlags, nothing),
  domain_shutdown_flags: procedure(258, onDomainWithFlags, nothing),
  connect_list_all_domains: procedure(
    273,
    struct({ need_results: int, flags: uint }),
    struct({ domains: list(DomainRef, DOMAINS_MAX), count: uint }),
  ),
  connect_domain_event_callback_register_any: procedure(
    316,
    struct({ event_id: int, dom: optional(DomainRef) }),
    struct({ callback_id: int }),
  ),
  domain_define_xml_flags: procedure(350, struct({ xml: text, flags: uint }), theDomain),
} as const;

export type CallName = keyof typeof Call;
export type CallArgs<N extends CallName> = XdrValue<(typeof Call)[N]['args']>;
export type CallResult<N extends CallName> = XdrValue<(typeof Call)[N]['result']>;

/** Messages that the server sends of its own accord, once registered for. */
export const LifecycleMessage = {
  procedure: 318,
  event_id: 0,
  body: struct({ callback_id: int, dom: DomainRef, event: int, detail: int }),
} as const;

export const RebootMessage = {
  procedure: 319,
  event_id: 1,
  body: struct({ callback_id: int, dom: DomainRef }),
} as const;

/** A device left the guest, on request or of its own accord. */
export const DeviceRemovedMessage = {
  procedure: 333,
  event_id: 15,
  body: struct({ callback_id: int, dom: DomainRef, alias: text }),
} as const;

export const PoolLifecycleMessage = {
  procedure: 370,
  event_id: 0,
  body: struct({ callback_id: int, pool: PoolRef, event: int, detail: int }),
} as const;

export const NetworkLifecycleMessage = {
  procedure: 315,
  event_id: 0,
  body: struct({ callback_id: int, net: NetworkRef, event: int, detail: int }),
} as const;

export type LifecycleEvent = XdrValue<typeof LifecycleMessage.body>;

/** Features asked for by number (virDrvFeature). */
export const Feature = { KEEPALIVE: 10 } as const;

/** Ways to authenticate (remote_auth_type). */
export const Auth = { NONE: 0, SASL: 1, POLKIT: 2 } as const;

/** Flags of calls, by libvirt's names without their prefixes. */
export const Flag = {
  UNDEFINE_MANAGED_SAVE: 1,
  UNDEFINE_SNAPSHOTS_METADATA: 2,
  /** A change of devices: to the running guest, and to the definition. */
  AFFECT_LIVE: 1,
  AFFECT_CONFIG: 2,
  MIGRATE_LIVE: 1,
  MIGRATE_PERSIST_DEST: 8,
  MIGRATE_UNDEFINE_SOURCE: 16,
} as const;
