/** libvirt's own test driver: no guest runs, so that many more sequences can be tried. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LibvirtBackend } from '../../backends/libvirt/driver.ts';
import { hypervisorPaths } from '../../lab/libvirt/daemons.ts';
import { ask, openLibvirt, startLab } from './libvirt-lab.ts';
import { AGREED, play, step } from './libvirt-play.ts';

const START_TIMEOUT_MS = 600_000;
const RUNS = 40;
const RUN_TIMEOUT_MS = 60_000;
const PARAMS = { arch: 'i686', vcpus: 1, memory_bytes: 128 * 2 ** 20 };

/** Its domains live as long as somebody is connected. */
let other: LibvirtBackend;
let count = 0;

beforeAll(async () => {
  await startLab();
  other = open();
  await other.driver.list();
}, START_TIMEOUT_MS);

afterAll(() => new Promise<void>((closed) => other.close(closed)));

function open(): LibvirtBackend {
  return openLibvirt({ uri: `test+unix:///default?socket=${hypervisorPaths().socket}` });
}

describe('test:///default', () => {
  it('lists the domain, pool and network that it comes with', async () => {
    const found = (await other.driver.list()).map(({ kind, entity, state }) => {
      return `${kind} ${entity} is ${state}`;
    });
    expect(found).toContain('domain test is running');
    expect(found).toContain('storage-pool default-pool is running');
    expect(found).toContain('virtual-network default is active');
  });

  it('takes a domain through its life', async () => {
    const life = [
      ...['define shutoff', 'create running', 'suspend paused', 'resume running'],
      ...['managed_save saved', 'restore running', 'shutdown shutoff', 'create running'],
      ...['destroy shutoff', 'undefine absent'],
    ];
    for (const [verb, state] of life.map((each) => each.split(' '))) {
      const outcome = await ask(other, 'life', verb, { params: PARAMS });
      expect(outcome, verb).toMatchObject({ type: 'done', observation: { state } });
    }
  });

  it(
    'agrees with the machine over random verbs, ours and somebody else\u2019s',
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 12 }), async (steps) => {
          const name = `sequence-${++count}`;
          const stage = { name, params: PARAMS, backend: open(), other };
          expect(await play([{ by: 'us', event: 'define' }, ...steps], stage)).toEqual(AGREED);
        }),
        { numRuns: RUNS, endOnFailure: true },
      );
    },
    RUN_TIMEOUT_MS * 10,
  );
});
