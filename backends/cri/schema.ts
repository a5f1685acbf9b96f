/**
 * Protocol buffer messages as data: the schema that protobufjs reads, and the TypeScript type of
 * every message, from one table.
 */

/** One field: its number and type, and `Decoded` as what it reads as. */
export interface Field<Decoded> {
  readonly id: number;
  readonly type: string;
  readonly rule?: 'repeated';
  readonly keyType?: string;
  /** Never there; carries the type. */
  readonly decoded?: Decoded;
}

export type Fields = Readonly<Record<string, Field<unknown>>>;

/** A message as it is read: every field is there, with its default when it was not sent. */
export type Decoded<F extends Fields> = {
  readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never;
};

/** A message as it is written: what is left out has its default. */
export type Partially<T> = T extends readonly (infer E)[]
  ? readonly Partially<E>[]
  : T extends Uint8Array
    ? T
    : T extends object
      ? { readonly [K in keyof T]?: Partially<T[K]> }
      : T;

const scalar =
  <T>(type: string) =>
  (id: number): Field<T> => ({ id, type });

export const text = scalar<string>('string');
export const bool = scalar<boolean>('bool');
export const int32 = scalar<number>('int32');
export const uint32 = scalar<number>('uint32');
/** Decimal digits: 64 bits do not fit a JavaScript number. */
export const int64 = scalar<string>('int64');
export const uint64 = scalar<string>('uint64');
export const bytes = scalar<Uint8Array>('bytes');

export function texts(id: number): Field<readonly string[]> {
  return { id, type: 'string', rule: 'repeated' };
}

export function textMap(id: number): Field<Readonly<Record<string, string>>> {
  return { id, type: 'string', keyType: 'string' };
}

/** A message reads as null when it was not sent. */
export function message<F extends Fields>(id: number, of: Named<F>): Field<Decoded<F> | null> {
  return { id, type: of.name };
}

export function messages<F extends Fields>(id: number, of: Named<F>): Field<readonly Decoded<F>[]> {
  return { id, type: of.name, rule: 'repeated' };
}

export function oneOf<V extends string>(id: number, of: NamedEnum<V>): Field<V> {
  return { id, type: of.name };
}

export interface Named<F extends Fields> {
  readonly name: string;
  readonly fields: F;
}

export interface NamedEnum<V extends string> {
  readonly name: string;
  readonly values: readonly V[];
}

export function define<F extends Fields>(name: string, fields: F): Named<F> {
  return { name, fields };
}

/** An enum whose values are numbered from 0. */
export function defineEnum<V extends string>(name: string, values: readonly V[]): NamedEnum<V> {
  return { name, values };
}

/** One remote procedure. */
export interface Method<Request extends Fields, Response extends Fields> {
  readonly request: Named<Request>;
  readonly response: Named<Response>;
  readonly streams: boolean;
}

export function method<Q extends Fields, R extends Fields>(
  request: Named<Q>,
  response: Named<R>,
  streams = false,
): Method<Q, R> {
  return { request, response, streams };
}

type AnyMethod = Method<Fields, Fields>;

/** The JSON form of a protobuf schema that protobufjs and proto-loader read. */
export function jsonSchema(
  packageName: string,
  services: Readonly<Record<string, Readonly<Record<string, AnyMethod>>>>,
  types: readonly (Named<Fields> | NamedEnum<string>)[],
): object {
  const nested: Record<string, object> = {};
  for (const type of types) {
    nested[type.name] =
      'fields' in type
        ? { fields: type.fields }
        : { values: Object.fromEntries(type.values.map((value, at) => [value, at])) };
  }
  for (const [name, methods] of Object.entries(services)) {
    const described = Object.entries(methods).map(([key, { request, response, streams }]) => [
      key,
      { requestType: request.name, responseType: response.name, responseStream: streams },
    ]);
    nested[name] = { methods: Object.fromEntries(described) };
  }
  const path = packageName.split('.');
  return path.reduceRight<object>((inner, part) => ({ nested: { [part]: inner } }), { nested });
}
