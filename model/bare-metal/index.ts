import type { KindDefinition } from '../kind.ts';
import { disk } from './disk.ts';
import { machine } from './machine.ts';
import { nic } from './nic.ts';
import { pdu } from './pdu.ts';
import { rack } from './rack.ts';
import { region } from './region.ts';
import { switchKind } from './switch.ts';

/** Every kind of the bare-metal layer. */
export const KINDS: readonly KindDefinition[] = [region, rack, pdu, switchKind, machine, disk, nic];
