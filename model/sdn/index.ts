import type { KindDefinition } from '../kind.ts';
import { port } from './port.ts';

/** Every kind of the SDN layer. */
export const KINDS: readonly KindDefinition[] = [port];
