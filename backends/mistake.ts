/** What Zod finds wrong with parameters or answers, in words of one line. */
import type { z } from 'zod';

type Issue = Pick<z.core.$ZodIssue, 'path' | 'message'>;

/**
 * Where and what: `ports.0.mac: a MAC address`. What is wrong with the whole, such as a key that is
 * not known, has no place and says itself what it is about. `within` is put before the place.
 */
export function mistake({ path, message }: Issue, ...within: readonly string[]): string {
  const place = [...within, ...path].map(String).join('.');
  return place === '' ? message : `${place}: ${message}`;
}
