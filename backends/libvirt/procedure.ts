import type { XdrType } from './xdr.ts';

/** One call of the protocol: its number, and the shapes of what it takes and gives. */
export interface Procedure<A, R> {
  readonly number: number;
  readonly args: XdrType<A>;
  readonly result: XdrType<R>;
}

export function procedure<A, R>(
  number: number,
  args: XdrType<A>,
  result: XdrType<R>,
): Procedure<A, R> {
  return { number, args, result };
}
