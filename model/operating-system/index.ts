import type { KindDefinition } from '../kind.ts';
import { hostOs } from './host-os.ts';
import { packageKind } from './package.ts';
import { systemdUnit } from './systemd-unit.ts';

/** Every kind of the operating-system layer. */
export const KINDS: readonly KindDefinition[] = [hostOs, systemdUnit, packageKind];
