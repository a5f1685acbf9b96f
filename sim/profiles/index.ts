/** The built-in timing profiles. */
import type { ProfileTimings } from '../profile.ts';
import { DATACENTER } from './datacenter/index.ts';
import { LAB } from './lab/index.ts';

export const BUILT_IN_PROFILES: Readonly<Record<string, ProfileTimings>> = {
  lab: LAB,
  datacenter: DATACENTER,
};
