/** Every invariant of the stack. */
import { INFRASTRUCTURE } from './infrastructure.ts';
import type { Invariant } from './invariant.ts';
import { LIVENESS } from './liveness.ts';
import { PLATFORM } from './platform.ts';
import { STORAGE } from './storage.ts';

export const INVARIANTS: readonly Invariant[] = [
  ...INFRASTRUCTURE,
  ...STORAGE,
  ...PLATFORM,
  ...LIVENESS,
];
