import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LibvirtBackend } from '../../backends/libvirt/driver.ts';
import { guestParams, openLibvirt, removeDomains, startLab } from './libvirt-lab.ts';
import { AGREED, play, type Step, step } from './libvirt-play.ts';

const START_TIMEOUT_MS = 600_000;
const RUNS = 6;
const RUN_TIMEOUT_MS = 120_000;
const PREFIX = `sequence-${process.pid}`;
const BEGUN: readonly Step[] = [
  { by: 'us', event: 'define' },
  { by: 'us', event: 'start' },
];

let other: LibvirtBackend;
let count = 0;

beforeAll(async () => {
  await startLab();
  other = openLibvirt();
}, START_TIMEOUT_MS);

afterAll(async () => {
  await removeDomains(PREFIX);
  await new Promise<void>((closed) => other.close(closed));
});

it(
  'agrees with the machine over random verbs, ours and somebody else\u2019s',
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 8 }), async (steps) => {
        const name = `${PREFIX}-${++count}`;
        const stage = { name, params: guestParams(), backend: openLibvirt(), other };
        expect(await play([...BEGUN, ...steps], stage)).toEqual(AGREED);
        await removeDomains(name);
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
  },
  RUNS * RUN_TIMEOUT_MS,
);
