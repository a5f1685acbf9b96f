import type { ZodType } from 'zod';
import { jujuFault } from './faults.ts';

/** An answer of the controller as it must be. Throws JUJU_MALFORMED, which names the place only. */
export function read<T>(shape: ZodType<T>, answer: unknown, what: string): T {
  const found = shape.safeParse(answer);
  if (found.success) return found.data;
  const [{ message, path }] = found.error.issues;
  const where = path.join('.').slice(0, 100) || 'as a whole';
  throw jujuFault('JUJU_MALFORMED', `${what}: ${where}: ${message}`, { effect: 'none' });
}
