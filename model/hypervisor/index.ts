import type { KindDefinition } from '../kind.ts';
import { domain } from './domain.ts';

/** Every kind of the hypervisor layer. */
export const KINDS: readonly KindDefinition[] = [domain];
