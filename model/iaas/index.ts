import type { KindDefinition } from '../kind.ts';
import { server } from './server.ts';

/** Every kind of the IaaS layer. */
export const KINDS: readonly KindDefinition[] = [server];
