/** How libvirt's protocol names things: the structures that stand in many calls. */
import {
  double,
  hyper,
  int,
  list,
  opaque,
  string,
  struct,
  tagged,
  uhyper,
  uint,
  type XdrType,
  type XdrValue,
} from './xdr.ts';

const TEXT_BYTES_MAX = 4_194_304;
const UUID_BYTES = 16;

export const text = string(TEXT_BYTES_MAX);
export const uuid = opaque(UUID_BYTES);

/** All three are sent with every call. */
export const DomainRef = struct({ name: text, uuid, id: int });
export type DomainRef = XdrValue<typeof DomainRef>;

export const NetworkRef = struct({ name: text, uuid });
export type NetworkRef = XdrValue<typeof NetworkRef>;

export const PoolRef = struct({ name: text, uuid });
export type PoolRef = XdrValue<typeof PoolRef>;

/** `key` is unique over all pools; for files, their path. */
export const VolumeRef = struct({ pool: text, name: text, key: text });
export type VolumeRef = XdrValue<typeof VolumeRef>;

export const SnapshotRef = struct({ name: text, dom: DomainRef });
export type SnapshotRef = XdrValue<typeof SnapshotRef>;

/** A value of a typed parameter (virTypedParameterType): whole numbers read as bigint. */
export type ParamValue = number | bigint | string;

const asBigint = (type: XdrType<number>): XdrType<ParamValue> => ({
  name: type.name,
  write: (to, value) => type.write(to, Number(value)),
  read: (from) => BigInt(type.read(from)),
});

/** int, unsigned int, hyper, unsigned hyper, double, boolean, string: from 1 on. */
const PARAM_TYPES = [
  asBigint(int),
  asBigint(uint),
  hyper as XdrType<ParamValue>,
  uhyper as XdrType<ParamValue>,
  double as XdrType<ParamValue>,
  asBigint(int),
  text as XdrType<ParamValue>,
] as const;
const ULLONG = 4;
const STRING = 7;

/** Strata writes texts and unsigned numbers only; it reads all types. */
const paramValue = tagged<ParamValue>(PARAM_TYPES, 1, (value) =>
  typeof value === 'string' ? STRING : ULLONG,
);

export const TypedParam = struct({ field: text, value: paramValue });
export type TypedParam = XdrValue<typeof TypedParam>;

export const typedParams = (max: number) => list(TypedParam, max);
